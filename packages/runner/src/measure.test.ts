import { checkArtifact, type RawRun, rawRun, summary } from "@forgebench/artifacts";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { cellId } from "./cells.ts";
import { controlCells } from "./controls.ts";
import type { RunSpec } from "./executor.ts";
import { FixedSchedule } from "./fixed-schedule.ts";
import { type MeasureOptions, measure } from "./measure.ts";
import { runsOfWholeBlocks } from "./resume.ts";
import { fixedProtocol, openProtocol, type PlannedBlock, planRuns } from "./schedule.ts";
import { ScriptedExecutor, type ScriptedRun } from "./scripted-executor.ts";
import { summarize } from "./summarize.ts";
import { makeCells, makeContext, makeFacts, makeReport, makeSuite, NamesOnlyStage } from "./test-helpers.ts";

const suite = makeSuite();
const facts = makeFacts(suite);
const cells = makeCells(["P1"], ["one", "all"], ["cold", "warm"]);
const arms = ["head", "base"] as const;
const cellPlans = fixedProtocol(cells, 4);
const plan = planRuns({ orderSeed: "seed", arms, cellPlans });

/** A subject whose every run is valid: the first run in a warm folder fills it. */
function validRuns(wallMs: (spec: RunSpec) => number) {
  const filled = new Set<string>();
  return (spec: RunSpec): ScriptedRun => {
    const { cell, arm } = spec.run ?? {};
    const total = cell?.scenario === "all" ? 30 : 1;
    const key = `${arm} ${cell?.profileId} ${cell?.scenario}`;
    const cached = cell?.phase === "warm" && filled.has(key) ? total : 0;
    if (cell?.phase === "warm") filled.add(key);
    return { wallMs: wallMs(spec), stdout: makeReport({ total, cached, durationMs: wallMs(spec) / 2 }) };
  };
}

interface Changes extends Partial<Pick<MeasureOptions, "earlierRuns">> {
  readonly plan?: readonly PlannedBlock[];
}

async function run(script: (spec: RunSpec) => ScriptedRun, { earlierRuns = [], plan: own = plan }: Changes = {}) {
  const executor = new ScriptedExecutor(script);
  const stage = new NamesOnlyStage();
  const kept: RawRun[] = [];
  const runs = await measure({
    schedule: new FixedSchedule(own, earlierRuns),
    facts,
    executor,
    stage,
    timeoutMs: 1000,
    earlierRuns,
    keep: async (record) => void kept.push(checkArtifact(rawRun, record, "run")),
  });
  return { runs, kept, executor, stage };
}

const summaryOf = (arm: "head" | "base", runs: readonly RawRun[]) =>
  checkArtifact(
    summary,
    summarize({
      arm,
      runs,
      context: makeContext(),
      suite,
      cells,
      imageCounts: facts.imageCounts,
      generatedAt: "2026-02-15T00:00:00.000Z",
      cliPath: "cli.js",
      tierManifestPath: "tier-manifest.json",
      inputs: [{ path: "raw-runs.jsonl", sha256: "e".repeat(64) }],
    }),
    "summary.json",
  );

/** Head: 200 ms cold, 100, 110, 130 ms warm. Base: twice that. */
const exact = () =>
  validRuns(({ run: planned }) => {
    const ms = planned?.cell.phase === "cold" ? 200 : ([100, 110, 130][planned?.block ?? 0] ?? 0);
    return planned?.arm === "base" ? 2 * ms : ms;
  });

describe("measure", () => {
  it("fills the warm folders of both arms before the first measured run of their block", async () => {
    const { executor } = await run(exact());
    const warm = executor.specs.map((spec) => spec.run).filter((planned) => planned?.cell.phase === "warm");
    for (const scenario of ["one", "all"]) {
      const firstBlock = warm.filter((planned) => planned?.cell.scenario === scenario).slice(0, 4);
      const [fillA, fillB, ...measured] = firstBlock.map((planned) => planned?.arm);
      expect(new Set([fillA, fillB])).toEqual(new Set(arms));
      expect(measured).toEqual([fillA, fillB]);
    }
  });
});

it("begins no run before the one that has ended is kept", async () => {
  let keptCount = 0;
  let startedCount = 0;
  const isRun = exact();
  const executor = new ScriptedExecutor((spec) => {
    // The fills of warm folders are not kept.
    if (spec.run?.cell.phase === "cold") expect(keptCount).toBe(startedCount);
    if (spec.run?.cell.phase === "cold") startedCount += 1;
    return isRun(spec);
  });
  const cold = planRuns({ orderSeed: "seed", arms, cellPlans: openProtocol(makeCells(["P1"], ["one"], ["cold"]), 5) });
  await measure({
    schedule: new FixedSchedule(cold, []),
    facts,
    executor,
    stage: new NamesOnlyStage(),
    timeoutMs: 1000,
    earlierRuns: [],
    keep: async () => {
      // As a slow disk would.
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      keptCount += 1;
    },
  });
  expect([startedCount, keptCount]).toEqual([10, 10]);
});

