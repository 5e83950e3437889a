import { askForAll } from "../client/ask.ts";
import type { GitHub } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord } from "../client/failure.ts";
import { type PullRequest, readPullRequest } from "../pulls/pull-requests.ts";

/** The branch and commit for which a workflow run was started, from its event; the branch's name is from outside. */
interface RunHead {
  /** `OWNER/NAME` that the commit comes from: a fork, or the repository itself. */
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
}

/** The one open pull request whose tip a run measured, or why there is none. */
type PullRequestOfRun = { readonly pull: PullRequest } | { readonly absentBecause: string };

/** GitHub's own list of a run's pull requests is empty for forks, so it is looked for by its head. @throws {OperationError} */
export async function findPullRequestOfRun(
  github: GitHub,
  repository: string,
  head: RunHead,
): Promise<PullRequestOfRun> {
  const context = { action: "list the open pull requests", repository, needs: "pull requests: read" };
  return describing(context, async () => {
    const [owner] = head.repository.split("/");
    const items = await askForAll(github, repository, "GET /pulls", { state: "open", head: `${owner}:${head.branch}` });
    return chooseOne(items, head);
  });
}

function chooseOne(items: readonly unknown[], head: RunHead): PullRequestOfRun {
  const ofBranch = items.filter((item) => isOf(item, head)).map(readPullRequest);
  const open = ofBranch.filter(({ isOpen }) => isOpen);
  const [pull, ...others] = open.filter(({ headCommit }) => headCommit === head.commit);
  if (open.length === 0) return { absentBecause: "no open pull request comes from this branch" };
  if (pull === undefined) return { absentBecause: "the pull request has newer commits than the run" };
  if (others.length > 0) {
    return {
      absentBecause: `${others.length + 1} open pull requests have this commit; it is not known for which of them it ran`,
    };
  }
  return { pull };
}

/** The filter of the list is by owner alone, and is ignored where it cannot be read. */
function isOf(item: unknown, head: RunHead): boolean {
  const side = isRecord(item) ? item.head : undefined;
  if (!isRecord(side) || side.ref !== head.branch || !isRecord(side.repo)) return false;
  const name = side.repo.full_name;
  return typeof name === "string" && name.toLowerCase() === head.repository.toLowerCase();
}
