import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { ImageFormat } from "@forgebench/artifacts";
import { codeOf, messageOf } from "@forgebench/errors";
import { loadSharp } from "../load-sharp.ts";
import { SNIFF_BYTES, sniffFormat } from "./image-format.ts";

/** A file's content: enough to know it again. */
export interface FileContent {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first bytes. */
  readonly head: Buffer;
}

/** Reads a file once, as a stream. */
export async function readContent(file: string, signal: AbortSignal): Promise<FileContent> {
  const hash = createHash("sha256");
  let head = Buffer.alloc(0);
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
    if (head.length < SNIFF_BYTES) head = Buffer.concat([head, chunk.subarray(0, SNIFF_BYTES)]);
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), sizeBytes, head };
}

/** What an image is. Width and height as stored, before EXIF orientation; of an animation, of one frame. */
interface ImageFacts {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

/** The format that a content has, or why it is no image for a tier. */
export function formatOf({ head, sizeBytes }: FileContent): ImageFormat | { readonly reason: string } {
  if (sizeBytes === 0) return { reason: "is empty (0 bytes)" };
  const format = sniffFormat(head);
  if (typeof format === "string") return format;
  const found = format === undefined ? "is not an image that is known" : `holds ${format.other}`;
  return { reason: `${found}; a tier takes jpg, png, gif and tiff` };
}

/**
 * Decodes an image whole, as strictly as the reference subject does, so that what enters a dataset can be processed:
 * missing pixels, damaged data and sizes above sharp's limit (268 megapixels) are found here and not in a night.
 */
export async function decodeImage(
  file: string,
  format: ImageFormat,
): Promise<ImageFacts | { readonly reason: string }> {
  // Only a GIF is an animation; the pages of a TIFF may differ in size, and the first is what is benchmarked.
  const options = { failOn: "warning", sequentialRead: true, pages: format === "gif" ? -1 : 1 } as const;
  const sharp = loadSharp();
  try {
    const { width, height, pageHeight } = await sharp(file, options).metadata();
    // The smallest output that still has to read every pixel; memory stays bounded for large images.
    await sharp(file, options).resize(16, 16, { fit: "fill" }).raw().toBuffer();
    return { format, width, height: pageHeight ?? height };
  } catch (error) {
    return { reason: `cannot be decoded as ${format}: ${firstLine(messageOf(error))}` };
  }
}

/** Why a file could not be read, in words. */
export function readFailure(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "is not there",
    EACCES: "may not be read (permission denied)",
    EISDIR: "is a folder",
  };
  return reasons[codeOf(error) ?? ""] ?? `cannot be read (${messageOf(error)})`;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
