import { setState } from "./issue-rules.ts";
import type { PullRequest, ReviewState } from "./issue-state.ts";
import { pullsOf, syncPulls } from "./pull-sync.ts";
import type { Repository, World } from "./world.ts";

/** What people and GitHub do beside the API; each takes `OWNER/NAME` first. */
export interface StandInControl {
  /** A review of what the pull request's head is now. */
  addReview(
    repository: string,
    number: number,
    review: { readonly login: string; readonly state: ReviewState },
  ): Promise<void>;
  /** Merges with a merge commit, whose hash it gives, whatever the branch's protection. */
  mergePull(repository: string, number: number, by: { readonly login: string }): Promise<string>;
  /** A commit of a person on a branch, made if it is not there (from `from`, or the default branch); null deletes a file. */
  pushCommit(
    repository: string,
    commit: {
      readonly branch: string;
      readonly files: Readonly<Record<string, string | null>>;
      readonly login: string;
      readonly message?: string;
      readonly from?: string;
    },
  ): Promise<string>;
  protectBranch(repository: string, branch: string, isProtected?: boolean): void;
  deleteBranch(repository: string, branch: string): Promise<void>;
  renameDefaultBranch(repository: string, to: string): Promise<void>;
}

/** Does what people and Actions do on GitHub without the API; a call that writes waits for its repository's turn. */
export function control(world: World, repositoryOf: (name: string) => Repository): StandInControl {
  const inTurn = async <T>(name: string, by: string, work: (repository: Repository) => Promise<T>): Promise<T> => {
    const repository = repositoryOf(name);
    return await repository.turn.take(async () => {
      const result = await work(repository);
      await syncPulls(world, repository, by);
      return result;
    });
  };
  return {
    addReview: (name, number, { login, state }) =>
      inTurn(name, login, async (repository) => {
        const { pull } = pullNumbered(repository, number);
        pull.reviews.push({
          id: world.nextId(),
          author: login,
          state,
          commitSha: pull.headSha,
          submittedAt: world.now(),
        });
      }),
    mergePull: (name, number, { login }) =>
      inTurn(name, login, (repository) => merge(world, repository, pullNumbered(repository, number), login)),
    pushCommit: (name, commit) => inTurn(name, commit.login, (repository) => push(world, repository, commit)),
    protectBranch: (name, branch, isProtected = true) => {
      const { protectedBranches } = repositoryOf(name);
      if (isProtected) protectedBranches.add(branch);
      else protectedBranches.delete(branch);
    },
    deleteBranch: (name, branch) => inTurn(name, "", ({ bare }) => bare.deleteRef(`refs/heads/${branch}`)),
    renameDefaultBranch: (name, to) => inTurn(name, "", (repository) => renameDefault(repository, to)),
  };
}

function pullNumbered(repository: Repository, number: number): PullRequest {
  const found = pullsOf(repository).find((request) => request.number === number);
  if (found === undefined) throw new Error(`${repository.fullName} has no pull request ${number}`);
  return found;
}

async function merge(world: World, { bare }: Repository, request: PullRequest, login: string): Promise<string> {
  const { pull, number } = request;
  const base = await bare.read(["rev-parse", `refs/heads/${pull.baseBranch}`]);
  const tree = await bare.read(["merge-tree", "--write-tree", base, pull.headSha]);
  const message = `Merge pull request #${number} from ${pull.headOwner}/${pull.headBranch}\n\n${request.title}\n`;
  const sha = await bare.commitTree(tree, [base, pull.headSha], message, { login, at: world.now() });
  await bare.moveRef(`refs/heads/${pull.baseBranch}`, sha);
  pull.merged = { at: world.now(), by: login, sha };
  setState(request, "closed");
  return sha;
}

async function push(
  world: World,
  { bare }: Repository,
  commit: Parameters<StandInControl["pushCommit"]>[1],
): Promise<string> {
  const isThere = (await bare.ref(`refs/heads/${commit.branch}`)) !== undefined;
  const from = commit.from ?? (isThere ? undefined : "HEAD");
  return await bare.commit({
    branch: commit.branch,
    files: commit.files,
    message: commit.message ?? "Change files",
    by: { login: commit.login, at: world.now() },
    ...(from === undefined ? {} : { from }),
  });
}

/** GitHub moves the base of open pull requests along. */
async function renameDefault(repository: Repository, to: string): Promise<void> {
  const { bare } = repository;
  const old = await bare.read(["symbolic-ref", "--short", "HEAD"]);
  await bare.read(["branch", "-m", old, to]);
  await bare.read(["symbolic-ref", "HEAD", `refs/heads/${to}`]);
  for (const { pull } of pullsOf(repository)) {
    if (pull.baseBranch === old) pull.baseBranch = to;
  }
}
