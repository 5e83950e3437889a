import type { Comparison, Summary } from "@forgebench/artifacts";
import { checkArtifact, comparison } from "@forgebench/artifacts";
import { buildSummary, type PairSpec } from "@forgebench/artifacts/testing";
import { standardThresholds } from "@forgebench/verdict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareByThreshold } from "./compare-by-threshold.ts";

const known: Partial<Summary> = {
  dataset: { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64), source: "release" },
  suite: { name: "imageforge", sha256: "5".repeat(64) },
  machine: { id: "a".repeat(64) },
};

function compare(base: Summary, head: Summary, sha256 = { base: "1".repeat(64), head: "2".repeat(64) }): Comparison {
  const made = compareByThreshold({
    base: { summary: base, sha256: sha256.base },
    head: { summary: head, sha256: sha256.head },
    thresholds: standardThresholds,
    gateMode: "strict",
    generatedAt: "2026-02-15T00:00:00.000Z",
    inputs: [],
  });
  return checkArtifact(comparison, JSON.parse(JSON.stringify(made)), "compare.json");
}

const build = (pairs: Record<string, PairSpec>, changes: Partial<Summary> = {}) =>
  buildSummary(pairs, { ...known, ...changes });
const reasons = ({ incomparable = [] }: Comparison) =>
  incomparable.map(({ profileId, scenario, reason }) => `${profileId}/${scenario}: ${reason}`);
const codes = ({ warnings = [] }: Comparison) => warnings.map(({ code }) => code);
const two = { "P1/a": {}, "P1/b": {} };

describe("what can be judged", () => {
  it("is green when nothing is above its threshold", () => {
    const made = compare(build(two), build({ "P1/a": { coldMs: 220 }, "P1/b": { warmP50Ms: 60 } }));
    expect(made.outcome).toBe("green");
    expect(made.summary).toEqual({ totalPairs: 2, alertCount: 0, hasAlerts: false, incomparableCount: 0 });
    expect(made.pairs[0]?.deltas.cold).toEqual({ deltaMs: 20, regressionPct: 10 });
    expect(made.warnings).toEqual([]);
  });

  it("names each alert with both figures and the threshold", () => {
    const made = compare(build(two), build({ "P1/a": {}, "P1/b": { coldMs: 300, warmP50Ms: 180, warmP95Ms: 189 } }));
    expect(made.outcome).toBe("regression");
    expect(made.pairs[1]?.alerts).toEqual([
      { metric: "warm-p50", baseMs: 120, headMs: 180, regressionPct: 50, thresholdPct: 10 },
      { metric: "warm-p95", baseMs: 126, headMs: 189, regressionPct: 50, thresholdPct: 20 },
      { metric: "cold", baseMs: 200, headMs: 300, regressionPct: 50, thresholdPct: 15 },
    ]);
    expect(made.summary.alertCount).toBe(3);
  });

  it("keeps head's order of profiles and scenarios", () => {
    const made = compare(build({ "P1/b": {}, "P1/a": {}, "P2/a": {} }), build({ "P2/a": {}, "P1/a": {}, "P1/b": {} }));
    expect(made.pairs.map((pair) => `${pair.profileId}/${pair.scenario}`)).toEqual(["P2/a", "P1/a", "P1/b"]);
  });
});

