import { mkdtempSync, readFileSync, realpathSync, rmSync, truncateSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Comparison, NightRecord } from "@forgebench/artifacts";
import { readEvidenceBundle } from "@forgebench/evidence";
import { parseStorePlace, readStore } from "@forgebench/history";
import { memoryIo, type ScriptMain } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as append } from "./append-history.ts";
import { main as compare } from "./compare-benchmark.ts";
import { main as exportSnapshot } from "./export-site-snapshot.ts";
import { main as report } from "./format-report.ts";
import { main as merge } from "./merge-runs.ts";
import { main as pack } from "./pack-evidence.ts";
import { type NightSpec, rewriteNight, writeNight } from "./test-helpers.ts";
import { main as verify } from "./verify-evidence.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "bad nights ü ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string) => path.join(root, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));
const env = { PATH: process.env.PATH };
const SHA = "a".repeat(40);

async function go(main: ScriptMain, argv: readonly string[]) {
  const io = memoryIo({ cwd: root, env, now: () => new Date("2026-02-15T00:00:00Z") });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

/** The steps of the job that judges, on a folder that holds the summaries. */
async function judge(folder: string) {
  const sides = ["--base-summary", `${folder}/base-summary.json`, "--head-summary", `${folder}/summary.json`];
  const outs = ["--out-json", `${folder}/compare.json`, "--out-md", `${folder}/compare.md`];
  const compared = await go(compare, [...sides, ...outs, "--mode", "strict"]);
  await go(report, ["--compare", `${folder}/compare.json`, "--out", `${folder}/report.md`]);
  return {
    ...compared,
    made: json(`${folder}/compare.json`) as Comparison,
    report: readFileSync(at(`${folder}/report.md`), "utf8"),
  };
}

const packNight = (folder: string, runId: string, attempt = 1) =>
  go(pack, [
    ...["--workspace", folder, "--compare", `${folder}/compare.json`, "--suite", `${folder}/suite.yaml`],
    ...["--run-id", runId, "--run-attempt", `${attempt}`, "--out-dir", ".", "--head-sha", SHA],
  ]);
const NIGHT = ["--event", "schedule", "--ref-name", "main"];
const record = (store: string, ...more: string[]) => go(append, ["--store", store, ...NIGHT, ...more]);
async function recorded(store: string): Promise<NightRecord[]> {
  const access = { env, signal: new AbortController().signal, now: () => new Date() };
  const { entries } = await readStore(parseStorePlace(store, "store", root), access);
  return entries.flatMap(({ type, value }) => (type === "night" ? [value] : []));
}

describe("a dataset that was never released", () => {
  const reason = "no release bench-dataset-v1.0.0";

  it("is named in summaries, comparison, report, evidence, history and snapshot, and never canonical", async () => {
    const { runs, context } = await writeNight(at("fallback"), { profiles: ["P2"], scenarios: ["batch-all"] });
    const { datasetVersion: _, release: _release, ...images } = context.dataset;
    const dataset = { ...images, datasetVersion: "0.0.0-fallback", source: "fallback", fallback: { reason } };
    await rewriteNight(at("fallback"), { context: { ...context, dataset }, runs });
    const { exitCode, made, report: text } = await judge("fallback");
    expect([exitCode, made.outcome]).toEqual([0, "green"]);
    for (const name of ["summary", "base-summary", "compare"]) {
      expect(json(`fallback/${name}.json`).dataset).toMatchObject({ source: "fallback", fallback: { reason } });
    }
    expect(text.split("\n")[0]).toContain(reason.replaceAll("_", "\\_"));
    await packNight("fallback", "50");
    expect((await readEvidenceBundle(at("evidence-50.1.tar.zst"))).bundle.dataset).toMatchObject({
      fallback: { reason },
    });
    expect((await go(verify, ["--evidence", "evidence-50.1.tar.zst"])).stdout).toBe("EVIDENCE=verified\n");
    await record("fallback-history", "--bundle", "evidence-50.1.tar.zst");
    expect((await recorded("fallback-history"))[0]?.dataset).toMatchObject({
      source: "fallback",
      fallback: { reason },
    });

    const snapshot = [
      ...["--head-summary", "fallback/summary.json", "--base-summary", "fallback/base-summary.json"],
      ...["--compare", "fallback/compare.json", "--out", "snapshot.json", "--sha", SHA, "--tier", "tier30"],
      ...["--repository", "o/n", "--workflow-name", "CI", "--workflow-path", "ci.yml", "--run-id", "50"],
      ...["--run-attempt", "1", "--run-url", "https://github.com/o/n/actions/runs/50", "--event-name", "schedule"],
      ...["--ref-name", "main", "--run-count", "10", "--runner", "ubuntu-24.04", "--node-version", "22"],
      ...["--dataset-version", "1.0.0", "--headline-profile", "P2", "--headline-scenario", "batch-all"],
    ];
    const refused = await go(exportSnapshot, snapshot);
    expect([refused.exitCode, refused.stderr]).toEqual([65, expect.stringContaining(`not a release (${reason})`)]);
    expect((await go(exportSnapshot, [...snapshot, "--allow-non-canonical"])).exitCode).toBe(0);
    expect(json("snapshot.json")).toMatchObject({
      canonical: false,
      source: { datasetVersion: "0.0.0-fallback", datasetSource: "fallback", datasetFallback: { reason } },
    });
  });
});

describe("a shard that was cancelled or lost", () => {
  const scenarios = ["single", "batch"];
  const shards: readonly NightSpec[] = [
    { shard: { index: 1, count: 2 }, shardCells: ["P1/single/cold", "P1/batch/warm"], orderSeed: "seed 1" },
    { shard: { index: 2, count: 2 }, shardCells: ["P1/single/warm", "P1/batch/cold"], orderSeed: "seed 2" },
  ];
  const merged = (out: string, ...workspaces: string[]) =>
    go(merge, [
      ...["--suite", "shard-1/suite.yaml", "--out-dir", out, "--allow-missing-shards"],
      ...["--workspaces", workspaces.join(",")],
    ]);

  beforeAll(async () => {
    for (const [index, spec] of shards.entries()) await writeNight(at(`shard-${index + 1}`), { scenarios, ...spec });
  });

  it("leaves cells without verdict, named with their reason; the night is not judged, whatever the rest says", async () => {
    const { exitCode, stderr } = await merged("half", "shard-1");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("shard 2 is missing: its cells are not judged")]);
    const { made, report: text, ...compared } = await judge("half");
    expect([compared.exitCode, made.outcome]).toEqual([3, "invalid"]);
    expect(compared.stdout).toMatch(/OUTCOME=invalid\n$/);
    const unjudged = (made.cells ?? []).filter(({ verdict }) => verdict === "incomparable");
    expect(unjudged.map(({ id }) => id)).toEqual(expect.arrayContaining(["P1/single/warm/wall", "P1/batch/cold/wall"]));
    expect(unjudged.every(({ id }) => /^P1\/(single\/warm|batch\/cold)\//.test(id))).toBe(true);
    expect(unjudged[0]).toMatchObject({
      reason: "it belongs to another shard",
      remedy: expect.stringContaining("bench:merge"),
    });
    expect(text).toMatch(/^> \*\*Invalid\.\*\* 2 of 4 gating verdicts could not be judged/);
  });

  it("that had begun keeps its whole blocks, and the rest of its cells has no verdict", async () => {
    await writeNight(at("cut"), { scenarios, ...shards[1], killedAfterBlocks: 7 });
    rmSync(at("cut/summary.json"));
    truncateSync(at("cut/raw-runs.jsonl"), readFileSync(at("cut/raw-runs.jsonl")).length - 30);
    const { exitCode, stderr } = await merged("cut-night", "shard-1", "cut");
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/cut last line .* is left out/)]);
    const { made, ...compared } = await judge("cut-night");
    expect([compared.exitCode, made.outcome]).toEqual([3, "invalid"]);
    expect(made.controls?.status).not.toBe("passed");
  });

  it("is mended by a second attempt that measures only it", async () => {
    expect((await merged("mended", "shard-1", "shard-2")).exitCode).toBe(0);
    const { made, exitCode } = await judge("mended");
    expect([exitCode, made.outcome]).toEqual([0, "green"]);
  });
});

