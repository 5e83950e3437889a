import { PRIMARY_METRIC, seriesName } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { DEFAULT_MARGINS, ruleOf } from "../rules.ts";
import {
  buildContext,
  buildRuns,
  cellOf,
  type MadeUpBlock,
  type MadeUpRun,
  metricOf,
  noisyBlocks,
  pairOf,
} from "../test-helpers.ts";
import { blocksNeeded } from "./blocks-needed.ts";
import { alertOf, type JudgedCell, judgeCell, verdictOf } from "./judge-cell.ts";
import { judgeExactCell } from "./judge-exact-cell.ts";

const CELL = "P1/one/warm";
const rule = ruleOf("primary", 24, DEFAULT_MARGINS);
const wall = metricOf(PRIMARY_METRIC);

function judge(runs: readonly MadeUpRun[], metric = wall): JudgedCell {
  const facts = { family: "primary" as const, gating: true, maxBlocks: 30, cpuCount: 2 };
  return judgeCell({ ...facts, id: seriesName(CELL, metric.id), pair: pairOf(runs, metric), metric, rule });
}

/** How many blocks more the runs of a cell need. */
const needed = (runs: readonly MadeUpRun[], context = buildContext([CELL]), name = CELL) =>
  blocksNeeded(context)(cellOf(name, runs));

const runsOf = (blocks: readonly MadeUpBlock[]) => buildRuns(CELL, blocks);
const swapArms = (runs: readonly MadeUpRun[]): MadeUpRun[] =>
  runs.map((run) => ({ ...run, arm: run.arm === "head" ? "base" : "head" }));

// A report says so beside an interval that is not there yet.
it.each([0.001, 0.02, 0.5])("an interval has its ends from block 12 on, with noise of %d", (noise) => {
  const random = new SeededRandom(`ends/${noise}`);
  const blocks = Array.from({ length: 12 }, () => ({ baseMs: 100, headMs: 100 * Math.exp(noise * random.normal()) }));
  const endsAfter = (count: number) => {
    const { lowPct, highPct } = judge(runsOf(blocks.slice(0, count))).interval ?? {};
    return [lowPct, highPct];
  };
  expect(endsAfter(11)).toContain(null);
  expect(endsAfter(12)).not.toContain(null);
});

describe("a cell and its mirror image", () => {
  it.each([
    ["slower", 8, 0.02],
    ["faster", -8, 0.02],
    ["nothing", 0, 0.01],
    ["noise", 0, 0.3],
  ] as const)("%s: swapping the arms mirrors verdict and figures", (name, changePct, noise) => {
    const runs = runsOf(noisyBlocks(`swap/${name}`, 30, changePct, noise));
    const [given, swapped] = [judge(runs), judge(swapArms(runs))];
    const names = { regressed: "improved", improved: "regressed" } as const;
    expect(swapped.verdict).toBe(names[given.verdict as "regressed"] ?? given.verdict);
    expect(swapped.base).toEqual(given.head);
    expect(swapped.evidence).toMatchObject({ higher: given.evidence?.lower, lower: given.evidence?.higher });
    expect(swapped.evidence?.decidedAfterBlocks).toBe(given.evidence?.decidedAfterBlocks);
    const inverse = (pct: number | null | undefined) => (pct == null ? Number.NaN : 100 / (1 + pct / 100) - 100);
    expect(swapped.changePct).toBeCloseTo(inverse(given.changePct), 4);
    expect(swapped.interval?.lowPct).toBeCloseTo(inverse(given.interval?.highPct), 3);
    expect(swapped.interval?.highPct).toBeCloseTo(inverse(given.interval?.lowPct), 3);
    expect(swapped.detectablePct).toBeCloseTo(given.detectablePct ?? Number.NaN, 4);
    expect(swapped.moreBlocks).toBe(given.moreBlocks);
  });

  it("says regressed where less would be better, improved where more is", () => {
    expect(verdictOf("higher", "lower")).toBe("regressed");
    expect(verdictOf("lower", "lower")).toBe("improved");
    expect(verdictOf("higher", "higher")).toBe("improved");
    expect(verdictOf("lower", "higher")).toBe("regressed");
    const slower = judge(runsOf(noisyBlocks("slow", 30, 12)), { ...metricOf("throughput"), noise: "noisy" });
    expect(slower).toMatchObject({ verdict: "regressed", isAlert: true, severity: "major" });
    expect(slower.changePct).toBeLessThan(-5);
  });
});

