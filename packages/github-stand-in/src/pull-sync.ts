import { setState } from "./issue-rules.ts";
import type { PullRequest } from "./issue-state.ts";
import { type Repository, repositoryNamed, type World } from "./world.ts";

/** The pull requests of a repository, open or not, oldest first. */
export function pullsOf({ issues }: Repository): PullRequest[] {
  return issues.filter((issue): issue is PullRequest => issue.pull !== undefined);
}

/** The repository of a pull request's head: the same, or one of that name with another owner. */
export function headRepository(world: World, base: Repository, owner: string): Repository | undefined {
  if (owner.toLowerCase() === base.owner.toLowerCase()) return base;
  return repositoryNamed(world, owner, base.name);
}

/** The head's commit, brought into the base repository; undefined when the branch is not there. */
export async function fetchHead(
  world: World,
  base: Repository,
  owner: string,
  branch: string,
): Promise<string | undefined> {
  const head = headRepository(world, base, owner);
  const ref = await head?.bare.ref(`refs/heads/${branch}`);
  if (head === undefined || ref === undefined) return undefined;
  if (head !== base)
    await base.bare.read(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", head.bare.folder, ref.sha]);
  return ref.sha;
}

/**
 * Brings open pull requests up to what the branches are now, as GitHub does after a push: a head that is gone or has
 * nothing new closes them, a base that has the head's commits makes them merged.
 */
export async function syncPulls(world: World, repository: Repository, by: string): Promise<void> {
  for (const base of world.repositories.filter(({ name }) => name === repository.name)) {
    for (const request of pullsOf(base)) {
      if (request.state === "open") await syncPull(world, base, request, by);
    }
  }
}

async function syncPull(world: World, base: Repository, request: PullRequest, by: string): Promise<void> {
  const { pull } = request;
  const now = world.now();
  const headSha = await fetchHead(world, base, pull.headOwner, pull.headBranch);
  const baseSha = (await base.bare.ref(`refs/heads/${pull.baseBranch}`))?.sha;
  if (headSha === undefined || baseSha === undefined) {
    setState(request, "closed");
    return;
  }
  if (headSha === pull.headSha && baseSha === pull.baseSha) return;
  const isContained = (await base.bare.git(["merge-base", "--is-ancestor", headSha, baseSha])).exitCode === 0;
  if (isContained) {
    setState(request, "closed");
    if (headSha === pull.headSha) pull.merged = { at: now, by, sha: baseSha };
  }
  await base.bare.moveRef(`refs/pull/${request.number}/head`, headSha);
  Object.assign(pull, { headSha, baseSha });
  request.updatedAt = now;
}
