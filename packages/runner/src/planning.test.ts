import { ArtifactError, UsageError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellId } from "./cells.ts";
import { controlCells, describeControls, planControls } from "./controls.ts";
import { familyOf } from "./family.ts";
import { planMeasurement } from "./make-schedule.ts";
import { chooseSampling, describeSampling, mostRuns, type SamplingChoice } from "./sampling.ts";
import { cellsOfShard, parseShard } from "./shards.ts";
import { makeCells, makeSuite } from "./test-helpers.ts";

const evidence = { mode: "evidence", minBlocks: 13, maxBlocks: 60 } as const;
const fixed = { mode: "fixed", runCount: 10 } as const;

describe("chooseSampling", () => {
  const none: SamplingChoice = {
    hasBase: true,
    runCount: undefined,
    minBlocks: undefined,
    maxBlocks: undefined,
    timeBudgetMinutes: undefined,
  };

  it("is by evidence with a base and no number of runs, else fixed", () => {
    expect(chooseSampling(none)).toEqual(evidence);
    expect(chooseSampling({ ...none, minBlocks: 2, maxBlocks: 9, timeBudgetMinutes: 30 })).toEqual({
      mode: "evidence",
      minBlocks: 2,
      maxBlocks: 9,
      timeBudgetMinutes: 30,
    });
    expect(chooseSampling({ ...none, runCount: 4 })).toEqual({ mode: "fixed", runCount: 4 });
    expect(chooseSampling({ ...none, hasBase: false })).toEqual(fixed);
    expect(chooseSampling({ ...none, runCount: 4, coldRuns: 3 })).toEqual({ mode: "fixed", runCount: 4, coldRuns: 3 });
    expect(describeSampling({ mode: "fixed", runCount: 4, coldRuns: 3 })).toEqual({ mode: "fixed", coldRuns: 3 });
    expect([fixed, evidence].map(mostRuns)).toEqual([10, 60]);
    expect([fixed, evidence].map(describeSampling)).toEqual([{ mode: "fixed" }, evidence]);
  });

  it.each([
    [{ minBlocks: 61 }, "--min-blocks: 61 is more than the 60 of --max-blocks"],
    [{ maxBlocks: 12 }, "--min-blocks: 13 is more than the 12 of --max-blocks"],
    [{ runCount: 4, maxBlocks: 12 }, "--max-blocks: --run-count fixes the number of runs"],
    [{ hasBase: false, timeBudgetMinutes: 1 }, "--time-budget-minutes: with one arm the number of runs is fixed"],
    [{ coldRuns: 3 }, "--cold-runs: by evidence a cold cell gets as many blocks as its verdict needs"],
    [{ hasBase: false, minBlocks: 3 }, "--min-blocks: with one arm the number of runs is fixed"],
  ])("refuses %j", (changes, message) => {
    expect(() => chooseSampling({ ...none, ...changes })).toThrow(message);
    expect(() => chooseSampling({ ...none, ...changes })).toThrow(UsageError);
  });
});

describe("familyOf", () => {
  const metrics = ["wall", "reported_duration", "cpu", "peak_memory", "output_bytes", "throughput"];
  const scenarios = [
    { name: "one", files: "small" },
    { name: "all", files: "all", gating: false },
  ];
  const suite = makeSuite({ metrics, scenarios, gateChanged: ["output_bytes"] });
  const chosenCells = makeCells(["P1"], ["one", "all"], ["warm"]);

  it("has the gating walls first, and all else that is noisy second", () => {
    expect(familyOf({ suite, chosenCells, meter: "wait4" })).toEqual({
      primary: ["P1/one/warm/wall"],
      secondary: [
        ...["P1/one/warm/reported_duration", "P1/one/warm/cpu", "P1/one/warm/peak_memory"],
        ...["P1/all/warm/wall", "P1/all/warm/reported_duration", "P1/all/warm/cpu", "P1/all/warm/peak_memory"],
      ],
      exactMetrics: ["output_bytes"],
      gateChanged: ["output_bytes"],
      margins: { equivalencePct: 5, minEffectPct: 2 },
    });
  });

  it("leaves out what will not be known", () => {
    const report = { total: "a", processed: "b", cached: "c", failed: "d" };
    const silent = { ...suite, subject: { ...suite.subject, report } };
    expect(familyOf({ suite: silent, chosenCells, meter: "none" }).secondary).toEqual(["P1/all/warm/wall"]);
  });
});

