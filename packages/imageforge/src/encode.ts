import { createRequire } from "node:module";
import type { Sharp as Image } from "sharp";
import type { MadeOutput } from "./cache.ts";
import { CliError, EXIT, ImageError, reasonOf } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { PlannedOutput } from "./outputs.ts";

/** Size of the upright image (after EXIF orientation), in pixels. */
interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const BLUR_SIDE_PX = 16;
const BLUR_QUALITY = 40;

type SharpModule = typeof import("sharp").default;
let loaded: SharpModule | undefined;

/** Loads sharp on first use: a run in which everything is up to date does not pay for it. */
function loadSharp(): SharpModule {
  if (loaded !== undefined) return loaded;
  try {
    // By require, since import takes half as long again: it scans each of sharp's CommonJS dependencies for names.
    loaded = createRequire(import.meta.url)("sharp") as SharpModule;
  } catch (error) {
    throw new CliError(EXIT.internal, `Cannot load sharp: ${reasonOf(error)}`, { cause: error });
  }
  // Every image is seen once, and parallel images use the processors better than threads inside one image.
  loaded.cache(false);
  loaded.concurrency(1);
  return loaded;
}

/** The pixels of an image, upright. */
interface Pixels {
  readonly data: Buffer;
  readonly raw: ImageSize & { readonly channels: 1 | 2 | 3 | 4 };
}

/** Reads the header. @throws {ImageError} when it is damaged or announces more than `maxPixels`. */
export async function readSize(bytes: Buffer, maxPixels: number): Promise<ImageSize> {
  const sharp = loadSharp();
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(undecodable);
  const { width, height } = autoOrient;
  if (width * height <= maxPixels) return { width, height };
  throw new ImageError(
    `has ${width} × ${height} = ${width * height} pixels, more than the limit of ${maxPixels} (--max-pixels)`,
  );
}

/** Decodes an image. @throws {ImageError} when it is damaged, cut short or has more than `maxPixels`. */
export async function decodeImage(bytes: Buffer, maxPixels: number): Promise<Pixels> {
  const sharp = loadSharp();
  const source = sharp(bytes, { limitInputPixels: maxPixels, failOn: "warning" }).autoOrient();
  return toPixels(source).catch(async (error: unknown) => {
    // The header is read for its message only where it is the reason: a good image does not pay for it.
    await readSize(bytes, maxPixels);
    return undecodable(error);
  });
}

/** Where an image's outputs are put, and how they are made. */
interface EncodeJob {
  readonly settings: Settings;
  readonly outputs: readonly PlannedOutput[];
  /** One file name an output. */
  readonly temporaryFiles: readonly string[];
}

interface Encoded {
  readonly outputs: readonly MadeOutput[];
  readonly blurDataUrl?: string;
}

/** Encodes each output to its file. @throws {ImageError} when that fails. */
export async function encodeImage(full: Pixels, job: EncodeJob): Promise<Encoded> {
  const sharp = loadSharp();
  const open = ({ data, raw }: Pixels) => sharp(data, { raw, limitInputPixels: false });
  const outputs: MadeOutput[] = [];
  let scaled = full;
  for (const [index, output] of job.outputs.entries()) {
    // The formats of one width follow one another and share the scaled pixels.
    const wantedWidth = output.width ?? full.raw.width;
    if (wantedWidth === full.raw.width) scaled = full;
    else if (wantedWidth !== scaled.raw.width) scaled = await toPixels(open(full).resize(wantedWidth));
    const file = job.temporaryFiles[index] ?? "";
    const made = compress(open(scaled), output, job.settings).toFile(file);
    const { size, width, height } = await made.catch((error: unknown) => {
      throw new ImageError(`cannot be written as ${output.format}: ${reasonOf(error)}`);
    });
    outputs.push({ path: output.path, format: output.format, width, height, sizeBytes: size });
  }
  return job.settings.blur ? { outputs, blurDataUrl: await makeBlur(open(full)) } : { outputs };
}

function undecodable(error: unknown): never {
  throw new ImageError(`cannot be decoded: ${reasonOf(error)}; the file is damaged or cut short`);
}

async function toPixels(image: Image): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

function compress(image: Image, { format }: PlannedOutput, { quality }: Settings): Image {
  return format === "webp" ? image.webp({ quality }) : image.avif({ quality });
}

async function makeBlur(image: Image): Promise<string> {
  const tiny = await image
    .resize({ width: BLUR_SIDE_PX, height: BLUR_SIDE_PX, fit: "inside", withoutEnlargement: true })
    .webp({ quality: BLUR_QUALITY })
    .toBuffer();
  return `data:image/webp;base64,${tiny.toString("base64")}`;
}
