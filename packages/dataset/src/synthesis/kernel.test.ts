import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Kernel, RUN_FIELDS } from "./kernel.ts";
import { makeGrain, makeTiles, TILE_SIDE } from "./noise.ts";

const tiles = makeTiles(1);
const grain = makeGrain(1);
const ROOM = 60_000;

interface Run {
  readonly level: readonly number[];
  readonly step: readonly number[];
  readonly rough: readonly number[];
  readonly to: number;
  readonly count: number;
  readonly tileRow: number;
  readonly column: number;
  readonly grainAt: number;
}

/** The same loop, written out. */
function fillPlainly(pixels: Uint8ClampedArray, runs: readonly Run[], toStep: number, grainStrength: number): void {
  for (const run of runs) {
    for (let pixel = 0; pixel < run.count; pixel += 1) {
      const bump = tiles.values[run.tileRow + ((run.column + pixel) & (TILE_SIDE - 1))] ?? 0;
      const speck = (grain[run.grainAt + pixel] ?? 0) * grainStrength;
      for (const channel of [0, 1, 2]) {
        const level = (run.level[channel] ?? 0) + (run.step[channel] ?? 0) * pixel;
        pixels[run.to + pixel * toStep + channel] = (level + speck + bump * (run.rough[channel] ?? 0)) >> 8;
      }
    }
  }
}

function fill(
  kernel: Kernel,
  length: number,
  runs: readonly Run[],
  toStep: number,
  grainStrength: number,
): Uint8ClampedArray {
  const room = kernel.room(length);
  room.pixels.fill(77);
  for (const [index, { level, step, rough, to, count, tileRow, column, grainAt }] of runs.entries()) {
    const rest = [room.pixelStart + to, count, tileRow, column, kernel.grainStart + grainAt];
    room.runs.set([...level, 0, ...step, 0, ...rough, 0, ...rest], index * RUN_FIELDS);
  }
  kernel.fillRow(runs.length, toStep, grainStrength);
  return room.pixels;
}

const three = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: 3, maxLength: 3 });
const runs: fc.Arbitrary<Run> = fc.record({
  level: three(-30_000, 95_000),
  step: three(-3000, 3000),
  rough: three(0, 400),
  to: fc.integer({ min: 24_000, max: 30_000 }),
  count: fc.integer({ min: 1, max: 80 }),
  tileRow: fc.integer({ min: 0, max: 9 * TILE_SIDE }).map((row) => row * TILE_SIDE),
  column: fc.integer({ min: 0, max: 6000 }),
  grainAt: fc.integer({ min: 0, max: 70_000 }),
});

describe("Kernel", () => {
  it("fills runs as the loop that is written out, forwards, backwards and sideways, and touches nothing else", () => {
    const kernel = new Kernel(tiles, grain);
    const rows = fc.array(runs, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom(3, -3, 300, -300),
        fc.integer({ min: 0, max: 60 }),
        (row, toStep, grainStrength) => {
          const expected = new Uint8ClampedArray(ROOM).fill(77);
          fillPlainly(expected, row, toStep, grainStrength);
          expect(Buffer.from(fill(kernel, ROOM, row, toStep, grainStrength)).equals(Buffer.from(expected))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps textures and grain when its room grows", () => {
    const kernel = new Kernel(tiles, grain);
    const run = {
      level: [9000, 9000, 9000],
      step: [5, 0, -5],
      rough: [90, 80, 70],
      count: 90,
      tileRow: 0,
      column: 500,
      grainAt: 12,
    };
    for (const length of [300, 9_000_000]) {
      const expected = new Uint8ClampedArray(300).fill(77);
      fillPlainly(expected, [{ ...run, to: 9 }], 3, 9);
      const pixels = fill(kernel, length, [{ ...run, to: length - 291 }], 3, 9);
      expect([...pixels.subarray(length - 300)]).toEqual([...expected]);
    }
  });
});
