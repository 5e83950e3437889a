import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type DatasetManifest,
  datasetManifest,
  formatChecksums,
  serializeArtifact,
  type TierManifest,
} from "@forgebench/artifacts";
import type { PackedArchive } from "../archive/tier-archive.ts";
import { assetNames } from "../tiers/asset-names.ts";
import { archiveName } from "../tiers/tier-documents.ts";
import { packTierFolder } from "../tiers/tier-folder.ts";
import { type BulkTierSpec, writeBulkTier } from "./bulk-tier-folder.ts";

/** Writes the assets of a dataset of one bulk tier to a folder, as `build-tiers` names them. */
export async function writeBulkDataset(folder: string, spec: BulkTierSpec): Promise<DatasetManifest> {
  const { tierId, datasetVersion, signal } = spec;
  const tierFolder = path.join(folder, tierId);
  await mkdir(folder, { recursive: true });
  const tier = await writeBulkTier(tierFolder, spec);
  const archiveFile = archiveName(tierId, datasetVersion);
  const archive = await packTierFolder(path.join(folder, archiveFile), tierFolder, tier, { mtimeSeconds: 0, signal });
  await rm(tierFolder, { recursive: true });

  const names = assetNames(datasetVersion);
  const manifest = manifestOf(tier, archiveFile, archive);
  const text = serializeArtifact(datasetManifest, manifest, names.manifest);
  await writeFile(path.join(folder, names.manifest), text);
  const checksums = formatChecksums([
    { sha256: archive.sha256, file: archiveFile },
    { sha256: createHash("sha256").update(text).digest("hex"), file: names.manifest },
  ]);
  await writeFile(path.join(folder, names.checksums), checksums);
  return manifest;
}

function manifestOf(tier: TierManifest, archiveFile: string, archive: PackedArchive): DatasetManifest {
  const { tierId, datasetVersion, files, formatBreakdown, singleScenarios, contentSha256 } = tier;
  return {
    kind: datasetManifest.slug,
    version: "1.0",
    datasetVersion,
    tiers: [
      {
        id: tierId,
        imageCount: files.length,
        archiveName: archiveFile,
        ...archive,
        tierManifestPath: `${tierId}/tier-manifest.json`,
        contentSha256,
        formatBreakdown,
        singleScenarios,
      },
    ],
    sourcePolicy: { origins: ["made"], licenses: ["CC0-1.0"] },
    retentionPolicy: {},
  };
}
