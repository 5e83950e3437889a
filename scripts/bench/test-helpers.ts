import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { controlFactors, parseSuite, type RawRun, type RunContext, type Summary } from "@forgebench/artifacts";
import { neededBlocks } from "@forgebench/evidence";
import { memoryIo, PROJECT_ROOT, scriptFile, sha256Of, sha256OfFile } from "@forgebench/io";
import {
  type Cell,
  cellId,
  familyOf,
  makeSchedule,
  type PlannedRun,
  planMeasurement,
  type Sampling,
  selectCells,
  summarize,
} from "@forgebench/runner";
import { SeededRandom } from "@forgebench/stats";
import { main as compare } from "./compare-benchmark.ts";

const suiteText = (
  profiles: readonly string[],
  scenarios: readonly string[],
  metrics: readonly string[],
) => `name: small
subject:
  argv: [node, "{cli}", "{input}", "{profile}"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed, durationMs: summary.durationMs }
metrics: [${metrics.join(", ")}]
profiles: [${profiles.map((id) => `{ id: ${id}, arguments: [] }`).join(", ")}]
scenarios: [${scenarios.map((name) => `{ name: ${name}, files: small }`).join(", ")}]
`;

/** A suite of one cell, P1/single/cold, whose subject reports as the image CLI does. `argv` is YAML. */
export const oneCellSuite = (argv: string) => `
name: tiny
subject:
  argv: ${argv}
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed, durationMs: summary.durationMs }
cachePaths: []
profiles: [{ id: P1, arguments: [] }]
scenarios: [{ name: single, files: small, phases: [cold] }]
`;

export interface NightSpec {
  readonly profiles?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly sampling?: Sampling;
  /** By cell; of the head, 1 is no change. */
  readonly factors?: Readonly<Record<string, number>>;
  readonly metrics?: readonly string[];
  /** After so many blocks of all cells the measurement ends, whatever is missing. */
  readonly killedAfterBlocks?: number;
  readonly policy?: "auto" | "threshold";
  readonly shard?: RunContext["shard"];
  /** Of a shard: its cells; all when left out. */
  readonly shardCells?: readonly string[];
  readonly orderSeed?: string;
}

/** The files of a night: the workspace, with the comparison and the suite in it. */
export interface WrittenNight {
  readonly workspace: string;
  readonly runs: readonly RawRun[];
  readonly context: RunContext;
}

const hash = (name: string) => sha256Of(`for tests: ${name}`);

/** Measures a made-up subject by the real schedule, sums it up, compares it, and writes all files into one folder. */
export async function writeNight(workspace: string, spec: NightSpec = {}): Promise<WrittenNight> {
  const { profiles = ["P1"], scenarios = ["single"], shard = { index: 1, count: 1 } } = spec;
  const text = suiteText(profiles, scenarios, spec.metrics ?? ["wall", "output_bytes"]);
  const suite = parseSuite(text, "suite.yaml");
  const chosenCells = selectCells(suite, {});
  const cells = chosenCells.filter((cell) => spec.shardCells?.includes(cellId(cell)) ?? true);
  const sampling = spec.sampling ?? { mode: "evidence", minBlocks: 11, maxBlocks: 14 };
  const family = familyOf({ suite, chosenCells, meter: "wait4" });
  const context = contextOf({ ...spec, shard, sampling, cells, family, suiteSha256: sha256Of(text) });
  const runs = measureNight(context, sampling, cells, spec);
  mkdirSync(workspace, { recursive: true });
  writeFileSync(path.join(workspace, "suite.yaml"), text);
  const lines = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
  await writeResults(workspace, { context, lines, runs, cells, policy: spec.policy ?? "auto" });
  return { workspace, runs, context };
}

/** Writes runs and context of a folder anew, with summaries and a comparison that fit them. */
export async function rewriteNight(
  workspace: string,
  { context, runs }: { readonly context: RunContext; readonly runs: readonly RawRun[] },
): Promise<void> {
  const cells = selectCells(suiteIn(workspace), {});
  const lines = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
  await writeResults(workspace, { context, runs, lines, cells, policy: "auto" });
}

function suiteIn(workspace: string) {
  return parseSuite(readFileSync(path.join(workspace, "suite.yaml"), "utf8"), "suite.yaml");
}

interface Results {
  readonly context: RunContext;
  readonly lines: string;
  readonly runs: readonly RawRun[];
  readonly cells: readonly Cell[];
  readonly policy: "auto" | "threshold";
}

