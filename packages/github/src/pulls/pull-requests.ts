import { ask, askForAll, placeOf } from "../client/ask.ts";
import { type GitHub, unreadable } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord, isStatus } from "../client/failure.ts";
import { addressOf, recordOf, textOf } from "../releases/release-fields.ts";

/** A pull request as GitHub tells it. Titles, texts and logins are from outside. */
export interface PullRequest {
  readonly number: number;
  /** Where people see it. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly baseBranch: string;
  /** The tip of its branch. */
  readonly headCommit: string;
}

/** The texts and the branches of a pull request. */
interface PullRequestDraft {
  /** A branch of the same repository. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

const NEEDS = "pull requests: write";

/** The pull requests of a branch of the repository itself, open and closed, the newest first. @throws {OperationError} */
export async function findPullRequests(github: GitHub, repository: string, branch: string): Promise<PullRequest[]> {
  const context = { action: `list the pull requests of "${branch}"`, repository, needs: "pull requests: read" };
  return describing(context, async () => {
    const head = `${placeOf(repository).owner}:${branch}`;
    const newestFirst = { state: "all", sort: "created", direction: "desc" };
    const items = await askForAll(github, repository, "GET /pulls", { head, ...newestFirst });
    const pulls = items.filter((item) => !isFromFork(item)).map(readPullRequest);
    return [...new Map(pulls.map((pull) => [pull.number, pull])).values()];
  });
}

/**
 * Opens a pull request; one that is open already for the same branches, also one of a faster run, is returned unchanged.
 * @throws {OperationError}
 */
export async function openPullRequest(
  github: GitHub,
  repository: string,
  draft: PullRequestDraft,
): Promise<{ readonly pull: PullRequest; readonly isNew: boolean }> {
  const { head, base } = draft;
  const findOpen = async () => {
    const pulls = await findPullRequests(github, repository, head);
    const pull = pulls.find((candidate) => candidate.isOpen && candidate.baseBranch === base);
    return pull === undefined ? undefined : { pull, isNew: false };
  };
  const context = { action: `open a pull request from "${head}"`, repository, needs: NEEDS };
  return describing(context, () =>
    github.patience.makeOnce(async () => {
      try {
        const data = await ask(github, repository, "POST /pulls", { ...draft, maintainer_can_modify: true });
        return { pull: readPullRequest(data), isNew: true };
      } catch (error) {
        // One is open already, or ours is wrong: the list shows which.
        const found = isStatus(error, 422) ? await findOpen() : undefined;
        if (found === undefined) throw error;
        return found;
      }
    }, findOpen),
  );
}

/** Changes title, text or target of a pull request. @throws {OperationError} */
export async function updatePullRequest(
  github: GitHub,
  repository: string,
  { number }: Pick<PullRequest, "number">,
  changes: Pick<PullRequestDraft, "title" | "body" | "base">,
): Promise<PullRequest> {
  return describing({ action: `update the pull request #${number}`, repository, needs: NEEDS }, async () => {
    const data = await ask(github, repository, "PATCH /pulls/{pull_number}", { pull_number: number, ...changes });
    return readPullRequest(data);
  });
}

/** @throws {GitHubFailure} when it is not a pull request. */
export function readPullRequest(data: unknown): PullRequest {
  const pull = recordOf(data, "a pull request");
  const { number, state, merged_at: mergedAt } = pull;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw unreadable("a pull request has no number");
  return {
    number,
    url: addressOf(pull, "html_url"),
    title: textOf(pull, "title"),
    body: typeof pull.body === "string" ? pull.body : "",
    isOpen: state === "open",
    isMerged: typeof mergedAt === "string",
    baseBranch: refOf(pull.base),
    headCommit: isRecord(pull.head) && typeof pull.head.sha === "string" ? pull.head.sha : "",
  };
}

/** An owner may have a fork beside the repository, with a branch of the same name. */
function isFromFork(item: unknown): boolean {
  const [head, base] = isRecord(item) ? [item.head, item.base].map(repositoryIdOf) : [];
  return head !== undefined && base !== undefined && head !== base;
}

function repositoryIdOf(side: unknown): unknown {
  return isRecord(side) && isRecord(side.repo) ? side.repo.id : undefined;
}

function refOf(side: unknown): string {
  return isRecord(side) && typeof side.ref === "string" ? side.ref : "";
}