it.each([0.001, 7, 1024, 1e6])("a unit %f times as large changes nothing but the medians", (factor) => {
  const blocks = noisyBlocks("unit", 25, 6, 0.02);
  const scaled = blocks.map(({ baseMs, headMs }) => ({ baseMs: baseMs * factor, headMs: headMs * factor }));
  const [given, other] = [judge(runsOf(blocks)), judge(runsOf(scaled))];
  expect({ ...other, base: 0, head: 0 }).toEqual({ ...given, base: 0, head: 0 });
  expect((other.base.median ?? 0) / factor / (given.base.median ?? 0)).toBeCloseTo(1, 3);
});

it("latches: blocks after the decision leave the verdict and its evidence alone", () => {
  const decided = noisyBlocks("latch", 30, 9, 0.02);
  const after = noisyBlocks("latch/later", 30, -9, 0.02);
  const [given, longer] = [judge(runsOf(decided)), judge(runsOf([...decided, ...after]))];
  expect(given.verdict).toBe("regressed");
  expect(longer.verdict).toBe(given.verdict);
  expect(longer.evidence).toEqual(given.evidence);
  const same = noisyBlocks("latch/same", 20, 0, 0.01);
  expect(judge(runsOf([...same, ...noisyBlocks("x", 30, 30)])).verdict).toBe("same");
});

describe("what is an alert", () => {
  it.each([
    ["regressed", 0.03, "warm", true, "minor"],
    ["regressed", 0.0953, "warm", true, "minor"],
    ["regressed", 0.0954, "warm", true, "major"],
    ["regressed", 0.1397, "cold", true, "minor"],
    ["regressed", 0.1399, "cold", true, "major"],
    ["regressed", 0.0197, "warm", false, null],
    ["regressed", 0.0199, "warm", true, "minor"],
    ["regressed", -0.2, "warm", false, null],
    ["regressed", Number.NaN, "warm", false, null],
    ["improved", 0.2, "warm", false, null],
    ["same", 0.03, "warm", false, null],
    ["undecided", 0.3, "warm", false, null],
  ] as const)("%s, worse by %f (log), %s: %s, %s", (verdict, worsening, phase, isAlert, severity) => {
    const majorPct = phase === "cold" ? 15 : 10;
    expect(alertOf(verdict, worsening, { metric: wall, rule, majorPct })).toEqual({ isAlert, severity });
  });
});

/** A block of which one run is not as it should be. */
const odd = (head: Partial<MadeUpRun>, base: Partial<MadeUpRun> = {}): MadeUpBlock => ({
  baseMs: 100,
  headMs: 100,
  base,
  head,
});
const good = (count: number) => noisyBlocks("good", count);