async function writeResults(workspace: string, { context, lines, runs, cells, policy }: Results): Promise<void> {
  const put = (name: string, value: unknown) =>
    writeFileSync(path.join(workspace, name), `${JSON.stringify(value, null, 2)}\n`);
  writeFileSync(path.join(workspace, "raw-runs.jsonl"), lines);
  put("run-context.json", context);
  const suite = suiteIn(workspace);
  for (const [arm, name] of [["head", "summary.json"] as const, ["base", "base-summary.json"] as const]) {
    const made: Summary = summarize({
      arm,
      runs,
      context,
      suite,
      cells,
      generatedAt: "2026-02-15T00:00:00.000Z",
      imageCounts: Object.fromEntries(context.scenarios.map((scenario) => [scenario, 3])),
      cliPath: "dist/cli.js",
      tierManifestPath: "tier-manifest.json",
      inputs: [{ path: "raw-runs.jsonl", sha256: sha256Of(lines) }],
    });
    put(name, made);
  }
  await compareNight(workspace, policy);
}

/** Compares the summaries of a folder by the real script. */
async function compareNight(workspace: string, policy: "auto" | "threshold" = "auto"): Promise<void> {
  const io = memoryIo({ cwd: workspace, now: () => new Date("2026-02-15T00:00:00Z") });
  const inputs = ["--base-summary", "base-summary.json", "--head-summary", "summary.json"];
  const outputs = ["--out-json", "compare.json", "--out-md", "compare.md"];
  const exitCode = await compare([...inputs, ...outputs, "--policy", policy], io);
  if (exitCode !== 0 && exitCode !== 3) throw new Error(io.stderrText());
}

interface ContextSpec extends NightSpec {
  readonly shard: RunContext["shard"];
  readonly sampling: Sampling;
  readonly cells: readonly Cell[];
  readonly family: RunContext["family"];
  readonly suiteSha256: string;
}

function controlCellOf({ profiles = ["P1"], scenarios = ["single"] }: NightSpec): Cell {
  return { profileId: profiles[0] ?? "", scenario: scenarios[0] ?? "", phase: "warm" };
}

