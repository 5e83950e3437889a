import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Comparison, comparison, parseArtifact, type RawRun } from "@forgebench/artifacts";
import { memoryIo, type ScriptMain } from "@forgebench/io";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as compare } from "./compare-benchmark.ts";
import { main as merge } from "./merge-runs.ts";
import { type WrittenNight, writeNight } from "./test-helpers.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "any split ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function go(main: ScriptMain, argv: readonly string[]) {
  const io = memoryIo({ cwd: root, now: () => new Date("2026-02-15T00:00:00Z") });
  const exitCode = await main(argv, io);
  return { exitCode, stderr: io.stderrText() };
}

const cellOf = ({ profileId, scenario, phase }: RawRun) => `${profileId}/${scenario}/${phase}`;
let whole: WrittenNight;

beforeAll(async () => {
  const factors = { "P1/single/cold": 1.1, "P2/batch/warm": 0.9, "P1/batch/warm": 1.05, "P2/single/cold": 1.015 };
  const sampling = { mode: "evidence", minBlocks: 16, maxBlocks: 20 } as const;
  const metrics = ["wall", "peak_memory", "output_bytes"];
  whole = await writeNight(path.join(root, "whole"), {
    profiles: ["P1", "P2"],
    scenarios: ["single", "batch"],
    metrics,
    factors,
    sampling,
  });
});

/** Writes a part of the recorded runs as the workspace of a shard; each has the controls. */
function writeShard(name: string, shard: RawRun["shard"] & object, cells: readonly string[]): void {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  const own = whole.runs.filter((run) => run.control !== undefined || cells.includes(cellOf(run)));
  writeFileSync(
    path.join(folder, "raw-runs.jsonl"),
    own.map((run) => `${JSON.stringify({ ...run, shard })}\n`).join(""),
  );
  writeFileSync(path.join(folder, "run-context.json"), JSON.stringify({ ...whole.context, cells, shard }));
}

/** Verdicts of cells, with all that they rest on; what warnings say depends on the runs between those of a cell. */
async function judge(folder: string) {
  const at = (name: string) => path.join(root, folder, name);
  const sides = ["--base-summary", at("base-summary.json"), "--head-summary", at("summary.json")];
  const outs = ["--out-json", at("compare.json"), "--out-md", at("compare.md")];
  const { exitCode } = await go(compare, [...sides, ...outs, "--mode", "strict"]);
  const made: Comparison = parseArtifact(comparison, readFileSync(at("compare.json"), "utf8"), "compare.json");
  const cells = (made.cells ?? []).map(({ warnings: _, ...cell }) => cell);
  return { exitCode, outcome: made.outcome, controls: made.controls?.status, pairs: made.pairs, cells };
}

const CELLS = ["P1", "P2"].flatMap((profile) =>
  ["single", "batch"].flatMap((name) => ["cold", "warm"].map((phase) => `${profile}/${name}/${phase}`)),
);

/** FORGEBENCH_SPLITS=10 deals the cells out so many times. */
const SPLITS = Number(process.env.FORGEBENCH_SPLITS ?? 1);
const COUNTS = [1, 2, 3, 5, 7];

describe("any split gives the same cells and, with recorded times, the same verdicts", () => {
  it("of a night with every kind of verdict", async () => {
    const { cells, outcome, controls } = await judge("whole");
    expect([outcome, controls]).toEqual(["regression", "passed"]);
    const primary = cells.filter(({ family }) => family === "primary");
    expect(primary.map(({ id }) => id)).toEqual(CELLS.map((id) => `${id}/wall`));
    expect(new Set(cells.map(({ verdict }) => verdict))).toEqual(
      new Set(["same", "regressed", "improved", "undecided"]),
    );
  });

  it.each(COUNTS)("into %i shards", async (count) => {
    const expected = await judge("whole");
    const deal = fc.array(fc.nat(count - 1), { minLength: CELLS.length, maxLength: CELLS.length });
    await fc.assert(
      fc.asyncProperty(deal, fc.array(fc.nat(), { minLength: count, maxLength: count }), async (dealt, order) => {
        const names = Array.from({ length: count }, (_, index) => `${count}-${index + 1}`);
        for (const [index, name] of names.entries()) {
          const own = CELLS.filter((_, position) => dealt[position] === index);
          writeShard(name, { index: index + 1, count }, own);
        }
        const given = names.toSorted((a, b) => (order[names.indexOf(a)] ?? 0) - (order[names.indexOf(b)] ?? 0));
        const suite = path.join(root, "whole/suite.yaml");
        const workspaces = given.map((name) => path.join(root, name)).join(",");
        const merged = await go(merge, ["--workspaces", workspaces, "--suite", suite, "--out-dir", `night-${count}`]);
        expect(merged).toMatchObject({ exitCode: 0 });
        expect(await judge(`night-${count}`)).toEqual(expected);
      }),
      { numRuns: SPLITS },
    );
  });
});