describe("fails closed", () => {
  it.each([
    ["missing in head", two, { "P1/a": {} }, ["P1/b: missing-in-head"]],
    ["missing in base", { "P1/b": {} }, two, ["P1/a: missing-in-base"]],
    ["no common pair", { "P1/a": {} }, { "P2/a": {} }, ["P2/a: missing-in-base", "P1/a: missing-in-head"]],
    ["no pair at all", {}, {}, ["/: nothing-to-compare"]],
    ["no cold run in head", two, { ...two, "P1/b": { coldMs: null } }, ["P1/b: missing-phase"]],
    ["no warm run in base", { ...two, "P1/a": { warmP50Ms: null } }, two, ["P1/a: missing-phase"]],
    [
      "no run at all",
      { "P1/a": { coldMs: null, warmP50Ms: null } },
      { "P1/a": { coldMs: null, warmP50Ms: null } },
      ["P1/a: missing-phase", "P1/a: missing-phase"],
    ],
    ["failed runs in base", { ...two, "P1/a": { passed: false } }, two, ["P1/a: validation-failed"]],
    [
      "failed runs in both",
      { ...two, "P1/a": { passed: false } },
      { ...two, "P1/a": { passed: false } },
      ["P1/a: validation-failed", "P1/a: validation-failed"],
    ],
    [
      "other images",
      { ...two, "P1/a": { imageCount: 30 } },
      { ...two, "P1/a": { imageCount: 29 } },
      ["P1/a: different-dataset"],
    ],
    ["a zero baseline", { ...two, "P1/a": { coldMs: 0 } }, two, ["P1/a: impossible-figure"]],
    ["a negative baseline", { ...two, "P1/a": { coldMs: -5 } }, two, ["P1/a: impossible-figure"]],
    ["a zero in head", two, { ...two, "P1/a": { coldMs: 0 } }, ["P1/a: impossible-figure"]],
  ] as [string, Record<string, PairSpec>, Record<string, PairSpec>, string[]][])("on %s", (_, base, head, expected) => {
    const made = compare(build(base), build(head));
    expect(reasons(made)).toEqual(expected);
    expect(made.outcome).toBe("invalid");
    expect(
      made.incomparable?.every(({ message, remedy }) => message.startsWith("Cannot compare") && remedy !== ""),
    ).toBe(true);
  });

  it("on a baseline that is not a number", () => {
    const base = build(two);
    const cold = base.profileScenarioSummaries.P1?.a?.cold;
    if (cold != null) cold.wallMs = Number.NaN;
    const made = compareByThreshold({
      base: { summary: base, sha256: "" },
      head: { summary: build(two), sha256: "2" },
      thresholds: standardThresholds,
      gateMode: "advisory",
      generatedAt: "",
      inputs: [],
    });
    expect(reasons(made)).toEqual(["P1/a: impossible-figure"]);
    expect(made.pairs[0]?.deltas.cold).toEqual({ deltaMs: null, regressionPct: null });
  });

  it.each([
    [
      "different-dataset",
      { dataset: { datasetVersion: "1.1.0", tierId: "tier30", sha256: "e".repeat(64), source: "release" } },
    ],
    ["different-suite", { suite: { name: "other", sha256: "e".repeat(64) } }],
    ["different-machine", { machine: { id: "e".repeat(64) } }],
  ])("on a %s, and then publishes no delta and no alert of any pair", (reason, changes) => {
    const made = compare(build(two), build({ "P1/a": { coldMs: 9000 }, "P1/b": {} }, changes));
    expect(reasons(made)).toEqual([`/: ${reason}`]);
    expect(made.pairs.map(({ deltas }) => deltas.cold.regressionPct)).toEqual([null, null]);
    expect(made.pairs[0]?.head.coldMs).toBe(9000);
    expect(made.summary.alertCount).toBe(0);
  });

  it("carries the dataset of both sides; of the same images, the origin that can be trusted least", () => {
    const sha256 = "d".repeat(64);
    const local = { datasetVersion: "1.0.0", tierId: "tier30", sha256, source: "local" };
    const [released, built] = [build(two), build(two, { dataset: local })];
    expect(compare(released, released).dataset?.source).toBe("release");
    expect(compare(built, released).dataset).toEqual(local);
    expect(compare(released, built).dataset).toEqual(local);
  });

  it("says of other datasets where each came from", () => {
    const dataset = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "e".repeat(64) };
    const fallback = build(two, { dataset: { ...dataset, source: "fallback", fallback: { reason: "no release" } } });
    expect(compare(build(two), fallback).incomparable?.[0]?.message).toBe(
      "Cannot compare: base has another dataset (tier30 1.0.0, release, sha256 dddddddddddd…) than head (tier30 1.0.0, fallback: no release, sha256 eeeeeeeeeeee…)",
    );
  });

  it("on a validation that failed outside the pairs, and on one that passed but counts failures", () => {
    const failed = {
      validation: { passed: false, failureCount: 1, failures: ["the manifest changed during the run"] },
    };
    const made = compare(build(two), build(two, failed));
    expect(made.incomparable?.[0]?.message).toBe(
      'Cannot compare: the validation of head failed: "the manifest changed during the run"',
    );
    const doubtful = { validation: { passed: true, failureCount: 2, failures: [] } };
    expect(reasons(compare(build(two, doubtful), build(two)))).toEqual(["/: validation-failed"]);
  });

  it("on a pair that both sides announce and neither has", () => {
    const announced = build({ "P1/a": {}, "P2/b": {} });
    expect(reasons(compare(announced, announced))).toEqual(["P1/b: missing-in-both", "P2/a: missing-in-both"]);
  });

  it("still names a regression of the other pairs", () => {
    const made = compare(build(two), build({ "P1/b": { coldMs: 400 } }));
    expect(made.outcome).toBe("invalid");
    expect(made.pairs.flatMap(({ alerts }) => alerts).map(({ metric }) => metric)).toEqual(["cold"]);
  });

  it("judges the phase that both sides have when the other is missing", () => {
    const made = compare(build(two), build({ ...two, "P1/a": { coldMs: null, warmP50Ms: 240 } }));
    expect(made.pairs[0]?.deltas.warmP50.regressionPct).toBe(100);
    expect(made.summary.alertCount).toBe(2);
  });

  it("is not misled by names that every object has", () => {
    const made = compare(build(two), build({ "P1/constructor": {}, "toString/a": {} }));
    expect(reasons(made)).toContain("toString/a: missing-in-base");
    expect(reasons(made)).toContain("P1/constructor: missing-in-base");
  });
});

