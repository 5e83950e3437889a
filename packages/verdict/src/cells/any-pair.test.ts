import { declareMetric, type Metric, type Sample, type Series, type SeriesPair } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { DEFAULT_MARGINS, ruleOf } from "../rules.ts";
import { type JudgedCell, judgeCell } from "./judge-cell.ts";
import { judgeExactCell } from "./judge-exact-cell.ts";

const rule = ruleOf("primary", 1, DEFAULT_MARGINS);
const nsPerOp = declareMetric({ id: "ns_per_op", unit: "ns/op", better: "lower", kind: "time" });
const successRate = declareMetric({ id: "success_rate", better: "higher", kind: "proportion" });

function judge(pair: SeriesPair, metric: Metric = nsPerOp, sessions: readonly Series[] = []): JudgedCell {
  return judgeCell({ id: "x", pair, metric, family: "primary", gating: true, rule, maxBlocks: 60, sessions });
}

/** A series as an importer makes one: nobody says how it was measured. */
function seriesOf(values: readonly (number | null)[], changes: Partial<Series> = {}): Series {
  const samples = values.map((value): Sample => ({ value, status: "valid" }));
  return { benchmark: "Decode", params: { size: "1k" }, metric: nsPerOp, design: "unknown", samples, ...changes };
}

/** `count` values around `center`, with noise of 1 %. */
function valuesAround(label: string, center: number, count = 10): number[] {
  const random = new SeededRandom(label);
  return Array.from({ length: count }, () => center * Math.exp(0.01 * random.normal()));
}

/** One try of each of 200 tasks, of which `successes` succeed. */
function triesOf(successes: number, changes: Partial<Series> = {}): Series {
  const samples = Array.from({ length: 200 }, (_, task): Sample => {
    return { value: (task * 37) % 200 < successes ? 1 : 0, status: "valid", task: `task ${task}` };
  });
  return { benchmark: "review", params: {}, metric: successRate, design: "sequential", samples, ...changes };
}

describe("a series of Go's kind", () => {
  const base = seriesOf(valuesAround("base", 1000));
  const head = seriesOf(valuesAround("head", 1200));
  const sessions = Array.from({ length: 10 }, (_, session) =>
    seriesOf(valuesAround(`session ${session}`, 1000 * (1 + (session % 6) / 100))),
  );

  it("is regressed where earlier sessions say how much sessions differ", () => {
    expect(judge({ base, head }, nsPerOp, sessions)).toMatchObject({
      benchmark: "Decode",
      params: { size: "1k" },
      unit: "ns/op",
      way: "independent",
      verdict: "regressed",
      isAlert: true,
      severity: "major",
      blockCount: 10,
    });
  });

  it("is undecided without them, however large the change, and never the same with them", () => {
    const alone = judge({ base, head });
    expect(alone).toMatchObject({ verdict: "undecided", isAlert: false, evidence: null });
    expect(alone.reason).toContain("0 earlier sessions");
    expect(alone.changePct).toBeCloseTo(20, -1);
    const equal = judge({ base, head: seriesOf(valuesAround("equal", 1000)) }, nsPerOp, sessions);
    expect(equal.verdict).toBe("undecided");
  });
});

describe("a success rate", () => {
  it("that falls from 90 to 60 % is regressed, in percentage points", () => {
    const fallen = judge({ base: triesOf(180), head: triesOf(120) }, successRate);
    expect(fallen).toMatchObject({ verdict: "regressed", isAlert: true, way: "proportion", kind: "proportion" });
    expect(fallen.changePct).toBeCloseTo(-30, 6);
    expect([fallen.base.median, fallen.head.median]).toEqual([0.9, 0.6]);
  });

  it("of the same tries is never proved to be another one", () => {
    expect(judge({ base: triesOf(180), head: triesOf(180) }, successRate)).toMatchObject({
      changePct: 0,
      isAlert: false,
    });
  });
});

