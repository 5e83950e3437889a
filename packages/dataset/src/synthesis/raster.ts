import type { Canvas } from "./canvas.ts";
import type { Memory } from "./memory.ts";
import type { Grain } from "./noise.ts";
import type { ImagePlan } from "./plan.ts";

/** Pixel values, channel by channel. */
export type Samples = Uint8ClampedArray | Uint16Array;

export type ChannelCount = 1 | 3 | 4;

/** Channels of the pixels that the encoder is given; CMYK is made of RGB by the encoder. */
export function channelsOf({ encoding }: ImagePlan): ChannelCount {
  if (encoding.hasAlpha) return 4;
  return encoding.colourSpace === "grey" ? 1 : 3;
}

/** Turns red, green and blue bytes into the samples that the plan stores; memory that is left over is given back. */
export function toSamples(
  pixels: Uint8ClampedArray,
  canvas: Canvas,
  plan: ImagePlan,
  { grain, memory }: { readonly grain: Grain; readonly memory: Memory },
): Samples {
  const { encoding } = plan;
  if (encoding.hasAlpha) return instead(pixels, withAlpha(pixels, canvas, memory), memory);
  const samples = encoding.colourSpace === "grey" ? instead(pixels, toGrey(pixels, memory), memory) : pixels;
  return encoding.bitsPerSample === 16 ? instead(samples, deepened(samples, grain, memory), memory) : samples;
}

/** Gives the memory of the old samples back. */
function instead<T extends Samples>(old: Samples, samples: T, memory: Memory): T {
  memory.give(old.buffer as ArrayBuffer);
  return samples;
}

function bytesOf(memory: Memory, length: number): Uint8ClampedArray {
  return new Uint8ClampedArray(memory.take(length), 0, length);
}

/** Luma of BT.601 with whole numbers: 77 + 150 + 29 = 256. */
function toGrey(pixels: Uint8ClampedArray, memory: Memory): Uint8ClampedArray {
  const grey = bytesOf(memory, pixels.length / 3);
  for (let index = 0, at = 0; index < grey.length; index += 1, at += 3) {
    grey[index] =
      (77 * (pixels[at] as number) + 150 * (pixels[at + 1] as number) + 29 * (pixels[at + 2] as number)) >> 8;
  }
  return grey;
}

/** 16 bits from 8: below the picture lies noise, as in the low bits of a sensor. */
function deepened(samples: Uint8ClampedArray, { values }: Grain, memory: Memory): Uint16Array {
  const deep = new Uint16Array(memory.take(samples.length * 2), 0, samples.length);
  // A prime length, so that the noise does not repeat row under row.
  for (let index = 0, at = 0; index < deep.length; index += 1) {
    deep[index] = ((samples[index] as number) << 8) + (values[at] as number) + 128;
    at = at === 65_521 ? 0 : at + 1;
  }
  return deep;
}

/** Adds transparency from the labels, softened over the edge as the colours are. */
function withAlpha(pixels: Uint8ClampedArray, { labels, surfaces }: Canvas, memory: Memory): Uint8ClampedArray {
  const alphas = Uint8Array.from(surfaces, (surface) => surface.alpha ?? 255);
  const samples = bytesOf(memory, labels.length * 4);
  let previous = alphas[labels[0] as number] as number;
  for (let index = 0; index < labels.length; index += 1) {
    const alpha = alphas[labels[index] as number] as number;
    samples[index * 4] = pixels[index * 3] as number;
    samples[index * 4 + 1] = pixels[index * 3 + 1] as number;
    samples[index * 4 + 2] = pixels[index * 3 + 2] as number;
    samples[index * 4 + 3] = (alpha + previous) >> 1;
    previous = alpha;
  }
  return samples;
}
