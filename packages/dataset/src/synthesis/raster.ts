import type { Canvas } from "./canvas.ts";
import type { Memory } from "./memory.ts";
import type { ImagePlan } from "./plan.ts";

/** Pixel values, channel by channel. */
export type Samples = Uint8ClampedArray | Uint16Array;

/** Grey, colour, or colour with alpha. */
export type ChannelCount = 1 | 3 | 4;

/** Channels of the pixels that the encoder is given; CMYK is made of RGB by the encoder. */
export function channelsOf({ encoding }: ImagePlan): ChannelCount {
  if (encoding.hasAlpha) return 4;
  return encoding.colourSpace === "grey" ? 1 : 3;
}

/** Turns red, green and blue bytes into the samples that the plan stores. The bytes become part of the samples, or free memory. */
export function toSamples(
  pixels: Uint8ClampedArray,
  canvas: Canvas,
  plan: ImagePlan,
  { grain, memory }: { readonly grain: Int8Array; readonly memory: Memory },
): Samples {
  const bytes = toChannels(pixels, canvas, plan, memory);
  const isDeep = plan.encoding.bitsPerSample === 16 && !plan.encoding.hasAlpha;
  const samples = isDeep ? deepened(bytes, grain, memory) : bytes;
  for (const used of new Set([pixels, bytes])) if (used !== samples) memory.give(used.buffer as ArrayBuffer);
  return samples;
}

function toChannels(pixels: Uint8ClampedArray, canvas: Canvas, plan: ImagePlan, memory: Memory): Uint8ClampedArray {
  if (plan.encoding.hasAlpha) return withAlpha(pixels, canvas, memory);
  return plan.encoding.colourSpace === "grey" ? toGrey(pixels, memory) : pixels;
}

function bytesOf(memory: Memory, length: number): Uint8ClampedArray {
  return new Uint8ClampedArray(memory.take(length), 0, length);
}

/** Grey as through a green filter: of the three channels green is nearest to what the eye takes for brightness. */
function toGrey(pixels: Uint8ClampedArray, memory: Memory): Uint8ClampedArray {
  const grey = bytesOf(memory, pixels.length / 3);
  for (let index = 0, from = 1; index < grey.length; index += 1, from += 3) grey[index] = pixels[from] as number;
  return grey;
}

/** 16 bits from 8: below the picture lies noise, as in the low bits of a sensor. */
function deepened(samples: Uint8ClampedArray, grain: Int8Array, memory: Memory): Uint16Array {
  const deep = new Uint16Array(memory.take(samples.length * 2), 0, samples.length);
  // A prime length, so that the noise does not repeat row under row.
  for (let index = 0, at = 0; index < deep.length; index += 1) {
    deep[index] = ((samples[index] as number) << 8) + (grain[at] as number) + 128;
    at = at === 65_521 ? 0 : at + 1;
  }
  return deep;
}

/** Adds transparency from the labels, softened over the edge as the colours are. */
function withAlpha(pixels: Uint8ClampedArray, { labels, surfaces }: Canvas, memory: Memory): Uint8ClampedArray {
  const alphas = Uint8Array.from(surfaces, (surface) => surface.alpha ?? 255);
  const samples = bytesOf(memory, labels.length * 4);
  let previous = alphas[labels[0] as number] as number;
  for (let index = 0, from = 0, to = 0; index < labels.length; index += 1, from += 3, to += 4) {
    const alpha = alphas[labels[index] as number] as number;
    samples[to] = pixels[from] as number;
    samples[to + 1] = pixels[from + 1] as number;
    samples[to + 2] = pixels[from + 2] as number;
    samples[to + 3] = (alpha + previous) >> 1;
    previous = alpha;
  }
  return samples;
}
