import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ImageFormat, imageFormats, serializeArtifact, syntheticManifest } from "@forgebench/artifacts";
import sharp from "sharp";
import { formatQuota } from "./tiers/format-quota.ts";
import type { PoolImage } from "./tiers/pool.ts";
import { sizeClassOf } from "./tiers/pool.ts";

/** A small real image; another `seed` gives other bytes. Every fifth is of medium, every tenth of large size. */
export async function picture(format: ImageFormat, seed: number): Promise<Buffer> {
  const width = seed % 10 === 9 ? 1700 : seed % 5 === 4 ? 900 : 24 + (seed % 40);
  const height = 12;
  const data = Buffer.alloc(
    width * height * 3,
    Buffer.from([seed & 255, (seed >> 8) & 255, 40, 200, (seed * 7) & 255]),
  );
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  if (format === "jpg") return image.jpeg().toBuffer();
  if (format === "png") return image.png().toBuffer();
  return format === "gif" ? image.gif({ effort: 1 }).toBuffer() : image.tiff({ compression: "lzw" }).toBuffer();
}

/** Real images for a pool that fills a tier of `imageCount`, by file name. */
export async function pictures(imageCount: number, firstSeed = 0): Promise<Map<string, Buffer>> {
  const quota = formatQuota(imageCount);
  const found = new Map<string, Buffer>();
  for (const format of imageFormats) {
    for (let index = 0; index < quota[format]; index += 1) {
      const seed = firstSeed + 1000 * imageFormats.indexOf(format) + index;
      found.set(`${format}-${index}.${format}`, await picture(format, seed));
    }
  }
  return found;
}

/** Writes files below a folder, which is made. */
export async function putFiles(folder: string, files: Iterable<readonly [string, string | Uint8Array]>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

/** Writes a folder as generate-synthetic leaves it: the images and a manifest that lists them. */
export async function putSynthetic(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const listed = await Promise.all(
    [...files].map(async ([file, content]) => {
      const { width, height } = await sharp(content).metadata();
      return {
        file,
        format: imageFormats.find((format) => file.endsWith(format)) ?? "jpg",
        width,
        height,
        sizeBytes: content.length,
        bucket: sizeClassOf({ width, height }),
        orientation: 1,
        hasAlpha: false,
        sha256: sha256Of(content),
        content: "graphic",
      };
    }),
  );
  const countOf = (format: ImageFormat) => listed.filter((file) => file.format === format).length;
  const manifest = serializeArtifact(
    syntheticManifest,
    {
      version: "1.0",
      generatedAt: "2026-01-01T00:00:00.000Z",
      seed: 7,
      count: listed.length,
      formatBreakdown: { jpg: countOf("jpg"), png: countOf("png"), gif: countOf("gif"), tiff: countOf("tiff") },
      files: listed,
    },
    syntheticManifest.fileName,
  );
  await putFiles(folder, [...files, [syntheticManifest.fileName, manifest]]);
}

/** A pool image that exists only as a record; its SHA-256 follows from `seed`. */
export function madeUpImage(seed: number, format: ImageFormat, changes: Partial<PoolImage> = {}): PoolImage {
  const width = [400, 1200, 2000, 4000][seed % 4] ?? 400;
  return {
    file: `/pool/${seed}.${format}`,
    sha256: sha256Of(`made up ${seed}`),
    sizeBytes: 1000 + (seed % 97),
    format,
    width,
    height: 300,
    origin: "synthetic",
    license: "CC0-1.0",
    attribution: "",
    sourceFile: `${seed}.${format}`,
    ...changes,
  };
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
