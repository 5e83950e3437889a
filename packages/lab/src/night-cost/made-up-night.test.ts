import { checkArtifact, rawRun, runContext } from "@forgebench/artifacts";
import { cellId, planRuns, summarize } from "@forgebench/runner";
import { describe, expect, it } from "vitest";
import { measureMadeUp, planMadeUpNight } from "./made-up-night.ts";

const SIZE = { cellCount: 22, blockCount: 6, seed: "seed" };

describe("a made-up night", () => {
  it("has as many cells as asked for, all of wall times that gate, in a context that fits its schema", () => {
    const { context, cells, suite } = planMadeUpNight(SIZE);
    expect(cells).toHaveLength(22);
    expect(context.family?.primary).toEqual(cells.map((cell) => `${cellId(cell)}/wall`));
    expect(context.family?.secondary).toEqual([]);
    expect(suite.metrics).toEqual(["wall"]);
    expect(checkArtifact(runContext, context, "run-context.json")).toEqual(context);
    expect(planMadeUpNight({ ...SIZE, cellCount: 3 }).cells).toHaveLength(4);
  });

  it("has valid runs in the order and slots that its seed draws, each handed over once", async () => {
    const night = planMadeUpNight(SIZE);
    const kept: unknown[] = [];
    const runs = await measureMadeUp(
      night,
      async (run) => void kept.push(checkArtifact(rawRun, run, "raw-runs.jsonl")),
    );
    expect(kept).toEqual(runs);
    expect(runs.every(({ valid }) => valid)).toBe(true);
    const cellPlans = night.cells.map((cell) => ({ cell, blockCount: 6, firstRun: 1 }));
    const drawn = planRuns({ orderSeed: "seed", arms: ["head", "base"], cellPlans }).flatMap((block) => block.runs);
    const placeOf = ({ arm, block, position, slot }: Record<string, unknown>) => [arm, block, position, slot];
    expect(runs.map((run) => [cellId(run), ...placeOf({ ...run })])).toEqual(
      drawn.map((run) => [cellId(run.cell), ...placeOf({ ...run })]),
    );
  });

  it("is the same for the same seed, and has summaries without failures", async () => {
    const night = planMadeUpNight(SIZE);
    const runs = await measureMadeUp(night, async () => undefined);
    expect(await measureMadeUp(night, async () => undefined)).toEqual(runs);
    const made = summarize({
      ...night,
      arm: "head",
      runs,
      inputs: [],
      cliPath: "cli.js",
      tierManifestPath: "tier-manifest.json",
      generatedAt: night.context.generatedAt,
    });
    expect(made.validation).toEqual({ passed: true, failureCount: 0, failures: [] });
    expect(Object.values(made.profileScenarioSummaries).flatMap(Object.values)).toHaveLength(11);
  });
});
