import { type Answer, created, type FieldError, invalid, notFound, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Needs } from "./auth.ts";
import { pageOfCommits } from "./contents.ts";
import { newIssue, selected, setState, textsOf } from "./issue-rules.ts";
import type { PullRequest } from "./issue-state.ts";
import { page } from "./pages.ts";
import { fetchHead, headRepository, pullsOf } from "./pull-sync.ts";
import { showPull, showReview } from "./pull-view.ts";
import type { Repository } from "./world.ts";

const READ: Needs = { pullRequests: "read" };
const WRITE: Needs = { pullRequests: "write" };

/**
 * Pull requests without merging, which only {@link StandInControl} does, as a person would
 * (docs.github.com/rest/pulls).
 */
export const pullRoutes: readonly Route[] = [
  { method: "GET", path: "/pulls", needs: READ, handle: listPulls },
  { method: "POST", path: "/pulls", needs: WRITE, handle: createPull },
  { method: "GET", path: "/pulls/{number}", needs: READ, handle: (call) => ok(showPull(call, pullOf(call))) },
  { method: "PATCH", path: "/pulls/{number}", needs: WRITE, handle: updatePull },
  { method: "GET", path: "/pulls/{number}/commits", needs: READ, handle: listCommits },
  { method: "GET", path: "/pulls/{number}/reviews", needs: READ, handle: listReviews },
  { method: "GET", path: "/commits/{sha}/pulls", needs: READ, handle: pullsOfCommit },
];

const pullError = (error: Omit<FieldError, "resource">) => invalid({ resource: "PullRequest", ...error });

function pullOf(call: Call): PullRequest {
  const found = pullsOf(call.repository).find(({ number }) => `${number}` === call.part("number"));
  if (found === undefined) throw notFound();
  return found;
}

/** `head` counts only with its owner; without, GitHub gives all. */
function listPulls(call: Call): Answer {
  const head = call.url.searchParams.get("head") ?? "";
  const base = call.url.searchParams.get("base");
  const found = selected(call.url, pullsOf(call.repository)).filter(
    ({ pull }) =>
      (base === null || pull.baseBranch === base) &&
      (!head.includes(":") || `${pull.headOwner.toLowerCase()}:${pull.headBranch}` === lowerOwner(head)),
  );
  return page(call.url, found, (request) => showPull(call, request));
}

const lowerOwner = (head: string) => head.replace(/^[^:]*/, (owner) => owner.toLowerCase());

async function createPull(call: Call): Promise<Answer> {
  const { world, repository, fields, caller } = call;
  const head = fields.requiredText("head");
  const baseBranch = fields.requiredText("base");
  const texts = textsOf(fields, "PullRequest");
  const [headOwner, headBranch] = head.includes(":") ? splitHead(head) : [repository.owner, head];
  const headSha = await fetchHead(world, repository, headOwner, headBranch);
  const baseSha = (await repository.bare.ref(`refs/heads/${baseBranch}`))?.sha;
  const wrong = [...(headSha === undefined ? ["head"] : []), ...(baseSha === undefined ? ["base"] : [])];
  if (headSha === undefined || baseSha === undefined) {
    throw invalid(...wrong.map((field) => ({ resource: "PullRequest", field, code: "invalid" as const })));
  }
  refuseSecond(repository, { headOwner, headBranch, baseBranch });
  await demandCommits(repository, { headSha, baseSha, what: `${baseBranch} and ${head}` });
  const issue = newIssue(world, repository, {
    ...texts,
    caller,
    pull: {
      headOwner: headRepository(world, repository, headOwner)?.owner ?? headOwner,
      headBranch,
      baseBranch,
      headSha,
      baseSha,
      merged: undefined,
      reviews: [],
    },
  }) as PullRequest;
  repository.issues.push(issue);
  await repository.bare.moveRef(`refs/pull/${issue.number}/head`, headSha);
  return created(showPull(call, issue));
}

function splitHead(head: string): [string, string] {
  const colon = head.indexOf(":");
  return [head.slice(0, colon), head.slice(colon + 1)];
}

/** @throws {Refusal} 422 when one is open for the same head and base. */
function refuseSecond(
  repository: Repository,
  { headOwner, headBranch, baseBranch }: Pick<PullRequest["pull"], "headOwner" | "headBranch" | "baseBranch">,
): void {
  const isOpen = pullsOf(repository).some(
    ({ state, pull }) =>
      state === "open" &&
      pull.headOwner.toLowerCase() === headOwner.toLowerCase() &&
      pull.headBranch === headBranch &&
      pull.baseBranch === baseBranch,
  );
  if (isOpen)
    throw pullError({ code: "custom", message: `A pull request already exists for ${headOwner}:${headBranch}.` });
}

async function demandCommits(
  { bare }: Repository,
  { headSha, baseSha, what }: { readonly headSha: string; readonly baseSha: string; readonly what: string },
): Promise<void> {
  if ((await bare.git(["merge-base", headSha, baseSha])).exitCode !== 0) {
    throw pullError({ code: "custom", message: `The histories of ${what} are entirely different` });
  }
  if ((await bare.read(["rev-list", "--count", `${baseSha}..${headSha}`])) !== "0") return;
  throw pullError({ code: "custom", message: `No commits between ${what}` });
}

async function updatePull(call: Call): Promise<Answer> {
  const { world, repository, fields } = call;
  const request = pullOf(call);
  const texts = textsOf(fields, "PullRequest", request);
  const state = fields.oneOf("state", ["open", "closed"]);
  const base = fields.text("base");
  if (base !== undefined && (await repository.bare.ref(`refs/heads/${base}`)) === undefined) {
    throw pullError({ code: "invalid", field: "base" });
  }
  if (state === "open" && request.state === "closed") {
    throw pullError({ code: "custom", message: "The stand-in reopens no pull request." });
  }
  if (state === "closed") setState(request, "closed");
  if (base !== undefined) request.pull.baseBranch = base;
  Object.assign(request, { ...texts, updatedAt: world.now() });
  return ok(showPull(call, request));
}

async function listCommits(call: Call): Promise<Answer> {
  const { pull } = pullOf(call);
  const { repository, url } = call;
  const listed = await repository.bare.read(["rev-list", "--reverse", `${pull.baseSha}..${pull.headSha}`]);
  return await pageOfCommits(repository, url, listed);
}

function listReviews(call: Call): Answer {
  return page(call.url, pullOf(call).pull.reviews, (review) => showReview(call.world, review));
}

/** The pull requests that brought a commit, or that have it as their head. */
function pullsOfCommit(call: Call): Answer {
  const sha = call.part("sha");
  const found = pullsOf(call.repository).filter(({ pull }) => pull.headSha === sha || pull.merged?.sha === sha);
  return page(call.url, found, (request) => showPull(call, request));
}
