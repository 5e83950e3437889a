/** @module-tag slow */
import { planRuns } from "@forgebench/runner";
import { describe, expect, it } from "vitest";
import {
  BOTH,
  exitOf,
  lineCount,
  readContext,
  readRuns,
  readSummary,
  run,
  startLauncher,
  useBuilds,
  waitFor,
} from "./measuring/test-helpers.ts";

useBuilds();

describe("resume", () => {
  it("by evidence goes on after a kill as if there had been none, controls and all", async () => {
    const args = [...BOTH, "--cell", "ok/batch/cold,ok/single/warm", "--min-blocks", "2", "--max-blocks", "3"];
    const measuring = startLauncher([...args, "--seed", "killed"]);
    await waitFor(() => lineCount() >= 7);
    measuring.kill("SIGKILL");
    await exitOf(measuring);
    const { exitCode, stderr } = await run([...args, "--resume"]);
    expect(stderr).toContain("measure    ok × 2 scenarios, head against base, 2–3 blocks a cell, 3 controls\n");
    expect(stderr).toMatch(/measure {4}100 % {2}\d+\.\d s {2}5\/5 cells finished\n/);
    expect(exitCode).toBe(0);
    const single = { profileId: "ok", scenario: "single", phase: "warm" } as const;
    const cells = [single, { profileId: "ok", scenario: "batch", phase: "cold" as const }];
    const controls = (["null", "planted-5", "planted-10"] as const).map((control) => ({ ...single, control }));
    const cellPlans = [...cells, ...controls].map((cell) => ({ cell, blockCount: 3, firstRun: 1 }));
    const plan = planRuns({ orderSeed: "killed", arms: ["head", "base"], cellPlans });
    const drawn = (cell: { control?: string | undefined; scenario: string }, rest: readonly unknown[]) =>
      [cell.control ?? cell.scenario, ...rest].join(" ");
    expect(readRuns().map((one) => drawn(one, [one.block, one.arm, one.slot]))).toEqual(
      plan.flatMap(({ runs }) => runs.map((one) => drawn(one.cell, [one.block, one.arm, one.slot]))),
    );
    expect(readContext()).toMatchObject({
      sampling: { mode: "evidence", minBlocks: 2, maxBlocks: 3 },
      controls: { cell: "ok/single/warm", plantedBy: "node-preload" },
      cells: ["ok/single/warm", "ok/batch/cold"],
    });
    const planted = readRuns().filter(({ control }) => control !== undefined);
    expect(planted.every(({ subjectId }) => subjectId === readContext().subjects.base?.id)).toBe(true);
    for (const { control, arm, plantedMs, valid } of planted) {
      expect([valid, (plantedMs ?? -1) > 0]).toEqual([true, arm === "head" && control !== "null"]);
    }
    expect(readSummary()).toMatchObject({ benchmark: { runCount: 3 }, validation: { passed: true } });
    expect(Object.keys(readSummary().profileScenarioSummaries.ok ?? {})).toEqual(["single", "batch"]);
    const lower = await run([...args.slice(0, -1), "2", "--resume"]);
    expect(lower.stderr).toContain("Cannot resume: --max-blocks was 3 and is now 2");
    expect(readRuns()).toHaveLength(30);
    const raised = await run([...args.slice(0, -1), "4", "--time-budget-minutes", "9", "--resume"]);
    expect(raised.stderr).toContain("resume     30 runs exist already, 0 of a cut block are removed\n");
    expect(raised.stderr).toContain(
      "note: at most 4 blocks a cell instead of 3, 9 minutes instead of no time budget\n",
    );
    expect(raised.exitCode).toBe(0);
    expect(readContext()).toMatchObject({
      runCount: 4,
      sampling: { minBlocks: 2, maxBlocks: 4, timeBudgetMinutes: 9, earlier: [{ maxBlocks: 3 }] },
    });
    expect(readRuns()).toHaveLength(40);
    // What was not given stays: the sixty of the default are nobody's wish.
    const again = await run([...args.slice(0, -2), "--resume"]);
    expect(again.exitCode).toBe(0);
    expect(readRuns()).toHaveLength(40);
    expect(readContext().sampling?.earlier).toEqual([{ maxBlocks: 3 }, { maxBlocks: 4, timeBudgetMinutes: 9 }]);
  });
});
