export {
  BareRepository,
  type CommitDraft,
  type GitRemote,
  type RemoteBranches,
  type RetryPolicy,
  type TreeEntry,
} from "./bare-repository.ts";
export type { CommitFacts } from "./commit-facts.ts";
export { type GitOptions, type GitResult, gitEnvironment, gitError, gitText, runGit } from "./git-process.ts";
export { RemoteError, type RemoteProblem } from "./remote-error.ts";
