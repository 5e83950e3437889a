import type { PullRequest, Review } from "./issue-state.ts";
import { headRepository } from "./pull-sync.ts";
import { actor, isoSeconds, type Repository, type World, webUrlOf } from "./world.ts";

/** A pull request, with all that GitHub says of one alone. */
export function showPull({ world, repository }: { world: World; repository: Repository }, request: PullRequest) {
  const { number, title, body, state, author, pull } = request;
  const { merged } = pull;
  const head = headRepository(world, repository, pull.headOwner);
  return {
    number,
    html_url: `${webUrlOf(world, repository)}/pull/${number}`,
    title,
    body,
    state,
    user: actor(world, author),
    merged: merged !== undefined,
    merged_at: merged === undefined ? null : isoSeconds(merged.at),
    merged_by: merged === undefined ? null : actor(world, merged.by),
    merge_commit_sha: merged?.sha ?? null,
    head: side(head, pull.headOwner, pull.headBranch, pull.headSha),
    base: side(repository, repository.owner, pull.baseBranch, pull.baseSha),
  };
}

function side(repository: Repository | undefined, owner: string, branch: string, sha: string) {
  const repo = repository === undefined ? null : { id: repository.id, full_name: repository.fullName };
  return { label: `${owner}:${branch}`, ref: branch, sha, repo };
}

/** A review, with the commit that was seen. */
export function showReview(world: World, { id, author, state, commitSha, submittedAt }: Review) {
  return { id, user: actor(world, author), state, commit_id: commitSha, submitted_at: isoSeconds(submittedAt) };
}
