export type { Difference } from "./archive/compare-tier.ts";
export { inspectTierArchive, unpackTier } from "./archive/unpack-archive.ts";
export { writeBulkDataset } from "./bulk/bulk-dataset-folder.ts";
export { writeBulkTier } from "./bulk/bulk-tier-folder.ts";
export { endFetch } from "./sources/fetch-ending.ts";
export { type FetchJob, type FetchTools, fetchSources, type SourceFile } from "./sources/fetch-executor.ts";
export { FETCH_LOCK_NAME } from "./sources/fetch-folder.ts";
export type { CameDownload, FailedDownload } from "./sources/fetch-results.ts";
export { encoderVersions, settleEncoders } from "./synthesis/encode.ts";
export { type ImagePlan, planSynthesis } from "./synthesis/plan.ts";
export {
  describeImage,
  FIXED_DATE,
  type FileFacts,
  isLeftover,
  isPoolName,
  type KnownFile,
  type PoolFile,
  type PoolWork,
  parseKnown,
  planWork,
  poolManifest,
} from "./synthesis/pool.ts";
export { produceImages } from "./synthesis/produce.ts";
export { Renderer } from "./synthesis/render.ts";
export { Timings } from "./synthesis/timings.ts";
export { assetNames } from "./tiers/asset-names.ts";
export { creationDate, sourceDate } from "./tiers/creation-date.ts";
export { type DatasetDocuments, datasetDocuments } from "./tiers/dataset-documents.ts";
export { compareChecksums, type ExpectedBuild, refuseDifferences } from "./tiers/expected-build.ts";
export { readExpectedBuild } from "./tiers/expected-files.ts";
export { type BuildOutput, refuseForeignTiers, removeLeftovers, removeStale } from "./tiers/output-folder.ts";
export { planTiers, type TierPlan } from "./tiers/plan-tiers.ts";
export type { Pool } from "./tiers/pool.ts";
export { type PoolFolder, readPool } from "./tiers/pool-folder.ts";
export { type StagedTier, stageTiers } from "./tiers/staged-tiers-folder.ts";
export { describeFormats, describeTier } from "./tiers/summary-text.ts";
export { archiveName, type BuiltTier, buildTierManifest, type DatasetIdentity } from "./tiers/tier-documents.ts";
export { packTierFolder } from "./tiers/tier-folder.ts";
export { compareExpectedFile, compareExpectedFiles } from "./verify/compare-expected.ts";
export { compareResolved, hashTierDocuments, inspectDownloadedTier } from "./verify/downloaded-tier-folder.ts";
export { verifyAssetsFolder } from "./verify/verify-assets-folder.ts";
export { archiveSha256Of, verifyTierFolder } from "./verify/verify-tier-folder.ts";
