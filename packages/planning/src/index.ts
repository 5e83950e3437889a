export type { History } from "./history-prices.ts";
export { formatNightPlan, planHeadline } from "./night-plan-text.ts";
export { type NightCell, type NightRequest, type PlannedNight, planNight } from "./plan-night.ts";
