import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { SeededRandom } from "@forgebench/stats";
import type { Sharp } from "sharp";

/** Thirty pictures with coarse and fine detail, from 0.05 to 0.35 megapixels, JPEG and PNG; always the same. */
export async function makePictures(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < 30; index += 1) {
    const width = 260 + 16 * index;
    const picture = await makePicture(new SeededRandom(`picture/${index}`), width, Math.round(width / 1.5));
    const extension = index % 3 === 2 ? "png" : "jpg";
    await picture.toFile(path.join(folder, `${String(index).padStart(2, "0")}.${extension}`));
  }
  return folder;
}

async function makePicture(random: SeededRandom, width: number, height: number): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  const coarse = Buffer.from(Array.from({ length: 12 * 8 * 3 }, () => random.integer(0, 255)));
  const smooth = sharp(coarse, { raw: { width: 12, height: 8, channels: 3 } }).resize(width, height, { fit: "fill" });
  const pixels = await smooth.raw().toBuffer();
  const grained = pixels.map((value) => Math.max(0, Math.min(255, value + random.integer(-8, 8))));
  return sharp(grained, { raw: { width, height, channels: 3 } });
}
