import { checkArtifact, type RawRun, rawRun } from "@forgebench/artifacts";
import { findMetric, type Metric } from "@forgebench/series";
import { describe, expect, it } from "vitest";
import { findValue, onRuns, pipelineIdentity, seriesOfRuns } from "./run-series.ts";

function runOf(changes: Partial<RawRun> = {}): RawRun {
  return checkArtifact(
    rawRun,
    {
      timestamp: "2026-02-15T00:00:00.000Z",
      profileId: "P1",
      scenario: "one",
      phase: "warm",
      run: 1,
      runCount: 1,
      command: "node",
      inputDir: "i",
      outDir: "o",
      manifestPath: "m",
      exitCode: 0,
      wallMs: 200,
      reportDurationMs: 90,
      total: 4,
      processed: 4,
      cached: 0,
      failed: 0,
      errorsLength: 0,
      totalOriginalSize: 9,
      totalProcessedSize: 5,
      stderr: "",
      jsonParseError: null,
      arm: "head",
      block: 0,
      position: 0,
      slot: "A",
      valid: true,
      ...changes,
    },
    "raw-runs.jsonl",
  );
}

function metricOf(id: string): Metric {
  const metric = findMetric(id);
  if (metric === undefined) throw new Error(`no metric ${id}`);
  return metric;
}

const context = { design: "blocked" } as const;
const samplesOf = (runs: readonly RawRun[], metric = "wall", cell = "P1/one/warm") =>
  seriesOfRuns(runs, context).get(cell)?.pairOf(metricOf(metric)).head?.samples ?? [];

describe("runs as series", () => {
  it("are a pair for each cell, in the order in which the cells were first run", () => {
    const runs = [runOf({ phase: "cold" }), runOf({ arm: "base" }), runOf(), runOf({ phase: "cold", block: 1 })];
    const cells = seriesOfRuns(runs, context);
    expect([...cells.keys()]).toEqual(["P1/one/cold", "P1/one/warm"]);
    const { base, head } = cells.get("P1/one/warm")?.pairOf(metricOf("wall")) ?? {};
    expect(head).toMatchObject({ benchmark: "P1/one", params: {}, phase: "warm", design: "blocked" });
    expect([base?.samples.length, head?.samples.length]).toEqual([1, 1]);
    expect(cells.get("P1/one/cold")?.pairOf(metricOf("wall")).base).toBeUndefined();
  });

  it("have controls of their own, and of each shard", () => {
    const control = { control: "null" } as const;
    const runs = [runOf(control), runOf({ ...control, shard: { index: 2, count: 2 } })];
    expect([...seriesOfRuns(runs, context).keys()]).toEqual(["control/null", "control/null@2"]);
  });

  it.each([
    ["wall", {}, 200],
    ["reported_duration", {}, 90],
    ["cpu", { userCpuMs: 70, systemCpuMs: 10 }, 80],
    ["cpu", { userCpuMs: 70 }, null],
    ["peak_memory", { peakMemoryBytes: 5e7 }, 5e7],
    ["output_bytes", { outputBytes: 0 }, 0],
    ["output_bytes", {}, null],
    ["throughput", {}, 20],
    ["throughput", { total: null }, null],
    ["throughput", { wallMs: 0 }, null],
  ] as const)("have the %s of a run with %j: %j", (metric, changes, value) => {
    expect(samplesOf([runOf(changes)], metric).map((sample) => sample.value)).toEqual([value]);
  });

  it.each([
    [{}, "valid"],
    [{ valid: false }, "failed"],
    [{ valid: true, timedOut: true }, "timed-out"],
  ] as const)("say of a run with %j that it is %s", (changes, status) => {
    expect(samplesOf([runOf(changes)])[0]?.status).toBe(status);
  });

  it("call a run failed that does not say whether it is valid", () => {
    const { valid: _, ...silent } = runOf();
    expect(samplesOf([silent])[0]?.status).toBe("failed");
  });

  it("know which arm ran just before, of whichever cell, but not across shards", () => {
    const shard = (index: number) => ({ shard: { index, count: 2 } });
    const runs = [
      runOf({ arm: "base", phase: "cold", ...shard(1) }),
      runOf({ block: 0, ...shard(1) }),
      runOf({ block: 1, ...shard(2) }),
      runOf({ block: 2, ...shard(2) }),
    ];
    expect(samplesOf(runs).map(({ run }) => [run?.number, run?.after])).toEqual([
      [2, "base"],
      [3, undefined],
      [4, "head"],
    ]);
  });

  it("leave out a run without an arm", () => {
    const { arm: _, ...stray } = runOf();
    expect(samplesOf([stray, runOf({ block: 1 })])).toHaveLength(1);
  });

  it("declare what both arms had in common", () => {
    const suite = { name: "small", sha256: "5".repeat(64) };
    const pair = seriesOfRuns([runOf()], { ...context, suite })
      .get("P1/one/warm")
      ?.pairOf(metricOf("wall"));
    expect(pair?.head?.facts).toEqual([{ what: "suite", id: suite.sha256, name: "small" }]);
  });
});

it("what a cell is can be read from its name", () => {
  expect(pipelineIdentity("P1/one/warm")).toEqual({ benchmark: "P1/one", params: {}, phase: "warm" });
});

it("the first value of a run that is asked for is found with its metric", () => {
  expect(findValue({ ...runOf(), outputBytes: -1 }, (value) => value < 0)).toEqual({
    metric: "output_bytes",
    value: -1,
  });
  expect(findValue(runOf(), (value) => value < 0)).toBeUndefined();
});

it("a rule for series is one for runs, and needs everything of a cell without runs", () => {
  const needed = onRuns(({ pairOf }) => pairOf(metricOf("wall")).head?.samples.length ?? 0, context);
  expect([needed([runOf(), runOf({ block: 1 })]), needed([])]).toEqual([2, Number.POSITIVE_INFINITY]);
});