describe("what cannot be judged", () => {
  const failed = { valid: false };
  const cases: Readonly<Record<string, readonly [readonly MadeUpRun[], RegExp]>> = {
    "one arm missing": [runsOf(good(20)).filter(({ arm }) => arm === "base"), /^head has no run/],
    "no arm named": [runsOf(good(20)).map(({ arm: _, ...run }) => run), /^base and head have no run/],
    "all runs failed": [runsOf(good(20)).map((run) => ({ ...run, ...failed })), /failed in 20 of 20 blocks/],
    "all of head failed": [runsOf(good(20).map((block) => ({ ...block, head: failed }))), /20 of head/],
    "failures in 3 of 20": [
      runsOf([...good(17), odd(failed), odd({}, failed), odd(failed)]),
      /in 3 of 20 blocks \(2 of head|in 3 of 20 blocks \(1 of base, 2 of head\)/,
    ],
    "four failures of head alone in 60": [
      runsOf([...good(56), ...Array.from({ length: 4 }, () => odd({}, failed))]),
      /failed in 4 of 60 blocks \(\d of base, \d of head\)/,
    ],
    "valid not said": [runsOf(good(20)).map(({ valid: _, ...run }) => run), /failed in 20 of 20/],
    NaN: [runsOf([...good(20), odd({ wallMs: Number.NaN })]), /^NaN ms is no possible wall/],
    infinite: [runsOf([...good(20), odd({ wallMs: Number.POSITIVE_INFINITY })]), /^Infinity ms/],
    negative: [runsOf([...good(20), odd({ wallMs: -1 })]), /^-1 ms/],
    zero: [runsOf([...good(20), odd({}, { wallMs: 0 })]), /^0 ms/],
    "all zero": [runsOf(good(30).map(() => ({ baseMs: 0, headMs: 0 }))), /^0 ms/],
    "all NaN": [runsOf(good(30).map(() => ({ baseMs: Number.NaN, headMs: Number.NaN }))), /^NaN ms/],
    "a clock that stands": [
      runsOf(good(20).map(() => ({ baseMs: 16, headMs: 16 }))),
      /40 runs have only 1 different duration:/,
    ],
    "every block twice": [[...runsOf(good(20)), ...runsOf(good(20))], /no block with a run of each arm/],
    "one block torn": [runsOf(good(30)).slice(0, -1), /1 of 30 blocks do not hold exactly one run of each arm/],
    "a clock of few steps": [
      runsOf(good(20).map((_, index) => ({ baseMs: 16 * (1 + (index % 2)), headMs: 16 * (1 + (index % 3)) }))),
      /40 runs have only 3 different durations/,
    ],
    "a run that hit its time limit": [
      runsOf([...good(19), odd({ ...failed, timedOut: true })]),
      /hit its time limit \(0 of base failed, 1 of head\)/,
    ],
    "two failures of head alone": [runsOf([...good(28), odd(failed), odd(failed)]), /failed in 2 of 30 blocks/],
    "a third of the blocks torn": [
      runsOf(good(30)).filter(({ arm, block = 0 }) => arm === "base" || block % 3 > 0),
      /10 of 30 blocks do not hold exactly one run of each arm/,
    ],
  };

  it.each(Object.entries(cases))("%s", (_, [runs, reason]) => {
    const cell = judge(runs);
    expect(cell.reason).toMatch(reason);
    expect(cell).toMatchObject({ verdict: "incomparable", isAlert: false, interval: null, evidence: null });
    expect(cell.remedy).not.toBe("");
    expect(needed(runs)).toBeGreaterThan(0);
  });

  it("one block is not enough, and says so", () => {
    const cell = judge(runsOf(noisyBlocks("one", 1, 50)));
    expect(cell).toMatchObject({ verdict: "undecided", blockCount: 1, detectablePct: null });
    expect(cell.warnings.map(({ code }) => code)).toContain("too-few-samples");
  });

  it("no metered value", () => {
    const runs = runsOf(good(20)).map(({ cpuMs: _, ...run }) => run);
    expect(judge(runs, metricOf("cpu")).reason).toBe("20 of 20 blocks have no cpu");
  });
});

describe("what does not stand in the way", () => {
  it("failures in a tenth of the blocks, of which the whole block is left out", () => {
    const failed = { valid: false, wallMs: 9999 };
    const cell = judge(runsOf([...good(18), odd(failed), odd({}, failed)]));
    expect(cell).toMatchObject({ verdict: "same", blockCount: 18 });
    expect(cell.warnings.map(({ code }) => code)).toContain("failure-rate");
  });

  it("blocks out of order", () => {
    const runs = runsOf(noisyBlocks("order", 25, 7));
    expect(judge(new SeededRandom("mix").shuffle(runs)).evidence).toEqual(judge(runs).evidence);
    expect(judge(runs)).toMatchObject({ verdict: "regressed", blockCount: 25 });
  });

  it("clocks that go backwards, with a warning", () => {
    const runs = runsOf(good(20)).map((run, index) =>
      index === 9 ? { ...run, startedAtMs: Date.parse("2020-01-01T00:00:00.000Z") } : run,
    );
    expect(judge(runs).verdict).toBe("same");
    expect(judge(runs).warnings.map(({ code }) => code)).toContain("clock-went-back");
  });
});

describe("an exact metric", () => {
  const bytesMetric = metricOf("output_bytes");
  const judgeBytes = (blocks: readonly MadeUpBlock[], gatesChange = true) =>
    judgeExactCell({
      id: `${CELL}/output_bytes`,
      family: "exact",
      metric: bytesMetric,
      pair: pairOf(runsOf(blocks), bytesMetric),
      gating: false,
      rule: ruleOf("secondary", 24, DEFAULT_MARGINS),
      maxBlocks: 30,
      gatesChange,
    });
  const bytes = (base: number, head: number) =>
    good(12).map((block) => ({ ...block, base: { outputBytes: base }, head: { outputBytes: head } }));

  it.each([
    [1_000_000, 1_000_001],
    [1_000_000, 999_999],
    [0, 1],
    [1, 0],
  ])("is changed by one byte: %i to %i", (base, head) => {
    expect(judgeBytes(bytes(base, head))).toMatchObject({ verdict: "changed", isAlert: true });
    const isLost = base === 0 || head === 0;
    const accepted = isLost ? { isAlert: true, severity: "major" } : { isAlert: false, severity: null };
    expect(judgeBytes(bytes(base, head), false)).toMatchObject({ verdict: "changed", ...accepted });
  });

  it("is the same when not a byte differs, even in one block", () => {
    expect(judgeBytes(bytes(400, 400))).toMatchObject({ verdict: "same", isAlert: false, evidence: null });
    expect(judgeBytes(bytes(400, 400).slice(0, 1)).verdict).toBe("same");
  });

  it("is judged like a noisy one when an arm varies, and never called changed then", () => {
    const varying = bytes(400, 400).map((block, index) => ({ ...block, head: { outputBytes: 400 + (index % 2) } }));
    const cell = judgeBytes(varying);
    expect(cell.warnings.map(({ code }) => code)).toContain("not-constant");
    expect(cell.verdict).toBe("same");
    const larger = bytes(400, 400).map((block, index) => ({ ...block, head: { outputBytes: 500 + (index % 2) } }));
    expect(judgeBytes([...larger, ...larger, ...larger])).toMatchObject({ verdict: "regressed", isAlert: true });
  });
});

describe("the rule that stops a cell", () => {
  const context = buildContext([CELL]);
  const shouldStop = (runs: readonly MadeUpRun[], name = CELL) => needed(runs, context, name) === 0;

  it.each([
    ["slower", 8, 0.02],
    ["nothing", 0, 0.01],
    ["noise", 0, 0.4],
    ["a little slower", 1.5, 0.003],
  ] as const)("stops when and only when the verdict stands: %s", (name, changePct, noise) => {
    const blocks = noisyBlocks(`stop/${name}`, 40, changePct, noise);
    const own = ruleOf("primary", 1, DEFAULT_MARGINS);
    const final = judgeCell({
      id: CELL,
      pair: pairOf(runsOf(blocks), wall),
      metric: wall,
      family: "primary",
      gating: true,
      maxBlocks: 40,
      rule: own,
    });
    for (let count = 1; count <= blocks.length; count += 1) {
      const runs = runsOf(blocks).slice(0, 2 * count);
      const isDecided = final.verdict !== "undecided" && count >= (final.evidence?.decidedAfterBlocks ?? 99);
      if (final.evidence?.decidedAfterBlocks === 40) break;
      expect({ count, stops: shouldStop(runs) }).toEqual({ count, stops: isDecided });
    }
  });

  it("does not stop for a change too small to matter, which may still be proved same", () => {
    const runs = runsOf(Array.from({ length: 20 }, (_, n) => ({ baseMs: 100 + n / 1e6, headMs: 101.5 + n / 1e6 })));
    const margins = { equivalencePct: 1, minEffectPct: 2 };
    const small = judgeCell({
      id: CELL,
      pair: pairOf(runs, wall),
      metric: wall,
      family: "primary",
      gating: true,
      maxBlocks: 20,
      rule: ruleOf("primary", 1, margins),
    });
    expect(small).toMatchObject({ verdict: "regressed", isAlert: false });
    const family = { primary: [seriesName(CELL, wall.id)], secondary: [], margins };
    expect(needed(runs, buildContext([CELL], { family }))).toBe(Number.POSITIVE_INFINITY);
  });

  it("tells how many blocks more a cell needs at the rate of its evidence so far", () => {
    const more = [11, 12, 13].map((blockCount) => needed(runsOf(good(blockCount))));
    expect(more.at(-1)).toBe(0);
    expect(more[0]).toBeGreaterThanOrEqual(more[1] ?? 0);
    expect(more[0]).toBeLessThan(10);
  });

  it("goes on for a secondary metric that is about to be decided, and stops without one", () => {
    const family = { primary: [seriesName(CELL, "wall")], secondary: [seriesName(CELL, "cpu")] };
    const cpu = noisyBlocks("cpu", 13, 10, 0.04);
    const runs = runsOf(
      good(13).map((block, index) => ({
        ...block,
        base: { cpuMs: cpu[index]?.baseMs ?? 0 },
        head: { cpuMs: cpu[index]?.headMs ?? 0 },
      })),
    );
    expect(shouldStop(runs)).toBe(true);
    expect(needed(runs, { ...context, family })).toBeGreaterThan(0);
    expect(needed(runsOf(good(13)), { ...context, family })).toBe(0);
  });

  it("asks of a control what its own family asks", () => {
    const stopsAs = (name: string, blocks: readonly MadeUpBlock[]) => shouldStop(buildRuns(name, blocks), name);
    expect(stopsAs("control/null", noisyBlocks("n", 14))).toBe(true);
    expect(stopsAs("control/planted-5", noisyBlocks("n", 30))).toBe(false);
    expect(stopsAs("control/planted-10", noisyBlocks("p", 30, 10))).toBe(true);
  });
});