describe("what does not belong together is incomparable, with reason and remedy", () => {
  const base = seriesOf(valuesAround("base", 1000));
  const head = seriesOf(valuesAround("head", 1000));
  const micros = { ...nsPerOp, unit: "µs/op" };
  const dataset = (id: string) => [{ what: "dataset", id }];
  const cases: Readonly<Record<string, readonly [SeriesPair, RegExp]>> = {
    "another unit": [{ base, head: { ...head, metric: micros } }, /has the unit "ns\/op", head "µs\/op"/],
    "another metric": [{ base, head: { ...head, metric: successRate } }, /has the metric "ns_per_op"/],
    "another direction": [
      { base, head: { ...head, metric: { ...nsPerOp, better: "higher" } } },
      /has the direction "lower", head "higher"/,
    ],
    "another design": [{ base, head: { ...head, design: "blocked" } }, /has the design "unknown", head "blocked"/],
    "another benchmark": [{ base, head: { ...head, benchmark: "Encode" } }, /has the benchmark .*Decode.*Encode/],
    "other parameters": [{ base, head: { ...head, params: { size: "2k" } } }, /1k.*2k/],
    "another phase": [{ base, head: { ...head, phase: "warm" } }, /warm/],
    "another dataset": [
      { base: { ...base, facts: dataset("1") }, head: { ...head, facts: dataset("2") } },
      /^base has another dataset \(1\) than head \(2\)$/,
    ],
    "no head": [{ base }, /^head has no samples$/],
    "neither side": [{}, /^base and head have no run$/],
    "no samples": [{ base, head: seriesOf([]) }, /^head has no samples$/],
    "all failed": [
      { base, head: { ...head, samples: head.samples.map((sample) => ({ ...sample, status: "failed" as const })) } },
      /^none of the 10 samples of head is valid$/,
    ],
    "no values": [{ base, head: seriesOf([null, null]) }, /^none of the 2 samples of head is valid$/],
    NaN: [{ base, head: seriesOf([1000, Number.NaN]) }, /^NaN ns\/op is no possible ns_per_op$/],
    Infinity: [{ base, head: seriesOf([1000, Number.POSITIVE_INFINITY]) }, /^Infinity ns\/op/],
    zero: [{ base, head: seriesOf([1000, 0]) }, /^0 ns\/op/],
    negative: [{ base, head: seriesOf([1000, -1]) }, /^-1 ns\/op/],
  };

  it.each(Object.entries(cases))("%s", (_, [pair, reason]) => {
    const cell = judge(pair);
    expect(cell.reason).toMatch(reason);
    expect(cell.remedy).toBeTruthy();
    expect(cell).toMatchObject({ verdict: "incomparable", isAlert: false, interval: null, evidence: null });
  });

  it("a success rate of 2", () => {
    const head2 = triesOf(100, { samples: [{ value: 2, status: "valid" }] });
    expect(judge({ base: triesOf(100), head: head2 }, successRate)).toMatchObject({ verdict: "incomparable" });
  });

  it("two samples of one block and arm", () => {
    const blocked = (values: readonly number[]): Series =>
      seriesOf([], {
        design: "blocked",
        samples: values.map((value, index) => ({ value, status: "valid", block: Math.floor(index / 2) })),
      });
    const cell = judge({ base: blocked([1, 2, 3, 4]), head: blocked([1, 2, 3, 4]) });
    expect(cell).toMatchObject({ verdict: "incomparable", reason: "there is no block with a run of each arm" });
  });
});

it("a million samples a side come to an answer", () => {
  const many = (label: string) => seriesOf(valuesAround(label, 1000, 1_000_000));
  expect(judge({ base: many("a"), head: many("b") })).toMatchObject({ verdict: "undecided", blockCount: 1_000_000 });
});

describe("an exact metric that a suite declares", () => {
  const errors = declareMetric({ id: "errors", better: "lower", kind: "count", noise: "exact" });
  const blocked = (value: number | null): Series => {
    const samples = Array.from({ length: 12 }, (_, block): Sample => ({ value, status: "valid", block }));
    return { benchmark: "b", params: {}, metric: errors, design: "blocked", samples };
  };
  const judgeExact = (base: number | null, head: number | null, gatesChange = false) =>
    judgeExactCell({
      id: "b/errors",
      pair: { base: blocked(base), head: blocked(head) },
      metric: errors,
      family: "exact",
      gating: gatesChange,
      rule,
      maxBlocks: 12,
      gatesChange,
    });

  it("may come down to 0: that is a change, and no arm that does not do its work", () => {
    expect(judgeExact(3, 0)).toMatchObject({ verdict: "changed", isAlert: false, severity: null });
    expect(judgeExact(0, 3)).toMatchObject({ verdict: "changed", isAlert: false });
    expect(judgeExact(0, 3, true)).toMatchObject({ verdict: "changed", isAlert: true, severity: "minor" });
  });

  it("that one arm does not print is incomparable, and the reason says which arm", () => {
    expect(judgeExact(5, null, true)).toMatchObject({
      verdict: "incomparable",
      reason: "12 of 12 blocks have no errors: 0 runs of base and 12 of head lack it",
    });
  });
});

describe("a metric whose change is a difference", () => {
  const score = declareMetric({ id: "score", better: "higher", kind: "count", effect: "difference" });
  const blocked = (label: string, center: number): Series => {
    const random = new SeededRandom(label);
    const samples = Array.from({ length: 30 }, (_, block): Sample => {
      return { value: center + 0.2 * random.normal(), status: "valid", block };
    });
    return { benchmark: "b", params: {}, metric: score, design: "blocked", samples };
  };

  it("may be negative, and its change is in per cent of the level of base", () => {
    const cell = judge({ base: blocked("base", -20), head: blocked("head", -22) }, score);
    expect(cell).toMatchObject({ verdict: "regressed", way: "paired" });
    expect(cell.changePct).toBeCloseTo(-10, -1);
  });
});
