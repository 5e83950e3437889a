import type { ImageFormat, SyntheticFile } from "@forgebench/artifacts";
import { SeededRandom } from "@forgebench/stats";
import { apportion, apportionTable } from "./apportion.ts";
import { power } from "./arithmetic.ts";

/** The size class of an image by its long side. */
export type SizeClass = SyntheticFile["bucket"];

/** What a picture shows. The last three are drawn by a program, the others are photographed. */
export const contents = [
  "landscape",
  "foliage",
  "city",
  "objects",
  "portrait",
  "night",
  "texture",
  "water",
  "document",
  "screenshot",
  "graphic",
  "cut-out",
] as const;

/** What a synthetic picture shows; each is painted by a scene of its own and recorded in the synthetic manifest. */
export type Content = (typeof contents)[number];

type ColourSpace = "rgb" | "grey" | "cmyk";

/** How the pixels are stored; the settings that a format does not know are absent. */
interface Encoding {
  readonly colourSpace: ColourSpace;
  readonly bitsPerSample: 8 | 16;
  readonly hasAlpha: boolean;
  /** JPEG: scans from coarse to fine. */
  readonly progressive: boolean;
  /** JPEG: colour at full resolution (4:4:4) instead of half (4:2:0). */
  readonly fullChroma: boolean;
  readonly tiffCompression: "lzw" | "deflate" | "none";
}

/** One image to make: everything that its bytes depend on, besides the encoders. */
export interface ImagePlan {
  /** The file's name, which also says what is in it. */
  readonly file: string;
  /** The label of the image's own stream of random numbers. */
  readonly label: string;
  readonly format: ImageFormat;
  readonly bucket: SizeClass;
  /** Stored size of a frame, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly content: Content;
  readonly orientation: number;
  readonly encoding: Encoding;
  /** Strength of fine detail, 0 (soft) to 1 (sharp and busy). */
  readonly detail: number;
  /** Standard deviation of the sensor's grain in levels of 255. */
  readonly grain: number;
}

/** Shares of the formats; GIF is small by definition here, since its encoder takes seconds per megapixel. */
const FORMATS = [
  { format: "jpg", weight: 65 },
  { format: "png", weight: 25 },
  { format: "gif", weight: 5 },
  { format: "tiff", weight: 5 },
] as const satisfies readonly { readonly format: ImageFormat; readonly weight: number }[];

interface SizeRange {
  readonly bucket: SizeClass;
  readonly weight: number;
  /** Long side in pixels, both included. */
  readonly min: number;
  readonly max: number;
  /** Exponent that bends the even spread towards `min`: it sets the mean area, 0.8 megapixels over all classes. */
  readonly skew: number;
  /** Long side divided by short side, chosen from. */
  readonly aspects: readonly number[];
}

const SIZES: readonly SizeRange[] = [
  { bucket: "small", weight: 40, min: 320, max: 800, skew: 2, aspects: [1, 4 / 3, 3 / 2, 3 / 2, 16 / 9] },
  { bucket: "medium", weight: 40, min: 801, max: 1600, skew: 3, aspects: [4 / 3, 3 / 2, 3 / 2, 16 / 9, 2] },
  { bucket: "large", weight: 16, min: 1601, max: 2600, skew: 5, aspects: [4 / 3, 3 / 2, 3 / 2, 16 / 9, 2.35] },
  { bucket: "very-large", weight: 4, min: 3000, max: 5400, skew: 4, aspects: [2, 2.35, 3, 3.6] },
];

const GIF_LONG_SIDE = { min: 320, max: 480 } as const;

const CONTENT_WEIGHTS: Readonly<Record<ImageFormat, Readonly<Partial<Record<Content, number>>>>> = {
  jpg: {
    landscape: 20,
    foliage: 12,
    city: 14,
    objects: 14,
    portrait: 12,
    night: 6,
    texture: 10,
    water: 8,
    document: 4,
  },
  png: {
    screenshot: 30,
    graphic: 18,
    "cut-out": 18,
    landscape: 8,
    objects: 8,
    portrait: 6,
    texture: 6,
    night: 3,
    city: 3,
  },
  gif: { graphic: 50, screenshot: 20, night: 15, objects: 15 },
  tiff: { document: 25, landscape: 25, texture: 15, objects: 20, foliage: 15 },
};

