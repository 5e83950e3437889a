import type { ImageFormat } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import type { SizeClass } from "../synthesis/plan.ts";

/** The size classes of images, by their long side, smallest first. */
export const sizeClasses = ["small", "medium", "large", "very-large"] as const satisfies readonly SizeClass[];

/** The origin of images that `generate-synthetic` made. */
export const SYNTHETIC_ORIGIN = "synthetic";
/** The origin of images that nobody has described. */
export const LOCAL_ORIGIN = "local";
/** The licence of images for which none is stated. */
export const UNSPECIFIED_LICENSE = "unspecified";

/** An image that a tier may take, with where it comes from. */
export interface PoolImage {
  /** Where its bytes are now; no artifact holds this. */
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** By content, whatever the name says. */
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  /** `synthetic`, `local`, or the id of a source. */
  readonly origin: string;
  readonly license: string;
  readonly attribution: string;
  /** The file's name in its pool; absent for local images, whose names are nobody else's business. */
  readonly sourceFile?: string;
  /** What its source calls it, and where it was fetched from. */
  readonly title?: string;
  readonly sourceUrl?: string;
  /** Whether its register named no hash, so that nobody can tell whether others get the same bytes. */
  readonly isUnpinned?: true;
}

/** What a synthetic pool was made with, as its manifest says. */
export interface SynthesisFacts {
  readonly seed: number;
  readonly imageCount: number;
  readonly synthesisVersion?: string;
  /** By name, for example `sharp`. */
  readonly encoders: Readonly<Record<string, string>>;
}

/** What the fetching of sources was allowed to pass over. */
export interface SourceWaivers {
  /** The flags, as the fetch report calls them, sorted. */
  readonly waivers: readonly string[];
  /** Ids of sources that failed and are not in the pool, sorted. */
  readonly missingSources: readonly string[];
}

/** An image of a pool that cannot be used. */
export interface ImageProblem {
  /** As a person would type it. */
  readonly file: string;
  readonly reason: string;
}

/** What was found in one folder of images. */
export interface PoolPart {
  readonly images: readonly PoolImage[];
  readonly problems: readonly ImageProblem[];
  /** What a person should know although it stops nothing. */
  readonly notes: readonly string[];
  readonly synthesis?: SynthesisFacts;
  readonly sourceWaivers?: SourceWaivers;
}

/** Content that was found more than once: the image that counts and those that do not. */
interface Duplicate {
  readonly kept: PoolImage;
  readonly dropped: readonly PoolImage[];
}

/** All that tiers are chosen from. `synthesis` and `sourceWaivers` are absent where no image is of that kind. */
export interface Pool {
  /** Each content once, sorted by SHA-256. */
  readonly images: readonly PoolImage[];
  readonly duplicates: readonly Duplicate[];
  readonly synthesis?: SynthesisFacts;
  readonly sourceWaivers?: SourceWaivers;
}

/**
 * The size class of an image: up to 800 pixels on the long side small, to 1600 medium, to 2800 large, above very large.
 */
export function sizeClassOf({ width, height }: Pick<PoolImage, "width" | "height">): SizeClass {
  const longSide = Math.max(width, height);
  if (longSide <= 800) return "small";
  if (longSide <= 1600) return "medium";
  return longSide <= 2800 ? "large" : "very-large";
}

/**
 * Counts each content once. Of several images with the same bytes the one that is best documented counts: a source with
 * a licence before a synthetic one before a local one, then by origin and name; the order they come in does not matter.
 */
export function mergePool(images: readonly PoolImage[]): Pool {
  const groups = [...groupBy(images, ({ sha256 }) => sha256).values()]
    .map((group) => group.toSorted(compareProvenance))
    .toSorted(([a], [b]) => compareText(a?.sha256 ?? "", b?.sha256 ?? ""));
  return {
    images: groups.flatMap(([kept]) => kept ?? []),
    duplicates: groups.flatMap(([kept, ...dropped]) =>
      kept === undefined || dropped.length === 0 ? [] : [{ kept, dropped }],
    ),
  };
}

function compareProvenance(a: PoolImage, b: PoolImage): number {
  return (
    rankOf(a) - rankOf(b) ||
    compareText(a.origin, b.origin) ||
    compareText(a.sourceFile ?? "", b.sourceFile ?? "") ||
    compareText(a.file, b.file)
  );
}

function rankOf({ origin }: PoolImage): number {
  if (origin === LOCAL_ORIGIN) return 2;
  return origin === SYNTHETIC_ORIGIN ? 1 : 0;
}

/** Compares by UTF-16 code units, the same on every machine; locales are not. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
