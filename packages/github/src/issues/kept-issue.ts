import type { GitHub } from "../client/client.ts";
import {
  closeDuplicate,
  createComment,
  createIssue,
  deleteComment,
  findMarkedIssues,
  type Issue,
  type IssueComment,
  listComments,
  setIssueState,
  updateComment,
} from "./issues.ts";

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
  const comment = findComment(await listComments(github, repository, issue.number), issue, kept);
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
  await oneComment(github, repository, { issue, kept });
  if (issue.isOpen !== kept.isDone) return issue;
  return setIssueState(github, repository, issue.number, kept.isDone ? "closed" : "open");
}

async function oneIssue(github: GitHub, repository: string, kept: KeptIssue): Promise<Issue> {
  const find = () => findMarkedIssues(github, repository, kept);
  let found = await find();
  if (found.length === 0) {
    const made = await createIssue(github, repository, kept, async () => (await find())[0]);
    // Another run may have made one at the same moment. Lists may lag behind: ours exists in any case.
    const others = (await find()).filter(({ number }) => number !== made.number);
    found = [...others, made].sort((a, b) => a.number - b.number);
  }
  const [oldest, ...younger] = found;
  if (oldest === undefined) throw new Error("there is an issue at least: the one that was made");
  for (const { number } of younger) await closeDuplicate(github, repository, number, oldest.number);
  return oldest;
}

async function oneComment(
  github: GitHub,
  repository: string,
  { issue, kept }: { readonly issue: Issue; readonly kept: KeptIssue },
): Promise<void> {
  const { number } = issue;
  const list = () => listComments(github, repository, number);
  const known = await list();
  let comment = findComment(known, issue, kept);
  if (comment === undefined) {
    const look = async () => findComment(await list(), issue, kept);
    comment = await createComment(github, repository, { number, body: kept.comment }, look);
  }
  const marked = (await list()).filter((one) => isKept(one, issue, kept));
  const [oldest = comment, ...younger] = marked;
  for (const { id } of younger) await deleteComment(github, repository, id);
  if (oldest.body !== kept.comment) await updateComment(github, repository, oldest.id, kept.comment);
}

function findComment(comments: readonly IssueComment[], issue: Issue, kept: KeptIssue): IssueComment | undefined {
  return comments.find((comment) => isKept(comment, issue, kept));
}

/** Anybody may write the mark into a comment; only a comment of the issue's own author is ours. */
function isKept({ body, author }: IssueComment, issue: Issue, { commentMarker }: KeptIssue): boolean {
  return author === issue.author && body.includes(commentMarker);
}