/**
 * Plans a pool of images. Pure: the same seed and count give the same plan everywhere. Formats, size classes and their
 * combinations hold for every count by largest remainder, and no two images are alike.
 *
 * @param seed a whole number from 0
 * @param count images, at least 1
 */
export function planSynthesis(seed: number, count: number): ImagePlan[] {
  const random = new SeededRandom(`synthesis/${seed}/${count}`);
  const cells = planCells(count);
  const ofBucket = (bucket: SizeClass) => cells.filter((cell) => cell.bucket === bucket).length;
  const ofFormat = (format: ImageFormat) => cells.filter((cell) => cell.format === format).length;
  const places = new Map(SIZES.map(({ bucket }) => [bucket, random.shuffle(range(ofBucket(bucket)))]));
  const shown = new Map(FORMATS.map(({ format }) => [format, random.shuffle(contentList(format, ofFormat(format)))]));
  const ranks = new Map<ImageFormat, number>();
  const drafts = cells.map((cell): Draft => {
    const rank = ranks.get(cell.format) ?? 0;
    ranks.set(cell.format, rank + 1);
    const place = ((places.get(cell.bucket)?.pop() ?? 0) + random.uniform()) / ofBucket(cell.bucket);
    return { ...cell, rank, place, content: shown.get(cell.format)?.pop() ?? "landscape" };
  });
  // Shuffled, so that the first images of a pool are as mixed as all of them.
  const nth = counter();
  return random.shuffle(drafts).map((draft, index) => planImage(draft, index, { seed, random, nth }));
}

interface Cell {
  readonly format: ImageFormat;
  readonly bucket: SizeClass;
}

interface Draft extends Cell {
  /** Number of the image among those of its format, from 0. */
  readonly rank: number;
  /** Where in the size class, 0 to 1, spread evenly over its images. */
  readonly place: number;
  readonly content: Content;
}

function planCells(count: number): Cell[] {
  const byFormat = apportion(
    count,
    FORMATS.map(({ weight }) => weight),
  );
  const byBucket = apportion(
    count,
    SIZES.map(({ weight }) => weight),
  );
  const gifCount = byFormat[2] ?? 0;
  const others = FORMATS.filter(({ format }) => format !== "gif").map(({ format }) => format);
  const rows = byFormat.filter((_, index) => index !== 2);
  const columns = byBucket.map((images, index) => (index === 0 ? images - gifCount : images));
  const table = apportionTable(rows, columns);
  const cells = others.flatMap((format, row) =>
    SIZES.flatMap(({ bucket }, column) => repeat<Cell>({ format, bucket }, table[row]?.[column] ?? 0)),
  );
  return [...cells, ...repeat<Cell>({ format: "gif", bucket: "small" }, gifCount)];
}

function contentList(format: ImageFormat, count: number): Content[] {
  const weights = CONTENT_WEIGHTS[format];
  const parts = apportion(
    count,
    contents.map((content) => weights[content] ?? 0),
  );
  return contents.flatMap((content, index) => repeat(content, parts[index] ?? 0));
}

interface PlanContext {
  readonly seed: number;
  readonly random: SeededRandom;
  /** How often it was called for this group before. */
  readonly nth: (group: string) => number;
}

function planImage(draft: Draft, index: number, { seed, random, nth }: PlanContext): ImagePlan {
  const { format, bucket, content, rank } = draft;
  const encoding = planEncoding(draft, random, nth);
  // With an orientation to write, the encoder would convert CMYK to sRGB.
  const mayBeTurned = format === "jpg" && encoding.colourSpace !== "cmyk";
  const stored = planSize(draft, random);
  const number = String(index + 1).padStart(4, "0");
  return {
    file: `${number}-${content}.${format}`,
    label: `image/${seed}/${index}/${content}`,
    format,
    bucket,
    ...stored,
    frames: format === "gif" ? 2 + (rank % 4) : 1,
    content,
    orientation: mayBeTurned ? orientationOf(nth("turned")) : 1,
    encoding,
    ...planLook(draft, encoding, random),
  };
}

