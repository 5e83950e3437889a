export { type GitOptions, type GitResult, gitEnvironment, gitError, gitText, runGit } from "./git-process.ts";
