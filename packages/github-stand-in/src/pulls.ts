import { type Answer, created, type FieldError, invalid, notFound, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Needs } from "./auth.ts";
import { changedFiles, showCommit } from "./contents.ts";
import { newIssue, selected, setState, textsOf } from "./issue-rules.ts";
import type { PullRequest } from "./issue-state.ts";
import { page } from "./pages.ts";
import { fetchHead, headRepository, pullsOf } from "./pull-sync.ts";
import { showPull, showReview } from "./pull-view.ts";
import { actor, apiUrlOf, type Repository } from "./world.ts";

const READ: Needs = { pullRequests: "read" };
const WRITE: Needs = { pullRequests: "write" };

/**
 * Pull requests without merging, which only {@link StandInControl} does, as a person would
 * (docs.github.com/rest/pulls).
 */
export const pullRoutes: readonly Route[] = [
  { method: "GET", path: "/pulls", needs: READ, handle: listPulls },
  { method: "POST", path: "/pulls", needs: WRITE, handle: createPull },
  { method: "GET", path: "/pulls/{number}", needs: READ, handle: getPull },
  { method: "PATCH", path: "/pulls/{number}", needs: WRITE, handle: updatePull },
  { method: "GET", path: "/pulls/{number}/files", needs: READ, handle: listFiles },
  { method: "GET", path: "/pulls/{number}/commits", needs: READ, handle: listCommits },
  { method: "GET", path: "/pulls/{number}/reviews", needs: READ, handle: listReviews },
  { method: "GET", path: "/pulls/{number}/requested_reviewers", needs: READ, handle: listReviewers },
  { method: "POST", path: "/pulls/{number}/requested_reviewers", needs: WRITE, handle: requestReviewers },
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
  const isDraft = fields.flag("draft") ?? false;
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
      ...{
        headOwner: headRepository(world, repository, headOwner)?.owner ?? headOwner,
        headBranch,
        baseBranch,
        headSha,
        baseSha,
      },
      ...{ isDraft, isHeadGone: false, merged: undefined, reviews: [], requestedReviewers: [] },
    },
  }) as PullRequest;
  repository.issues.push(issue);
  await repository.bare.moveRef(`refs/pull/${issue.number}/head`, headSha);
  return created(showPull(call, issue, { mergeable: null }));
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

async function getPull(call: Call): Promise<Answer> {
  const request = pullOf(call);
  const { bare } = call.repository;
  const { pull } = request;
  const merge = await bare.git(["merge-tree", "--write-tree", pull.baseSha, pull.headSha]);
  const commits = Number(await bare.read(["rev-list", "--count", `${pull.baseSha}..${pull.headSha}`]));
  const files = await filesOf(call.repository, request);
  const sum = (key: "additions" | "deletions") => files.reduce((total, file) => total + (file[key] || 0), 0);
  const mergeable = pull.merged === undefined && request.state === "open" ? merge.exitCode === 0 : null;
  const counts = { commits, changed_files: files.length, additions: sum("additions"), deletions: sum("deletions") };
  return ok({ ...showPull(call, request, { mergeable }), ...counts });
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
  if (state === "open" && request.state === "closed") await reopen(call, request);
  if (state === "closed") setState(request, "closed", world.now());
  if (base !== undefined) request.pull.baseBranch = base;
  Object.assign(request, { ...texts, updatedAt: world.now() });
  return ok(showPull(call, request, { mergeable: null }));
}

/** @throws {Refusal} 422 when it was merged, its branch is gone, has nothing new, was rewritten, or another one is open. */
async function reopen({ world, repository }: Call, request: PullRequest): Promise<void> {
  const { pull } = request;
  const refuse = (reason: string) =>
    pullError({ code: "invalid", field: "state", message: `state cannot be changed. ${reason}` });
  if (pull.merged !== undefined) throw refuse("The pull request was merged.");
  const headSha = await fetchHead(world, repository, pull.headOwner, pull.headBranch);
  const baseSha = (await repository.bare.ref(`refs/heads/${pull.baseBranch}`))?.sha;
  if (headSha === undefined) throw refuse(`The ${pull.headBranch} branch has been deleted.`);
  if (baseSha === undefined) throw refuse(`The ${pull.baseBranch} branch has been deleted.`);
  const isForward = (await repository.bare.git(["merge-base", "--is-ancestor", pull.headSha, headSha])).exitCode === 0;
  if (!isForward) throw refuse(`The ${pull.headBranch} branch was force-pushed or recreated.`);
  await demandCommits(repository, { headSha, baseSha, what: `${pull.baseBranch} and ${pull.headBranch}` });
  refuseSecond(repository, pull);
  Object.assign(pull, { headSha, baseSha, isHeadGone: false });
  setState(request, "open", world.now());
}

async function filesOf({ bare }: Repository, { pull }: PullRequest) {
  const mergeBase = await bare.read(["merge-base", pull.baseSha, pull.headSha]);
  return await changedFiles(bare, ["diff-tree", mergeBase, pull.headSha]);
}

async function listFiles(call: Call): Promise<Answer> {
  const files = await filesOf(call.repository, pullOf(call));
  const api = apiUrlOf(call.world, call.repository);
  const ref = pullOf(call).pull.headSha;
  return page(call.url, files, (file) => ({
    ...file,
    contents_url: `${api}/contents/${encodeURIComponent(file.filename)}?ref=${ref}`,
  }));
}

async function listCommits(call: Call): Promise<Answer> {
  const { pull } = pullOf(call);
  const listed = await call.repository.bare.read(["rev-list", "--reverse", `${pull.baseSha}..${pull.headSha}`]);
  const answer = page(call.url, listed.split("\n").filter(Boolean), (sha) => sha);
  return { ...answer, json: await Promise.all((answer.json as string[]).map((sha) => showCommit(call, sha))) };
}

function listReviews(call: Call): Answer {
  const request = pullOf(call);
  return page(call.url, request.pull.reviews, (review) => showReview(call, request, review));
}

function listReviewers(call: Call): Answer {
  return ok({ users: pullOf(call).pull.requestedReviewers.map((login) => actor(call.world, login)), teams: [] });
}

/** The author cannot review what is their own. */
function requestReviewers(call: Call): Answer {
  const request = pullOf(call);
  const names = call.fields.names("reviewers") ?? [];
  if (names.includes(request.author)) {
    throw pullError({ code: "custom", message: "Review cannot be requested from pull request author." });
  }
  const { requestedReviewers } = request.pull;
  requestedReviewers.push(...names.filter((name) => !requestedReviewers.includes(name)));
  return created(showPull(call, request));
}

/** The pull requests that brought a commit, or that have it as their head. */
function pullsOfCommit(call: Call): Answer {
  const sha = call.part("sha");
  const found = pullsOf(call.repository).filter(({ pull }) => pull.headSha === sha || pull.merged?.sha === sha);
  return page(call.url, found, (request) => showPull(call, request));
}