/** Every third JPEG is turned or mirrored, each of the seven ways in turn. */
function orientationOf(place: number): number {
  return place % 3 === 2 ? 2 + (Math.floor(place / 3) % 7) : 1;
}

function planSize(draft: Draft, random: SeededRandom): { width: number; height: number } {
  const size = SIZES.find(({ bucket }) => bucket === draft.bucket) ?? (SIZES[0] as SizeRange);
  const { min, max } = draft.format === "gif" ? GIF_LONG_SIDE : size;
  const long = Math.min(max, Math.round(min + (max - min) * power(draft.place, size.skew)));
  const short = Math.max(160, Math.round(long / random.pick(size.aspects)));
  const upright = draft.content === "document" || (draft.content === "portrait" && random.chance(0.6));
  const portrait = upright || (draft.content !== "screenshot" && random.chance(0.22));
  return portrait ? { width: short, height: long } : { width: long, height: short };
}

/**
 * Small pictures were scaled down and are sharp to the pixel; large ones come from a lens and are softer. Pictures for print
 * are clean: JPEG keeps all four inks at full resolution, and would weigh far more than photographs do.
 */
function planLook(draft: Draft, { colourSpace }: Encoding, random: SeededRandom): { detail: number; grain: number } {
  const mean = { small: 0.62, medium: 0.5, large: 0.38, "very-large": 0.3 }[draft.bucket];
  const detail = Math.min(1, Math.max(0.05, mean + random.between(-0.3, 0.3)));
  const grain = 4.2 + 2.5 * random.uniform() * detail;
  if (isDrawn(draft.content)) return { detail, grain: 0 };
  return colourSpace === "cmyk" ? { detail: detail * 0.25, grain: 1 } : { detail, grain };
}

/** Made by a program: no lens and no sensor. */
function isDrawn(content: Content): boolean {
  return content === "screenshot" || content === "graphic" || content === "cut-out";
}

function planEncoding(draft: Draft, random: SeededRandom, nth: (group: string) => number): Encoding {
  const { format, content } = draft;
  const photo = !isDrawn(content);
  const colourSpace = photo ? planColourSpace(draft, nth) : "rgb";
  const moderate = draft.bucket === "small" || draft.bucket === "medium";
  const mayBeDeep = photo && moderate && colourSpace !== "cmyk" && (format === "png" || format === "tiff");
  return {
    colourSpace,
    bitsPerSample: mayBeDeep && nth(`${format}/deep`) % 2 === 0 ? 16 : 8,
    hasAlpha: content === "cut-out" || (format === "png" && content === "graphic" && nth("graphic") % 2 === 0),
    progressive: format === "jpg" && random.chance(0.3),
    fullChroma: format === "jpg" && random.chance(0.12),
    tiffCompression: format === "tiff" ? ((["lzw", "deflate", "none"] as const)[nth("tiff") % 3] ?? "lzw") : "none",
  };
}

/** Grey and CMYK come at fixed places in the row of photos of a format, so that a pool of 40 already has both. */
function planColourSpace(draft: Draft, nth: (group: string) => number): ColourSpace {
  const place = nth(`${draft.format}/photo`);
  const moderate = draft.bucket === "small" || draft.bucket === "medium";
  if (draft.format === "png") return place % 4 === 1 ? "grey" : "rgb";
  if (draft.format === "tiff" && place % 4 === 2) return "grey";
  if (draft.format === "jpg" && place % 16 === 4) return "grey";
  const every = draft.format === "tiff" ? 3 : 32;
  return moderate && draft.format !== "gif" && nth(`${draft.format}/print`) % every === 1 ? "cmyk" : "rgb";
}

function counter(): (group: string) => number {
  const counts = new Map<string, number>();
  return (group) => {
    const count = counts.get(group) ?? 0;
    counts.set(group, count + 1);
    return count;
  };
}

function repeat<T>(value: T, count: number): T[] {
  return new Array<T>(count).fill(value);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
