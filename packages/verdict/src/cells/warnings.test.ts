import { PRIMARY_METRIC } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { buildRuns, type MadeUpBlock, type MadeUpRun, metricOf, noisyBlocks, pairOf } from "../test-helpers.ts";
import { readBlocks } from "./obstacles.ts";
import { findCellWarnings } from "./warnings.ts";

const CELL = "P1/one/warm";

function warningsOf(runs: readonly MadeUpRun[], metricId = PRIMARY_METRIC) {
  const metric = metricOf(metricId);
  const pair = pairOf(runs, metric);
  return findCellWarnings({ pair, metric, ...readBlocks(pair, metric), cpuCount: 2 });
}

const codesOf = (runs: readonly MadeUpRun[], metricId?: string) => warningsOf(runs, metricId).map(({ code }) => code);
const quiet = (count: number) => noisyBlocks("quiet", count);
const runsOf = (blocks: readonly MadeUpBlock[]) => buildRuns(CELL, blocks);
/** The same runs, each with its time multiplied. */
const stretched = (runs: readonly MadeUpRun[], factor: (run: MadeUpRun, index: number) => number) =>
  runs.map((run, index) => ({ ...run, wallMs: run.wallMs * factor(run, index) }));

it("finds nothing in a quiet cell, slower or not", () => {
  expect(warningsOf(runsOf(quiet(40)))).toEqual([]);
  expect(warningsOf(runsOf(noisyBlocks("slower", 40, 4)))).toEqual([]);
});

describe("finds", () => {
  const runs = runsOf(quiet(40));
  const random = new SeededRandom("warnings");
  const cases: Readonly<Record<string, readonly MadeUpRun[]>> = {
    "too-few-samples": runsOf(quiet(5)),
    "failure-rate": runsOf([...quiet(19), { baseMs: 100, headMs: 100, head: { valid: false } }]),
    "high-variation": stretched(runs, () => Math.exp(0.35 * random.normal())),
    outliers: stretched(runs, (_, index) => (index % 6 === 0 ? 2 : 1)),
    bimodal: stretched(runs, () => (random.chance(0.5) ? 1.4 : 1)),
    "order-effect": stretched(runs, ({ position }) => (position === 1 ? 1.05 : 1)),
    "slot-effect": stretched(runs, ({ slot }) => (slot === "B" ? 1.05 : 1)),
    "carry-over": stretched(runs, (_, index) => (runs[index - 1]?.arm === "head" ? 1.1 : 1)),
    "background-load": runs.map((run) => ({ ...run, loadAverage1m: 3 })),
    "clock-went-back": runs.toReversed(),
  };

  it.each(Object.entries(cases))("%s", (code, spoilt) => {
    const found = warningsOf(spoilt).filter((warning) => warning.code === code);
    expect(found.length).toBeGreaterThan(0);
    for (const { message, remedy } of found) expect(`${message}; ${remedy}`).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("background-load by stolen time", () => {
    expect(codesOf(runs.map((run) => ({ ...run, stolenMs: 3 })))).toEqual(["background-load"]);
    expect(codesOf(runs.map((run) => ({ ...run, stolenMs: 1, loadAverage1m: 2 })))).toEqual([]);
  });

  it("memory-growth, of memory alone", () => {
    const grown = runs.map((run, index) => ({ ...run, peakMemoryBytes: 50_000_000 * (1 + index / 200) }));
    expect(codesOf(grown, "peak_memory")).toContain("memory-growth");
    expect(codesOf(grown)).toEqual([]);
  });
});

it("says of an order or slot effect how large it is, whichever arm came second", () => {
  const effect = stretched(runsOf(quiet(40)), ({ position }) => (position === 1 ? 1.05 : 1));
  const found = warningsOf(effect).find(({ code }) => code === "order-effect");
  expect(Number(/takes ([\d.]+) % more/.exec(found?.message ?? "")?.[1])).toBeCloseTo(5, 0);
});

it("finds no order effect where no order is known", () => {
  const slower = runsOf(noisyBlocks("slower", 40, 10)).map(({ position: _, slot: __, ...run }) => run);
  expect(codesOf(slower)).not.toContain("order-effect");
  expect(codesOf(slower)).not.toContain("slot-effect");
});

it.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])("comes to an end when all runs took %s ms", (wallMs) => {
  const codes = codesOf(runsOf(quiet(40)).map((run) => ({ ...run, wallMs })));
  expect(codes).not.toContain("carry-over");
});
