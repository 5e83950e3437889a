import { createCipheriv, createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TierFile, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { SeededRandom } from "@forgebench/stats";
import {
  attributionSha256Of,
  chooseSingles,
  contentSha256Of,
  countFormats,
  IMAGE_ROOT,
} from "../tiers/tier-documents.ts";
import { writeTierDocuments } from "../tiers/tier-folder.ts";

/** A tier that is not to be looked at but packed; its files have exactly `sizeBytes` together. */
export interface BulkTierSpec {
  readonly tierId: string;
  readonly datasetVersion: string;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (madeBytes: number) => void;
}

/**
 * Writes a tier of a given size for programs that measure packing and unpacking: files from 8 kB to 8 MB, many small and
 * few large; nine of ten as incompressible as images, one like a plain bitmap. No image viewer would open them.
 */
export async function writeBulkTier(folder: string, spec: BulkTierSpec): Promise<TierManifest> {
  await mkdir(path.join(folder, IMAGE_ROOT), { recursive: true });
  const random = new SeededRandom("bulk-tier");
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const files: TierFile[] = [];
  for (let madeBytes = 0; madeBytes < spec.sizeBytes; ) {
    spec.signal.throwIfAborted();
    const length = Math.min(spec.sizeBytes - madeBytes, Math.round(8e3 * 1000 ** (random.uniform() ** 1.6)));
    const format = files.length % 10 === 9 ? "tiff" : "jpg";
    const content = format === "jpg" ? noise.update(Buffer.alloc(length)) : bitmap(length, files.length);
    const file = `${String(files.length).padStart(6, "0")}.${format}`;
    await writeFile(path.join(folder, IMAGE_ROOT, file), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.push({ path: file, format, sha256, sizeBytes: length, origin: "made", license: "CC0-1.0", attribution: "" });
    madeBytes += length;
    spec.onProgress(madeBytes);
  }
  const manifest = manifestOf(files, spec);
  await writeTierDocuments(folder, manifest);
  return manifest;
}

/** Rows of pixels that change slowly. */
function bitmap(length: number, seed: number): Buffer {
  const row = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * (1 + (seed % 7))) >> 4));
  const content = Buffer.alloc(length, row);
  for (let at = 0; at < length; at += 97) content[at] = (at / 97) & 255;
  return content;
}

function manifestOf(files: readonly TierFile[], { tierId, datasetVersion }: BulkTierSpec): TierManifest {
  const manifest = {
    kind: tierManifest.slug,
    version: "1.0",
    datasetVersion,
    tierId,
    createdAt: "2026-01-01T00:00:00.000Z",
    imageRoot: IMAGE_ROOT,
    files: [...files],
    singleScenarios: chooseSingles(files),
    formatBreakdown: countFormats(files),
    contentSha256: contentSha256Of(files),
  };
  return { ...manifest, attributionSha256: attributionSha256Of(manifest) };
}
