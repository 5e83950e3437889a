export { type ComparedRun, compareRunStep } from "./compare-run-step.ts";
export { type Compared, type CompareRequest, compareStep } from "./compare-step.ts";
export { type ImagesRequest, imagesStep } from "./dataset/images-step.ts";
export { type Packed, type PackRequest, packStep, tierManifestIn } from "./dataset/pack-step.ts";
export {
  LOCAL_SITE_BRANCH,
  type LocalSite,
  type LocalSiteRequest,
  localSiteStep,
} from "./publish/local-site-step.ts";
export { type PreviewRequest, previewStep } from "./publish/preview-step.ts";
export { type SnapshotRequest, snapshotStep } from "./publish/snapshot-step.ts";
export { type Synced, type SyncRequest, syncStep } from "./publish/sync-step.ts";
export type { QuickstartRequest, QuickstartResult, Remedy } from "./quickstart/quickstart-request.ts";
export { quickstartStep } from "./quickstart/quickstart-step.ts";
export { type ReportFormat, type ReportRequest, reportStep } from "./report-step.ts";
export { measureStep } from "./run/measure-step.ts";
export type { RunRequest, RunResult } from "./run/run-request.ts";
export { runStep } from "./run/run-step.ts";
export { quietIo, type StepIo } from "./step-io.ts";
export { subjectStep } from "./subject-step.ts";
