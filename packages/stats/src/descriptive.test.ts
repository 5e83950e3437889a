import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mean, median, nearestRankPercentile, sampleStandardDeviation } from "./descriptive.ts";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const values = fc.array(value, { minLength: 1, maxLength: 60 });
const shuffled = values.chain((list) =>
  fc.record({ list: fc.constant(list), other: fc.shuffledSubarray(list, { minLength: list.length }) }),
);

describe("nearestRankPercentile", () => {
  it.each([
    { percent: 0, expected: 10 },
    { percent: 11, expected: 10 },
    { percent: 12, expected: 20 },
    { percent: 50, expected: 50 },
    { percent: 88, expected: 80 },
    { percent: 89, expected: 90 },
    { percent: 95, expected: 90 },
    { percent: 100, expected: 90 },
  ])("takes rank ⌈p·n⌉ of nine values: p$percent is $expected", ({ percent, expected }) => {
    expect(nearestRankPercentile([90, 10, 80, 20, 70, 30, 60, 40, 50], percent)).toBe(expected);
  });

  it("is the lower middle of an even number of values, not their mean", () => {
    expect(nearestRankPercentile([4, 1, 3, 2], 50)).toBe(2);
  });

  it("is a measured value with enough values at or below it, and not with one less", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const found = nearestRankPercentile(list, percent);
        expect(list).toContain(found);
        const share = (limit: (other: number) => boolean) => (list.filter(limit).length * 100) / list.length;
        expect(share((other) => other <= found)).toBeGreaterThanOrEqual(percent - 1e-9);
        expect(share((other) => other < found)).toBeLessThan(percent + 1e-9);
      }),
    );
  });

  it("grows with the percentage and does not depend on the order", () => {
    fc.assert(
      fc.property(shuffled, fc.nat(100), fc.nat(100), ({ list, other }, a, b) => {
        const low = nearestRankPercentile(list, Math.min(a, b));
        expect(low).toBeLessThanOrEqual(nearestRankPercentile(list, Math.max(a, b)));
        expect(nearestRankPercentile(other, a)).toBe(nearestRankPercentile(list, a));
      }),
    );
  });
});

describe("median", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("turns its sign with its values", () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(median(list.map((one) => -one)) + median(list)).toBe(0);
      }),
    );
  });
});

describe("mean and standard deviation", () => {
  it("divides the squares by n − 1", () => {
    expect(sampleStandardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(sampleStandardDeviation([5])).toBe(0);
  });

  it("follows shifts and scales of the values", () => {
    const scale = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(values, scale, value, (list, factor, shift) => {
        const moved = list.map((one) => one * factor + shift);
        expect(mean(moved)).toBeCloseTo(mean(list) * factor + shift, 4);
        expect(sampleStandardDeviation(moved)).toBeCloseTo(sampleStandardDeviation(list) * factor, 4);
      }),
    );
  });

  it("lies between the smallest and the largest value", () => {
    fc.assert(
      fc.property(values, (list) => {
        const slack = 1e-9 * Math.max(...list.map(Math.abs), 1);
        expect(mean(list)).toBeGreaterThanOrEqual(Math.min(...list) - slack);
        expect(mean(list)).toBeLessThanOrEqual(Math.max(...list) + slack);
      }),
    );
  });
});

it("has no figure for an empty list", () => {
  for (const figure of [mean, median, sampleStandardDeviation, (list: number[]) => nearestRankPercentile(list, 50)]) {
    expect(figure([])).toBeNaN();
  }
});

const SNAPSHOTS = new URL("../../../../shared/data/site-snapshots/snapshots.json", import.meta.url);

interface RealFigures {
  readonly runCount: number;
  readonly warmMeanMs: number;
  readonly warmP50Ms: number;
  readonly warmP95Ms: number;
  readonly warmStddevMs: number;
}

describe.skipIf(!existsSync(SNAPSHOTS))("against the real snapshots (skipped where ../shared/data is absent)", () => {
  const snapshots = existsSync(SNAPSHOTS) ? JSON.parse(readFileSync(SNAPSHOTS, "utf8")) : [];
  const figures: RealFigures[] = snapshots.flatMap(
    (snapshot: { profileScenarioMetrics: Record<string, Record<string, RealFigures>> }) =>
      Object.values(snapshot.profileScenarioMetrics).flatMap((scenarios) => Object.values(scenarios)),
  );

  it("reproduces every figure of the night with three warm runs, whose samples follow from mean, p50 and p95", () => {
    const ofThree = figures.filter((one) => one.runCount === 4);
    expect(ofThree).toHaveLength(12);
    for (const { warmMeanMs, warmP50Ms, warmP95Ms, warmStddevMs } of ofThree) {
      const samples = [warmP95Ms, 3 * warmMeanMs - warmP50Ms - warmP95Ms, warmP50Ms];
      expect(nearestRankPercentile(samples, 50)).toBe(warmP50Ms);
      expect(nearestRankPercentile(samples, 95)).toBe(warmP95Ms);
      expect(sampleStandardDeviation(samples)).toBeCloseTo(warmStddevMs, 4);
    }
  });

  it("has p95 where the largest of nine values must lie, given their mean and standard deviation", () => {
    const ofNine = figures.filter((one) => one.runCount === 10);
    expect(ofNine.length).toBeGreaterThan(500);
    for (const { warmMeanMs, warmP95Ms, warmStddevMs } of ofNine) {
      // The largest of n values is at least s/√n and at most s·(n − 1)/√n above the mean (Samuelson 1968).
      const above = (warmP95Ms - warmMeanMs) / (warmStddevMs / Math.sqrt(9));
      expect(above).toBeGreaterThanOrEqual(1 - 1e-4);
      expect(above).toBeLessThanOrEqual(8 + 1e-4);
    }
  });
});
