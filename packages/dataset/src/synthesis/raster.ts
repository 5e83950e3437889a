import { InvariantError } from "@forgebench/errors";
import type { Canvas } from "./canvas.ts";
import type { ImagePlan } from "./plan.ts";

/** Pixel values, channel by channel. */
export type Samples = Uint8ClampedArray | Uint16Array;

export type ChannelCount = 1 | 3 | 4;

/** Channels of the pixels that the encoder is given; CMYK is made of RGB by the encoder. */
export function channelsOf({ encoding }: ImagePlan): ChannelCount {
  if (encoding.hasAlpha) return 4;
  return encoding.colourSpace === "grey" ? 1 : 3;
}

/** Turns upright red, green and blue bytes into the samples that the plan stores. */
export function toSamples(pixels: Uint8ClampedArray, canvas: Canvas, plan: ImagePlan, grain: Int8Array): Samples {
  const { encoding, orientation } = plan;
  if (encoding.hasAlpha) return withAlpha(pixels, canvas);
  const stored =
    orientation === 1 ? pixels : turned(pixels, placementOf(orientation, plan.width, plan.height), canvas.width);
  const samples = encoding.colourSpace === "grey" ? toGrey(stored) : stored;
  return encoding.bitsPerSample === 16 ? deepened(samples, grain) : samples;
}

/** Where a picture's pixels lie in the file: index = start + x · across + y · down. */
interface Placement {
  readonly start: number;
  readonly across: number;
  readonly down: number;
}

/**
 * How an upright picture must be stored so that a viewer who applies the EXIF orientation sees it upright
 * (EXIF 2.32, 4.6.4 A): 2 mirrored, 3 turned by 180°, 4 upside down, 5 to 8 the same on its side.
 */
function placementOf(orientation: number, width: number, height: number): Placement {
  const right = width - 1;
  const bottom = (height - 1) * width;
  const placements: readonly Placement[] = [
    { start: 0, across: 1, down: width },
    { start: right, across: -1, down: width },
    { start: right + bottom, across: -1, down: -width },
    { start: bottom, across: 1, down: -width },
    { start: 0, across: width, down: 1 },
    { start: bottom, across: -width, down: 1 },
    { start: right + bottom, across: -width, down: -1 },
    { start: right, across: width, down: -1 },
  ];
  const placement = placements[orientation - 1];
  if (placement === undefined) throw new InvariantError(`orientation ${orientation} is not one of 1 to 8`);
  return placement;
}

function turned(
  pixels: Uint8ClampedArray,
  { start, across, down }: Placement,
  uprightWidth: number,
): Uint8ClampedArray {
  const stored = new Uint8ClampedArray(pixels.length);
  const uprightHeight = pixels.length / 3 / uprightWidth;
  let from = 0;
  for (let y = 0; y < uprightHeight; y += 1) {
    let to = (start + y * down) * 3;
    for (let x = 0; x < uprightWidth; x += 1) {
      stored[to] = pixels[from] as number;
      stored[to + 1] = pixels[from + 1] as number;
      stored[to + 2] = pixels[from + 2] as number;
      from += 3;
      to += across * 3;
    }
  }
  return stored;
}

/** Luma of BT.601 with whole numbers: 77 + 150 + 29 = 256. */
function toGrey(pixels: Uint8ClampedArray): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(pixels.length / 3);
  for (let index = 0, at = 0; index < grey.length; index += 1, at += 3) {
    grey[index] =
      (77 * (pixels[at] as number) + 150 * (pixels[at + 1] as number) + 29 * (pixels[at + 2] as number)) >> 8;
  }
  return grey;
}

/** 16 bits from 8: below the picture lies noise, as in the low bits of a sensor. */
function deepened(samples: Uint8ClampedArray, grain: Int8Array): Uint16Array {
  const deep = new Uint16Array(samples.length);
  // A prime length, so that the noise does not repeat row under row.
  for (let index = 0, at = 0; index < deep.length; index += 1) {
    deep[index] = ((samples[index] as number) << 8) + (grain[at] as number) + 128;
    at = at === 65_521 ? 0 : at + 1;
  }
  return deep;
}

/** Adds transparency from the labels, softened over the edge as the colours are. */
function withAlpha(pixels: Uint8ClampedArray, { labels, surfaces }: Canvas): Uint8ClampedArray {
  const alphas = Uint8Array.from(surfaces, (surface) => surface.alpha ?? 255);
  const samples = new Uint8ClampedArray(labels.length * 4);
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
