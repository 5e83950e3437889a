import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { comparison, measurement, noiseFile, parseArtifact, parseRawRuns } from "@forgebench/artifacts";
import { InterruptedError } from "@forgebench/errors";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./measure-aa.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "measure aa ")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const text = (name: string) => readFileSync(file(name), "utf8");

/** A subject with a cache; a profile makes it fail. */
const SUBJECT = `
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
const [input, mode, outDir] = process.argv.slice(2);
if (input === "--version") { console.log("1.0.0"); process.exit(0); }
if (mode === "failing") { console.error("Error: no luck"); process.exit(1); }
const isCached = existsSync(outDir + "/cache");
mkdirSync(outDir, { recursive: true });
writeFileSync(outDir + "/cache", "x");
console.log(JSON.stringify({ total: 1, processed: isCached ? 0 : 1, cached: isCached ? 1 : 0, failed: 0 }));
`;

const SUITE = `
name: toy
subject:
  argv: [node, "{cli}", "{input}", "{profile}", "{outDir}"]
  report: { total: total, processed: processed, cached: cached, failed: failed }
cachePaths: ["{outDir}"]
profiles: [{ id: ok, arguments: [ok] }, { id: failing, arguments: [failing] }]
scenarios: [{ name: one, files: small }]
metrics: [wall]
`;

beforeAll(() => {
  mkdirSync(file("build"));
  writeFileSync(file("build/cli.mjs"), SUBJECT);
  writeFileSync(file("suite.yaml"), SUITE);
  mkdirSync(file("tier/images"), { recursive: true });
  writeFileSync(file("tier/images/a.jpg"), "a");
  const sha256 = createHash("sha256").update("a").digest("hex");
  writeFileSync(
    file("tier/tier-manifest.json"),
    JSON.stringify({
      version: "1.0",
      datasetVersion: "0.0.0-test",
      tierId: "tier1",
      createdAt: "2026-02-15T00:00:00Z",
      imageRoot: "images",
      files: [
        {
          path: "a.jpg",
          format: "jpg",
          sha256,
          sizeBytes: 1,
          origin: "synthetic",
          license: "CC0-1.0",
          attribution: "",
        },
      ],
      singleScenarios: { small: "a.jpg", median: "a.jpg", large: "a.jpg" },
      formatBreakdown: { jpg: 1, png: 0, gif: 0, tiff: 0 },
    }),
  );
});
beforeEach(() => rmSync(file("out"), { recursive: true, force: true }));

const SUBJECT_FLAGS = ["--cli-path", "build/cli.mjs", "--tier-manifest", "tier/tier-manifest.json"];
const PLACES = ["--suite", "suite.yaml", "--scenarios", "one", "--out-dir", "out"];
const SMALL = ["--min-blocks", "2", "--run-count", "3", "--no-waiting"];

async function run(args: readonly string[], blocks: number, options: Parameters<typeof memoryIo>[0] = {}) {
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH }, ...options });
  const exitCode = await main([...SUBJECT_FLAGS, ...PLACES, ...SMALL, `--max-blocks=${blocks}`, ...args], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const nightLines = () => text("out/nights.ndjson").split("\n").slice(0, -1);
const orderSeedOf = (night: string) => JSON.parse(text(`out/nights/${night}/blocked/run-context.json`)).orderSeed;

describe("measure-aa", () => {
  it("measures nights, keeps each, goes on after a kill, and adds up", { tags: ["slow"] }, async () => {
    const first = await run(["--profiles", "ok", "--nights", "3", "--budget-minutes", "0"], 2);
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    expect(nightLines()).toHaveLength(1);
    expect(first.stderr).toContain("note: the time is up after 1 of 3 nights; --resume continues\n");

    // What a kill leaves: the beginning of a line, and a night that has begun.
    appendFileSync(file("out/nights.ndjson"), '{"night":2,"dur');
    mkdirSync(file("out/nights/00002/blocked"), { recursive: true });
    writeFileSync(file("out/nights/00002/blocked/raw-runs.jsonl"), "half a ni");
    const more = ["--out-json", "aa.json", "--out-noise", "noise"];
    const second = await run(["--profiles", "ok", "--nights", "2", "--resume", ...more], 2);
    expect(second, second.stderr).toMatchObject({ exitCode: 0 });
    expect(nightLines().map((line) => JSON.parse(line).night)).toEqual([1, 2]);
    expect(orderSeedOf("00001")).not.toBe(orderSeedOf("00002"));

    const { figures } = parseArtifact(measurement, text("aa.json"), "aa.json");
    expect(figures[0]).toMatchObject({ name: "nights, nothing changed", value: 2 });
    expect(figures[1]).toMatchObject({ name: "red nights: a cell regressed", value: 0, met: true });
    expect(figures.filter(({ name }) => name.endsWith("blocks, mean"))).toMatchObject([
      { name: "ok/one/cold: blocks, mean", value: 2 },
      { name: "ok/one/warm: blocks, mean", value: 2 },
    ]);
    expect(second.stdout).toContain("\n    all head, then all base, mean ");

    const runs = parseRawRuns(text("out/nights/00002/blocked/raw-runs.jsonl"), "raw").runs;
    expect(runs).toHaveLength(8);
    expect(runs.every(({ control }) => control === undefined)).toBe(true);
    const noise = parseArtifact(noiseFile, text("noise/aa-ok-one-cold.json"), "noise");
    const coldOf = (night: string) =>
      parseRawRuns(text(`out/nights/${night}/blocked/raw-runs.jsonl`), "raw").runs.filter(
        ({ phase }) => phase === "cold",
      );
    const measured = [...coldOf("00001"), ...coldOf("00002")].map(({ wallMs }) => Math.round(wallMs * 1000) / 1000);
    expect(noise.samples).toEqual(measured);

    // The other protocol: one arm after the other, one cold run each, the rest warm.
    for (const arm of ["all-head", "all-base"]) {
      const own = parseRawRuns(text(`out/nights/00002/${arm}/raw-runs.jsonl`), arm).runs;
      expect(own.map(({ phase }) => phase).sort()).toEqual(["cold", "warm", "warm"]);
    }
    const sequential = parseArtifact(comparison, text("out/nights/00002/sequential-compare.json"), "compare");
    expect(sequential).toMatchObject({ policy: "threshold", pairs: [{ profileId: "ok", scenario: "one" }] });
    expect(readdirSync(file("out/nights/00002/blocked"))).not.toContain("scratch");

    const other = await run(["--profiles", "ok", "--nights", "3", "--resume"], 3);
    expect(other.exitCode).toBe(64);
    expect(other.stderr).toContain("Cannot resume: --max-blocks was 2 and is now 3");
    expect(nightLines()).toHaveLength(2);
  });

  it("ends with the failures of a subject that fails in the first night", async () => {
    const { exitCode, stderr } = await run(["--profiles", "failing", "--nights", "5"], 2);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("Error: no luck");
    expect(text("out/nights.ndjson")).toBe("");
  });

  it("says that it was interrupted", async () => {
    const controller = new AbortController();
    const running = run(["--profiles", "ok"], 10_000, { signal: controller.signal });
    while (!existsSync(file("out/nights/00001/blocked/raw-runs.jsonl"))) await delay(20);
    controller.abort(new InterruptedError("SIGINT"));
    expect((await running).exitCode).toBe(130);
    expect(text("out/nights.ndjson")).toBe("");
    expect(readdirSync(file("out"))).not.toContain(".lock");
  });
});
