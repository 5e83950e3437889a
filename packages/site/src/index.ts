export type { FormatOptions, Settings } from "./formatting/format-options.ts";
export { formatOptionsFrom, type SiteTextFile } from "./formatting/format-options-from.ts";
export { formatSiteJson } from "./formatting/format-site-json.ts";
export type { GovernanceFacts, PullRequestFacts, PullRequestReview } from "./governance/governance-facts.ts";
export { describeGovernance, governanceMarker } from "./governance/governance-text.ts";
export { usualPeriod } from "./governance/night-dates.ts";
export { reviewGovernance } from "./governance/review-governance.ts";
export { canonicalText, compareByAge, mergeSnapshots } from "./merge-snapshots.ts";
export {
  type JudgedSnapshot,
  planSiteUpdate,
  type SiteFiles,
  type SiteUpdate,
  type SiteUpdateRequest,
} from "./plan-site-update.ts";
export { describeSync, SITE_SYNC_MARKER, type SyncContext } from "./pull-request/describe-sync.ts";
