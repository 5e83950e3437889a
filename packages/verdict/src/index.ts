export type { ComparedSummary, Side, Sides } from "./comparability.ts";
export { compareByThreshold, type ThresholdComparisonRequest } from "./compare-by-threshold.ts";
export { type GateAnswer, type GateMode, gateAnswer, type Outcome } from "./outcome.ts";
export { assertMadeFrom } from "./provenance.ts";
export { standardThresholds } from "./threshold-rule.ts";