describe("warnings", () => {
  it("says when the dataset, the suite or the machine is unknown, on one side or on both", () => {
    const bare = buildSummary(two);
    expect(codes(compare(bare, bare))).toEqual(["unknown-dataset", "unknown-suite", "unknown-machine"]);
    const [first] = compare(bare, build(two)).warnings ?? [];
    expect(first?.message).toContain("base does not say");
    expect(compare(bare, build(two)).outcome).toBe("green");
  });

  it("notices the same file on both sides, the same build, and swapped arms", () => {
    const same = { base: "1".repeat(64), head: "1".repeat(64) };
    expect(codes(compare(build(two), build(two), same))).toEqual(["same-file"]);
    const subject = { subject: { id: "b".repeat(64) } };
    expect(codes(compare(build(two, subject), build(two, subject)))).toEqual(["same-subject"]);
    expect(codes(compare(build(two, { arm: "base" }), build(two, { arm: "head" })))).toEqual([]);
    const swapped = compare(build(two, { arm: "head" }), build(two, { arm: "base" }));
    expect(codes(swapped)).toEqual(["arms-swapped"]);
    expect(codes(compare(build(two, { arm: "head" }), build(two)))).toEqual(["arms-swapped"]);
  });

  it("notices sides that were not measured in turn, by their runs or by their design", () => {
    const from = (letter: string): Partial<Summary> => ({
      inputs: [{ path: `${letter}/raw-runs.jsonl`, sha256: letter.repeat(64) }],
    });
    const blocked: Partial<Summary> = { ...from("a"), design: "blocked" };
    expect(codes(compare(build(two, blocked), build(two, blocked)))).toEqual([]);
    expect(codes(compare(build(two, blocked), build(two, { ...blocked, ...from("b") })))).toEqual([
      "not-measured-in-turn",
    ]);
    const alone = compare(build(two, { design: "sequential" }), build(two));
    expect(codes(alone)).toEqual(["not-measured-in-turn"]);
    expect(alone.warnings?.[0]?.remedy).toContain("--base-cli-path");
    expect(alone.outcome).toBe("green");
  });

  it("notices builds that were run where they are, and different meters", () => {
    const inPlace: Partial<Summary> = { slots: { mode: "in-place" }, meter: "none" };
    const copied: Partial<Summary> = { slots: { mode: "copied" }, meter: "wait4" };
    const made = compare(build(two, inPlace), build(two, copied));
    expect(codes(made)).toEqual(["builds-in-place", "different-meter"]);
    expect(made.warnings?.[0]?.message).toMatch(/^the build of base was run where it is/);
    expect(compare(build(two, inPlace), build(two, inPlace)).warnings?.map(({ message }) => message)).toEqual([
      expect.stringContaining("the build of base and head was run"),
    ]);
    expect(codes(compare(build(two, inPlace), build(two)))).toEqual(["builds-in-place"]);
  });

  it("notices different run counts and phases that were not measured", () => {
    const cold = { "P1/a": { warmP50Ms: null }, "P1/b": {} };
    const made = compare(build(cold), build(cold, { benchmark: { ...build(cold).benchmark, runCount: 4 } }));
    expect(codes(made)).toEqual(["different-run-count", "phase-not-measured"]);
    expect(made.outcome).toBe("green");
  });

  it("misses no phase that the suite does not have", () => {
    const cold = { "P1/a": { warmP50Ms: null }, "P1/b": { warmP50Ms: null } };
    const { benchmark } = build(cold);
    const scenarios = [
      { name: "a", expectedTotal: 1, phases: ["cold" as const] },
      { name: "b", expectedTotal: 1 },
    ];
    const side = build(cold, { benchmark: { ...benchmark, scenarios } });
    const [warning, ...others] = compare(side, side).warnings ?? [];
    expect(warning?.message).toBe("neither side has warm runs of P1/b: nothing is known about them");
    expect(others).toEqual([]);
  });
});

it("finds the opposite signs when the sides are swapped", () => {
  const spec = fc.record({
    coldMs: fc.double({ min: 1, max: 1e5, noNaN: true }),
    warmP50Ms: fc.double({ min: 1, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(spec, spec, (one, other) => {
      const [a, b] = [build({ "P1/a": one }), build({ "P1/a": other })];
      const [forth, back] = [compare(a, b).pairs[0], compare(b, a).pairs[0]];
      for (const delta of ["warmP50", "warmP95", "cold"] as const) {
        const product = (forth?.deltas[delta].regressionPct ?? 1) * (back?.deltas[delta].regressionPct ?? 1);
        expect(product).toBeLessThanOrEqual(0);
      }
      const metrics = (pair: typeof forth) => pair?.alerts.map(({ metric }) => metric) ?? [];
      expect(metrics(forth).filter((metric) => metrics(back).includes(metric))).toEqual([]);
    }),
  );
});
