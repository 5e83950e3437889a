import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confidenceSequence } from "./confidence-sequence.ts";
import { SeededRandom } from "./seeded-random.ts";

const options = {
  alpha: 0.05,
  alternatives: [
    { distance: 0.025, weight: 0.1 },
    { distance: 0.05, weight: 0.45 },
    { distance: 0.1, weight: 0.3 },
    { distance: 0.4, weight: 0.1 },
    { distance: 1.6, weight: 0.05 },
  ],
};
const intervalOf = (differences: readonly number[]) => confidenceSequence(differences, options);
/** Of the search for the ends. */
const PRECISION = 6 / 2 ** 21;

const symmetric: Readonly<Record<string, (random: SeededRandom, block: number) => number>> = {
  normal: (random) => 0.02 * random.normal(),
  "heavy tails": (random) => (0.01 * random.normal()) / Math.max(1e-9, random.uniform()),
  "two modes": (random) => (random.chance(0.5) ? 0.2 : -0.2) + 0.005 * random.normal(),
  bursts: (random, block) => random.normal() * (block % 15 < 4 ? 0.3 : 0.01),
  coarse: (random) => random.integer(-1, 1) * 0.08,
};

describe("with noise that is symmetric about the truth", () => {
  it.each(Object.entries(symmetric))("all intervals contain it at once, 95 times in 100: %s", (name, noise) => {
    const [theta, pathCount, blockCount] = [0.031, 300, 40];
    const random = new SeededRandom(`coverage/${name}`);
    let missedCount = 0;
    for (let path = 0; path < pathCount; path += 1) {
      const differences = Array.from({ length: blockCount }, (_, block) => theta + noise(random, block));
      // The intersection of all intervals so far: the last one tells whether any missed.
      const { low, high } = intervalOf(differences);
      if ((low ?? -9) > theta || (high ?? 9) < theta) missedCount += 1;
    }
    expect(missedCount / pathCount).toBeLessThanOrEqual(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / pathCount));
  });
});

// Between the modes what looks like many outliers on one side has to be kept as what it is: the other half.
it.each([
  { theta: 0.049, mode: 0.1 },
  { theta: 0.098, mode: 0.2 },
  { theta: 0.146, mode: 0.1 },
  { theta: 0.146, mode: 0.2 },
])("a truth of $theta in the middle of modes $mode apart is not lost", ({ theta, mode }) => {
  const random = new SeededRandom(`modes/${theta}/${mode}`);
  const missed = Array.from({ length: 120 }, () => {
    const noise = () => (random.chance(0.5) ? mode : -mode) + 0.005 * random.normal();
    const { low, high } = intervalOf(Array.from({ length: 40 }, () => theta + noise()));
    return (low ?? -9) > theta || (high ?? 9) < theta;
  }).filter(Boolean);
  expect(missed.length / 120).toBeLessThanOrEqual(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / 120));
});

const paths = fc.array(fc.double({ min: -0.4, max: 0.4, noNaN: true }), { minLength: 8, maxLength: 40 });

describe("as a set", () => {
  it("mirrors with the differences", () => {
    fc.assert(
      fc.property(paths, (differences) => {
        const [given, mirrored] = [intervalOf(differences), intervalOf(differences.map((difference) => -difference))];
        expect(mirrored.low).toEqual(given.high === null ? null : -given.high);
        expect(mirrored.high).toEqual(given.low === null ? null : -given.low);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("moves with the differences", () => {
    const random = new SeededRandom("shift");
    for (let round = 0; round < 40; round += 1) {
      const shift = random.between(-0.5, 0.5);
      const differences = Array.from({ length: 30 }, () => 0.05 * random.normal());
      const given = intervalOf(differences);
      const moved = intervalOf(differences.map((difference) => difference + shift));
      expect(Math.abs((moved.low ?? 9) - (given.low ?? 0) - shift)).toBeLessThan(PRECISION);
      expect(Math.abs((moved.high ?? 9) - (given.high ?? 0) - shift)).toBeLessThan(PRECISION);
    }
  });

  it("never widens with more differences, however odd they are", () => {
    fc.assert(
      fc.property(paths, (differences) => {
        let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
        for (let count = 0; count <= differences.length; count += 4) {
          const now = intervalOf(differences.slice(0, count));
          expect(now.low ?? Number.NEGATIVE_INFINITY).toBeGreaterThanOrEqual(low);
          expect(now.high ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(high);
          [low, high] = [now.low ?? low, now.high ?? high];
        }
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  it("is narrow where the noise is, and excludes what the differences exclude", () => {
    const random = new SeededRandom("narrow");
    const { low, high } = intervalOf(Array.from({ length: 60 }, () => 0.05 + 0.01 * random.normal()));
    expect(low).toBeGreaterThan(0.03);
    expect(high).toBeLessThan(0.07);
  });
});

it("has no ends while there are too few differences, and none from what says nothing", () => {
  expect(intervalOf([])).toEqual({ low: null, high: null });
  expect(intervalOf([0.1, 0.1, 0.1])).toEqual({ low: null, high: null });
  expect(intervalOf(new Array(50).fill(Number.NaN))).toEqual({ low: null, high: null });
});

it("has one end only when all that is known is a side", () => {
  const { low, high } = intervalOf(new Array(30).fill(Number.POSITIVE_INFINITY));
  expect(low).toBeGreaterThan(1);
  expect(high).toBeNull();
});