describe("planControls", () => {
  const suite = makeSuite({
    scenarios: [
      { name: "all", files: "all" },
      { name: "one", files: "small" },
    ],
  });
  const request = {
    suite,
    suitePath: "suite.yaml",
    sampling: evidence,
    areWanted: true,
    chosenCells: makeCells(["P2"], ["all"], ["cold", "warm"]),
  };

  it("takes a warm run on the small file, of the first chosen profile", () => {
    const plan = planControls(request);
    expect(describeControls(plan)).toEqual({ cell: "P2/one/warm", plantedBy: "node-preload" });
    expect(controlCells(plan).map(cellId)).toEqual(["control/null", "control/planted-5", "control/planted-10"]);
  });

  it("takes the first chosen cell where no small file can run warm", () => {
    const without = makeSuite({ scenarios: [{ name: "all", files: "all" }] });
    expect(planControls({ ...request, suite: without })).toMatchObject({ cell: { scenario: "all", phase: "cold" } });
  });

  it("slows any command by our helper, and leaves the null where that does not run", () => {
    const other = makeSuite({ subject: { ...suite.subject, argv: ["ruby", "{cli}"] } });
    expect(planControls({ ...request, suite: other })).toMatchObject({ plantedBy: "plant-helper" });
    const bare = planControls({ ...request, suite: other, hasHelper: false });
    expect(describeControls(bare)).toEqual({
      cell: "P2/one/warm",
      unplantedBecause: expect.stringContaining("or add plantCommand to the suite"),
    });
    expect(controlCells(bare).map(cellId)).toEqual(["control/null"]);
    const named = { ...other, plantCommand: ["slow-by", "--factor={factor}", "{command}"] };
    expect(planControls({ ...request, suite: named, hasHelper: false })).toMatchObject({ plantedBy: "plant-command" });
  });

  it("takes the first warm cell of a suite that has no images", () => {
    const bare = makeSuite({ scenarios: [{ name: "all" }] });
    expect(planControls({ ...request, suite: bare })).toMatchObject({ cell: { scenario: "all", phase: "warm" } });
    const cold = makeCells(["P2"], ["all"], ["cold"]);
    expect(planControls({ ...request, suite: bare, chosenCells: cold })).toMatchObject({ cell: { phase: "cold" } });
  });

  it.each([
    [{ areWanted: false }, "--no-controls was given"],
    [{ suite: { ...suite, controls: "none" as const } }, "the suite asks for none"],
    [{ sampling: fixed }, "the number of runs was fixed"],
  ])("has none with %j", (changes, absentBecause) => {
    const plan = planControls({ ...request, ...changes });
    expect(describeControls(plan)).toEqual({ absentBecause });
    expect(controlCells(plan)).toEqual([]);
  });

  it.each([
    [["slow", "{command}"], "has no {factor}"],
    [["slow", "{factor}", "x {command}"], 'has no argument that is exactly "{command}"'],
  ])("refuses the command %j", (plantCommand, message) => {
    const plan = () => planControls({ ...request, suite: { ...suite, plantCommand } });
    expect(plan).toThrow(message);
    expect(plan).toThrow(ArtifactError);
  });
});

describe("shards", () => {
  const cells = makeCells(["P1", "P2", "P3"], ["a", "b", "c", "d"], ["cold", "warm"]);

  it("share out every cell once, in order, in parts that differ by one cell at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: cells.length }), (count) => {
        const parts = Array.from({ length: count }, (_, index) => cellsOfShard(cells, { index: index + 1, count }));
        expect(new Set(parts.flat())).toEqual(new Set(cells));
        expect(parts.flat()).toHaveLength(cells.length);
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const part of parts) expect(part).toEqual(cells.filter((cell) => part.includes(cell)));
      }),
    );
  });

  it.each([2, 3, 4, 6, 8])("of %i each have cold and warm ones", (count) => {
    for (let index = 1; index <= count; index += 1) {
      expect(new Set(cellsOfShard(cells, { index, count }).map(({ phase }) => phase))).toEqual(
        new Set(["cold", "warm"]),
      );
    }
  });

  it("are read from the flag", () => {
    expect([undefined, "1/1", "2/3", "12/12"].map((text) => parseShard(text))).toEqual([
      ...[
        { index: 1, count: 1 },
        { index: 1, count: 1 },
        { index: 2, count: 3 },
        { index: 12, count: 12 },
      ],
    ]);
    for (const text of ["0/2", "3/2", "1", "a/b", "1/2/3", "-1/2", "1.5/2", ""]) {
      expect(() => parseShard(text)).toThrow(`--shard: ${JSON.stringify(text)} is not a part of a whole`);
    }
  });

  it("may be given, by names among the chosen ones", () => {
    const shard = parseShard("1/2", ["P2/b/warm", "P1/a/cold"]);
    expect(cellsOfShard(cells, shard, ["P2/b/warm", "P1/a/cold"]).map(cellId)).toEqual(["P1/a/cold", "P2/b/warm"]);
    expect(() => cellsOfShard(cells, shard, ["P9/a/cold"])).toThrow(
      '--shard-cells: "P9/a/cold" is not one of the chosen',
    );
    expect(() => parseShard(undefined, ["P1/a/cold"])).toThrow("--shard-cells: needs --shard");
  });

  it("that get nothing are refused", () => {
    expect(() => cellsOfShard(cells.slice(0, 2), { index: 3, count: 3 })).toThrow(
      "--shard: 3/3 has no cell, there are only 2",
    );
  });

  it("have the blocks of the whole, fixed or by evidence, and their own controls", () => {
    const controls = controlCells({
      cell: cells[0] ?? { profileId: "", scenario: "", phase: "warm" },
      plantedBy: "node-preload",
    });
    for (const sampling of [fixed, evidence]) {
      const planOf = (own: typeof cells, controlsOf = controls) =>
        planMeasurement({ sampling, design: "blocked", chosenCells: cells, cells: own, controlCells: controlsOf });
      const own = sampling.mode === "fixed" ? [] : controls;
      const parts = [1, 2, 3].map((index) => planOf(cellsOfShard(cells, { index, count: 3 }), []).cellPlans);
      const byId = (plans: (typeof parts)[number]) =>
        plans.toSorted((a, b) => (cellId(a.cell) < cellId(b.cell) ? -1 : 1));
      expect(byId(parts.flat())).toEqual(byId(planOf(cells, []).cellPlans));
      expect(planOf(cells, own).cellPlans).toHaveLength(cells.length + own.length);
    }
  });
});
