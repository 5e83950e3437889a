export type { History } from "./history-prices.ts";
export { type MergedShards, mergeShards } from "./merge-shards.ts";
export { formatNightPlan, planHeadline } from "./night-plan-text.ts";
export { type NightCell, type NightRequest, planNight, type ShardOfNight } from "./plan-night.ts";
export type { LoggedRun, ShardLog } from "./whole-blocks.ts";
