import { expect, it } from "vitest";
import { mean, median, sampleStandardDeviation } from "./descriptive.ts";
import { medianVariance } from "./median-variance.ts";
import { SeededRandom } from "./seeded-random.ts";

it.each([
  { name: "normal", draw: (random: SeededRandom) => random.normal() },
  { name: "skewed", draw: (random: SeededRandom) => -Math.log(1 - random.uniform()) },
  { name: "heavy-tailed", draw: (random: SeededRandom) => random.normal() / (0.2 + random.uniform()) },
])("is about the variance that the medians of $name values really have", ({ name, draw }) => {
  const random = new SeededRandom(`median variance/${name}`);
  for (const n of [8, 10, 25, 60, 300]) {
    const samples = Array.from({ length: 500 }, () => Array.from({ length: n }, () => draw(random)));
    const truth = sampleStandardDeviation(samples.map(median));
    const told = Math.sqrt(mean(samples.map(medianVariance)));
    expect(told / truth, `of ${n}`).toBeGreaterThan(0.9);
    expect(told / truth, `of ${n}`).toBeLessThan(1.5);
  }
});

it("scales, does not depend on the order or the place, and is 0 for equal values", () => {
  const values = [3, 9, 1, 4, 7, 2, 8, 5, 6.5, 12];
  expect(medianVariance(values.toReversed())).toBe(medianVariance(values));
  expect(medianVariance(values.map((value) => 4 * value + 64))).toBeCloseTo(16 * medianVariance(values), 12);
  expect(medianVariance([5, 5, 5, 5])).toBe(0);
});

it("goes over smoothly to what is taken for many values", () => {
  const variances = [198, 199, 200, 201].map((n) => medianVariance(Array.from({ length: n }, (_, index) => index / n)));
  expect((variances[2] ?? 0) / (variances[1] ?? 0)).toBeCloseTo(1, 1);
});

it("cannot be told from fewer than two values", () => {
  expect(medianVariance([])).toBeNaN();
  expect(medianVariance([1])).toBeNaN();
});
