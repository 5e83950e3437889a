export { withAcceptance } from "./acceptance.ts";
export { CulpritSearch } from "./bisect/culprit-search.ts";
export type { ComparedSummary, Side, Sides } from "./comparability.ts";
export { compareByThreshold, type ThresholdComparisonRequest } from "./compare-by-threshold.ts";
export { blocksNeeded } from "./evidence/blocks-needed.ts";
export {
  carriesEvidence,
  compareByEvidence,
  type EvidenceComparisonRequest,
  whyNoEvidence,
} from "./evidence/compare-by-evidence.ts";
export { EVIDENCE_METHOD } from "./evidence/rules.ts";
export { type GateAnswer, type GateMode, gateAnswer, type Outcome } from "./outcome.ts";
export { assertOutcomeFollows } from "./outcome-check.ts";
export { assertMadeFrom } from "./provenance.ts";
export type { NoiseRecording } from "./replay/noise.ts";
export { type IntervalFigure, nullNightFigures } from "./replay/null-night-figures.ts";
export { analyzeNullNights, type NullNight } from "./replay/null-nights.ts";
export { powerFigures } from "./replay/power-figures.ts";
export type { ReplayPlan } from "./replay/replay.ts";
export { type ReplayResult, replayRecording } from "./replay/replay-recording.ts";
export { standardThresholds } from "./threshold-rule.ts";
export { foreignMethod } from "./verify/check-comparison.ts";
export { type ShardFacts, shardsOf } from "./verify/check-identity.ts";
export type { OrderRules } from "./verify/check-order.ts";
export type { SamplingRules } from "./verify/check-sampling.ts";
export { countUnexplained } from "./verify/check-validity.ts";
export { chooseShown } from "./verify/choose-shown.ts";
export type { EvidenceDifference } from "./verify/difference.ts";
export { byShard } from "./verify/logged-run.ts";
export { type ComputedAgain, imageCountsOf, type StoredEvidence, verifyEvidence } from "./verify/verify-evidence.ts";
