import { OperationError, UsageError } from "@forgebench/errors";
import { type BaseAnswer, type BaseQuestion, type Repo, refuseShallow, short, unjudged } from "./base-question.ts";
import { nightBase } from "./night-base.ts";
import { releaseBase } from "./release-base.ts";

/**
 * Which commit the head is compared with. A night never compares with itself while there is an older night to compare
 * with; only green or accepted scheduled nights move the base.
 * @throws {UsageError} when a flag is missing, {@link OperationError} when the repository does not hold what is needed.
 */
export async function resolveBase(question: BaseQuestion, repo: Repo): Promise<BaseAnswer> {
  const { event, dispatchBase, pullRequestBase } = question;
  const head = await neededCommit(repo, question.head, "head");
  if (event === "pull_request") return pullRequest(repo, head, pullRequestBase);
  if (dispatchBase !== undefined) {
    const sha = await neededCommit(repo, dispatchBase, "dispatch-base");
    return asNight(sha, "the base that was asked for", head);
  }
  return question.cadence === "release" ? releaseBase(repo, head, question) : nightBase(repo, head, question);
}

async function pullRequest(repo: Repo, head: string, base: string | undefined): Promise<BaseAnswer> {
  if (base === undefined) throw new UsageError("missing --pull-request-base, which --event pull_request needs");
  const tip = await neededCommit(repo, base, "pull-request-base");
  const sha = await repo.mergeBase(tip, head);
  if (sha !== undefined) return asNight(sha, `where the pull request left its base ${short(tip)}`, head);
  await refuseShallow(repo, `${short(head)} and ${short(tip)} have no common commit`);
  throw unjudged(
    `"${short(head)}" and the pull request's base "${short(tip)}" have no common commit`,
    "rebase the pull request",
  );
}

function asNight(sha: string, reason: string, head: string): BaseAnswer {
  const notes = sha === head ? [`${short(head)} is compared with itself, which can only show noise`] : [];
  return { sha, cadence: "night", reason, notes };
}

async function neededCommit(repo: Repo, revision: string, flag: string): Promise<string> {
  const sha = await repo.commitOf(revision);
  if (sha !== undefined) return sha;
  await refuseShallow(repo, `--${flag}: "${revision}" is missing`);
  throw new OperationError("data", `--${flag}: "${revision}" is no commit of the repository "${repo.folder}"`, {
    details: [{ label: "try", text: "fetch it first, or give another one" }],
  });
}
