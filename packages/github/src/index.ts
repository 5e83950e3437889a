export { type GitHub, type GitHubAccess, gitHubClient, send, sendForAll, unreadable } from "./client/client.ts";
export { describeGitHubError, describing, type GitHubAction } from "./client/describe-failure.ts";
export { GitHubFailure, type GitHubFailureFacts, isStatus } from "./client/failure.ts";
export { apiUrlFlag, gitUrlFlag, parseApiUrl, parseRepositoryName, repoFlag } from "./client/github-flags.ts";
export { type AlertChange, type AlertPlace, endAlert, raiseAlert } from "./comments/alert-issue.ts";
export { keepComment } from "./comments/kept-comment.ts";
export { ownLogin } from "./comments/own-login.ts";
export { findPullRequestOfRun } from "./comments/pull-request-of-run.ts";
export { type Actor, findBranchTip, findLastChange, readRepositoryFile } from "./contents/repository-files.ts";
export type { Issue, IssueComment } from "./issues/issues.ts";
export { type KeptIssue, keepIssue, previewKeptIssue } from "./issues/kept-issue.ts";
export {
  findMergedPullRequests,
  findPullRequestsOfCommit,
  listCommitAuthors,
  listReviews,
  type MergedPullRequest,
  readMergedPullRequest,
} from "./pulls/merged-pull-requests.ts";
export { findPullRequests, openPullRequest, type PullRequest, updatePullRequest } from "./pulls/pull-requests.ts";
export { downloadAsset } from "./releases/asset-refusal.ts";
export {
  assetRequest,
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
  type ReleasePlan,
  type ReleaseState,
  type ReleaseWatcher,
  readDatasetFiles,
  readReleaseState,
  refusal,
  refuseUnlicensed,
  releaseMarker,
  type Tag,
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
export { readPublishedPage } from "./site/published-page.ts";
export { findCarrier, readPublishedSite } from "./site/published-state.ts";
export type { SiteChange, SitePlace, SitePush } from "./site/push-site-branch.ts";
export { SITE_BOT, SITE_FILES, type SiteState } from "./site/site-branch.ts";
export { branchFlag } from "./site/site-flags.ts";
export type { SitePulls, SiteText } from "./site/site-pull-request.ts";
export { type SiteSync, syncSite } from "./site/sync-site.ts";
