import { InvariantError, OperationError } from "@forgebench/errors";
import { ask, askForAll, unlessMissing } from "../client/ask.ts";
import { type GitHub, unreadable } from "../client/client.ts";
import { describing, type GitHubAction } from "../client/describe-failure.ts";
import { isRecord, isStatus } from "../client/failure.ts";
import { readActor } from "../contents/repository-files.ts";
import { addressOf, recordOf, textOf } from "../releases/release-fields.ts";

/** An issue as GitHub tells it. Titles, texts and logins are from outside. */
export interface Issue {
  readonly number: number;
  /** Where people see it. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
  /** The login; empty where the account is gone. */
  readonly author: string;
  readonly labels: readonly string[];
}

/** A comment on an issue or a pull request. `body` is text that anybody may have written. */
export interface IssueComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

interface IssueDraft {
  readonly title: string;
  readonly body: string;
  readonly label: string;
}

/** The issues with a label whose text holds a mark, open and closed, the oldest first. @throws {OperationError} */
export async function findMarkedIssues(
  github: GitHub,
  repository: string,
  { label, marker }: { readonly label: string; readonly marker: string },
): Promise<Issue[]> {
  return describing({ action: "list the issues", repository, needs: "issues: read" }, async () => {
    const items = await askForAll(github, repository, "GET /issues", { state: "all", labels: label });
    // Pull requests stand in the list of issues too.
    const issues = items.filter((item) => isRecord(item) && !("pull_request" in item)).map(readIssue);
    const marked = issues.filter(({ body }) => body.includes(marker));
    return [...new Map(marked.map((issue) => [issue.number, issue])).values()].sort((a, b) => a.number - b.number);
  });
}

/**
 * Makes an issue; after a lost answer `look` says whether it was made.
 * @throws {OperationError} also when the issue has no label.
 */
export async function createIssue(
  github: GitHub,
  repository: string,
  draft: IssueDraft,
  look: () => Promise<Issue | undefined>,
): Promise<Issue> {
  const { title, body, label } = draft;
  return describing(writing("make an issue", repository), async () => {
    const issue = await github.patience.makeOnce(async () => {
      return readIssue(await ask(github, repository, "POST /issues", { title, body, labels: [label] }));
    }, look);
    if (issue.labels.some((name) => name.toLowerCase() === label.toLowerCase())) return issue;
    // GitHub ignores labels from accounts that may not set them; without its label the issue is not found again.
    const message = `The issue #${issue.number} of "${repository}" was made without its label "${label}"`;
    throw new OperationError("output", message, {
      details: [
        { label: "try", text: `set the label by hand; the token needs issues: write and a role that may set labels` },
      ],
    });
  });
}

/** Closes an issue, or opens it again. @throws {OperationError} */
export async function setIssueState(
  github: GitHub,
  repository: string,
  number: number,
  state: "open" | "closed",
): Promise<Issue> {
  return describing(
    writing(state === "open" ? `reopen the issue #${number}` : `close the issue #${number}`, repository),
    () => change(github, repository, number, { state, state_reason: state === "open" ? "reopened" : "completed" }),
  );
}

/**
 * Closes an issue in favour of another. Its text becomes the link: without a mark it is never found again, so a repeated call
 * changes nothing. @throws {OperationError}
 */
async function closeDuplicate(github: GitHub, repository: string, number: number, of: number): Promise<void> {
  await describing(writing(`close the issue #${number} as a duplicate`, repository), async () => {
    const closed = { body: `Duplicate of #${of}: two runs made it at once.\n`, state: "closed" };
    try {
      await change(github, repository, number, { ...closed, state_reason: "duplicate" });
    } catch (error) {
      // Older servers do not know the reason.
      if (!isStatus(error, 422)) throw error;
      await change(github, repository, number, { ...closed, state_reason: "not_planned" });
    }
  });
}

/**
 * Of several issues that runs made at once the oldest stays. Lists may lag behind: what was `made` is there in any case.
 * @throws {OperationError}
 */
export async function keepOldest(
  github: GitHub,
  repository: string,
  { found, made }: { readonly found: readonly Issue[]; readonly made?: Issue },
): Promise<Issue> {
  const others = found.filter(({ number }) => number !== made?.number);
  const [oldest, ...younger] = [...others, ...(made === undefined ? [] : [made])].sort((a, b) => a.number - b.number);
  if (oldest === undefined) throw new InvariantError("there is an issue at least: one was found or made");
  for (const { number } of younger) await closeDuplicate(github, repository, number, oldest.number);
  return oldest;
}

async function change(github: GitHub, repository: string, number: number, fields: object): Promise<Issue> {
  return readIssue(await ask(github, repository, "PATCH /issues/{issue_number}", { issue_number: number, ...fields }));
}

/** All comments, the oldest first. @throws {OperationError} */
export async function listComments(github: GitHub, repository: string, number: number): Promise<IssueComment[]> {
  const context = { action: `list the comments of #${number}`, repository, needs: "issues: read" };
  return describing(context, async () => {
    const items = await askForAll(github, repository, "GET /issues/{issue_number}/comments", { issue_number: number });
    const comments = items.map(readComment);
    return [...new Map(comments.map((comment) => [comment.id, comment])).values()].sort((a, b) => a.id - b.id);
  });
}

/** Makes a comment; after a lost answer `look` says whether it was made. @throws {OperationError} */
export async function createComment(
  github: GitHub,
  repository: string,
  { number, body }: { readonly number: number; readonly body: string },
  look: () => Promise<IssueComment | undefined>,
): Promise<IssueComment> {
  return describing(writing(`comment on #${number}`, repository), () =>
    github.patience.makeOnce(async () => {
      const route = "POST /issues/{issue_number}/comments";
      return readComment(await ask(github, repository, route, { issue_number: number, body }));
    }, look),
  );
}

/** @throws {OperationError} */
export async function updateComment(github: GitHub, repository: string, id: number, body: string): Promise<void> {
  await describing(writing("change a comment", repository), () =>
    ask(github, repository, "PATCH /issues/comments/{comment_id}", { comment_id: id, body }),
  );
}

/** Removes a comment; one that is gone is fine. @throws {OperationError} */
export async function deleteComment(github: GitHub, repository: string, id: number): Promise<void> {
  await describing(writing("remove a comment", repository), () =>
    unlessMissing(ask(github, repository, "DELETE /issues/comments/{comment_id}", { comment_id: id })),
  );
}

function writing(action: string, repository: string): GitHubAction {
  return { action, repository, needs: "issues: write" };
}

function readIssue(data: unknown): Issue {
  const issue = recordOf(data, "an issue");
  const labels = Array.isArray(issue.labels) ? issue.labels : [];
  return {
    number: numberOf(issue, "number"),
    url: addressOf(issue, "html_url"),
    title: textOf(issue, "title"),
    body: typeof issue.body === "string" ? issue.body : "",
    isOpen: issue.state === "open",
    author: readActor(issue.user)?.login ?? "",
    labels: labels.flatMap((label) => (isRecord(label) && typeof label.name === "string" ? [label.name] : [])),
  };
}

function readComment(data: unknown): IssueComment {
  const comment = recordOf(data, "a comment");
  const body = typeof comment.body === "string" ? comment.body : "";
  return { id: numberOf(comment, "id"), body, author: readActor(comment.user)?.login ?? "" };
}

function numberOf(record: Readonly<Record<string, unknown>>, field: string): number {
  const value = record[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw unreadable(`"${field}" was expected to be a number`);
}
