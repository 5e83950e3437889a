import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArtifact, parseRawRuns, type RawRun, summary } from "@forgebench/artifacts";
import { memoryIo, sha256Of } from "@forgebench/io";
import { type MadeUpCell, makeRuns } from "@forgebench/planning/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./merge-runs.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "merge ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
const hex = (character: string) => character.repeat(64);

const SUITE = `name: small
subject:
  argv: [node, "{cli}", "{input}", "{profile}"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed }
profiles: [{ id: P1, arguments: [] }, { id: P2, arguments: [] }]
scenarios: [{ name: one, files: small }, { name: all, files: all }]
headline: { profileId: P2, scenario: all }
`;
const ids = ["P1", "P2"].flatMap((profile) =>
  ["one", "all"].flatMap((name) => [`${profile}/${name}/cold`, `${profile}/${name}/warm`]),
);

/** A workspace as run-benchmark leaves it, but for the summaries. */
function putWorkspace(
  name: string,
  shard: { index: number; count: number },
  cells: readonly string[],
  runs: readonly RawRun[],
) {
  const parts = cells.map((id) => id.split("/"));
  const context = {
    kind: "run-context",
    version: "1.0",
    generatedAt: "2026-02-15T00:00:00Z",
    toolVersion: "0.1.0",
    orderSeed: name,
    design: "blocked",
    suite: { name: "small", sha256: sha256Of(SUITE) },
    runCount: 60,
    cells,
    shard,
    dataset: { datasetVersion: "0.0.0-dev", tierId: "tier30", sha256: hex("d"), source: "local" },
    machine: {
      id: hex("a"),
      platform: "linux",
      arch: "x64",
      cpuModel: "model",
      cpuCount: 2,
      memoryGiB: 8,
      nodeMajor: 20,
      virtualization: "none",
      cgroupCpuLimit: "none",
      cgroupMemoryLimit: "none",
      runnerImage: "none",
    },
    subjects: {
      head: { id: hex("b"), cliSha256: hex("1"), nodeVersion: "20.20.2" },
      base: { id: hex("c"), cliSha256: hex("2"), nodeVersion: "20.20.2" },
    },
    profiles: [...new Set(parts.map(([id]) => id))],
    scenarios: [...new Set(parts.map(([, scenario]) => scenario))],
    sampling: { mode: "evidence", minBlocks: 2, maxBlocks: 60 },
    family: { primary: ids.map((id) => `${id}/wall`), secondary: [] },
  };
  put(`${name}/run-context.json`, JSON.stringify(context));
  put(`${name}/raw-runs.jsonl`, runs.map((run) => `${JSON.stringify({ ...run, shard })}\n`).join(""));
}

