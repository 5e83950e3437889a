export { checkEvidence } from "./bundle/check-evidence.ts";
export { assertCommits, type EvidenceFiles, type EvidenceIdentity } from "./bundle/describe-evidence.ts";
export {
  evidenceSources,
  type PackedEvidence,
  packEvidence,
  type ReadEvidence,
  readEvidenceBundle,
} from "./bundle/evidence-archive.ts";
export { withAcceptance } from "./comparison/acceptance.ts";
export type { ComparedSummary, Side, Sides } from "./comparison/comparability.ts";
export {
  carriesEvidence,
  compareByEvidence,
  type EvidenceComparisonRequest,
  whyNoEvidence,
} from "./comparison/compare-by-evidence.ts";
export { compareByThreshold, type ThresholdComparisonRequest } from "./comparison/compare-by-threshold.ts";
export { neededBlocks } from "./comparison/needed-blocks.ts";
export { assertOutcomeFollows } from "./comparison/outcome-check.ts";
export { assertMadeFrom } from "./comparison/provenance.ts";
export { type RunLog, RunLogReader, readRunLog } from "./comparison/run-log.ts";
export { countUnexplained } from "./verify/check-validity.ts";
export { byShard } from "./verify/logged-run.ts";
export { imageCountsOf, type StoredEvidence } from "./verify/verify-evidence.ts";
