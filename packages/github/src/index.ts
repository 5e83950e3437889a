export {
  type GitHub,
  type GitHubAccess,
  type GitHubAnswer,
  gitHubClient,
  send,
  sendForAll,
  unreadable,
} from "./client/client.ts";
export { describeGitHubError, describing, type GitHubAction } from "./client/describe-failure.ts";
export { GitHubFailure, type GitHubFailureFacts, isStatus } from "./client/failure.ts";
export { apiUrlFlag, parseApiUrl, parseRepositoryName, type RepositoryName, repoFlag } from "./client/github-flags.ts";
export { redactor } from "./client/redact.ts";
export {
  type AssetRequest,
  assetRequest,
  datasetTag,
  findDrafts,
  findRelease,
  findRepository,
  findTag,
  listAssets,
  type Release,
  type ReleaseAsset,
  type RepositoryFacts,
  type Tag,
} from "./releases/index.ts";
export {
  archiveRequest,
  fetchReleasedDataset,
  type ReleasedDataset,
  resolvedDataset,
  tierOf,
} from "./releases/released-dataset.ts";
