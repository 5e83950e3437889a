import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArtifact, parseRawRuns, runContext, summary } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./run-benchmark.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "run dataset ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const SUBJECT = `
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
const [input, outDir] = process.argv.slice(2);
const total = input === "--version" ? 0 : readdirSync(input).length;
const isCached = existsSync(outDir + "/cache");
if (outDir !== undefined) { mkdirSync(outDir, { recursive: true }); writeFileSync(outDir + "/cache", "x"); }
console.log(JSON.stringify({ total, processed: isCached ? 0 : total, cached: isCached ? total : 0, failed: 0, ms: 1 }));
`;

const SUITE = `
name: small
subject:
  argv: [node, "{cli}", "{input}", "{outDir}"]
  report: { total: total, processed: processed, cached: cached, failed: failed, durationMs: ms }
cachePaths: ["{outDir}"]
profiles: [{ id: P1, arguments: [] }]
scenarios: [{ name: single, files: small }]
`;

const contentSha256 = sha256([`${sha256("a")}  a.jpg\n`, `${sha256("bb")}  b.jpg\n`].sort().join(""));
const RELEASE = { repository: "o/n", tag: "bench-dataset-v1.0.0" };
const RESOLVED = {
  kind: "dataset-resolved",
  version: "1.0",
  datasetVersion: "1.0.0",
  tierId: "tier2",
  source: "release",
  contentSha256,
  archive: { name: "a.tar.zst", sha256: sha256("archive"), sizeBytes: 9 },
  manifestSha256: sha256("manifest"),
  checksumsSha256: sha256("sums"),
  release: { ...RELEASE, url: "https://github.com/o/n/releases/tag/bench-dataset-v1.0.0" },
};

beforeAll(() => {
  for (const name of ["head", "base"]) {
    mkdirSync(file(name));
    writeFileSync(file(`${name}/cli.mjs`), `${SUBJECT}// ${name}`);
  }
  writeFileSync(file("suite.yaml"), SUITE);
});

beforeEach(() => {
  for (const name of ["w", "tier"]) rmSync(file(name), { recursive: true, force: true });
  mkdirSync(file("tier/images"), { recursive: true });
  writeFileSync(file("tier/images/a.jpg"), "a");
  writeFileSync(file("tier/images/b.jpg"), "bb");
  writeFileSync(
    file("tier/tier-manifest.json"),
    JSON.stringify({
      version: "1.0",
      datasetVersion: "1.0.0",
      tierId: "tier2",
      createdAt: "2026-02-15T00:00:00Z",
      imageRoot: "images",
      files: ["a.jpg", "b.jpg"],
      singleScenarios: { small: "a.jpg", median: "a.jpg", large: "b.jpg" },
      formatBreakdown: { jpg: 2, png: 0, gif: 0, tiff: 0 },
    }),
  );
});

const putResolved = (changes: object = {}) =>
  writeFileSync(file("tier/dataset-resolved.json"), JSON.stringify({ ...RESOLVED, ...changes }));

const HEAD = [
  ...["--tier-manifest", "tier/tier-manifest.json", "--suite", "suite.yaml", "--workspace", "w"],
  ...["--cli-path", "head/cli.mjs"],
];
const SHORT = [...HEAD, "--run-count", "2"];

async function run(args: readonly string[]) {
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
  return { exitCode: await main([...args, "--no-waiting"], io), stderr: io.stderrText() };
}

const read = (name: string) => readFileSync(file(`w/${name}`), "utf8");
const datasetOfContext = () => parseArtifact(runContext, read("run-context.json"), "f").dataset;
const readRuns = () => parseRawRuns(read("raw-runs.jsonl"), "raw-runs.jsonl").runs;

