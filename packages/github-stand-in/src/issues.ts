import { type Answer, created, invalid, NO_CONTENT, notFound, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Needs } from "./auth.ts";
import { checkBody, newIssue, selected, setState, textsOf } from "./issue-rules.ts";
import type { Comment, Issue } from "./issue-state.ts";
import { addLabels, showLabel } from "./labels.ts";
import { page } from "./pages.ts";
import { actor, apiUrlOf, isoSeconds, nodeId, type Repository, type World, webUrlOf } from "./world.ts";

const READ: Needs = { issues: "read", pullRequests: "read" };
const WRITE: Needs = { issues: "write", pullRequests: "write" };

/** Issues and comments; GitHub takes pull requests for issues here (docs.github.com/rest/issues). */
export const issueRoutes: readonly Route[] = [
  { method: "GET", path: "/issues", needs: READ, handle: listIssues },
  { method: "POST", path: "/issues", needs: { issues: "write" }, handle: createIssue },
  { method: "GET", path: "/issues/comments/{comment}", needs: READ, handle: getComment },
  { method: "PATCH", path: "/issues/comments/{comment}", needs: WRITE, handle: updateComment },
  { method: "DELETE", path: "/issues/comments/{comment}", needs: WRITE, handle: deleteComment },
  { method: "GET", path: "/issues/{number}", needs: READ, handle: (call) => ok(showIssue(call, issueOf(call))) },
  { method: "PATCH", path: "/issues/{number}", needs: WRITE, handle: updateIssue },
  { method: "POST", path: "/issues/{number}/labels", needs: WRITE, handle: labelIssue },
  { method: "GET", path: "/issues/{number}/comments", needs: READ, handle: listComments },
  { method: "POST", path: "/issues/{number}/comments", needs: WRITE, handle: createComment },
];

type Place = { readonly world: World; readonly repository: Repository };

/** @throws {Refusal} 404 */
function issueOf(call: Call): Issue {
  const found = call.repository.issues.find(({ number }) => `${number}` === call.part("number"));
  if (found === undefined) throw notFound();
  return found;
}

/** Pull requests are in the list too. */
function listIssues(call: Call): Answer {
  const wanted = (call.url.searchParams.get("labels") ?? "").split(",").filter((name) => name !== "");
  const creator = call.url.searchParams.get("creator");
  const found = selected(call.url, call.repository.issues).filter(
    ({ labels, author }) =>
      (creator === null || author === creator) &&
      wanted.every((name) => labels.some((label) => label.toLowerCase() === name.toLowerCase())),
  );
  return page(call.url, found, (issue) => showIssue(call, issue));
}

function createIssue(call: Call): Answer {
  const { world, repository, fields, caller } = call;
  fields.requiredText("title");
  const issue = newIssue(world, repository, { ...textsOf(fields, "Issue"), pull: undefined, caller });
  issue.labels = addLabels(call, fields.names("labels") ?? []);
  repository.issues.push(issue);
  return created(showIssue(call, issue));
}

function updateIssue(call: Call): Answer {
  const { fields, world } = call;
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
  const labels = fields.names("labels");
  if (labels !== undefined) issue.labels = addLabels(call, labels);
  const reason = fields.oneOf("state_reason", ["completed", "not_planned", "reopened", "duplicate"]);
  if (state !== undefined)
    setState(issue, state, world.now(), reason ?? (state === "closed" ? "completed" : "reopened"));
  Object.assign(issue, { ...texts, updatedAt: world.now() });
  return ok(showIssue(call, issue));
}

function labelIssue(call: Call): Answer {
  const issue = issueOf(call);
  issue.labels = [...new Set([...issue.labels, ...addLabels(call, call.fields.names("labels") ?? [])])];
  return ok(issue.labels.map((name) => showLabel(call, name)));
}

function listComments(call: Call): Answer {
  const issue = issueOf(call);
  return page(call.url, issue.comments, (comment) => showComment(call, issue, comment));
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
  const now = world.now();
  const comment = {
    id: world.nextId(),
    author: caller?.login ?? "",
    createdAt: now,
    updatedAt: now,
    body: commentText(call),
  };
  issue.comments.push(comment);
  issue.updatedAt = now;
  return created(showComment(call, issue, comment));
}

function commentOf(call: Call) {
  for (const issue of call.repository.issues) {
    const comment = issue.comments.find(({ id }) => `${id}` === call.part("comment"));
    if (comment !== undefined) return { issue, comment };
  }
  throw notFound();
}

function getComment(call: Call): Answer {
  const { issue, comment } = commentOf(call);
  return ok(showComment(call, issue, comment));
}

function updateComment(call: Call): Answer {
  const { issue, comment } = commentOf(call);
  Object.assign(comment, { body: commentText(call), updatedAt: call.world.now() });
  return ok(showComment(call, issue, comment));
}

function deleteComment(call: Call): Answer {
  const { issue, comment } = commentOf(call);
  issue.comments.splice(issue.comments.indexOf(comment), 1);
  return NO_CONTENT;
}

function showComment({ world, repository }: Place, { number, pull }: Issue, comment: Comment) {
  const web = `${webUrlOf(world, repository)}/${pull === undefined ? "issues" : "pull"}/${number}`;
  return {
    url: `${apiUrlOf(world, repository)}/issues/comments/${comment.id}`,
    html_url: `${web}#issuecomment-${comment.id}`,
    issue_url: `${apiUrlOf(world, repository)}/issues/${number}`,
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    user: actor(world, comment.author),
    created_at: isoSeconds(comment.createdAt),
    updated_at: isoSeconds(comment.updatedAt),
    author_association: "NONE",
    body: comment.body,
  };
}

function showIssue(place: Place, issue: Issue) {
  const { world, repository } = place;
  const api = apiUrlOf(world, repository);
  const { number, pull } = issue;
  const web = `${webUrlOf(world, repository)}/${pull === undefined ? "issues" : "pull"}/${number}`;
  const url = `${api}/issues/${number}`;
  return {
    ...{ url, repository_url: api, comments_url: `${url}/comments`, html_url: web },
    ...{ id: issue.id, node_id: nodeId("I", issue.id), number, title: issue.title },
    user: actor(world, issue.author),
    labels: issue.labels.map((name) => showLabel(place, name)),
    ...{
      state: issue.state,
      state_reason: issue.stateReason,
      locked: false,
      assignee: null,
      assignees: [],
      milestone: null,
    },
    comments: issue.comments.length,
    created_at: isoSeconds(issue.createdAt),
    updated_at: isoSeconds(issue.updatedAt),
    closed_at: issue.closedAt === undefined ? null : isoSeconds(issue.closedAt),
    author_association: "NONE",
    body: issue.body,
    ...(pull === undefined
      ? {}
      : {
          draft: pull.isDraft,
          pull_request: {
            url: `${api}/pulls/${number}`,
            html_url: web,
            merged_at: pull.merged === undefined ? null : isoSeconds(pull.merged.at),
          },
        }),
  };
}
