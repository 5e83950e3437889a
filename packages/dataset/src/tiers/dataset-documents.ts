import { createHash } from "node:crypto";
import {
  type Checksum,
  type DatasetManifest,
  datasetManifest,
  formatChecksums,
  serializeArtifact,
} from "@forgebench/artifacts";
import { assetNames } from "./asset-names.ts";
import { compareText } from "./pool.ts";
import { datasetSummary, type SummaryFacts } from "./summary-text.ts";
import { buildDatasetManifest } from "./tier-documents.ts";

/** The documents of a dataset version, ready to be written. */
export interface DatasetDocuments {
  readonly manifest: DatasetManifest;
  readonly manifestText: string;
  /** Of the archives and the manifest, sorted by name. */
  readonly checksums: readonly Checksum[];
  readonly checksumsText: string;
  /** For the person who made it; names local files. */
  readonly summaryText: string;
}

/** Makes the documents when all archives are written, since they name the hashes of these. */
export function datasetDocuments(facts: SummaryFacts): DatasetDocuments {
  const { identity, tiers, pool } = facts;
  const { manifest: name } = assetNames(identity.datasetVersion);
  const manifest = buildDatasetManifest(tiers, pool, identity);
  const manifestText = serializeArtifact(datasetManifest, manifest, name);
  const checksums = [
    ...tiers.map(({ archive, archiveName: file }) => ({ sha256: archive.sha256, file })),
    { sha256: createHash("sha256").update(manifestText).digest("hex"), file: name },
  ].toSorted((a, b) => compareText(a.file, b.file));
  return {
    manifest,
    manifestText,
    checksums,
    checksumsText: formatChecksums(checksums),
    summaryText: datasetSummary(facts),
  };
}
