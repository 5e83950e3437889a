import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "./seeded-random.ts";
import { signedRankInterval, signedRankPValue } from "./signed-rank.ts";

/** All 2^n ways to give signs to the sizes. */
function signed(sizes: readonly number[]): number[][] {
  return Array.from({ length: 2 ** sizes.length }, (_, code) =>
    sizes.map((size, index) => ((code >> index) & 1 ? size : -size)),
  );
}

// Powers of two: all sums of pairs differ.
const sizesOf = (n: number) => Array.from({ length: n }, (_, index) => 2 ** index / 1000);

describe("the interval", () => {
  it.each([5, 6, 7, 8, 9, 10, 11])(
    "covers the centre of %i differences as often as it says, counted over all signs",
    (n) => {
      const all = signed(sizesOf(n)).map((differences) => signedRankInterval(differences, 0.95));
      const covered = all.filter(({ low, high }) => (low ?? -9) <= 0 && 0 <= (high ?? 9));
      expect(covered.length / all.length).toBeCloseTo(all[0]?.coverage ?? Number.NaN, 12);
    },
  );

  it.each([9, 10, 13, 17, 20, 30, 60, 200])("of %i differences comes close to the level", (n) => {
    const { coverage } = signedRankInterval(sizesOf(n), 0.95);
    expect(coverage).toBeGreaterThanOrEqual(0.935);
    expect(coverage).toBeLessThanOrEqual(0.965);
  });

  // The two-sided critical values of Wilcoxon's table at 5 %: 8 for n = 10 (exactly 4.88 %), 2 for n = 7 (4.69 %).
  it.each([
    { n: 10, critical: 8, coverage: 1 - 50 / 1024 },
    { n: 7, critical: 2, coverage: 1 - 6 / 128 },
    { n: 12, critical: 13, coverage: 1 - 174 / 4096 },
  ])("of $n differences leaves out $critical means of pairs on each side", ({ n, critical, coverage }) => {
    const differences = sizesOf(n);
    const means = differences.flatMap((a, index) => differences.slice(index).map((b) => (a + b) / 2));
    means.sort((a, b) => a - b);
    const found = signedRankInterval(differences, coverage);
    expect(found.coverage).toBeCloseTo(coverage, 12);
    expect(found).toMatchObject({ low: means[critical], high: means[means.length - 1 - critical] });
  });

  it("does not depend on the order, mirrors, and moves along", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 25 }), (differences) => {
        const given = signedRankInterval(differences, 0.95);
        const shuffled = new SeededRandom("order").shuffle(differences);
        expect(signedRankInterval(shuffled, 0.95)).toEqual(given);
        const mirrored = signedRankInterval(
          differences.map((difference) => 0 - difference),
          0.95,
        );
        expect(mirrored.low).toBe(0 - (given.high ?? 0));
        const moved = signedRankInterval(
          differences.map((difference) => difference + 64),
          0.95,
        );
        expect(moved.high).toBe((given.high ?? 0) + 64);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it.each([0, 1, 2, 3, 4])("has no ends for %i differences", (n) => {
    expect(signedRankInterval(sizesOf(n), 0.95)).toEqual({ low: null, high: null, coverage: 1 });
  });
});

describe("the p-value", () => {
  it.each([3, 6, 9])("of %i differences is at most p in at most p of all signs", (n) => {
    const all = signed(sizesOf(n)).map(signedRankPValue);
    for (const limit of new Set(all)) {
      expect(all.filter((p) => p <= limit + 1e-12).length / all.length).toBeCloseTo(limit, 12);
    }
  });

  it("is 2 / 2^n when all are on one side, the least that there is, and 1 when nothing speaks", () => {
    expect(signedRankPValue(sizesOf(9))).toBeCloseTo(2 / 512, 12);
    expect(signedRankPValue(sizesOf(9).map((size) => -size))).toBeCloseTo(2 / 512, 12);
    expect(signedRankPValue([])).toBe(1);
    expect(signedRankPValue([0, 0, 0, Number.NaN])).toBe(1);
  });

  it("never errs too often with ties", () => {
    const all = signed([1, 1, 1, 1, 2, 2, 2, 3]).map(signedRankPValue);
    for (const limit of [0.01, 0.05, 0.1]) {
      expect(all.filter((p) => p <= limit).length / all.length).toBeLessThanOrEqual(limit);
    }
  });
});
