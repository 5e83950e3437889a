export { CulpritSearch } from "./bisect/culprit-search.ts";
export { blocksNeeded, type CellSeries } from "./cells/blocks-needed.ts";
export { type CellInput, type JudgedCell, judgeCell } from "./cells/judge-cell.ts";
export { isImpossible } from "./cells/obstacles.ts";
export { differingFacts, shownFact } from "./facts.ts";
export { type JudgedControls, judgeControls } from "./night/judge-controls.ts";
export { type JudgedNight, judgeNight, type NightContext } from "./night/judge-night.ts";
export {
  evidenceOutcome,
  type GateAnswer,
  type GateMode,
  gateAnswer,
  type Outcome,
  thresholdOutcome,
} from "./night/outcome.ts";
export {
  ALPHA,
  type CellRule,
  DEFAULT_MARGINS,
  EVIDENCE_METHOD,
  INTERVAL_ALPHA,
  intervalAlternatives,
  policyOf,
  type RuleName,
  ruleOf,
  rulesOf,
  SHARES,
} from "./rules.ts";
export {
  alertOf,
  deltaOf,
  isPossibleTime,
  noDelta,
  standardThresholds,
  type ThresholdMetric,
} from "./thresholds/threshold-rule.ts";
export { detectableChange } from "./ways/detectable-change.ts";
export { independent } from "./ways/independent.ts";
export { type Direction, type Judgement, judgeDifferences } from "./ways/judge-differences.ts";
export { judgeFixedBlocks } from "./ways/judge-fixed.ts";
export { proportion } from "./ways/proportion.ts";
export {
  type IndependentPlan,
  LONE_RULE,
  type ProportionPlan,
  simulateIndependent,
  simulateProportion,
  type WayShares,
} from "./ways/simulate-ways.ts";
export type { WayAnswer, WayInterval, WayRule } from "./ways/way.ts";