describe("a run that is run again", () => {
  it("is recorded once for each attempt that judged, and not again by a job that only records", async () => {
    await writeNight(at("again"));
    for (const attempt of [1, 2]) await packNight("again", "60", attempt);
    const bundle = (attempt: number) => ["--bundle", `evidence-60.${attempt}.tar.zst`];
    for (const expected of ["appended", "unchanged"]) {
      expect((await record("again-history", ...bundle(1))).stdout).toContain(`HISTORY=${expected}\n`);
    }
    const second = await record("again-history", ...bundle(2));
    expect(second.stdout).toContain("HISTORY=appended\n");
    expect((await record("again-history", ...bundle(1))).stdout).toContain("HISTORY=unchanged\n");
    expect((await recorded("again-history")).map(({ runId, runAttempt }) => `${runId}.${runAttempt}`)).toEqual([
      "60.1",
      "60.2",
    ]);
  });

  it("keeps the attempt that came to nothing beside the one that judged", async () => {
    const failed = (attempt: string) =>
      record(
        "failed-history",
        "--failed",
        "job judge: failure",
        "--run-id",
        "60",
        "--run-attempt",
        attempt,
        "--head-sha",
        SHA,
      );
    for (const expected of ["appended", "unchanged"])
      expect((await failed("1")).stdout).toContain(`HISTORY=${expected}\n`);
    expect((await record("failed-history", "--bundle", "evidence-60.2.tar.zst")).stdout).toContain(
      "HISTORY=appended\n",
    );
    expect((await recorded("failed-history")).map(({ outcome }) => outcome)).toEqual(["failed", "green"]);
    const clash = await failed("2");
    expect([clash.exitCode, clash.stderr]).toEqual([65, expect.stringContaining("recorded lines never change")]);
  });
});
