export { mergeSnapshots } from "./merge-snapshots.ts";
export { planSiteUpdate, type SiteFiles, type SiteUpdate, type SiteUpdateRequest } from "./plan-site-update.ts";
