import { checkArtifact, type RawRun, summary } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import type { Cell } from "./cells.ts";
import { controlCells } from "./controls.ts";
import { EvidenceSchedule } from "./evidence-schedule.ts";
import { FixedSchedule } from "./fixed-schedule.ts";
import { invalidRunsError } from "./invalid-runs.ts";
import { planMeasurement } from "./make-schedule.ts";
import { measure } from "./measure.ts";
import { openProtocol, planRuns } from "./schedule.ts";
import { ScriptedExecutor } from "./scripted-executor.ts";
import { cellsOfShard } from "./shards.ts";
import { type SummaryInput, summarize } from "./summarize.ts";
import { makeCells, makeContext, makeFacts, makeReport, makeSuite, NamesOnlyStage } from "./test-helpers.ts";

const arms = ["head", "base"] as const;
const cells = makeCells(["P1"], ["one", "all"], ["cold", "warm"]);
const controls = controlCells({ cell: { profileId: "P1", scenario: "one", phase: "warm" }, plantedBy: "node-preload" });
const facts = makeFacts(makeSuite(), { plantedBy: "node-preload" });
const evidence = makeContext({ sampling: { mode: "evidence", minBlocks: 4, maxBlocks: 60 } });

/** Measures so many blocks of each cell; what `fails` says exits with 1. */
async function runsOf(plans: readonly { cell: Cell; blockCount: number }[], fails = (_: Cell, _arm: string) => false) {
  const filled = new Set<string>();
  const executor = new ScriptedExecutor(({ run }) => {
    const { cell, arm } = run ?? { cell: cells[0] as Cell, arm: "head" };
    const total = cell.scenario === "all" ? 30 : 1;
    const key = JSON.stringify([cell, arm]);
    const cached = cell.phase === "warm" && filled.has(key) ? total : 0;
    filled.add(key);
    const wallMs = cell.control === undefined ? 100 : 999;
    return fails(cell, arm) ? { exitCode: 1, wallMs } : { wallMs, stdout: makeReport({ total, cached }) };
  });
  const cellPlans = plans.map((plan) => ({ ...plan, firstRun: 1 }));
  const options = { orderSeed: "s", arms, cellPlans, minBlocks: 1, blocksNeeded: () => Infinity, earlierRuns: [] };
  const schedule = new EvidenceSchedule(options);
  const stage = new NamesOnlyStage();
  return measure({ schedule, facts, executor, stage, timeoutMs: 1, earlierRuns: [], keep: async () => undefined });
}

const summaryOf = (runs: readonly RawRun[], changes: Partial<SummaryInput> = {}) =>
  checkArtifact(
    summary,
    summarize({
      arm: "head",
      runs,
      context: evidence,
      suite: facts.suite,
      cells,
      imageCounts: facts.imageCounts,
      generatedAt: "2026-02-15T00:00:00Z",
      cliPath: "c",
      tierManifestPath: "t",
      inputs: [],
      ...changes,
    }),
    "summary.json",
  );

