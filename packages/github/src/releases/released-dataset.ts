import path from "node:path";
import {
  type Checksum,
  type DatasetManifest,
  type DatasetResolved,
  datasetManifest,
  datasetResolved,
  parseArtifact,
  parseChecksums,
} from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { readInputText, sha256Of } from "@forgebench/io";
import type { DownloadRequest } from "@forgebench/transfer";
import type { GitHub } from "../client/client.ts";
import { downloadAsset } from "./asset-refusal.ts";
import { assetRequest, datasetTag, findRelease, findTag, listAssets } from "./find-releases.ts";
import type { Release, ReleaseAsset } from "./release-fields.ts";

const MAX_DOCUMENT_BYTES = 32 << 20;

interface ReleasedDatasetQuery {
  readonly repository: string;
  readonly datasetVersion: string;
  /** The names of its documents. */
  readonly names: { readonly manifest: string; readonly checksums: string };
  /** Where the documents go; a folder of this process alone. */
  readonly folder: string;
}

/** A published dataset whose documents were downloaded and fit one another. */
export interface ReleasedDataset {
  readonly release: Release;
  /** The commit of the tag. */
  readonly commit: string | undefined;
  readonly manifest: DatasetManifest;
  readonly manifestSha256: string;
  readonly checksums: readonly Checksum[];
  readonly checksumsSha256: string;
  readonly assets: ReadonlyMap<string, ReleaseAsset>;
}

/**
 * Finds the release of a dataset version and downloads its checksums and manifest; nothing exactly when the repository
 * answers and has no such release.
 * @throws {OperationError} when GitHub fails (exit 69) or refuses (65); {ArtifactError} when the release is not whole, or
 *   its documents contradict one another (65).
 */
export async function fetchReleasedDataset(
  github: GitHub,
  query: ReleasedDatasetQuery,
): Promise<ReleasedDataset | undefined> {
  const { repository, names } = query;
  const tag = datasetTag(query.datasetVersion);
  const release = await findRelease(github, repository, tag);
  if (release === undefined) return undefined;
  const commit = (await findTag(github, repository, tag))?.commit;
  const assets = new Map((await listAssets(github, repository, release)).map((asset) => [asset.name, asset]));
  const found = { release, commit, assets };

  const checksumsText = await fetchDocument(github, query, found, names.checksums, undefined);
  const checksums = parseChecksums(checksumsText, `${release.htmlUrl}: ${names.checksums}`);
  const manifestSha256 = sha256In(checksums, names.manifest, release);
  const manifestText = await fetchDocument(github, query, found, names.manifest, manifestSha256);
  const manifest = parseArtifact(datasetManifest, manifestText, `${release.htmlUrl}: ${names.manifest}`);
  const dataset = { ...found, manifest, manifestSha256, checksums, checksumsSha256: sha256Of(checksumsText) };
  refuseContradictions(dataset, query.datasetVersion);
  return dataset;
}

/** The entry of a tier in the manifest. @throws {ArtifactError} naming the tiers that there are. */
export function tierOf({ manifest, release }: ReleasedDataset, tierId: string): DatasetManifest["tiers"][number] {
  const tier = manifest.tiers.find(({ id }) => id === tierId);
  if (tier !== undefined) return tier;
  const tiers = manifest.tiers.map(({ id }) => id).join(", ");
  throw wrongRelease(release, `it has no ${tierId}, only ${tiers}`, `one of its tiers: ${tiers}`);
}

/** The request for the archive of a tier. @throws {ArtifactError} when the release has it not, or not whole */
export function archiveRequest(
  github: GitHub,
  repository: string,
  dataset: ReleasedDataset,
  tier: DatasetManifest["tiers"][number],
  file: string,
): DownloadRequest {
  const asset = assetNamed(dataset, tier.archiveName);
  return {
    ...assetRequest(github, repository, asset),
    file,
    label: `"${tier.archiveName}"`,
    sha256: tier.sha256,
    sizeBytes: asset.sizeBytes,
    maxBytes: asset.sizeBytes,
    ...retryOf(github),
    signal: github.access.signal,
  };
}

/** The record beside a tier that was unpacked from a release. */
export function resolvedDataset(
  repository: string,
  tier: DatasetManifest["tiers"][number],
  dataset: ReleasedDataset,
): DatasetResolved {
  const { release, commit, manifest, assets } = dataset;
  const asset = assets.get(tier.archiveName);
  return {
    kind: datasetResolved.slug,
    version: "1.0",
    datasetVersion: manifest.datasetVersion,
    tierId: tier.id,
    source: "release",
    contentSha256: tier.contentSha256 ?? "",
    archive: { name: tier.archiveName, sha256: tier.sha256, sizeBytes: asset?.sizeBytes ?? 0 },
    manifestSha256: dataset.manifestSha256,
    checksumsSha256: dataset.checksumsSha256,
    release: {
      repository,
      tag: release.tagName,
      url: release.htmlUrl,
      ...(commit === undefined ? {} : { commit }),
      ...(asset === undefined ? {} : { assetIds: { [tier.archiveName]: asset.id } }),
    },
  };
}

async function fetchDocument(
  github: GitHub,
  { repository, folder }: ReleasedDatasetQuery,
  dataset: Pick<ReleasedDataset, "release" | "assets">,
  name: string,
  sha256: string | undefined,
): Promise<string> {
  const asset = assetNamed(dataset, name);
  const file = path.join(folder, name);
  await downloadAsset(github, {
    ...assetRequest(github, repository, asset),
    file,
    label: `"${name}"`,
    ...(sha256 === undefined ? {} : { sha256 }),
    sizeBytes: asset.sizeBytes,
    maxBytes: MAX_DOCUMENT_BYTES,
    ...retryOf(github),
    signal: github.access.signal,
    onRetry: github.access.onWait,
  });
  return readInputText(file, "released document");
}

function retryOf({ access }: GitHub) {
  return access.retryBaseMs === undefined ? {} : { retryBaseMs: access.retryBaseMs };
}

function assetNamed({ release, assets }: Pick<ReleasedDataset, "release" | "assets">, name: string): ReleaseAsset {
  const asset = assets.get(name);
  if (asset?.isUploaded === true) return asset;
  throw wrongRelease(release, asset === undefined ? `it has no "${name}"` : `the upload of "${name}" is incomplete`);
}

function sha256In(checksums: readonly Checksum[], name: string, release: Release): string {
  const [first, ...more] = checksums.filter(({ file }) => file === name);
  if (first !== undefined && more.length === 0) return first.sha256;
  throw wrongRelease(release, `its checksums list "${name}" ${first === undefined ? "not at all" : "more than once"}`);
}

function refuseContradictions(dataset: ReleasedDataset, datasetVersion: string): void {
  const { manifest, release, checksums } = dataset;
  if (manifest.datasetVersion !== datasetVersion) {
    throw wrongRelease(release, `its manifest is of version ${manifest.datasetVersion}, expected ${datasetVersion}`);
  }
  for (const { id, archiveName, sha256 } of manifest.tiers) {
    const listed = sha256In(checksums, archiveName, release);
    if (listed === sha256) continue;
    throw wrongRelease(release, `the archive of ${id} is ${sha256} in its manifest and ${listed} in its checksums`);
  }
}

const ANOTHER_VERSION = "another version; an incomplete release cannot be repaired, only followed by a new one";

function wrongRelease(release: Release, message: string, remedy = ANOTHER_VERSION): ArtifactError {
  return new ArtifactError({
    path: release.htmlUrl,
    kind: "release",
    action: "Cannot use",
    issues: [{ path: "", message }],
    details: [{ label: "try", text: remedy }],
  });
}
