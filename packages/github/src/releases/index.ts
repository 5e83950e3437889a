export {
  createDraft,
  deleteAsset,
  deleteDraft,
  findCommit,
  publishDraft,
  type ReleaseText,
} from "./change-releases.ts";
export { type DatasetFiles, readDatasetFiles, refuseUnlicensed } from "./dataset-files.ts";
export {
  assetRequest,
  datasetTag,
  findDrafts,
  findRelease,
  findRepository,
  findTag,
  listAssets,
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
export { publishRelease, type ReleaseJob, type ReleaseWatcher, refusal } from "./publish-release.ts";
export type { Release, ReleaseAsset } from "./release-fields.ts";
export { readReleaseState } from "./release-state.ts";
export { type UploadFile, uploadAsset, uploadUrl } from "./upload-asset.ts";
