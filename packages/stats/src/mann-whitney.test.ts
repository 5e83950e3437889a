import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mannWhitneyPValue, normalTail } from "./mann-whitney.ts";

/** All ways to choose `count` of the ranks 1 to `total`. */
function choices(total: number, count: number, from = 1): number[][] {
  if (count === 0) return [[]];
  if (from > total) return [];
  return [...choices(total, count - 1, from + 1).map((rest) => [from, ...rest]), ...choices(total, count, from + 1)];
}

function exactPValue(first: readonly number[], total: number): number {
  const center = (first.length * (total + 1)) / 2;
  const distance = (ranks: readonly number[]) => Math.abs(ranks.reduce((sum, rank) => sum + rank, 0) - center);
  const all = choices(total, first.length);
  return all.filter((ranks) => distance(ranks) >= distance(first)).length / all.length;
}

const rest = (first: readonly number[], total: number) =>
  Array.from({ length: total }, (_, index) => index + 1).filter((rank) => !first.includes(rank));

it("comes near the exact chance, counted over all ways to deal the ranks", () => {
  for (const first of choices(14, 7).filter((_, index) => index % 97 === 0)) {
    expect(Math.abs(mannWhitneyPValue(first, rest(first, 14)) - exactPValue(first, 14))).toBeLessThan(0.015);
  }
});

// Hollander, Wolfe and Chicken, example 4.1: permeability of the membrane, W = 30 of the smaller sample; large-sample 0.25.
it("agrees with a published example", () => {
  const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];
  expect(mannWhitneyPValue(early, atTerm)).toBeGreaterThan(0.24);
  expect(mannWhitneyPValue(early, atTerm)).toBeLessThan(0.28);
});

describe("in general", () => {
  const sample = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 15 });

  it("is a probability, whichever sample is first, in any unit, with any ties", () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const p = mannWhitneyPValue(first, second);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(mannWhitneyPValue(second, first)).toBeCloseTo(p, 12);
        const scaled = (values: readonly number[]) => values.map((value) => value * 1000);
        expect(mannWhitneyPValue(scaled(first), scaled(second))).toBe(p);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it("takes mid-ranks and a smaller variance where values are equal", () => {
    // By hand: groups of 2, 3 and 3 equal values; the mid-ranks are 1.5, 4 and 7.
    const [first, second] = [
      [1, 1, 2, 2],
      [2, 3, 3, 3],
    ];
    const rankSum = 1.5 + 1.5 + 4 + 4;
    const variance = ((4 * 4) / 12) * (9 - (6 + 24 + 24) / 56);
    const z = (Math.abs(rankSum - 18) - 0.5) / Math.sqrt(variance);
    expect(mannWhitneyPValue(first, second)).toBeCloseTo(2 * normalTail(z), 12);
  });

  it("has no answer without values, ends when one is not a number, and finds nothing where all are equal", () => {
    expect(mannWhitneyPValue([], [1])).toBeNaN();
    expect(mannWhitneyPValue([1, 2, Number.NaN], [Number.NaN, 3])).toBeNaN();
    expect(mannWhitneyPValue([5, 5, 5], [5, 5])).toBe(1);
    expect(mannWhitneyPValue([1, Number.POSITIVE_INFINITY], [2, Number.POSITIVE_INFINITY])).toBe(1);
  });
});

it.each([
  [0, 0.5],
  [1.959964, 0.025],
  [2.575829, 0.005],
  [-1.644854, 0.95],
  [4, 3.167124e-5],
])("P(Z > %f) is %f", (z, chance) => {
  expect(normalTail(z) / chance).toBeCloseTo(1, 5);
});