async function merge(workspaces: readonly string[], outDir: string) {
  const io = memoryIo({ cwd: folder, now: () => new Date("2026-02-15T00:00:00Z") });
  const exitCode = await main(["--suite", "suite.yaml", "--workspaces", workspaces.join(","), "--out-dir", outDir], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

/** The summary but for the hash of the log, whose lines say their shard. */
function summaryIn(file: string) {
  const { inputs: _, ...rest } = parseArtifact(summary, read(file), file);
  return rest;
}

const all = makeRuns(ids.map((id, index): MadeUpCell => ({ id, wallMs: 50 + 7 * index, blockCount: 2 + (index % 3) })));

beforeAll(() => {
  put("suite.yaml", SUITE);
  putWorkspace("whole", { index: 1, count: 1 }, ids, all);
});

describe("merging", () => {
  it("gives the runs and the summaries of the whole, however its cells were dealt", async () => {
    expect((await merge(["whole"], "merged-whole")).exitCode).toBe(0);
    const withoutShard = (file: string) =>
      parseRawRuns(read(file), file)
        .runs.map(({ shard: _, ...run }) => JSON.stringify(run))
        .sort();
    const deals = fc.tuple(
      fc.integer({ min: 2, max: 4 }),
      fc.array(fc.nat(3), { minLength: ids.length, maxLength: ids.length }),
    );
    await fc.assert(
      fc.asyncProperty(deals, async ([count, deal]) => {
        const names = Array.from({ length: count }, (_, index) => `shard-${index + 1}`);
        for (const [index, name] of names.entries()) {
          const own = ids.filter((_, position) => (deal[position] ?? 0) % count === index);
          const runs = all.filter((run) => own.includes(`${run.profileId}/${run.scenario}/${run.phase}`));
          putWorkspace(name, { index: index + 1, count }, own, runs);
        }
        expect((await merge(names.toReversed(), "merged")).exitCode).toBe(0);
        expect(withoutShard("merged/raw-runs.jsonl")).toEqual(withoutShard("merged-whole/raw-runs.jsonl"));
        for (const name of ["summary.json", "base-summary.json"]) {
          expect(summaryIn(`merged/${name}`)).toEqual(summaryIn(`merged-whole/${name}`));
        }
      }),
      { numRuns: 12 },
    );
  });

  it("names the log by its hash, and what the shards knew from where it lies", async () => {
    await merge(["whole"], "first");
    const known = {
      ...parseArtifact(summary, read("first/summary.json"), "first"),
      inputs: [
        { path: "raw-runs.jsonl", sha256: hex("0") },
        { path: "../tier/tier-manifest.json", sha256: hex("7") },
      ],
    };
    put(
      "whole/summary.json",
      JSON.stringify({
        ...known,
        benchmark: { ...known.benchmark, cliPath: "../dist/cli.js", tierManifestPath: "tier-manifest.json" },
      }),
    );
    await merge(["whole"], "deep/er/night");
    const made = parseArtifact(summary, read("deep/er/night/summary.json"), "made");
    expect(made.benchmark).toMatchObject({ cliPath: "../../../dist/cli.js", tierManifestPath: "tier-manifest.json" });
    expect(made.inputs).toEqual([
      { path: "raw-runs.jsonl", sha256: sha256Of(read("deep/er/night/raw-runs.jsonl")) },
      { path: "../../../tier/tier-manifest.json", sha256: hex("7") },
    ]);
    rmSync(path.join(folder, "whole/summary.json"));
  });

  it("removes the summaries of an earlier merge first", async () => {
    put("again/base-summary.json", "of other runs");
    const head = all.filter(({ arm }) => arm === "head");
    putWorkspace("one-arm", { index: 1, count: 1 }, ids, head);
    const { subjects, ...context } = JSON.parse(read("one-arm/run-context.json"));
    put(
      "one-arm/run-context.json",
      JSON.stringify({ ...context, design: "sequential", subjects: { head: subjects.head } }),
    );
    const { exitCode, stdout } = await merge(["one-arm"], "again");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("BASE_SUMMARY_JSON");
    expect(() => read("again/base-summary.json")).toThrow("ENOENT");
  });

  it("overwrites no workspace, not even through a link", async () => {
    symlinkSync(path.join(folder, "whole"), path.join(folder, "link"));
    const { exitCode, stderr } = await merge(["whole"], "link");
    expect(exitCode).toBe(64);
    expect(stderr).toContain("is one of the workspaces");
  });

  it("refuses a run that took no time, and one of another dataset, by its line", async () => {
    const cases = [
      [{ wallMs: 0 }, "line 3: took 0 ms, which is impossible"],
      [{ datasetSha256: hex("e") }, `line 3: is of the dataset ${hex("e")}, the context says ${hex("d")}`],
    ] as const;
    for (const [changes, message] of cases) {
      putWorkspace(
        "odd",
        { index: 1, count: 1 },
        ids,
        all.map((run, index) => (index === 2 ? { ...run, ...changes } : run)),
      );
      const { exitCode, stderr } = await merge(["odd"], "x");
      expect(exitCode).toBe(65);
      expect(stderr).toContain(message);
    }
  });

  it("says what is given twice", async () => {
    const { exitCode, stderr } = await merge(["whole", "whole/raw-runs.jsonl"], "x");
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--workspaces: "whole/raw-runs.jsonl" is given more than once');
  });

  it("shows nothing that acts of a hostile context", async () => {
    putWorkspace("hostile", { index: 2, count: 2 }, [], []);
    const context = JSON.parse(read("hostile/run-context.json"));
    put("hostile/run-context.json", JSON.stringify({ ...context, toolVersion: "\n::error::x\u001b[31m" }));
    putWorkspace("mild", { index: 1, count: 2 }, ids, all);
    const { exitCode, stdout, stderr } = await merge(["hostile", "mild"], "x");
    expect(exitCode).toBe(65);
    expect(stdout + stderr).not.toMatch(/^\s*::/m);
    expect(stdout + stderr).not.toContain("\u001b");
  });
});