describe("summarize, by evidence", () => {
  const counted = cells.map((cell, index) => ({ cell, blockCount: 5 + index }));

  it("counts each pair's runs as they are, and leaves the controls out", async () => {
    const runs = await runsOf([...counted, ...openProtocol(controls, 9)]);
    expect(runs.filter(({ control }) => control !== undefined)).toHaveLength(3 * 9 * 2);
    const made = summaryOf(runs);
    expect(made.validation).toEqual({ passed: true, failureCount: 0, failures: [] });
    expect(made.profileScenarioSummaries.P1).toMatchObject({
      one: { runCount: 11, cold: { wallMs: 100 }, warm: { count: 6, wallMs: { mean: 100 } } },
      all: { runCount: 15, warm: { count: 8 } },
    });
  });

  it("says how it was sampled, as far as the context does", async () => {
    expect(summaryOf([]).sampling).toEqual({ mode: "evidence" });
    expect(summaryOf([], { context: makeContext({ sampling: { mode: "fixed" } }) }).sampling).toEqual({
      mode: "fixed",
    });
    expect(summaryOf([], { context: makeContext() }).sampling).toBeUndefined();
  });

  it("says how many runs the headline has, else the pair with the fewest, in both arms alike", async () => {
    const runs = await runsOf(counted);
    const headline = { ...facts.suite, headline: { profileId: "P1", scenario: "all" } };
    expect(summaryOf(runs, { suite: headline }).benchmark.runCount).toBe(15);
    expect(summaryOf(runs, { suite: headline, arm: "base" }).benchmark.runCount).toBe(15);
    expect(summaryOf(runs).benchmark.runCount).toBe(11);
    expect(summaryOf([]).benchmark.runCount).toBe(0);
  });

  it("takes a cell that the time cut short for valid, also one that was never begun", async () => {
    const runs = await runsOf(cells.slice(0, 3).map((cell) => ({ cell, blockCount: 2 })));
    for (const limits of [{ timeBudgetMinutes: 5 }, { earlier: [{ maxBlocks: 9, timeBudgetMinutes: 5 }] }]) {
      const context = makeContext({ sampling: { mode: "evidence", minBlocks: 4, maxBlocks: 60, ...limits } });
      expect(summaryOf(runs, { context }).validation.passed).toBe(true);
      expect(summaryOf(runs, { context }).profileScenarioSummaries.P1?.all?.warm).toBeNull();
    }
  });

  it("does not take a cell without any run for valid where no time budget can have cut it", async () => {
    const runs = await runsOf(cells.slice(0, 3).map((cell) => ({ cell, blockCount: 2 })));
    for (const arm of arms) {
      expect(summaryOf(runs, { arm }).validation).toEqual({
        passed: false,
        failureCount: 1,
        failures: [{ profileId: "P1", scenario: "all", phase: "warm", message: "P1/all/warm: no run was made" }],
      });
    }
    expect(invalidRunsError([summaryOf(runs)], runs, "there")?.message).toBe("runs are missing");
    expect(summaryOf(runs).profileScenarioSummaries.P1?.one?.validation.passed).toBe(true);
  });

  it.each(arms)("does not take one for valid that was given up because %s failed, in either arm", async (bad) => {
    const runs = await runsOf(
      counted,
      ({ phase, scenario }, arm) => phase === "warm" && scenario === "one" && arm === bad,
    );
    const message = "P1/one/warm: given up after 3 of at least 4 blocks, because runs of it failed";
    for (const arm of arms) {
      expect(summaryOf(runs, { arm }).validation.failures).toContainEqual({
        profileId: "P1",
        scenario: "one",
        phase: "warm",
        message,
      });
    }
  });

  it("says what failed of a cell that was given up later, and no more", async () => {
    const runs = await runsOf([{ cell: cells[0] as Cell, blockCount: 9 }]);
    const late = runs.map((run) => ((run.block ?? 0) < 6 ? run : { ...run, valid: false, failures: ["exit 1"] }));
    expect(summaryOf(late, { cells: cells.slice(0, 1) }).validation.failures).toMatchObject(
      [7, 8, 9].map((run) => ({ message: `P1/one/cold, run ${run}: exit 1` })),
    );
  });

  it("does not let controls that fail spoil the summaries", async () => {
    const runs = await runsOf([...counted, ...openProtocol(controls, 9)], ({ control }) => control !== undefined);
    expect(summaryOf(runs).validation.passed).toBe(true);
    expect(invalidRunsError([summaryOf(runs)], runs, "there")).toBeUndefined();
  });
});

