import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mean, sampleStandardDeviation } from "./descriptive.ts";
import { SeededRandom } from "./seeded-random.ts";

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe("SeededRandom", () => {
  it("gives the same numbers for the same label, on every machine", () => {
    const random = new SeededRandom("20260215/photo/17");
    expect(draw(4, () => random.uint32())).toEqual(PINNED);
  });

  it("gives other numbers for any other label", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [new SeededRandom(a), new SeededRandom(b)];
        expect(draw(4, () => first.uint32())).not.toEqual(draw(4, () => second.uint32()));
      }),
    );
  });

  it("gives unrelated numbers for neighbouring labels", () => {
    const pairs = draw(2000, () => 0).map((_, index) => {
      const next = (offset: number) => new SeededRandom(`seed/${index + offset}`).uniform() - 0.5;
      return next(0) * next(1);
    });
    // The product of two independent uniform numbers about 0 has standard deviation 1/12.
    expect(Math.abs(mean(pairs))).toBeLessThan((5 * (1 / 12)) / Math.sqrt(pairs.length));
  });

  it("is uniform: ten equal bins of 10,000 numbers hold a tenth each", () => {
    const random = new SeededRandom("bins");
    const bins = Array.from({ length: 10 }, () => 0);
    for (const value of draw(10_000, () => random.uniform())) {
      expect(value >= 0 && value < 1).toBe(true);
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // Chi-squared with 9 degrees of freedom: 33.7 is passed once in 10,000.
    expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(33.7);
  });

  it("draws standard normal numbers", () => {
    const random = new SeededRandom("normal");
    const values = draw(10_000, () => random.normal());
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(sampleStandardDeviation(values)).toBeCloseTo(1, 1);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("keeps whole numbers and numbers within their bounds, and reaches both ends", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: -50, max: 50 }), fc.nat(3), (label, min, span) => {
        const random = new SeededRandom(label);
        const seen = new Set(draw(200, () => random.integer(min, min + span)));
        expect([...seen].sort((a, b) => a - b)).toEqual(draw(span + 1, () => 0).map((_, index) => min + index));
        const between = random.between(min, min + span + 1);
        expect(between >= min && between < min + span + 1).toBe(true);
      }),
    );
  });

  it("shuffles without losing or repeating anything, and leaves its input alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.integer()), (label, items) => {
        const before = [...items];
        const after = new SeededRandom(label).shuffle(items);
        expect(items).toEqual(before);
        expect(after.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
      }),
    );
  });

  it("shuffles evenly: each of three items comes first in a third of 3,000 shuffles", () => {
    const random = new SeededRandom("shuffle");
    const firsts = draw(3000, () => random.shuffle(["a", "b", "c"])[0]);
    for (const item of ["a", "b", "c"]) {
      expect(Math.abs(firsts.filter((first) => first === item).length - 1000)).toBeLessThan(130);
    }
  });

  it("chooses with the given probability", () => {
    const random = new SeededRandom("chance");
    expect(draw(1000, () => random.chance(0)).some(Boolean)).toBe(false);
    expect(draw(1000, () => random.chance(1)).every(Boolean)).toBe(true);
    expect(mean(draw(10_000, () => Number(random.chance(0.2))))).toBeCloseTo(0.2, 1);
  });

  it("picks one of the items and refuses to pick from none", () => {
    const random = new SeededRandom("pick");
    expect(["a", "b"]).toContain(random.pick(["a", "b"]));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});

// From a second implementation of the algorithm; another value changes every dataset, so it must be meant.
const PINNED = [788680664, 1133914159, 3713858966, 987467765];