function contextOf(spec: ContextSpec): RunContext {
  const { cells, sampling, family, suiteSha256, shard, orderSeed } = spec;
  const subject = (arm: string) => ({ id: hash(arm), cliSha256: hash(`${arm} cli`), nodeVersion: "20.20.2" });
  return {
    kind: "run-context",
    version: "1.0",
    generatedAt: "2026-02-14T23:00:00.000Z",
    toolVersion: "0.1.0",
    orderSeed: orderSeed ?? "5f2b90c3a1d84e67",
    design: "blocked",
    suite: { name: "small", sha256: suiteSha256 },
    dataset: { datasetVersion: "1.0.0", tierId: "tier30", sha256: hash("dataset"), source: "release" },
    machine: {
      id: hash("machine"),
      platform: "linux",
      arch: "x64",
      cpuModel: "AMD EPYC 7763 64-Core Processor",
      cpuCount: 2,
      memoryGiB: 8,
      virtualization: "none",
      cgroupCpuLimit: "none",
      cgroupMemoryLimit: "none",
      runnerImage: "ubuntu24",
      nodeMajor: 20,
    },
    subjects: { head: subject("head"), base: subject("base") },
    runCount: sampling.mode === "fixed" ? sampling.runCount : sampling.maxBlocks,
    profiles: [...new Set(cells.map(({ profileId }) => profileId))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    cells: cells.map(cellId),
    slots: { mode: "copied" },
    meter: "wait4",
    timeoutMs: 600_000,
    sampling,
    ...(family === undefined ? {} : { family }),
    controls:
      sampling.mode === "fixed"
        ? { absentBecause: "the number of runs was fixed" }
        : { cell: cellId(controlCellOf(spec)), plantedBy: "node-preload" },
    shard,
  };
}

function measureNight(context: RunContext, sampling: Sampling, cells: readonly Cell[], spec: NightSpec): RawRun[] {
  const controlCell = controlCellOf(spec);
  const controls = (["null", "planted-5", "planted-10"] as const).flatMap((control) =>
    sampling.mode === "fixed" ? [] : [{ ...controlCell, control }],
  );
  const plan = planMeasurement({ sampling, design: "blocked", chosenCells: cells, cells, controlCells: controls });
  const { orderSeed } = context;
  const schedule = makeSchedule(plan, { orderSeed, blocksNeeded: neededBlocks(context), earlierRuns: [] });
  const random = new SeededRandom("a night for tests");
  const runs: RawRun[] = [];
  let timeMs = Date.parse(context.generatedAt);
  for (let count = 0; count < (spec.killedAfterBlocks ?? Infinity); count += 1) {
    const block = schedule.next();
    if (block === undefined) break;
    const own = block.runs.map((planned) => {
      timeMs += 1000;
      return runOf(planned, { context, timeMs, random, factor: spec.factors?.[cellId(planned.cell)] ?? 1 });
    });
    schedule.finish(block, own, 1000);
    runs.push(...own);
  }
  return runs;
}

interface RunSpec {
  readonly context: RunContext;
  readonly timeMs: number;
  readonly random: SeededRandom;
  readonly factor: number;
}

function runOf({ cell, arm, block, position, slot, run }: PlannedRun, spec: RunSpec): RawRun {
  const { context, random } = spec;
  const { control, ...phase } = cell;
  const planted = control === undefined || arm === "base" ? 0 : controlFactors[control];
  const factor = arm === "head" ? spec.factor * (1 + planted) : 1;
  const noisy = (value: number) => Math.round(1000 * value * factor * (1 + 0.02 * (random.uniform() - 0.5))) / 1000;
  const wallMs = noisy(400);
  const isCold = cell.phase === "cold";
  return {
    timestamp: new Date(spec.timeMs).toISOString(),
    ...phase,
    ...(control === undefined ? {} : { control }),
    arm,
    run,
    runCount: context.runCount,
    block,
    position,
    slot,
    valid: true,
    failures: [],
    command: ["node", `slot-${slot}/cli.js`],
    inputDir: "input",
    outDir: "out",
    manifestPath: "manifest.json",
    exitCode: 0,
    signal: null,
    timedOut: false,
    wallMs,
    reportDurationMs: noisy(360),
    total: 3,
    processed: isCold ? 3 : 0,
    cached: isCold ? 0 : 3,
    failed: 0,
    errorsLength: 0,
    totalOriginalSize: 96_000,
    totalProcessedSize: 21_004,
    jsonParseError: null,
    userCpuMs: noisy(500),
    systemCpuMs: noisy(60),
    peakMemoryBytes: Math.round(noisy(120_000_000)),
    stealMs: 0,
    loadAverage1m: 0.3,
    outputBytes: 21_004,
    stderr: "",
    datasetSha256: context.dataset.sha256,
    machineId: context.machine.id,
    subjectId: context.subjects[control === undefined ? arm : "base"]?.id ?? "",
    ...(control === undefined ? {} : { plantedMs: arm === "head" ? (wallMs * planted) / (1 + planted) : 0 }),
    shard: context.shard,
  };
}

/** How a script is started. */
export interface ScriptStart {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For the shell, for example `077`. */
  readonly umask?: string;
  /** Stands before the command, for example `taskset -c 0`. */
  readonly prefix?: readonly string[];
}

/** Starts a script of this folder as a user does. */
export function startScript(
  name: string,
  args: readonly string[],
  { cwd = PROJECT_ROOT, env = {}, umask = "022", prefix = [] }: ScriptStart = {},
): {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
} {
  const node = [...prefix, process.execPath, scriptFile(name), ...args];
  const shell = ["-c", `umask ${umask}; exec "$@"`, "sh", ...node];
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const child = spawn("sh", shell, { cwd, env: { ...process.env, GITHUB_OUTPUT: "", ...env }, stdio: [...stdio] });
  let output = "";
  child.stdout?.on("data", (text) => (output += text));
  child.stderr?.on("data", (text) => (output += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
  return { child, ended };
}

/** Every file below a folder with the SHA-256 of its bytes. */
export async function hashesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hashes = files.toSorted().map(async (file) => [path.relative(folder, file), await sha256OfFile(file)] as const);
  return Object.fromEntries(await Promise.all(hashes));
}

/** Writes a tier of one made-up image, for subjects that do not look at it; resolves to its manifest. */
export function writeSmallTier(folder: string): string {
  mkdirSync(path.join(folder, "images"), { recursive: true });
  writeFileSync(path.join(folder, "images", "a.jpg"), "a");
  const manifest = path.join(folder, "tier-manifest.json");
  const origin = { origin: "synthetic", license: "CC0-1.0", attribution: "" };
  const document = {
    version: "1.0",
    datasetVersion: "0.0.0-test",
    tierId: "tier1",
    createdAt: "2026-02-15T00:00:00Z",
    imageRoot: "images",
    files: [{ path: "a.jpg", format: "jpg", sha256: sha256Of("a"), sizeBytes: 1, ...origin }],
    singleScenarios: { small: "a.jpg", median: "a.jpg", large: "a.jpg" },
    formatBreakdown: { jpg: 1, png: 0, gif: 0, tiff: 0 },
  };
  writeFileSync(manifest, JSON.stringify(document));
  return manifest;
}