describe("measure, for controls", () => {
  const [cell] = controlCells({ cell: { profileId: "P1", scenario: "one", phase: "warm" }, plantedBy: "node-preload" });

  async function runControl(changes: Partial<typeof facts>, plantedMs: number | null) {
    const executor = new ScriptedExecutor(exact());
    const stage = new NamesOnlyStage();
    stage.plantedMs = async () => plantedMs;
    const blocks = planRuns({ orderSeed: "s", arms, cellPlans: openProtocol(cell === undefined ? [] : [cell], 1) });
    const schedule = new FixedSchedule(blocks, []);
    const own = { ...facts, ...changes };
    const keep = async (record: RawRun) => void checkArtifact(rawRun, record, "run");
    const runs = await measure({ schedule, facts: own, executor, stage, timeoutMs: 1, earlierRuns: [], keep });
    return { runs, executor };
  }

  it("says of both arms which control they are, what was planted, and that they are the base", async () => {
    const { runs } = await runControl({ plantedBy: "node-preload" }, 5);
    expect(runs).toHaveLength(2);
    for (const one of runs) {
      expect(one).toMatchObject({ control: "null", plantedMs: 5, valid: true, subjectId: "c".repeat(64) });
      expect(one).toMatchObject({ profileId: "P1", scenario: "one", phase: "warm", run: 1, block: 0 });
    }
  });

  it("does not count a run in which nothing was planted", async () => {
    const { runs } = await runControl({ plantedBy: "node-preload" }, null);
    expect(runs.map(({ valid }) => valid)).toEqual([false, false]);
    expect(runs[0]?.failures?.[0]).toContain("without the work that the control adds");
  });

  it("runs the command of the suite around the subject's own", async () => {
    const plantCommand = ["slow-by", "{factor}", "{command}"];
    const { runs, executor } = await runControl(
      { plantedBy: "plant-command", suite: { ...suite, plantCommand } },
      null,
    );
    expect(runs.every(({ valid, plantedMs }) => valid === true && plantedMs === null)).toBe(true);
    expect(runs[0]?.command.slice(0, 3)).toEqual(["slow-by", "0.00", "node"]);
    expect(executor.specs.map(({ argv }) => argv.slice(0, 2))).toEqual(Array(4).fill(["slow-by", "0.00"]));
  });
});

