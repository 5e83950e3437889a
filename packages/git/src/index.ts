export {
  BareRepository,
  type CommitDraft,
  type CommitFacts,
  type GitRemote,
  type TreeEntry,
} from "./bare-repository.ts";
export type { GitToken } from "./credential-server.ts";
export { type GitOptions, type GitResult, gitEnvironment, gitError, gitText, runGit } from "./git-process.ts";
