import type { PullRequest, Review } from "./issue-state.ts";
import { showLabel } from "./labels.ts";
import { headRepository } from "./pull-sync.ts";
import { actor, apiUrlOf, isoSeconds, nodeId, type Repository, type World, webUrlOf } from "./world.ts";

type Place = { readonly world: World; readonly repository: Repository };

/** A pull request; with `single` as it is answered alone, which says more than in a list. */
export function showPull(place: Place, request: PullRequest, single?: { readonly mergeable: boolean | null }) {
  const { world, repository } = place;
  const { number, pull } = request;
  const api = apiUrlOf(world, repository);
  const url = `${api}/pulls/${number}`;
  const web = `${webUrlOf(world, repository)}/pull/${number}`;
  const head = headRepository(world, repository, pull.headOwner);
  const date = (at: Date | undefined) => (at === undefined ? null : isoSeconds(at));
  return {
    ...{ url, id: request.id, node_id: nodeId("PR", request.id), html_url: web, issue_url: `${api}/issues/${number}` },
    ...{ number, state: request.state, locked: false, title: request.title, body: request.body },
    user: actor(world, request.author),
    ...{ created_at: date(request.createdAt), updated_at: date(request.updatedAt), closed_at: date(request.closedAt) },
    merged_at: date(pull.merged?.at),
    merge_commit_sha: pull.merged?.sha ?? null,
    ...{ assignee: null, assignees: [], milestone: null, draft: pull.isDraft },
    requested_reviewers: pull.requestedReviewers.map((login) => actor(world, login)),
    requested_teams: [],
    labels: request.labels.map((name) => showLabel(place, name)),
    ...{ commits_url: `${url}/commits`, comments_url: `${api}/issues/${number}/comments` },
    head: side(world, head, pull.headOwner, pull.headBranch, pull.headSha),
    base: side(world, repository, repository.owner, pull.baseBranch, pull.baseSha),
    author_association: "NONE",
    auto_merge: null,
    ...(single === undefined ? {} : more(world, request, single.mergeable)),
  };
}

function more(world: World, request: PullRequest, mergeable: boolean | null) {
  const { merged } = request.pull;
  const states = { true: "clean", false: "dirty", null: "unknown" } as const;
  return {
    merged: merged !== undefined,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: states[`${mergeable}`],
    merged_by: merged === undefined ? null : actor(world, merged.by),
    comments: request.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
  };
}

function side(world: World, repository: Repository | undefined, owner: string, branch: string, sha: string) {
  const repo =
    repository === undefined
      ? null
      : {
          ...{ id: repository.id, name: repository.name, full_name: repository.fullName },
          ...{
            private: repository.options.private === true,
            url: apiUrlOf(world, repository),
            owner: { login: repository.owner },
          },
        };
  return { label: `${owner}:${branch}`, ref: branch, sha, user: { login: owner }, repo };
}

/** A review as answers show it (docs.github.com/rest/pulls/reviews). */
export function showReview({ world, repository }: Place, { number }: PullRequest, review: Review) {
  const web = `${webUrlOf(world, repository)}/pull/${number}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: actor(world, review.author),
    ...{ body: review.body, state: review.state, commit_id: review.commitSha },
    html_url: `${web}#pullrequestreview-${review.id}`,
    pull_request_url: `${apiUrlOf(world, repository)}/pulls/${number}`,
    submitted_at: isoSeconds(review.submittedAt),
    author_association: "MEMBER",
  };
}
