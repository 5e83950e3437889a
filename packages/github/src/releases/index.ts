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
export type { Release, ReleaseAsset } from "./release-fields.ts";