describe("measure and summarize", () => {
  let usual = exact();
  beforeEach(() => {
    usual = exact();
  });

  it("carry scripted times to exact figures", async () => {
    const { runs, kept } = await run(exact());
    expect(kept).toEqual(runs);
    expect(runs).toHaveLength(2 * 2 * 4);
    expect(runs.filter(({ valid }) => valid !== true)).toEqual([]);
    const head = summaryOf("head", runs);
    expect(head.validation).toEqual({ passed: true, failureCount: 0, failures: [] });
    expect(head.profileScenarioSummaries.P1?.all).toEqual({
      runCount: 4,
      imageCount: 30,
      cold: {
        wallMs: 200,
        reportDurationMs: 100,
        total: 30,
        processed: 30,
        cached: 0,
        failed: 0,
        errorsLength: 0,
        imagesPerSec: 150,
        perImageMs: 6.666667,
        originalBytes: 30_000,
        processedBytes: 12_000,
      },
      warm: {
        count: 3,
        wallMs: { mean: 113.333333, p50: 110, p95: 130, stddev: 15.275252 },
        reportDurationMs: { mean: 56.666667, p50: 55, p95: 65, stddev: 7.637626 },
        imagesPerSecMean: 264.705882,
        perImageMsMean: 3.777778,
      },
      speedup: { coldVsWarmWallMean: 1.764706, coldVsWarmReportMean: 1.764706 },
      validation: { passed: true },
    });
    expect(summaryOf("base", runs).profileScenarioSummaries.P1?.all?.warm?.wallMs).toEqual({
      mean: 226.666667,
      p50: 220,
      p95: 260,
      stddev: 30.550505,
    });
  });

  it("gives nearest-rank percentiles, and the median of several cold runs", async () => {
    const many = cells.map((cell) => ({ cell, blockCount: cell.phase === "cold" ? 4 : 20, firstRun: 1 }));
    const times = validRuns(
      ({ run: planned }) =>
        (planned?.cell.phase === "cold" ? [8, 1, 4, 2] : [])[planned?.block ?? 0] ?? 1 + (planned?.block ?? 0),
    );
    const { runs } = await run(times, { plan: planRuns({ orderSeed: "s", arms, cellPlans: many }) });
    const { cold, warm } = summaryOf("base", runs).profileScenarioSummaries.P1?.one ?? {};
    expect(cold?.wallMs).toBe(3);
    expect(warm?.wallMs).toEqual({ mean: 10.5, p50: 10, p95: 19, stddev: 5.91608 });
  });

  it("runs the blocks in the order of the plan, each warm folder filled once before and not kept", async () => {
    const { runs, executor, stage } = await run(exact());
    expect(runs.map(({ block, arm, ...cell }) => `${cellId(cell)}#${block} ${arm}`)).toEqual(
      plan.flatMap(({ cell, block, runs: own }) => own.map(({ arm }) => `${cellId(cell)}#${block} ${arm}`)),
    );
    expect(executor.specs).toHaveLength(runs.length + 2 * 2);
    expect(stage.finished).toEqual(plan);
    expect(runs[0]?.command[0]).toBe("node");
    expect(executor.specs[0]?.argv[0]).toBe("/usr/bin/node");
    expect(JSON.stringify(runs)).not.toContain("/work/");
  });

  it("keeps a failed run, names it, and lets it enter no figure", async () => {
    const { runs } = await run((spec) => {
      const isBad =
        spec.run?.arm === "head" &&
        spec.run.cell.scenario === "all" &&
        spec.run.cell.phase === "warm" &&
        spec.run.block === 1;
      return isBad ? { exitCode: 1, wallMs: 9999, stderr: "boom" } : usual(spec);
    });
    expect(runs).toHaveLength(16);
    const head = summaryOf("head", runs);
    expect(head.validation).toEqual({
      passed: false,
      failureCount: 1,
      failures: [{ profileId: "P1", scenario: "all", phase: "warm", run: 3, message: "P1/all/warm, run 3: exit 1" }],
    });
    expect(head.profileScenarioSummaries.P1?.all).toMatchObject({
      runCount: 4,
      warm: { count: 2, wallMs: { mean: 115 } },
      validation: { passed: false },
    });
    expect(head.profileScenarioSummaries.P1?.one?.validation.passed).toBe(true);
    expect(summaryOf("base", runs).validation.passed).toBe(true);
  });

  it("says when filling a warm folder went wrong", async () => {
    let isFirst = true;
    const { runs } = await run((spec) => {
      if (spec.run?.cell.phase !== "warm" || spec.run.arm !== "base" || spec.run.cell.scenario !== "one" || !isFirst)
        return usual(spec);
      isFirst = false;
      return { exitCode: 7 };
    });
    expect(runs.flatMap(({ failures }) => failures ?? [])[0]).toBe("while the warm folder was filled: exit 7");
  });

  it.each(["head", "base"])("gives a cell up for both arms after three failed blocks in a row of %s", async (arm) => {
    const { runs } = await run(
      (spec) => (spec.run?.arm === arm && spec.run.cell.scenario === "one" ? { exitCode: 1 } : usual(spec)),
      {
        plan: planRuns({ orderSeed: "s", arms, cellPlans: fixedProtocol(cells, 10) }),
      },
    );
    const warmOne = runs.filter(({ scenario, phase }) => scenario === "one" && phase === "warm");
    expect(warmOne).toHaveLength(6);
    expect(runs.filter(({ scenario }) => scenario === "all")).toHaveLength(20);
  });

  it("gives a cell up after the first block that hit the time limit", async () => {
    const { runs } = await run((spec) =>
      spec.run?.arm === "base" && spec.run.cell.phase === "warm"
        ? { timedOut: true, exitCode: null, signal: "SIGKILL" }
        : usual(spec),
    );
    expect(runs.filter(({ phase }) => phase === "warm")).toHaveLength(4);
    expect(summaryOf("head", runs).validation.failures).toEqual([
      {
        profileId: "P1",
        scenario: "one",
        message: "P1/one: 2 of 4 runs were not made, because those before them failed",
      },
      {
        profileId: "P1",
        scenario: "all",
        message: "P1/all: 2 of 4 runs were not made, because those before them failed",
      },
    ]);
  });

  it("stops between runs when it is aborted", async () => {
    const controller = new AbortController();
    const kept: RawRun[] = [];
    const executor = new ScriptedExecutor(exact());
    const keep = async (record: RawRun) => {
      kept.push(record);
      if (kept.length === 5) controller.abort(new Error("stop"));
    };
    await expect(
      measure({
        schedule: new FixedSchedule(plan, []),
        facts,
        executor,
        stage: new NamesOnlyStage(),
        timeoutMs: 1,
        earlierRuns: [],
        keep,
        signal: controller.signal,
      }),
    ).rejects.toThrow("stop");
    expect(kept).toHaveLength(5);
  });

  it("gives the same runs whether it was cut anywhere and resumed, or not", async () => {
    const whole = (await run(exact())).runs;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length }), async (cut) => {
        const earlierRuns = runsOfWholeBlocks(whole.slice(0, cut), { arms, cellPlans });
        expect(earlierRuns.length).toBe(cut - (cut % 2));
        const { runs, executor } = await run(exact(), { earlierRuns });
        expect(runs).toEqual(whole);
        expect(executor.specs.filter(({ run: planned }) => planned?.cell.phase === "cold").length).toBeLessThanOrEqual(
          4,
        );
      }),
    );
  });

  it("treats the arms alike: swapped, the summaries swap", async () => {
    const swap = (spec: RunSpec): RunSpec =>
      spec.run === undefined ? spec : { ...spec, run: { ...spec.run, arm: spec.run.arm === "head" ? "base" : "head" } };
    const [one, other] = [await run(exact()), await run((spec) => usual(swap(spec)))];
    expect(summaryOf("head", other.runs).profileScenarioSummaries).toEqual(
      summaryOf("base", one.runs).profileScenarioSummaries,
    );
  });
});
