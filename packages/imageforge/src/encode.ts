import type { Sharp, SharpOptions } from "sharp";
import type { MadeOutput } from "./cache.ts";
import { CliError, EXIT, ImageError, reasonOf } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { PlannedOutput } from "./outputs.ts";

/** Size of the upright image (after EXIF orientation), in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const BLUR_SIDE_PX = 16;
const BLUR_QUALITY = 40;

type SharpFactory = (input: Buffer, options?: SharpOptions) => Sharp;
let sharpModule: Promise<SharpFactory> | undefined;

/** Loads sharp on first use: a run in which everything is up to date does not pay for it. */
function loadSharp(): Promise<SharpFactory> {
  sharpModule ??= import("sharp").then(
    ({ default: sharp }) => {
      // Every image is seen once, and parallel images use the processors better than threads inside one image.
      sharp.cache(false);
      sharp.concurrency(1);
      return sharp;
    },
    (error: unknown) => {
      throw new CliError(EXIT.internal, `Cannot load sharp: ${reasonOf(error)}`, { cause: error });
    },
  );
  return sharpModule;
}

/** Reads the header. @throws {ImageError} when it is damaged or announces more than `maxPixels`. */
export async function readSize(bytes: Buffer, maxPixels: number): Promise<ImageSize> {
  const sharp = await loadSharp();
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(undecodable);
  const { width, height } = autoOrient;
  if (width * height <= maxPixels) return { width, height };
  throw new ImageError(
    `has ${width} × ${height} = ${width * height} pixels, more than the limit of ${maxPixels} (--max-pixels)`,
  );
}

/** Where an image's outputs are put, and how they are made. */
export interface EncodeJob {
  readonly settings: Settings;
  readonly maxPixels: number;
  readonly outputs: readonly PlannedOutput[];
  /** One file name an output. */
  readonly temporaryFiles: readonly string[];
}

export interface Encoded {
  readonly outputs: readonly MadeOutput[];
  readonly blurDataUrl?: string;
}

interface Pixels {
  readonly data: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };
}

/** Decodes an image once, upright, and encodes each output to its file. */
export async function encodeImage(bytes: Buffer, job: EncodeJob): Promise<Encoded> {
  const sharp = await loadSharp();
  const source = sharp(bytes, { limitInputPixels: job.maxPixels, failOn: "warning" }).autoOrient();
  const full = await toPixels(source).catch(undecodable);
  const open = ({ data, raw }: Pixels) => sharp(data, { raw, limitInputPixels: false });
  const outputs: MadeOutput[] = [];
  let scaled: Pixels | undefined;
  for (const [index, output] of job.outputs.entries()) {
    if (output.width === undefined || output.width === full.raw.width) scaled = full;
    // The formats of one width follow one another and share the scaled pixels.
    else if (scaled?.raw.width !== output.width) scaled = await toPixels(open(full).resize(output.width));
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

async function toPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

function compress(image: Sharp, { format }: PlannedOutput, { quality }: Settings): Sharp {
  return format === "webp" ? image.webp({ quality }) : image.avif({ quality });
}

async function makeBlur(image: Sharp): Promise<string> {
  const tiny = await image
    .resize({ width: BLUR_SIDE_PX, height: BLUR_SIDE_PX, fit: "inside", withoutEnlargement: true })
    .webp({ quality: BLUR_QUALITY })
    .toBuffer();
  return `data:image/webp;base64,${tiny.toString("base64")}`;
}
