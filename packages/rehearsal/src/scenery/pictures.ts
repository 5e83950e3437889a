import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";

/** As many of each format as a tier of 200 takes. */
const FORMATS = { jpg: 130, png: 50, gif: 10, tiff: 10 } as const;
const EDGE_PIXELS = 12;

/** Fills a folder with 200 tiny pictures, each different, and the report that states their licence. */
export async function makePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const results: unknown[] = [];
  for (const [format, count] of Object.entries(FORMATS)) {
    for (let number = 0; number < count; number += 1) {
      const filename = `${String(results.length).padStart(3, "0")}.${format}`;
      const bytes = await picture(format as keyof typeof FORMATS, results.length);
      await writeFile(path.join(folder, filename), bytes);
      results.push(resultOf(filename, createHash("sha256").update(bytes).digest("hex")));
    }
  }
  await writeFile(path.join(folder, "fetch-report.json"), JSON.stringify(reportOf(results)));
}

function resultOf(filename: string, sha256: string) {
  const checksum = { expected: sha256, actual: sha256, match: true };
  const origin = {
    id: filename,
    url: `https://images.example.org/${filename}`,
    license: "CC0-1.0",
    attribution: "Nobody",
  };
  return { ...origin, status: "downloaded", failureCategory: null, checksum, filename };
}

function reportOf(results: readonly unknown[]) {
  const failures = { failed: 0, missingHash: 0, checksumMismatch: 0, downloadFailed: 0, schemaInvalid: 0 };
  const totals = { enabled: results.length, disabled: 0, downloaded: results.length, ...failures };
  return { kind: "fetch-report", version: "1.1", options: {}, totals, results };
}

async function picture(format: keyof typeof FORMATS, index: number): Promise<Buffer> {
  const pixels = Buffer.alloc(EDGE_PIXELS * EDGE_PIXELS * 3, 200);
  for (let place = 0; place < pixels.length; place += 1) pixels[place] = (place * 7 + index * (1 + (place % 5))) % 256;
  const raw = { width: EDGE_PIXELS, height: EDGE_PIXELS, channels: 3 } as const;
  return sharp(pixels, { raw })
    .toFormat(format === "jpg" ? "jpeg" : format)
    .toBuffer();
}
