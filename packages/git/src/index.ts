export { BareRepository, type GitRemote, type TreeEntry } from "./bare-repository.ts";
export type { CommitFacts } from "./commit-facts.ts";
export { type GitOptions, type GitResult, gitError, gitText, runGit } from "./git-process.ts";
export { RemoteError } from "./remote-error.ts";
