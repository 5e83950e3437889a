import { createHash } from "node:crypto";
import { type ImageFormat, imageFormats } from "@forgebench/artifacts";
import { type ErrorDetail, OperationError } from "@forgebench/errors";
import { formatQuota, poolSizeFor } from "./format-quota.ts";
import { compareText, type PoolImage, sizeClasses, sizeClassOf } from "./pool.ts";

/** The images of one tier. */
export interface TierPlan {
  /** Such as `tier30`. */
  readonly id: string;
  readonly size: number;
  /** Sorted by SHA-256. */
  readonly images: readonly PoolImage[];
}

interface TierPolicy {
  /** Images of each tier, in any order. */
  readonly tierSizes: readonly number[];
  /** Another seed chooses other images. */
  readonly seed: number;
}

/**
 * Chooses the images of each tier, smallest tier first. Formats have exactly their largest-remainder quota
 * ({@link formatQuota}); within a format the size classes have the shares of the pool. Every smaller tier is a subset of
 * every larger one: each format has one order, a tier takes its beginning, and quotas never fall when a tier grows.
 * Depends on the contents and the seed alone, not on names or order.
 *
 * @param images each content once
 * @throws {OperationError} when a format has too few images, naming tier, format and what would suffice (exit 65)
 */
export function planTiers(images: readonly PoolImage[], { tierSizes, seed }: TierPolicy): TierPlan[] {
  const sizes = [...new Set(tierSizes)].toSorted((a, b) => a - b);
  const orderOf = new Map(imageFormats.map((format) => [format, orderImages(ofFormat(images, format), seed)]));
  refuseShortage(images, sizes);
  return sizes.map((size) => {
    const quota = formatQuota(size);
    const chosen = imageFormats.flatMap((format) => (orderOf.get(format) ?? []).slice(0, quota[format]));
    return { id: `tier${size}`, size, images: chosen.toSorted((a, b) => compareText(a.sha256, b.sha256)) };
  });
}

/**
 * An order in which every beginning has the size classes in the shares of the whole, as nearly as whole images allow:
 * the k-th of a class with n images stands at (2k − 1)/n (Webster, Sainte-Laguë), which no class can lose by when more
 * is taken. Within a class the order is that of a hash of seed and content.
 */
function orderImages(images: readonly PoolImage[], seed: number): PoolImage[] {
  return sizeClasses
    .flatMap((sizeClass, rank) => {
      const members = images
        .filter((image) => sizeClassOf(image) === sizeClass)
        .map((image) => ({ image, key: orderKey(image, seed) }))
        .toSorted((a, b) => compareText(a.key, b.key));
      return members.map(({ image }, index) => ({ image, rank, place: 2 * index + 1, of: members.length }));
    })
    .toSorted((a, b) => a.place * b.of - b.place * a.of || a.rank - b.rank)
    .map(({ image }) => image);
}

function orderKey({ sha256 }: PoolImage, seed: number): string {
  return createHash("sha256").update(`${seed}/${sha256}`).digest("hex");
}

function refuseShortage(images: readonly PoolImage[], sizes: readonly number[]): void {
  for (const size of sizes) {
    const quota = formatQuota(size);
    const short = imageFormats.find((format) => ofFormat(images, format).length < quota[format]);
    if (short === undefined) continue;
    const have = ofFormat(images, short).length;
    const message = `Cannot fill tier${size}: it needs ${quota[short]} ${short} images, the pool has ${have}`;
    throw new OperationError("data", message, { details: shortageDetails(images, sizes) });
  }
}

function shortageDetails(images: readonly PoolImage[], sizes: readonly number[]): ErrorDetail[] {
  const largest = Math.max(...sizes);
  const quota = formatQuota(largest);
  const needed = (format: ImageFormat) => {
    const others = ofFormat(images, format).filter(({ origin }) => origin !== "synthetic").length;
    return Math.max(0, quota[format] - others);
  };
  const count = poolSizeFor({ jpg: needed("jpg"), png: needed("png"), gif: needed("gif"), tiff: needed("tiff") });
  const listed = (countOf: (format: ImageFormat) => number) =>
    imageFormats.map((format) => `${countOf(format)} ${format}`).join(", ");
  return [
    { label: "pool", text: listed((format) => ofFormat(images, format).length) },
    { label: "need", text: `${listed((format) => quota[format])} for tier${largest}, the largest` },
    { label: "try", text: `pnpm run bench:dataset:synthetic -- --count ${count}, or fewer images with --tiers` },
  ];
}

function ofFormat(images: readonly PoolImage[], format: ImageFormat): PoolImage[] {
  return images.filter((image) => image.format === format);
}
