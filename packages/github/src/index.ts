export { type GitHub, gitHubClient } from "./client/client.ts";
export { apiUrlFlag, gitUrlFlag, repoFlag } from "./client/github-flags.ts";
export { type AlertChange, type AlertPlace, endAlert, raiseAlert } from "./comments/alert-issue.ts";
export { keepComment } from "./comments/kept-comment.ts";
export { ownLogin } from "./comments/own-login.ts";
export { findPullRequestOfRun } from "./comments/pull-request-of-run.ts";
export { type KeptIssue, keepIssue, previewKeptIssue } from "./issues/kept-issue.ts";
export { listCommitAuthors, listReviews, type MergedPullRequest } from "./pulls/merged-pull-requests.ts";
export { findPullRequests, type PullRequest } from "./pulls/pull-requests.ts";
export { downloadAsset } from "./releases/asset-refusal.ts";
export { type DatasetFiles, readDatasetFiles, refuseUnlicensed } from "./releases/dataset-files.ts";
export { datasetTag, findRepository } from "./releases/find-releases.ts";
export { keepDocuments } from "./releases/kept-documents.ts";
export { markerOf, planRelease, type ReleasePlan, type ReleaseState, releaseMarker } from "./releases/plan-release.ts";
export { publishRelease, type ReleaseJob, type ReleaseWatcher, refusal } from "./releases/publish-release.ts";
export { readReleaseState } from "./releases/release-state.ts";
export {
  archiveRequest,
  fetchReleasedDataset,
  type ReleasedDataset,
  resolvedDataset,
  tierOf,
} from "./releases/released-dataset.ts";
export { readPublishedPage } from "./site/published-page.ts";
export { findCarrier, readPublishedSite } from "./site/published-state.ts";
export type { SiteChange } from "./site/push-site-branch.ts";
export { SITE_FILES, type SiteState } from "./site/site-branch.ts";
export { branchFlag } from "./site/site-flags.ts";
export type { SitePulls } from "./site/site-pull-request.ts";
export { type SiteSync, syncSite } from "./site/sync-site.ts";
