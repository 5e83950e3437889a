import type { GitHub } from "../client/client.ts";
import { findComment, type KeptComment, keepComment } from "../comments/kept-comment.ts";
import { createIssue, findMarkedIssues, type Issue, keepOldest, setIssueState } from "./issues.ts";

/** One issue that many runs update, with one comment that holds the current state. */
export interface KeptIssue {
  readonly label: string;
  /** An invisible mark in the issue's text, by which it is found again. */
  readonly marker: string;
  readonly title: string;
  /** Written once. */
  readonly body: string;
  /** Replaced by each run; holds `commentMarker`. */
  readonly comment: string;
  readonly commentMarker: string;
  /** Closed when nothing is left to do, else open. */
  readonly isDone: boolean;
}

/** The planned actions, a sentence each, and the issue if there is one; nothing is written. @throws {OperationError} */
export async function previewKeptIssue(
  github: GitHub,
  repository: string,
  kept: KeptIssue,
): Promise<{ readonly issue?: Issue; readonly steps: readonly string[] }> {
  const [issue, ...younger] = await findMarkedIssues(github, repository, kept);
  const state = kept.isDone ? "close" : "reopen";
  if (issue === undefined) {
    return { steps: [`make the issue "${kept.title}"`, "comment on it", ...(kept.isDone ? ["close it"] : [])] };
  }
  const comment = await findComment(github, repository, commentOn(issue, kept));
  const steps = [
    ...younger.map(({ number }) => `close #${number} as a duplicate of #${issue.number}`),
    `${comment === undefined ? "comment on" : "update the comment of"} #${issue.number}`,
    ...(issue.isOpen === kept.isDone ? [`${state} it`] : []),
  ];
  return { issue, steps };
}

/**
 * Makes or updates the issue. Repeated after any failure, the result is the same: existing issues are found by their
 * marks, and if two runs made one at the same time, the older stays.
 * @throws {OperationError}
 */
export async function keepIssue(github: GitHub, repository: string, kept: KeptIssue): Promise<Issue> {
  const issue = await oneIssue(github, repository, kept);
  await keepComment(github, repository, commentOn(issue, kept));
  if (issue.isOpen !== kept.isDone) return issue;
  return setIssueState(github, repository, issue.number, kept.isDone ? "closed" : "open");
}

async function oneIssue(github: GitHub, repository: string, kept: KeptIssue): Promise<Issue> {
  const find = () => findMarkedIssues(github, repository, kept);
  const found = await find();
  if (found.length > 0) return keepOldest(github, repository, { found });
  const made = await createIssue(github, repository, kept, async () => (await find())[0]);
  // Another run may have made one at the same moment.
  return keepOldest(github, repository, { found: await find(), made });
}

/** Anybody may write the mark into a comment; only that of the issue's own author is ours. */
function commentOn({ number, author: login }: Issue, { comment: body, commentMarker: marker }: KeptIssue): KeptComment {
  return { number, marker, isMarkAnywhere: true, body, login };
}
