export { BareRepository, type CommitDraft, type GitRemote, type TreeEntry } from "./bare-repository.ts";
export type { CommitFacts } from "./commit-facts.ts";
export { type GitOptions, type GitResult, gitEnvironment, gitError, gitText, runGit } from "./git-process.ts";
export { RemoteError } from "./remote-error.ts";
