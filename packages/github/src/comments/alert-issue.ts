import { ask } from "../client/ask.ts";
import type { GitHub } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import {
  createIssue,
  findMarkedIssues,
  type Issue,
  keepOldest,
  listComments,
  setIssueState,
} from "../issues/issues.ts";
import { keepComment } from "./kept-comment.ts";

/** The issue of something that is checked again and again: open while it is wrong. */
export interface AlertPlace {
  readonly label: string;
  /** The beginning of the issue's text. */
  readonly marker: string;
  /** The beginning of the comment of this time. */
  readonly timeMarker: string;
  /** The login of the token: a mark in anybody else's issue means nothing. */
  readonly login: string;
  /** Whether the text of an issue, or of a comment on it, is about this time, or a later one; else earlier. */
  compare(text: string): "earlier" | "this" | "later";
}

interface AlertMessage {
  readonly title: string;
  readonly body: string;
  readonly comment: string;
}

/**
 * The change of an alert's issue, and the issue. `later`: the issue is already about a later time,
 * so it was left alone; `none`: there was nothing to close.
 */
export interface AlertChange {
  readonly change: "opened" | "updated" | "unchanged" | "later" | "closed" | "none";
  readonly issue?: Issue;
}

/**
 * Opens the issue, or updates the open one and comments on it, once for each time. An issue that a later time closed
 * stays closed.
 * @throws {OperationError}
 */
export async function raiseAlert(
  github: GitHub,
  repository: string,
  { place, message }: { readonly place: AlertPlace; readonly message: AlertMessage },
): Promise<AlertChange> {
  const own = await findOwn(github, repository, place);
  const found = own.filter(({ isOpen }) => isOpen);
  if (found.length > 0) {
    const issue = await keepOldest(github, repository, { found });
    return update(github, repository, { issue, place, message });
  }
  const closed = own.at(-1);
  if (closed !== undefined && (await speaksLater(github, repository, { issue: closed, place }))) {
    return { change: "later", issue: closed };
  }
  return open(github, repository, { place, message });
}

async function open(
  github: GitHub,
  repository: string,
  { place, message }: { readonly place: AlertPlace; readonly message: AlertMessage },
): Promise<AlertChange> {
  const draft = { title: message.title, body: message.body, label: place.label };
  const look = async () => (await findOpen(github, repository, place))[0];
  const made = await createIssue(github, repository, draft, look);
  // The server knows the login of the token best.
  const own = { ...place, login: made.author };
  const issue = await keepOldest(github, repository, { found: await findOpen(github, repository, own), made });
  if (issue.number === made.number) return { change: "opened", issue };
  return update(github, repository, { issue, place: own, message });
}

/** Comments on the open issue and closes it. @throws {OperationError} */
export async function endAlert(
  github: GitHub,
  repository: string,
  { place, comment }: { readonly place: AlertPlace; readonly comment: string },
): Promise<AlertChange> {
  const found = await findOpen(github, repository, place);
  if (found.length === 0) return { change: "none" };
  const issue = await keepOldest(github, repository, { found });
  if (place.compare(issue.body) === "later") return { change: "later", issue };
  const { timeMarker: marker, login } = place;
  await keepComment(github, repository, { number: issue.number, marker, body: comment, login });
  return { change: "closed", issue: await setIssueState(github, repository, issue.number, "closed") };
}

async function findOpen(github: GitHub, repository: string, place: AlertPlace): Promise<Issue[]> {
  return (await findOwn(github, repository, place)).filter(({ isOpen }) => isOpen);
}

/** Open and closed, the oldest first. */
async function findOwn(github: GitHub, repository: string, place: AlertPlace): Promise<Issue[]> {
  const marked = await findMarkedIssues(github, repository, place);
  return marked.filter((issue) => isBy(place, issue) && issue.body.startsWith(place.marker));
}

function isBy({ login }: AlertPlace, { author }: { readonly author: string }): boolean {
  return author.toLowerCase() === login.toLowerCase();
}

/** The text of a closed issue is of its last bad time; the comment that closed it is of a later one. */
async function speaksLater(
  github: GitHub,
  repository: string,
  { issue, place }: { readonly issue: Issue; readonly place: AlertPlace },
): Promise<boolean> {
  if (place.compare(issue.body) === "later") return true;
  const comments = await listComments(github, repository, issue.number);
  return comments.some((comment) => isBy(place, comment) && place.compare(comment.body) === "later");
}

async function update(
  github: GitHub,
  repository: string,
  { issue, place, message }: { readonly issue: Issue; readonly place: AlertPlace; readonly message: AlertMessage },
): Promise<AlertChange> {
  const age = place.compare(issue.body);
  if (age === "later") return { change: "later", issue };
  const isSame = issue.body.trim() === message.body.trim() && issue.title === message.title;
  // The comment comes first: an updated text means that nothing is left to do.
  if (age === "earlier") {
    const { timeMarker: marker, login } = place;
    await keepComment(github, repository, { number: issue.number, marker, body: message.comment, login });
  }
  if (isSame) return { change: "unchanged", issue };
  const context = { action: `update the issue #${issue.number}`, repository, needs: "issues: write" };
  const { title, body } = message;
  await describing(context, () =>
    ask(github, repository, "PATCH /issues/{issue_number}", { issue_number: issue.number, title, body }),
  );
  return { change: "updated", issue };
}
