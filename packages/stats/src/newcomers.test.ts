import { describe, expect, it } from "vitest";
import { newcomersQuantile, newcomersSpread, newcomersTail } from "./newcomers.ts";
import { SeededRandom } from "./seeded-random.ts";
import { normalQuantile } from "./student-t.ts";

describe.each([3, 5, 10, 20])("of two newcomers to %i known values", (count) => {
  const random = new SeededRandom(`newcomers/${count}`);
  const values = Array.from({ length: 30_000 }, () => {
    const known = Array.from({ length: count }, () => random.normal());
    const [first, second] = [random.normal(), random.normal()];
    return (second - first) / (Math.SQRT2 * newcomersSpread(known, first, second));
  });

  it.each([0.2, 0.05, 0.01])("the chance of %d is that of made-up ones", (tail) => {
    const limit = newcomersQuantile(tail, count);
    expect(newcomersTail(limit, count)).toBeCloseTo(tail, 6);
    const share = values.filter((value) => value > limit).length / values.length;
    expect(Math.abs(share - tail)).toBeLessThan(3.5 * Math.sqrt((tail * (1 - tail)) / values.length));
  });
});

it("comes close to the normal distribution with many known values", () => {
  expect(newcomersQuantile(0.005, 2000)).toBeCloseTo(normalQuantile(0.005), 2);
});

it("is antisymmetric, one half at 0, and small but there far out", () => {
  expect(newcomersTail(0, 8)).toBeCloseTo(0.5, 4);
  expect(newcomersTail(-1.3, 8)).toBeCloseTo(1 - newcomersTail(1.3, 8), 12);
  expect(newcomersTail(200, 8)).toBeGreaterThan(0);
  expect(newcomersTail(200, 8)).toBeLessThan(1e-9);
  expect(newcomersTail(Number.POSITIVE_INFINITY, 8)).toBe(0);
});

it("is not told of fewer than three known values", () => {
  expect(newcomersTail(1, 2)).toBeNaN();
  expect(newcomersQuantile(0.01, 2)).toBeNaN();
  expect(newcomersQuantile(0.7, 9)).toBeNaN();
});
