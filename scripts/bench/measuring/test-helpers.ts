import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
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
import { parseArtifact, parseRawRuns, type RawRun, runContext, summary } from "@forgebench/artifacts";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { main } from "../run-benchmark.ts";

export const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "run bench ü-")));
export const file = (name: string) => path.join(folder, name);

/** A subject with a cache, which misbehaves as the name of its profile says. */
const SUBJECT = `
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync, writeSync } from "node:fs";
const [input, mode, outDir] = process.argv.slice(2);
if (input === "--version") { console.log("1.2.3"); process.exit(0); }
const total = readdirSync(input, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
const isCached = existsSync(outDir + "/cache");
mkdirSync(outDir, { recursive: true });
writeFileSync(outDir + "/cache", "x");
const summary = { total, processed: isCached ? 0 : total, cached: isCached ? total : 0, failed: 0, durationMs: 1.5, totalOriginalSize: 100, totalProcessedSize: 40 };
if (mode === "hang") setInterval(() => {}, 1000);
else if (mode === "silent") process.exit(0);
else if (mode === "text") console.log("all done");
else if (mode === "flood") for (let i = 0; i < 100; i += 1) writeSync(1, Buffer.alloc(1e6, 97));
else if (mode === "signal") process.kill(process.pid, "SIGSEGV");
else if (mode === "exit1") { console.error("Error: no luck in " + process.cwd()); process.exit(1); }
else {
  if (mode === "child") spawn("sleep", ["300"], { detached: true, stdio: "inherit" }).unref();
  if (mode === "failed") Object.assign(summary, { failed: 1, processed: summary.processed - 1 });
  if (mode === "total") summary.total += 1;
  console.log(JSON.stringify({ summary, errors: mode === "errors" ? ["one"] : [] }));
}
`;

const MODES = ["ok", "hang", "silent", "text", "flood", "signal", "exit1", "child", "failed", "total", "errors"];

export const SUITE = `
name: modes
subject:
  argv: [node, "{cli}", "{input}", "{profile}", "{outDir}"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed, durationMs: summary.durationMs, originalBytes: summary.totalOriginalSize, processedBytes: summary.totalProcessedSize, errors: errors }
cachePaths: ["{outDir}"]
profiles:
${MODES.map((mode) => `  - { id: ${mode}, arguments: [${mode}] }`).join("\n")}
scenarios:
  - { name: single, files: small }
  - { name: batch, files: all }
`;

/** Two builds of the subject and a tier, for the tests of a file; the workspace `w` of each test is new. */
export function useBuilds(): void {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(makeBuilds);
  beforeEach(() => rmSync(file("w"), { recursive: true, force: true }));
}

function makeBuilds(): void {
  for (const build of ["head build", "base build"]) {
    mkdirSync(file(build));
    writeFileSync(file(`${build}/cli.mjs`), SUBJECT);
  }
  writeFileSync(file("base build/note"), "another build");
  writeFileSync(file("suite.yaml"), SUITE);
  mkdirSync(file("tier/images"), { recursive: true });
  const files = ["a.jpg", "bb ü.jpg", "ccc.jpg"].map((name) => {
    writeFileSync(file(`tier/images/${name}`), name);
    return {
      path: name,
      format: "jpg",
      sha256: createHash("sha256").update(name).digest("hex"),
      sizeBytes: Buffer.byteLength(name),
      origin: "synthetic",
      license: "CC0-1.0",
      attribution: "",
    };
  });
  writeFileSync(
    file("tier/tier-manifest.json"),
    JSON.stringify({
      version: "1.0",
      datasetVersion: "0.0.0-test",
      tierId: "tier3",
      createdAt: "2026-02-15T00:00:00Z",
      imageRoot: "images",
      files,
      singleScenarios: { small: "a.jpg", median: "bb ü.jpg", large: "ccc.jpg" },
      formatBreakdown: { jpg: 3, png: 0, gif: 0, tiff: 0 },
    }),
  );
}

export const COMMON = ["--tier-manifest", "tier/tier-manifest.json", "--suite", "suite.yaml", "--workspace", "w"];
export const HEAD = [...COMMON, "--cli-path", "head build/cli.mjs"];
export const BOTH = [...HEAD, "--base-cli-path", "base build/cli.mjs"];

/** Runs the script in this process; on a busy machine, too, it measures at once. */
export async function run(args: readonly string[], options: Parameters<typeof memoryIo>[0] = {}) {
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH, SECRET_TOKEN: "s3cret" }, ...options });
  const exitCode = await main([...args, "--no-waiting"], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

export const readRuns = (): RawRun[] => [
  ...parseRawRuns(readFileSync(file("w/raw-runs.jsonl"), "utf8"), "raw-runs.jsonl").runs,
];
export const readSummary = (name = "summary.json") =>
  parseArtifact(summary, readFileSync(file(`w/${name}`), "utf8"), name);
export const readContext = () =>
  parseArtifact(runContext, readFileSync(file("w/run-context.json"), "utf8"), "run-context.json");
export const blocksOf = (runs: readonly RawRun[]) =>
  runs.map(
    ({ profileId, scenario, phase, block, arm, slot }) => `${profileId}/${scenario}/${phase}#${block} ${arm} ${slot}`,
  );

/** The lines of the raw runs so far. */
export function lineCount(): number {
  return existsSync(file("w/raw-runs.jsonl"))
    ? readFileSync(file("w/raw-runs.jsonl"), "utf8").split("\n").length - 1
    : 0;
}

/** Flags of which the last one counts when it is given twice: the script itself refuses that. */
export function lastOfEach(args: readonly string[]): string[] {
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 2) values.set(args[index] ?? "", args[index + 1] ?? "");
  return [...values].flat();
}

export function startLauncher(args: readonly string[]): ChildProcess {
  return spawn(
    process.execPath,
    [path.join(PROJECT_ROOT, "scripts/bench/run-benchmark.mjs"), ...args, "--no-waiting"],
    {
      cwd: folder,
      stdio: "ignore",
    },
  );
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    child.once("exit", (code) => resolve(code));
  });
}

export async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The processes whose command names a folder. */
export function processesIn(place: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && Number(pid) !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(place)
      );
    } catch {
      return false;
    }
  });
}
