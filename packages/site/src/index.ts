export { formatOptionsFrom } from "./formatting/format-options-from.ts";
export { formatSiteJson } from "./formatting/format-site-json.ts";
export type { GovernanceFacts, PullRequestFacts } from "./governance/governance-facts.ts";
export { describeGovernance, governanceMarker } from "./governance/governance-text.ts";
export { usualPeriod } from "./governance/night-dates.ts";
export { reviewGovernance } from "./governance/review-governance.ts";
export { canonicalText } from "./merge-snapshots.ts";
export { planSiteUpdate, type SiteUpdate } from "./plan-site-update.ts";
export { describeSync, SITE_SYNC_MARKER } from "./pull-request/describe-sync.ts";
