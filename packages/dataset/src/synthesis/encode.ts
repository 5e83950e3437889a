import type { Sharp } from "sharp";
import { loadSharp } from "../load-sharp.ts";
import type { ImagePlan } from "./plan.ts";
import type { Raster } from "./render.ts";

/** JPEG quality of every image; the sizes per pixel of photographs are known at this one. */
const JPEG_QUALITY = 85;

/** What the bytes of an encoded image depend on besides its pixels. */
export interface EncoderVersions {
  readonly sharp: string;
  readonly libvips: string;
}

/** The versions that this process encodes with; `unknown` where sharp does not say its own. */
export function encoderVersions(): EncoderVersions {
  const { versions } = loadSharp();
  return { sharp: versions.sharp ?? "unknown", libvips: versions.vips };
}

/** Makes the encoders' bytes independent of cores and history: one thread an image, no cache. Once per process. */
export function settleEncoders(): void {
  loadSharp().concurrency(1);
  loadSharp().cache(false);
}

/** Encodes pixels as the plan says. Runs on the thread pool; the same pixels and versions give the same bytes. */
export async function encodeImage(raster: Raster, plan: ImagePlan): Promise<Buffer> {
  const { width, height, frames, channels, samples } = raster;
  const raw = { width, height: height * frames, channels, ...(frames > 1 ? { pageHeight: height } : {}) };
  const image = inColourSpace(loadSharp()(samples, { raw, limitInputPixels: false }), plan);
  return formatted(image, plan).toBuffer();
}

function inColourSpace(image: Sharp, { encoding }: ImagePlan): Sharp {
  if (encoding.colourSpace === "cmyk") return image.toColourspace("cmyk");
  if (encoding.colourSpace === "grey") return image.toColourspace(encoding.bitsPerSample === 16 ? "grey16" : "b-w");
  return encoding.bitsPerSample === 16 ? image.toColourspace("rgb16") : image;
}

function formatted(image: Sharp, plan: ImagePlan): Sharp {
  const { encoding, format, frames } = plan;
  switch (format) {
    case "jpg": {
      const oriented = plan.orientation === 1 ? image : image.withMetadata({ orientation: plan.orientation });
      const chromaSubsampling = encoding.fullChroma ? "4:4:4" : "4:2:0";
      return oriented.jpeg({ quality: JPEG_QUALITY, progressive: encoding.progressive, chromaSubsampling });
    }
    case "png":
      // Filters chosen row by row, as libpng does unless told otherwise; the encoder's own default is none.
      return image.png({ adaptiveFiltering: true });
    case "gif":
      return image.gif({ effort: 1, colours: 128, delay: new Array<number>(frames).fill(120), loop: 0 });
    case "tiff":
      return image.tiff({ compression: encoding.tiffCompression, predictor: "horizontal" });
  }
}
