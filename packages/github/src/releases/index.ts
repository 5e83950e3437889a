export {
  createDraft,
  deleteAsset,
  deleteDraft,
  findCommit,
  publishDraft,
  type ReleaseText,
} from "./change-releases.ts";
export {
  type DatasetFileNames,
  type DatasetFiles,
  readDatasetFiles,
  refuseUnlicensed,
  textsOf,
} from "./dataset-files.ts";
export {
  type AssetRequest,
  assetRequest,
  datasetTag,
  findDrafts,
  findRelease,
  findRepository,
  findTag,
  listAssets,
  type RepositoryFacts,
  type Tag,
} from "./find-releases.ts";
export {
  differences,
  isSameFile,
  type LocalAsset,
  type LocalRelease,
  markerOf,
  planRelease,
  type ReleasePlan,
  type ReleaseState,
  type ReleaseWithAssets,
  releaseMarker,
} from "./plan-release.ts";
export {
  publishRelease,
  type ReleaseJob,
  type ReleaseOutcome,
  type ReleaseWatcher,
  refusal,
} from "./publish-release.ts";
export type { Release, ReleaseAsset } from "./release-fields.ts";
export { readReleaseState } from "./release-state.ts";
export { type UploadFile, type UploadOptions, uploadAsset, uploadUrl } from "./upload-asset.ts";
