import { type RawRun, rawRun } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { blocksOf, cellIdOf, groupByCell } from "./cell-blocks.ts";
import { findMetric, metrics } from "./metrics.ts";

function run(changes: Partial<RawRun>): RawRun {
  return rawRun.schema.parse({
    ...{ timestamp: "2026-02-15T00:00:00.000Z", profileId: "P1", scenario: "one", phase: "cold", run: 1, runCount: 1 },
    ...{
      command: "node",
      inputDir: "i",
      outDir: "o",
      manifestPath: "m",
      exitCode: 0,
      wallMs: 200,
      reportDurationMs: 90,
    },
    ...{ total: 4, processed: 4, cached: 0, failed: 0, totalOriginalSize: 9, totalProcessedSize: 5, errorsLength: 0 },
    ...{ stderr: "", jsonParseError: null, arm: "head", block: 0, ...changes },
  });
}

const block = (number: number) => [run({ arm: "base", block: number }), run({ arm: "head", block: number })];

describe("blocks", () => {
  it("are one run of each arm, in the order of their numbers, whatever the order of the lines", () => {
    const { blocks, partialRuns } = blocksOf([...block(10), ...block(2), ...block(1).toReversed()]);
    expect(blocks.map(({ base, head }) => [base.arm, head.arm, base.block, head.block])).toEqual([
      ["base", "head", 1, 1],
      ["base", "head", 2, 2],
      ["base", "head", 10, 10],
    ]);
    expect(partialRuns).toEqual([]);
  });

  it.each([
    ["one run", [run({})]],
    ["two runs of one arm", [run({}), run({})]],
    ["a run too many", [...block(0), run({ arm: "base" })]],
    ["a run of no arm", [run({}), run({ arm: undefined })]],
  ])("are not %s", (_, runs) => {
    const found = blocksOf([...runs, ...block(5)]);
    expect(found.blocks).toHaveLength(1);
    expect(found.partialRuns).toHaveLength(runs.length);
  });
});

describe("cells", () => {
  it("are told apart by profile, scenario and phase, and controls by their own names", () => {
    expect(cellIdOf(run({}))).toBe("P1/one/cold");
    expect(cellIdOf(run({ control: "planted-5" }))).toBe("control/planted-5");
    const groups = groupByCell([run({}), run({ phase: "warm" }), run({ control: "null" }), run({ block: 1 })]);
    expect([...groups].map(([id, runs]) => [id, runs.length])).toEqual([
      ["P1/one/cold", 2],
      ["P1/one/warm", 1],
      ["control/null", 1],
    ]);
  });

  it("of shards are the same cells, but each shard has its own controls", () => {
    const of = (index: number, changes: Partial<RawRun>) => run({ shard: { index, count: 3 }, ...changes });
    const groups = groupByCell([of(1, { control: "null" }), of(3, { control: "null" }), of(3, {}), of(1, {})]);
    expect([...groups.keys()]).toEqual(["control/null", "control/null@3", "P1/one/cold"]);
  });
});

describe("metrics", () => {
  const measured = (id: string, changes: Partial<RawRun>) => findMetric(id)?.valueOf(run(changes));

  it("have an id each, by which they are found", () => {
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length);
    for (const metric of metrics) expect(findMetric(metric.id)).toBe(metric);
    expect(findMetric("speed")).toBeUndefined();
  });

  it.each([
    ["wall", {}, 200],
    ["reported_duration", {}, 90],
    ["reported_duration", { reportDurationMs: null }, null],
    ["cpu", { userCpuMs: 3, systemCpuMs: 4 }, 7],
    ["cpu", { userCpuMs: 0, systemCpuMs: 0 }, 0],
    ["cpu", { userCpuMs: 3 }, null],
    ["peak_memory", { peakMemoryBytes: 5 }, 5],
    ["peak_memory", {}, null],
    ["output_bytes", { outputBytes: 0 }, 0],
    ["output_bytes", { outputBytes: null }, null],
    ["throughput", {}, 20],
    ["throughput", { wallMs: 0 }, null],
    ["throughput", { total: null }, null],
  ] as const)("%s of a run with %o is %s", (id, changes, value) => {
    expect(measured(id, changes)).toBe(value);
  });
});
