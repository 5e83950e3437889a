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
export {
  apiUrlFlag,
  gitUrlFlag,
  parseApiUrl,
  parseRepositoryName,
  type RepositoryName,
  repoFlag,
} from "./client/github-flags.ts";
export {
  type AlertChange,
  type AlertMessage,
  type AlertPlace,
  endAlert,
  raiseAlert,
} from "./comments/alert-issue.ts";
export { type CommentKept, type KeptComment, keepComment } from "./comments/kept-comment.ts";
export { ownLogin } from "./comments/own-login.ts";
export { findPullRequestOfRun, type PullRequestOfRun, type RunHead } from "./comments/pull-request-of-run.ts";
export { type Actor, findBranchTip, findLastChange, readRepositoryFile } from "./contents/repository-files.ts";
export type { Issue, IssueComment } from "./issues/issues.ts";
export { type KeptIssue, keepIssue, previewKeptIssue } from "./issues/kept-issue.ts";
export {
  findMergedPullRequests,
  findPullRequestsOfCommit,
  listCommitAuthors,
  listReviews,
  type MergedPullRequest,
  type Review,
  readMergedPullRequest,
} from "./pulls/merged-pull-requests.ts";
export {
  findPullRequests,
  openPullRequest,
  type PullRequest,
  type PullRequestDraft,
  updatePullRequest,
} from "./pulls/pull-requests.ts";
export { downloadAsset } from "./releases/asset-refusal.ts";
export {
  type AssetRequest,
  assetRequest,
  type DatasetFileNames,
  type DatasetFiles,
  datasetTag,
  findDrafts,
  findRelease,
  findRepository,
  findTag,
  listAssets,
  markerOf,
  planRelease,
  publishRelease,
  type Release,
  type ReleaseAsset,
  type ReleaseJob,
  type ReleaseOutcome,
  type ReleasePlan,
  type ReleaseState,
  type ReleaseWatcher,
  type RepositoryFacts,
  readDatasetFiles,
  readReleaseState,
  refusal,
  refuseUnlicensed,
  releaseMarker,
  type Tag,
  textsOf,
  type UploadFile,
} from "./releases/index.ts";
export { keepDocuments } from "./releases/kept-documents.ts";
export {
  archiveRequest,
  fetchReleasedDataset,
  type ReleasedDataset,
  resolvedDataset,
  tierOf,
} from "./releases/released-dataset.ts";
export { type PublishedPage, readPublishedPage } from "./site/published-page.ts";
export { type CarrierSearch, findCarrier, type PublishedSite, readPublishedSite } from "./site/published-state.ts";
export type { SiteChange, SitePlace, SitePush } from "./site/push-site-branch.ts";
export { SITE_BOT, SITE_FILES, type SiteBranch, type SiteState } from "./site/site-branch.ts";
export { branchFlag } from "./site/site-flags.ts";
export type { SitePulls, SiteText } from "./site/site-pull-request.ts";
export { type SiteSync, type SiteSyncJob, syncSite } from "./site/sync-site.ts";
