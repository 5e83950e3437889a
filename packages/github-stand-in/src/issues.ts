import { type Answer, created, invalid, NO_CONTENT, notFound, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Needs } from "./auth.ts";
import { addLabels, checkBody, newIssue, selected, setState, textsOf } from "./issue-rules.ts";
import type { Comment, Issue } from "./issue-state.ts";
import { page } from "./pages.ts";
import { actor, webUrlOf } from "./world.ts";

const READ: Needs = { issues: "read", pullRequests: "read" };
const WRITE: Needs = { issues: "write", pullRequests: "write" };

/** Issues and comments; GitHub takes pull requests for issues here (docs.github.com/rest/issues). */
export const issueRoutes: readonly Route[] = [
  { method: "GET", path: "/issues", needs: READ, handle: listIssues },
  { method: "POST", path: "/issues", needs: { issues: "write" }, handle: createIssue },
  { method: "PATCH", path: "/issues/comments/{comment}", needs: WRITE, handle: updateComment },
  { method: "DELETE", path: "/issues/comments/{comment}", needs: WRITE, handle: deleteComment },
  { method: "GET", path: "/issues/{number}", needs: READ, handle: (call) => ok(showIssue(call, issueOf(call))) },
  { method: "PATCH", path: "/issues/{number}", needs: WRITE, handle: updateIssue },
  { method: "GET", path: "/issues/{number}/comments", needs: READ, handle: listComments },
  { method: "POST", path: "/issues/{number}/comments", needs: WRITE, handle: createComment },
];

/** @throws {Refusal} 404 */
function issueOf(call: Call): Issue {
  const found = call.repository.issues.find(({ number }) => `${number}` === call.part("number"));
  if (found === undefined) throw notFound();
  return found;
}

/** Pull requests are in the list too. */
function listIssues(call: Call): Answer {
  const wanted = (call.url.searchParams.get("labels") ?? "").split(",").filter((name) => name !== "");
  const found = selected(call.url, call.repository.issues).filter(({ labels }) =>
    wanted.every((name) => labels.some((label) => label.toLowerCase() === name.toLowerCase())),
  );
  return page(call.url, found, (issue) => showIssue(call, issue));
}

function createIssue(call: Call): Answer {
  const { world, repository, fields, caller } = call;
  fields.requiredText("title");
  const issue = newIssue(world, repository, { ...textsOf(fields, "Issue"), pull: undefined, caller });
  issue.labels = addLabels(repository, fields.texts("labels"));
  repository.issues.push(issue);
  return created(showIssue(call, issue));
}

function updateIssue(call: Call): Answer {
  const { fields, world, repository } = call;
  const issue = issueOf(call);
  const texts = textsOf(fields, "Issue", issue);
  const state = fields.oneOf("state", ["open", "closed"]);
  if (issue.pull !== undefined && state === "open" && issue.state === "closed") {
    throw invalid({
      resource: "Issue",
      code: "custom",
      field: "state",
      message: "Reopen a pull request as a pull request.",
    });
  }
  if (fields.has("labels")) issue.labels = addLabels(repository, fields.texts("labels"));
  const reason = fields.oneOf("state_reason", ["completed", "not_planned", "reopened", "duplicate"]);
  if (state !== undefined) setState(issue, state, reason ?? (state === "closed" ? "completed" : "reopened"));
  Object.assign(issue, { ...texts, updatedAt: world.now() });
  return ok(showIssue(call, issue));
}

function listComments(call: Call): Answer {
  const issue = issueOf(call);
  return page(call.url, issue.comments, (comment) => showComment(call, comment));
}

function commentText({ fields }: Call): string {
  const body = fields.requiredText("body");
  if (body.trim() === "") throw invalid({ resource: "IssueComment", code: "missing_field", field: "body" });
  checkBody(body, "IssueComment");
  return body;
}

function createComment(call: Call): Answer {
  const { world, caller } = call;
  const issue = issueOf(call);
  const comment = { id: world.nextId(), author: caller?.login ?? "", body: commentText(call) };
  issue.comments.push(comment);
  issue.updatedAt = world.now();
  return created(showComment(call, comment));
}

function commentOf(call: Call) {
  for (const issue of call.repository.issues) {
    const comment = issue.comments.find(({ id }) => `${id}` === call.part("comment"));
    if (comment !== undefined) return { issue, comment };
  }
  throw notFound();
}

function updateComment(call: Call): Answer {
  const { comment } = commentOf(call);
  comment.body = commentText(call);
  return ok(showComment(call, comment));
}

function deleteComment(call: Call): Answer {
  const { issue, comment } = commentOf(call);
  issue.comments.splice(issue.comments.indexOf(comment), 1);
  return NO_CONTENT;
}

function showComment({ world }: Call, { id, author, body }: Comment) {
  return { id, user: actor(world, author), body };
}

function showIssue({ world, repository }: Call, issue: Issue) {
  const { number, title, body, state, stateReason, author, labels, pull } = issue;
  return {
    number,
    html_url: `${webUrlOf(world, repository)}/${pull === undefined ? "issues" : "pull"}/${number}`,
    title,
    body,
    user: actor(world, author),
    labels: labels.map((name) => ({ name })),
    state,
    state_reason: stateReason,
    comments: issue.comments.length,
    ...(pull === undefined ? {} : { pull_request: {} }),
  };
}