describe("the dataset of a run", () => {
  it("is the release that was downloaded: in the context, both summaries and every line, controls too", async () => {
    putResolved();
    const blocks = ["--min-blocks", "1", "--max-blocks", "1"];
    const { exitCode, stderr } = await run([...HEAD, "--base-cli-path", "base/cli.mjs", ...blocks]);
    expect(stderr).not.toContain("fallback");
    expect(exitCode).toBe(0);
    const dataset = {
      datasetVersion: "1.0.0",
      tierId: "tier2",
      sha256: contentSha256,
      source: "release",
      release: { ...RELEASE, archiveSha256: sha256("archive") },
    };
    expect(datasetOfContext()).toEqual(dataset);
    for (const name of ["summary.json", "base-summary.json"]) {
      expect(parseArtifact(summary, read(name), name).dataset).toEqual(dataset);
    }
    const runs = readRuns();
    expect(new Set(runs.map(({ control = "none" }) => control))).toEqual(
      new Set(["none", "null", "planted-5", "planted-10"]),
    );
    expect(runs.map(({ datasetSha256 }) => datasetSha256)).toEqual(runs.map(() => contentSha256));
  });

  it("is local when nothing lies beside the manifest", async () => {
    expect((await run(SHORT)).exitCode).toBe(0);
    expect(datasetOfContext()).toEqual({
      datasetVersion: "1.0.0",
      tierId: "tier2",
      sha256: contentSha256,
      source: "local",
    });
  });

  it("is a fallback when the flag says so, loudly", async () => {
    const { exitCode, stderr } = await run([...SHORT, "--dataset-fallback", "no release 1.0.0 in o/n"]);
    expect(stderr).toContain("warning: tier2 of dataset 1.0.0 is a fallback, built on this machine: no release 1.0.0");
    expect(exitCode).toBe(0);
    expect(datasetOfContext()).toMatchObject({ source: "fallback", fallback: { reason: "no release 1.0.0 in o/n" } });
  });

  it.each([
    ["another tier", { tierId: "tier3" }, 'tierId: is "tier3", but the tier manifest says "tier2"'],
    ["another version", { datasetVersion: "1.0.1" }, 'datasetVersion: is "1.0.1", but the tier manifest says "1.0.0"'],
    ["other images", { contentSha256: "0".repeat(64) }, `the images beside it give "${contentSha256}"`],
    ["no release", { release: undefined }, "release: a dataset of a release has it"],
  ])("is refused when %s was resolved", async (_what, changes, message) => {
    putResolved(changes);
    const { exitCode, stderr } = await run(SHORT);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(65);
  });

  it("is refused when what was resolved cannot be read: it may have been a release", async () => {
    mkdirSync(file("tier/dataset-resolved.json"));
    const folder = await run(SHORT);
    expect(folder.stderr).toContain("cannot be read: EISDIR");
    expect(folder.exitCode).toBe(65);
    rmSync(file("tier/dataset-resolved.json"), { recursive: true });
    writeFileSync(file("tier/dataset-resolved.json"), "{");
    expect((await run(SHORT)).exitCode).toBe(65);
  });

  it("is refused when an image changed since, one that no scenario uses included", async () => {
    putResolved();
    writeFileSync(file("tier/images/b.jpg"), "cc");
    const { exitCode, stderr } = await run(SHORT);
    expect(stderr).toContain(`contentSha256: is "${contentSha256}", but the images beside it give`);
    expect(exitCode).toBe(65);
  });

  it("is no fallback when it is a release, and a reason is one line", async () => {
    putResolved();
    const { exitCode, stderr } = await run([...SHORT, "--dataset-fallback", "no release"]);
    expect(stderr).toContain("--dataset-fallback: the tier is not a fallback");
    expect(exitCode).toBe(64);
    for (const reason of ["two\nlines", "", "x".repeat(201)]) {
      expect((await run([...SHORT, "--dataset-fallback", reason])).exitCode).toBe(64);
    }
  });

  it("is the same when a measurement goes on, in its context and in every line of it", async () => {
    expect((await run(SHORT)).exitCode).toBe(0);
    const other = await run([...SHORT, "--resume", "--dataset-fallback", "no release"]);
    expect(other.stderr).toContain("Cannot resume: the origin of the dataset");
    expect(other.exitCode).toBe(64);
    const lines = read("raw-runs.jsonl");
    writeFileSync(file("w/raw-runs.jsonl"), lines.replace(contentSha256, "0".repeat(64)));
    const foreign = await run([...SHORT, "--resume"]);
    expect(foreign.stderr).toContain(`line 1: is of the dataset ${"0".repeat(64)}, the run context says`);
    expect(foreign.exitCode).toBe(65);
    // Lines of before do not say their dataset.
    writeFileSync(file("w/raw-runs.jsonl"), lines.replaceAll(`"datasetSha256":"${contentSha256}",`, ""));
    expect(await run([...SHORT, "--resume"])).toMatchObject({ exitCode: 0 });
  });
});
