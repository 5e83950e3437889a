export {
  type ArtifactKind,
  checkArtifact,
  jsonSchemaOf,
  parseArtifact,
  serializeArtifact,
} from "./artifact-kind.ts";
export { artifactKinds } from "./artifact-kinds.ts";
export { isLocalRun, nonCanonicalReasons } from "./canonical-snapshot.ts";
export { type Checksum, formatChecksums, parseChecksums } from "./checksums.ts";
export {
  type CellFamily,
  type CellWarning,
  type ComparedCell,
  type ControlFacts,
  type ControlsResult,
  type EvidencePolicy,
  type JudgedCell,
  type VerdictKind,
  verdictKinds,
} from "./compared-cell.ts";
export {
  type Comparison,
  type ComparisonAlert,
  type ComparisonDelta,
  type ComparisonPair,
  type ComparisonWarning,
  comparison,
  comparisonMetrics,
  type Incomparable,
  type PairFigures,
  type Thresholds,
} from "./comparison.ts";
export { type DatasetManifest, datasetManifest } from "./dataset-manifest.ts";
export {
  type DatasetResolved,
  datasetOriginOf,
  datasetResolved,
  leastTrustedOf,
  type MeasuredDataset,
  originText,
} from "./dataset-resolved.ts";
export { type EvidenceBundle, type EvidenceMember, evidenceBundle, evidenceMembers } from "./evidence-bundle.ts";
export { type FetchFailure, type FetchReport, type FetchStatus, fetchFailures, fetchReport } from "./fetch-report.ts";
export { type NightCadence, type NightEvent, nightCadences, nightEvents, oneLine } from "./flag-words.ts";
export {
  type GovernanceCheck,
  type GovernanceRate,
  type GovernanceReview,
  type GovernanceStatus,
  governanceReview,
} from "./governance-review.ts";
export { type ImageFormat, imageFormats } from "./image-formats.ts";
export { contradictedCommit } from "./known-commit.ts";
export { type Measurement, measurement } from "./measurement.ts";
export { type NightPlan, nightPlan } from "./night-plan.ts";
export {
  type NightAcceptance,
  type NightCell,
  type NightRecord,
  nightAcceptance,
  nightRecord,
} from "./night-record.ts";
export { type NoiseFile, noiseFile } from "./noise-file.ts";
export { type ControlId, controlFactors, parseRawRun, parseRawRuns, type RawRun, rawRun } from "./raw-run.ts";
export { type MachineFingerprint, type RunContext, runContext, type SubjectFingerprint } from "./run-context.ts";
export { type SiteHistory, siteHistory } from "./site-history.ts";
export { type SiteSnapshot, type SiteSnapshotMetrics, siteSnapshot } from "./site-snapshot.ts";
export {
  parseSourcesRegister,
  type RegisterEntry,
  type Source,
  type StatedFields,
  sourcesRegister,
} from "./sources-register.ts";
export {
  findMisspelledFields,
  type OwnMetric,
  plantedByOf,
  type Suite,
  type SuiteProfile,
  type SuiteScenario,
  suite,
} from "./suite.ts";
export { parseSuite } from "./suite-file.ts";
export {
  type ColdSummary,
  type Distribution,
  type ProfileScenarioSummary,
  pairOf,
  type Summary,
  summary,
  type WarmSummary,
} from "./summary.ts";
export { type SyntheticFile, type SyntheticManifest, syntheticManifest } from "./synthetic-manifest.ts";
export { type TierFile, type TierManifest, tierManifest } from "./tier-manifest.ts";
