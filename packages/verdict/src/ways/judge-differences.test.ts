import { SeededRandom } from "@forgebench/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALPHA, type CellRule, DEFAULT_MARGINS, policyOf, ruleOf, rulesOf, SAME_MIN_BLOCKS, SHARES } from "../rules.ts";
import { judgeDifferences } from "./judge-differences.ts";

const rule = ruleOf("primary", 24, DEFAULT_MARGINS);
const noisy = (label: string, count: number, center: number, noise: number) => {
  const random = new SeededRandom(label);
  return Array.from({ length: count }, () => center + noise * random.normal());
};
const mirrored = (differences: readonly number[]) => differences.map((difference) => -difference);

const paths = fc
  .tuple(
    fc.integer({ min: 0, max: 1e6 }),
    fc.constantFrom(0, 0.01, 0.03, 0.05, 0.08, 0.3),
    fc.constantFrom(0.003, 0.02, 0.1),
  )
  .map(([label, center, noise]) => noisy(`path/${label}`, 40, center, noise));

describe("what is decided", () => {
  it("finds slowdowns and speedups, proves sameness, and says when it cannot tell", () => {
    expect(judgeDifferences(noisy("a", 60, 0.08, 0.02), rule).direction).toBe("higher");
    expect(judgeDifferences(noisy("a", 60, -0.08, 0.02), rule).direction).toBe("lower");
    expect(judgeDifferences(noisy("a", 60, 0, 0.01), rule).direction).toBe("same");
    expect(judgeDifferences(noisy("a", 60, 0, 0.4), rule)).toMatchObject({
      direction: "open",
      decidedAfterBlocks: null,
    });
    expect(judgeDifferences([], rule)).toMatchObject({
      direction: "open",
      isLatched: false,
      logHigher: 0,
      logLower: 0,
    });
  });

  it("latches: blocks after the decision change nothing at all", () => {
    fc.assert(
      fc.property(paths, fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 20 }), (path, more) => {
        const judged = judgeDifferences(path, rule);
        if (!judged.isLatched) return;
        expect(judgeDifferences([...path, ...more], rule)).toEqual(judged);
        const exactly = path.slice(0, judged.decidedAfterBlocks ?? 0);
        expect(judgeDifferences(exactly, rule)).toEqual(judged);
        const before = judgeDifferences(exactly.slice(0, -1), rule);
        expect(before.isLatched).toBe(false);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it("mirrors with the arms", () => {
    fc.assert(
      fc.property(paths, (path) => {
        const [given, swapped] = [judgeDifferences(path, rule), judgeDifferences(mirrored(path), rule)];
        const names = { higher: "lower", lower: "higher", same: "same", open: "open" } as const;
        expect(swapped).toEqual({
          ...given,
          direction: names[given.direction],
          logHigher: given.logLower,
          logLower: given.logHigher,
        });
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it("never says same before the least number of blocks, however alike they are", () => {
    const alike = new Array<number>(60).fill(0.0001);
    expect(judgeDifferences(alike.slice(0, SAME_MIN_BLOCKS - 1), rule).direction).toBe("open");
    expect(judgeDifferences(alike, rule)).toMatchObject({ direction: "same", decidedAfterBlocks: SAME_MIN_BLOCKS });
  });

  it("does not say same of a slowdown inside the margin that is about to be proved", () => {
    const slower = noisy("slower", 60, 0.03, 0.003);
    expect(judgeDifferences(slower, rule)).toMatchObject({ direction: "higher", isLatched: true });
  });

  it("never calls a planted slowdown same", () => {
    const planted = ruleOf("planted", 1, DEFAULT_MARGINS);
    expect(judgeDifferences(noisy("a", 60, 0, 0.01), planted).direction).not.toBe("same");
  });

  it("waits with a change too small to matter, and names it only as the blocks end", () => {
    const small = new Array<number>(60).fill(0.015);
    const found = judgeDifferences(small, { ...rule, canBeSame: false });
    expect(found).toMatchObject({ direction: "higher", decidedAfterBlocks: 60, isLatched: false });
    expect(found.logHigher).toBeGreaterThan(rule.logNeeded);
    expect(judgeDifferences(small, { ...rule, canBeSame: false, minEffect: 0.015 }).isLatched).toBe(true);
  });

  it("does not latch a side while the median lies on the other", () => {
    // Slower at first, by enough to be sure; then faster, before the median was asked.
    const turned = [...new Array<number>(16).fill(0.0199), ...new Array<number>(30).fill(-0.06)];
    const strict: CellRule = { ...rule, canBeSame: false, minEffect: 0.02 };
    const early = judgeDifferences(turned.slice(0, 16), { ...strict, logNeeded: 2 });
    expect(early).toMatchObject({ direction: "higher", isLatched: false });
    const later = judgeDifferences(turned.slice(0, 34), { ...strict, logNeeded: 2 });
    expect(later).not.toMatchObject({ direction: "higher", isLatched: true });
  });
});

const symmetric: Readonly<Record<string, (random: SeededRandom, block: number) => number>> = {
  normal: (random) => 0.02 * random.normal(),
  "heavy tails": (random) => (0.01 * random.normal()) / Math.max(1e-9, random.uniform()),
  "two modes": (random) => (random.chance(0.5) ? 0.2 : -0.2) + 0.01 * random.normal(),
  "bursts and drift": (random, block) => random.normal() * (block % 15 < 4 ? 0.2 : 0.002 * (block + 1)),
};

describe.each(Object.entries(symmetric))("when nothing changed, with %s", (name, noise) => {
  // At 20 % a night instead of 1 %, so that a bound that does not hold is seen in a few nights.
  const [share, cellCount, nightCount] = [0.2, 24, 150];
  const strict: CellRule = { ...rule, logNeeded: Math.log((2 * cellCount) / share), canBeSame: false, minEffect: 0 };

  it("a night of 24 cells, each stopped at the worst moment, rarely names one", () => {
    const random = new SeededRandom(`nights/${name}`);
    let redCount = 0;
    for (let night = 0; night < nightCount; night += 1) {
      const cells = Array.from({ length: cellCount }, () =>
        Array.from({ length: 30 }, (_, block) => noise(random, block)),
      );
      if (cells.some((cell) => judgeDifferences(cell, strict).direction !== "open")) redCount += 1;
    }
    expect(redCount / nightCount).toBeLessThanOrEqual(share + 2.6 * Math.sqrt((share * (1 - share)) / nightCount));
  });

  it("a change of exactly the margin is rarely called same", () => {
    const random = new SeededRandom(`same/${name}`);
    const pathCount = 400;
    const sameCount = Array.from({ length: pathCount }, () => {
      const path = Array.from({ length: 30 }, (_, block) => rule.margin + noise(random, block));
      return judgeDifferences(path, rule).direction === "same";
    }).filter(Boolean).length;
    expect(sameCount / pathCount).toBeLessThanOrEqual(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / pathCount));
  });
});

it("is rarely called same beyond the margin either, where two modes make half of the blocks look alike", () => {
  for (const [multiple, mode] of [
    [1.5, 0.1],
    [2, 0.1],
    [3, 0.15],
    [8, 0.4],
  ] as const) {
    const random = new SeededRandom(`beyond/${multiple}`);
    const paths = Array.from({ length: 250 }, () =>
      Array.from({ length: 30 }, () => {
        const noise = (random.chance(0.5) ? mode : -mode) + 0.005 * random.normal();
        return multiple * rule.margin + noise;
      }),
    );
    const sameCount = paths.filter((path) => judgeDifferences(path, rule).direction === "same").length;
    expect(sameCount / paths.length).toBeLessThanOrEqual(0.05 + 2.6 * Math.sqrt((0.05 * 0.95) / paths.length));
  }
});

describe("the error", () => {
  it("is shared out to the last part", () => {
    expect(SHARES.null + SHARES.primary + SHARES.secondary).toBeCloseTo(ALPHA, 15);
    expect(SHARES.primary / (SHARES.primary + SHARES.secondary)).toBeCloseTo(0.8, 12);
  });

  it("is shared over both sides of every member of a family", () => {
    expect(Math.exp(rule.logNeeded)).toBeCloseTo(7500, 6);
    expect(Math.exp(ruleOf("secondary", 48, DEFAULT_MARGINS).logNeeded)).toBeCloseTo(60_000, 5);
    expect(ruleOf("secondary", 0, DEFAULT_MARGINS)).toEqual(ruleOf("secondary", 1, DEFAULT_MARGINS));
  });

  it("counts the exact metrics that may have to be judged like noisy ones", () => {
    const family = {
      primary: ["P1/a/cold/wall", "P1/b/cold/wall"],
      secondary: ["P1/a/cold/cpu"],
      exactMetrics: ["output_bytes"],
    };
    expect(policyOf({ family }).family).toEqual({ primaryCount: 2, secondaryCount: 3 });
  });

  it("of the null is shared by the shards, before and after they are put together", () => {
    const policy = policyOf({});
    const shard = { index: 2, count: 4 };
    expect(Math.exp(rulesOf(policy, { shard: { index: 1, count: 1 } }).null.logNeeded)).toBeCloseTo(1000, 6);
    expect(Math.exp(rulesOf(policy, { shard }).null.logNeeded)).toBeCloseTo(4000, 6);
  });
});
