import { createHash } from "node:crypto";
import {
  type DatasetManifest,
  type ImageFormat,
  imageFormats,
  type TierFile,
  type TierManifest,
} from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { PACKING, type PackedArchive } from "../archive/tier-archive.ts";
import { attributionText } from "./attribution-text.ts";
import { FORMAT_SHARES_PCT } from "./format-quota.ts";
import type { TierPlan } from "./plan-tiers.ts";
import { compareText, type Pool, type PoolImage, sizeClassOf } from "./pool.ts";

/** The folder of a tier's images beside its manifest. */
export const IMAGE_ROOT = "images";

/** What all documents of a dataset version share. */
export interface DatasetIdentity {
  readonly datasetVersion: string;
  readonly createdAt: Date;
  /** Of the choice of images. */
  readonly seed: number;
}

/**
 * The name of an image in a tier: the first 16 digits of its SHA-256 and the extension of its content. It depends on
 * nothing but the bytes, is the same in every tier, and no file system changes it.
 */
export function tierFileName({ sha256, format }: Pick<PoolImage, "sha256" | "format">): string {
  return `${sha256.slice(0, 16)}.${format}`;
}

/**
 * The manifest of a tier, its files sorted by path.
 * @throws {InvariantError} when the names of two images, the first 16 digits of their hashes, are the same.
 */
export function buildTierManifest(tier: TierPlan, { datasetVersion, createdAt }: DatasetIdentity): TierManifest {
  const files = tier.images.map(tierFileOf).toSorted((a, b) => compareText(a.path, b.path));
  if (new Set(files.map(({ path }) => path)).size < files.length) {
    throw new InvariantError(`two images of ${tier.id} have SHA-256 values that begin alike`);
  }
  const manifest = {
    kind: "tier-manifest",
    version: "1.0",
    datasetVersion,
    tierId: tier.id,
    createdAt: createdAt.toISOString(),
    imageRoot: IMAGE_ROOT,
    formatBreakdown: countFormats(tier.images),
    singleScenarios: chooseSingles(files),
    contentSha256: contentSha256Of(files),
  };
  return { ...manifest, attributionSha256: attributionSha256Of({ ...manifest, files }), files };
}

/** Of the attribution that a manifest's files come to. */
export function attributionSha256Of(manifest: Parameters<typeof attributionText>[0]): string {
  return createHash("sha256").update(attributionText(manifest)).digest("hex");
}

function tierFileOf(image: PoolImage): TierFile {
  const { format, sha256, sizeBytes, width, height, origin, license, attribution } = image;
  const { sourceFile, title, sourceUrl } = image;
  return {
    path: tierFileName(image),
    format,
    sha256,
    sizeBytes,
    width,
    height,
    sizeClass: sizeClassOf(image),
    origin,
    license,
    attribution,
    ...(sourceFile === undefined ? {} : { sourceFile }),
    ...(title === undefined ? {} : { title }),
    ...(sourceUrl === undefined ? {} : { sourceUrl }),
  };
}

/** Of all images together. */
export function tierSizeBytes({ images }: TierPlan): number {
  return images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/**
 * The identity of a tier's content: SHA-256 over the sorted lines `sha256  path`, each with its newline. In a shell, in
 * the folder of the images: `sha256sum * | LC_ALL=C sort | sha256sum`.
 */
export function contentSha256Of(files: readonly Pick<TierFile, "sha256" | "path">[]): string {
  const lines = files.map(({ sha256, path }) => `${sha256}  ${path}\n`).toSorted(compareText);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** The images of the single scenarios by file size; of an even number the smaller one in the middle; ties by SHA-256. */
export function chooseSingles(
  files: readonly Pick<TierFile, "path" | "sha256" | "sizeBytes">[],
): TierManifest["singleScenarios"] {
  const bySize = files.toSorted((a, b) => a.sizeBytes - b.sizeBytes || compareText(a.sha256, b.sha256));
  const at = (index: number) => bySize[index]?.path ?? "";
  return { small: at(0), median: at(Math.floor((bySize.length - 1) / 2)), large: at(bySize.length - 1) };
}

/** How many images there are of each format; a format without images is 0, not absent. */
export function countFormats(images: readonly Pick<PoolImage, "format">[]): Record<ImageFormat, number> {
  const counts = { jpg: 0, png: 0, gif: 0, tiff: 0 };
  for (const { format } of images) counts[format] += 1;
  return counts;
}

/** A tier whose archive is written. */
export interface BuiltTier {
  readonly plan: TierPlan;
  readonly manifest: TierManifest;
  readonly archiveName: string;
  readonly archive: PackedArchive;
}

/** The name of a tier's archive, which manifest, checksums and release share. */
export function archiveName(tierId: string, datasetVersion: string): string {
  return `imageforge-bench-${tierId}-v${datasetVersion}.tar.zst`;
}

/**
 * The manifest of a dataset version. It depends on the images and the identity alone: two machines that make the same
 * archives make the same manifest.
 */
export function buildDatasetManifest(
  tiers: readonly BuiltTier[],
  pool: Pool,
  identity: DatasetIdentity,
): DatasetManifest {
  return {
    kind: "dataset-manifest",
    version: "1.0",
    datasetVersion: identity.datasetVersion,
    generatedAt: identity.createdAt.toISOString(),
    tiers: tiers.map(({ plan, manifest, archiveName: name, archive }) => ({
      id: plan.id,
      imageCount: plan.images.length,
      archiveName: name,
      ...archive,
      tierManifestPath: `${plan.id}/tier-manifest.json`,
      contentSha256: manifest.contentSha256,
      formatBreakdown: manifest.formatBreakdown,
      singleScenarios: manifest.singleScenarios,
    })),
    sourcePolicy: sourcePolicyOf(tiers, pool, identity.seed),
    // Only what the bytes depend on: what differs between machines that make the same bytes must not be in them.
    reproduction: {
      ...(pool.synthesis === undefined
        ? {}
        : { synthesis: { ...pool.synthesis, encoders: { ...pool.synthesis.encoders } } }),
      packing: PACKING,
    },
    retentionPolicy: { versions: "a released version is never changed or removed; other content is another version" },
  };
}

function sourcePolicyOf(tiers: readonly BuiltTier[], pool: Pool, seed: number): DatasetManifest["sourcePolicy"] {
  const used = new Map(tiers.flatMap(({ plan }) => plan.images.map((image) => [image.sha256, image] as const)));
  const images = [...used.values()];
  const distinct = (texts: readonly string[]) => [...new Set(texts)].toSorted(compareText);
  const unpinned = images.filter(({ isUnpinned }) => isUnpinned).map(({ origin }) => origin);
  return {
    origins: distinct(images.map(({ origin }) => origin)),
    licenses: distinct(images.map(({ license }) => license)),
    unpinnedSources: distinct(unpinned),
    ...(pool.sourceWaivers === undefined
      ? {}
      : { waivers: [...pool.sourceWaivers.waivers], missingSources: [...pool.sourceWaivers.missingSources] }),
    pool: { imageCount: pool.images.length, formatBreakdown: countFormats(pool.images) },
    selection: {
      seed,
      formatSharesPct: Object.fromEntries(imageFormats.map((format) => [format, FORMAT_SHARES_PCT[format]])),
      method: "by content hash; formats by largest remainder, size classes as in the pool; smaller tiers inside larger",
    },
  };
}
