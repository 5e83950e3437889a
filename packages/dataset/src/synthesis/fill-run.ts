import { TILE_SIDE } from "./noise.ts";

/**
 * Numbers of a run of pixels: level of red, green and blue, then so for the level's step and the strength of the texture; where
 * the first pixel goes, how many there are, where the row of the texture starts, at which column of it the run starts, and
 * where the grain does. Levels are of 255 with 8 bits behind the point.
 */
export const RUN_FIELDS = 14;

/** Where runs go, and what they are filled with. */
export interface Fill {
  readonly pixels: Uint8ClampedArray;
  /** From a pixel of a run to the next, in bytes. */
  readonly toStep: number;
  readonly tiles: Int8Array;
  readonly grain: Int8Array;
  readonly grainStrength: number;
}

/**
 * Fills a run. A pixel becomes (level + grain · grainStrength + texture · strength) >> 8, limited to 0 … 255; then the level
 * grows by its step. It is where the time goes, so that the three colours are written out and every number is a whole one.
 */
export function fillRun({ pixels, toStep, tiles, grain, grainStrength }: Fill, run: Int32Array): void {
  let [red, green, blue] = [run[0] as number, run[1] as number, run[2] as number];
  const [redStep, greenStep, blueStep] = [run[3] as number, run[4] as number, run[5] as number];
  const [redRough, greenRough, blueRough] = [run[6] as number, run[7] as number, run[8] as number];
  let to = run[9] as number;
  const tileRow = run[11] as number;
  let column = run[12] as number;
  let grainAt = run[13] as number;
  const grainEnd = grainAt + (run[10] as number);
  for (; grainAt < grainEnd; grainAt += 1, column += 1, to += toStep) {
    const speck = Math.imul(grain[grainAt] as number, grainStrength);
    const bump = tiles[tileRow + (column & (TILE_SIDE - 1))] as number;
    pixels[to] = (red + speck + Math.imul(bump, redRough)) >> 8;
    pixels[to + 1] = (green + speck + Math.imul(bump, greenRough)) >> 8;
    pixels[to + 2] = (blue + speck + Math.imul(bump, blueRough)) >> 8;
    red = (red + redStep) | 0;
    green = (green + greenStep) | 0;
    blue = (blue + blueStep) | 0;
  }
}