it("summarize expects of a shard what the whole plans for it, under the fixed protocol", async () => {
  const own = cellsOfShard(cells, { index: 2, count: 2 });
  const sampling = { mode: "fixed", runCount: 4 } as const;
  const { cellPlans } = planMeasurement({
    sampling,
    design: "blocked",
    chosenCells: cells,
    cells: own,
    controlCells: [],
  });
  const schedule = new FixedSchedule(planRuns({ orderSeed: "s", arms, cellPlans }), []);
  let blockCount = 0;
  for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
    schedule.finish(
      block,
      block.runs.map(({ cell, arm }) => ({ ...cell, arm, block: block.block }) as RawRun),
    );
    blockCount += 1;
  }
  // One cold block and three warm ones: the warm cell whose cold one is elsewhere does not get a fourth.
  expect(blockCount).toBe(4);
  const runs = await runsOf(cellPlans);
  const context = makeContext({ runCount: 4, shard: { index: 2, count: 2 } });
  expect(summaryOf(runs, { context, cells: own, chosenCells: cells }).validation.passed).toBe(true);
  expect(summaryOf(runs, { context, cells: own }).validation.passed).toBe(false);
});

it("summarize expects as many cold runs as were asked for", async () => {
  const [cold, warm] = cells;
  if (cold === undefined || warm === undefined) throw new Error("no cells");
  const own = [cold, warm];
  const runs = await runsOf([
    { cell: cold, blockCount: 3 },
    { cell: warm, blockCount: 3 },
  ]);
  const context = makeContext({ runCount: 4, sampling: { mode: "fixed", coldRuns: 3 } });
  expect(summaryOf(runs, { context, cells: own }).validation.passed).toBe(true);
  const more = makeContext({ runCount: 4, sampling: { mode: "fixed", coldRuns: 4 } });
  expect(summaryOf(runs, { context: more, cells: own }).validation.failures).toMatchObject([
    { message: "P1/one: 1 of 7 runs were not made, because those before them failed" },
  ]);
});

it("summarize says nothing of images where there are none", async () => {
  const runs = (await runsOf(openProtocol(cells.slice(0, 2), 2))).map((run) => ({ ...run, total: null, cached: null }));
  const bare = { cells: cells.slice(0, 2), imageCounts: {}, tierManifestPath: undefined };
  const { benchmark, profileScenarioSummaries } = summaryOf(runs, { ...bare, context: makeContext({ runCount: 2 }) });
  expect(benchmark).not.toHaveProperty("tierManifestPath");
  expect(profileScenarioSummaries.P1?.one).toMatchObject({
    cold: { wallMs: 100, total: 0, imagesPerSec: 0, perImageMs: 0 },
    warm: { imagesPerSecMean: 0, perImageMsMean: 0 },
  });
  expect(profileScenarioSummaries.P1?.one).not.toHaveProperty("imageCount");
  expect(benchmark.scenarios[0]).not.toHaveProperty("expectedTotal");
});

describe("summarize, of durations that are none", () => {
  const walls = (runs: readonly RawRun[], wallMs: number) => runs.map((run) => ({ ...run, wallMs }));

  it("takes no figure from runs of 0 ms, and does not call them valid", async () => {
    const runs = await runsOf(openProtocol(cells, 2));
    const made = summaryOf(walls(runs, 0));
    expect(made.validation).toMatchObject({ passed: false, failureCount: 8 });
    expect(made.validation.failures[0]).toMatchObject({
      message: expect.stringMatching(/^P1\/one\/(cold|warm), run 1: took 0 ms, which no process does$/),
    });
    expect(made.profileScenarioSummaries.P1?.one).toMatchObject({ cold: null, warm: null, speedup: null });
    const one = runs.map((run, index) => (index === 0 ? { ...run, wallMs: 0 } : run));
    const figures = one.map(({ arm }) => arm)[0] === "head" ? summaryOf(one) : summaryOf(one, { arm: "base" });
    expect(figures.validation.failureCount).toBe(1);
    expect(figures.profileScenarioSummaries.P1?.[one[0]?.scenario ?? ""]?.runCount).toBe(4);
  });

  it.each([0, 1e-320, 1e-9, 1e302, Number.MAX_VALUE])(
    "gives numbers for %d ms, also without images",
    async (wallMs) => {
      const runs = walls(await runsOf(openProtocol(cells, 2)), wallMs);
      expect(() => summaryOf(runs)).not.toThrow();
      expect(() => summaryOf(runs, { imageCounts: {} })).not.toThrow();
    },
  );
});
