export { type MergedShards, mergeShards } from "./merge-shards.ts";
export { formatNightPlan } from "./night-plan-text.ts";
export { type NightCell, type NightRequest, planNight, type ShardOfNight } from "./plan-night.ts";
export type { ShardLog } from "./whole-blocks.ts";
