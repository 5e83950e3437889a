/**
 * Purpose: drills the whole chain: puts work, memory or bytes of a known size into the reference subject, measures it
 *   against the unchanged build by evidence, and says whether the verdict is the one that it must be.
 * Reads: dist/cli.js (built when it is not there), a tier, the suite.
 * Writes: OUT-DIR, by default .tmp/bench/drills: the changed builds, a workspace and a comparison for each drill; with
 *   --out-json a measurement.
 * Network: none.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; each drill that is asked for is made anew.
 * Example: npm run bench:drills -- --drills output --max-blocks 4 --out-dir .tmp/bench/drills-small
 */
import { access, copyFile, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import {
  type ComparedCell,
  type Comparison,
  comparison,
  type Measurement,
  measurement,
  parseRawRuns,
  tierManifest,
  type VerdictKind,
} from "@forgebench/artifacts";
import { codeOf, InvariantError, OperationError, UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  makeMeasurement,
  optionalPath,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  readArtifact,
  runScript,
  runScriptChild,
  type ScriptArgs,
  type ScriptIo,
  type ScriptSpec,
  writeArtifact,
} from "@forgebench/io";
import { chooseMeter, ProcessExecutor, SAMPLING_DEFAULTS, subjectEnvironment } from "@forgebench/runner";
import { median } from "@forgebench/stats";

/** What is put into the subject: real work, never a figure that is written down larger. */
export type Planting =
  | { readonly kind: "nothing" }
  /** Of the time of the whole run; in runs that take everything from the cache. */
  | { readonly kind: "warm-work"; readonly pct: number }
  /** Of the time that the subject reports, and within it. */
  | { readonly kind: "reported-work"; readonly pct: number }
  | { readonly kind: "memory"; readonly sizeBytes: number }
  /** Of every image that is written. */
  | { readonly kind: "output"; readonly pct: number };

export interface Drill {
  readonly id: string;
  readonly planting: Planting;
  readonly cell: string;
  /** The metric that is judged; absent: none may change. */
  readonly metric?: string;
  /** What may come out without failing the drill. */
  readonly allowed: readonly VerdictKind[];
  /** What comes out when the change is found. */
  readonly wanted: VerdictKind;
  /** Whether the interval must contain what was planted: where any verdict may come out. */
  readonly isTruthAsked?: boolean;
}

const WARM = "P1/single-small/warm";

export const DRILLS: readonly Drill[] = [
  { id: "none", planting: { kind: "nothing" }, cell: WARM, allowed: ["same", "undecided"], wanted: "same" },
  {
    ...{ id: "slower-3", planting: { kind: "warm-work", pct: 3 }, cell: WARM, metric: "wall", isTruthAsked: true },
    ...{ allowed: ["same", "undecided", "regressed"], wanted: "regressed" },
  },
  {
    ...{ id: "slower-5", planting: { kind: "warm-work", pct: 5 }, cell: WARM, metric: "wall" },
    ...{ allowed: ["regressed", "undecided"], wanted: "regressed" },
  },
  {
    ...{ id: "slower-10", planting: { kind: "warm-work", pct: 10 }, cell: WARM, metric: "wall" },
    ...{ allowed: ["regressed"], wanted: "regressed" },
  },
  {
    ...{ id: "duration", planting: { kind: "reported-work", pct: 10 }, cell: WARM },
    ...{ metric: "reported_duration", allowed: ["regressed"], wanted: "regressed" },
  },
  {
    ...{ id: "memory", planting: { kind: "memory", sizeBytes: 20_000_000 }, cell: WARM, metric: "peak_memory" },
    ...{ allowed: ["regressed"], wanted: "regressed" },
  },
  {
    ...{ id: "output", planting: { kind: "output", pct: 1 }, cell: WARM, metric: "output_bytes" },
    ...{ allowed: ["changed"], wanted: "changed" },
  },
];

const DEFAULT_TIER = ".tmp/bench/quickstart/2-build/v0.0.0-quickstart/tier8/tier-manifest.json";
const OWN_DATASET = { version: "0.0.0-drills", images: 12, pool: 24 } as const;
/** How well what was planted is known: by the subject's own account, beside the wall times of its runs. */
const PLANT_TOLERANCE_PCT = 0.5;
const CALIBRATION_RUNS = 21;
const TIMEOUT_MS = 60_000;

const flags = {
  drills: listFlag({
    ...{ fallback: [], shown: "all", placeholder: "ID" },
    description: `which: ${DRILLS.map(({ id }) => id).join(", ")}`,
  }),
  "max-blocks": integerFlag({
    ...{ min: 2, max: 10_000, unit: "blocks", fallback: 60 },
    description: "every cell is finished then",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: `what it runs on; default: ${DEFAULT_TIER}, or ${OWN_DATASET.images} images made for it`,
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the subject is run" }),
  "out-dir": pathFlag({ fallback: ".tmp/bench/drills", description: "the folder of builds and measurements" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:drills --",
  purpose: "Slows or bloats the reference subject by a known amount and looks whether the chain says so.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Each drill is a measurement by bench:run of the changed build against the unchanged one, judged by bench:compare in\nstrict mode. slower-N works N % longer in its warm path, duration does 10 % more within the time that it reports,\nmemory holds 20 MB, output writes images 1 % larger, none changes nothing.",
    "Exit 2 when a drill got a verdict that it must not get. Where undecided is allowed it counts as missed, and is shown.",
  ],
  examples: ["npm run bench:drills -- --out-json drills.json", "npm run bench:drills -- --drills none,slower-10"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureDrills(values, io));
}

async function measureDrills(values: Flags, io: ScriptIo): Promise<number> {
  const drills = chooseDrills(values.drills);
  await makeFolder(values.outDir);
  const root = await realpath(values.outDir);
  const lock = await lockFolder(root);
  try {
    const lab = await prepareLab({ values, root, io });
    const results: DrillResult[] = [];
    for (const drill of drills) {
      io.stderr.write(`drill      ${drill.id}, ${drill.cell}\n`);
      results.push(await runDrill(drill, lab));
    }
    const judged = results.map(judgeDrill);
    const figures = figuresOf(judged);
    const made = makeMeasurement(io, "bench:drills", figures, { drills: judged });
    io.stdout.write(formatDrills(judged));
    if (values.outJson !== undefined) {
      await writeArtifact(measurement, values.outJson, made);
      await printOutputs(io, { MEASUREMENT_JSON: values.outJson });
    }
    return figures.some(({ met }) => met === false) ? EXIT.gate : EXIT.ok;
  } finally {
    await lock.release();
  }
}

function chooseDrills(ids: readonly string[]): readonly Drill[] {
  const unknown = ids.find((wanted) => !DRILLS.some(({ id }) => id === wanted));
  if (unknown !== undefined) {
    const text = DRILLS.map(({ id }) => id).join(", ");
    throw new UsageError(`--drills: ${JSON.stringify(unknown)} is no drill`, [{ label: "expected", text }]);
  }
  return DRILLS.filter(({ id }) => ids.length === 0 || ids.includes(id));
}

// The changed builds.

/** Where the bundle is changed. Each must be there once: a bundle that reads otherwise is refused. */
const PLACES = {
  reported: "return options.json?",
  duration: "durationMs:Number(process.hrtime.bigint()-startedAt)/1e6",
  written: "sizeBytes:size})",
  start: "process.exitCode=await main(",
} as const;

/**
 * Native work in pieces of some microseconds: a loop that turns often would be compiled on the way, which takes memory and
 * makes it stand still meanwhile. The pieces are small, so that they cost next to no memory either.
 */
const WORK =
  'function drillWork(untilNs,sizeBytes){const piece=Buffer.alloc(sizeBytes),{hash}=process.getBuiltinModule("node:crypto");while(process.hrtime.bigint()<untilNs)hash("sha256",piece)}';

/**
 * The text of the subject with the planting in it.
 * @param wholePerKnown how many times as long a run takes as its process can know.
 * @throws {OperationError} when the bundle has no such place.
 */
export function plantInto(text: string, planting: Planting, wholePerKnown: number): string {
  switch (planting.kind) {
    case "nothing":
      return text;
    case "warm-work":
      return edited(text, {
        reported: `if(report.summary.cached===report.summary.total)process.on("exit",drillSlower);${PLACES.reported}`,
        start: `${WORK}function drillSlower(){const now=process.hrtime.bigint(),ms=process.uptime()*1e3*${wholePerKnown}*${planting.pct / 100};drillWork(now+BigInt(Math.round(ms*1e6)),32768);process.getBuiltinModule("node:fs").writeSync(2,"planted "+Number(process.hrtime.bigint()-now)/1e6+"\\n")}${PLACES.start}`,
      });
    case "reported-work":
      return edited(text, {
        duration: "durationMs:drillDuration(startedAt)",
        start: `${WORK}function drillDuration(startedAt){const now=process.hrtime.bigint();drillWork(now+(now-startedAt)*${planting.pct}n/100n,4096);return Number(process.hrtime.bigint()-startedAt)/1e6}${PLACES.start}`,
      });
    case "memory":
      // Filled, so that its pages are really there; held to the end by the global object.
      return edited(text, { start: `globalThis.drillKept=Buffer.alloc(${planting.sizeBytes},1);${PLACES.start}` });
    case "output":
      return edited(text, {
        written: "sizeBytes:drillLarger(file,size)})",
        start: `function drillLarger(file,size){const more=Buffer.alloc(Math.ceil(size*${planting.pct / 100}));process.getBuiltinModule("node:fs").appendFileSync(file,more);return size+more.length}${PLACES.start}`,
      });
  }
}

function edited(text: string, edits: Readonly<Partial<Record<keyof typeof PLACES, string>>>): string {
  let changed = text;
  for (const [name, place] of Object.entries(PLACES)) {
    const replacement = edits[name as keyof typeof PLACES];
    if (replacement === undefined) continue;
    const count = changed.split(place).length - 1;
    if (count !== 1) {
      throw new OperationError("data", `Cannot plant anything: the subject has ${count} times "${place}", need 1`, {
        details: [{ label: "try", text: "npm run build; if that does not help, PLACES in measure-drills.ts is old" }],
      });
    }
    changed = changed.replace(place, () => replacement);
  }
  return changed;
}

/** The unchanged subject, saying on stderr how long it has known that it runs. */
function probeOf(text: string): string {
  const probe = 'process.on("exit",()=>process.getBuiltinModule("node:fs").writeSync(2,process.uptime()+"\\n"));';
  return edited(text, { start: `${probe}${PLACES.start}` });
}

// The laboratory: subject, tier, calibration.

interface Lab {
  readonly root: string;
  readonly values: Flags;
  readonly io: ScriptIo;
  readonly subjectText: string;
  readonly basePath: string;
  readonly probePath: string;
  readonly tierPath: string;
}

async function prepareLab({ values, root, io }: Pick<Lab, "values" | "root" | "io">): Promise<Lab> {
  const built = path.join(PROJECT_ROOT, "dist", "cli.js");
  if (!(await isThere(built))) await step("build-subject", {}, io);
  const subjectText = await readFile(built, "utf8");
  const builds = path.join(root, "builds");
  await rm(builds, { recursive: true, force: true });
  await mkdir(builds);
  // What the bundle finds around it where it was built.
  await copyFile(path.join(PROJECT_ROOT, "package.json"), path.join(builds, "package.json"));
  await symlink(path.join(PROJECT_ROOT, "node_modules"), path.join(builds, "node_modules"));
  const basePath = await writeBuild(builds, "base", subjectText);
  const tierPath = values.tierManifest ?? (await findTier(root, io));
  const probePath = await writeBuild(builds, "probe", probeOf(subjectText));
  return { root, values, io, subjectText, basePath, probePath, tierPath };
}

async function writeBuild(builds: string, name: string, text: string): Promise<string> {
  const file = path.join(builds, name, "cli.js");
  await mkdir(path.dirname(file));
  await writeFile(file, text, { mode: 0o755 });
  return file;
}

/** The quickstart's tier, or one of our own. */
async function findTier(root: string, io: ScriptIo): Promise<string> {
  const quickstart = path.join(PROJECT_ROOT, DEFAULT_TIER);
  if (await isThere(quickstart)) return quickstart;
  const { version, images, pool } = OWN_DATASET;
  const at = (name: string) => path.join(root, "dataset", name);
  const manifest = path.join(at("build"), `v${version}`, `tier${images}`, tierManifest.fileName);
  if (await isThere(manifest)) return manifest;
  await step("generate-synthetic", { "out-dir": at("synthetic"), count: pool }, io);
  const folders = { "synthetic-dir": at("synthetic"), "sources-dir": await makeFolder(at("sources")) };
  const outputs = { "build-dir": at("build"), "out-dir": at("assets") };
  await step("build-tiers", { "dataset-version": version, tiers: images, ...folders, ...outputs }, io);
  return manifest;
}

/**
 * How many times as long a warm run takes as it can know itself, by the meter that measures the drills: work in proportion
 * to what it knows would be too small. A ratio, since on a busy machine both are longer.
 */
async function calibrate({ probePath, tierPath, root, io }: Lab): Promise<number> {
  const folder = path.join(root, "calibration");
  await rm(folder, { recursive: true, force: true });
  const input = await makeFolder(path.join(folder, "input"));
  const { imageRoot, singleScenarios } = (await readArtifact(tierManifest, tierPath)).value;
  const image = path.join(path.dirname(tierPath), imageRoot, singleScenarios.small);
  await copyFile(image, path.join(input, path.basename(image)));
  const executor = new ProcessExecutor({ meter: chooseMeter(), marker: "bench-drills" });
  const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
  const argv = [process.execPath, probePath, input, "--out-dir", path.join(folder, "out"), "--formats", "webp"];
  argv.push("--output", path.join(folder, "manifest.json"), "--json");
  const ratios: number[] = [];
  for (let index = 0; index <= CALIBRATION_RUNS; index += 1) {
    const { wallMs, exitCode, stderr } = await executor.run(
      { argv, cwd: folder, env, timeoutMs: TIMEOUT_MS },
      io.signal,
    );
    const knownMs = Number.parseFloat(stderr) * 1000;
    if (exitCode !== 0 || !(knownMs > 0)) {
      throw new OperationError("unjudged", `Cannot calibrate the drills: the subject ended with exit ${exitCode}`, {
        details: [{ label: "stderr", text: stderr }],
      });
    }
    // The first one fills the cache.
    if (index > 0) ratios.push(wallMs / knownMs);
  }
  await rm(folder, { recursive: true, force: true });
  return Math.round(median(ratios) * 1000) / 1000;
}

// A drill.

/** What came of a drill. */
export interface DrillResult {
  readonly drill: Drill;
  readonly cells: readonly ComparedCell[];
  readonly controls: NonNullable<Comparison["controls"]>["status"];
  /** Of the comparison in strict mode. */
  readonly exitCode: number;
  /** What a subject that works longer has added to its runs, by its own account: the median. Null: it keeps no account. */
  readonly achievedPct: number | null;
  readonly durationMinutes: number;
  /** The mean of the load before and after. */
  readonly load: number;
}

const loadNow = () => loadavg()[0] ?? 0;

async function runDrill(drill: Drill, lab: Lab): Promise<DrillResult> {
  const { root, values, io } = lab;
  const [startedMs, loadBefore] = [performance.now(), loadNow()];
  // Just before it is needed: the machine may be another in a minute.
  const wholePerKnown = drill.planting.kind === "warm-work" ? await calibrate(lab) : 1;
  const text = plantInto(lab.subjectText, drill.planting, wholePerKnown);
  const headPath = await writeBuild(path.join(root, "builds"), drill.id, text);
  const folder = path.join(root, drill.id);
  await rm(folder, { recursive: true, force: true });
  const { maxBlocks } = values;
  const run = {
    ...{ "cli-path": headPath, "base-cli-path": lab.basePath, "tier-manifest": lab.tierPath, suite: values.suite },
    ...{ workspace: path.join(folder, "run"), cell: drill.cell },
    ...{ "min-blocks": Math.min(maxBlocks, SAMPLING_DEFAULTS.minBlocks), "max-blocks": maxBlocks },
  };
  await step("run-benchmark", run, io, [EXIT.ok, EXIT.unjudged]);
  const compareJson = path.join(folder, comparison.fileName);
  const compare = {
    "base-summary": path.join(run.workspace, "base-summary.json"),
    "head-summary": path.join(run.workspace, "summary.json"),
    ...{ "out-json": compareJson, "out-md": path.join(folder, "compare.md") },
    ...{ policy: "evidence", mode: "strict" },
  };
  const exitCode = await step("compare-benchmark", compare, io, [EXIT.ok, EXIT.gate, EXIT.unjudged]);
  const { cells, controls } = (await readArtifact(comparison, compareJson)).value;
  if (cells === undefined || controls === undefined) throw new InvariantError("a comparison by evidence has no cells");
  const durationMinutes = (performance.now() - startedMs) / 60_000;
  const load = (loadBefore + loadNow()) / 2;
  const achievedPct = achievedOf(await readFile(path.join(run.workspace, "raw-runs.jsonl"), "utf8"));
  return { drill, cells, controls: controls.status, exitCode, achievedPct, durationMinutes, load };
}

/** What the runs of the head say that they have added, in per cent of the rest of the run. */
function achievedOf(rawRuns: string): number | null {
  const achieved = parseRawRuns(rawRuns, "raw-runs.jsonl").runs.flatMap(({ stderr, wallMs }) => {
    const plantedMs = Number(/^planted ([\d.]+)$/m.exec(stderr)?.[1]);
    return plantedMs > 0 ? [(100 * plantedMs) / (wallMs - plantedMs)] : [];
  });
  return achieved.length === 0 ? null : median(achieved);
}

/** Runs another script. @throws {OperationError} when it ends with a code that is not accepted. */
async function step(
  script: string,
  args: ScriptArgs,
  io: ScriptIo,
  accepted: readonly number[] = [EXIT.ok],
): Promise<number> {
  const { exitCode } = await runScriptChild(script, args, io);
  if (accepted.includes(exitCode)) return exitCode;
  throw new OperationError("unjudged", `Cannot go on with the drills: ${script} ended with exit ${exitCode}`);
}

// What it means.

export interface JudgedDrill extends DrillResult {
  /** What is wrong with the verdict; empty when it is one of those that it may be. */
  readonly faults: readonly string[];
  /** Allowed, and yet the change was not found. */
  readonly isMissed: boolean;
}

/** Holds what came of a drill against what it must be. */
export function judgeDrill(result: DrillResult): JudgedDrill {
  const { drill, controls, exitCode } = result;
  const judged = judgedCells(result);
  const faults = judged.flatMap((cell) => faultsOf(cell, result));
  if (judged.length === 0) faults.push(`${drill.metric ?? "every metric"} was not compared`);
  const isGated = exitCode === EXIT.gate;
  if (drill.metric === undefined && isGated) faults.push("the comparison said no to a build that is the same");
  // Controls that are not as they should be make a night invalid first.
  const isFound = judged.some(({ isAlert }) => isAlert);
  if (isFound && controls === "passed" && !isGated) faults.push(`an alert, and exit ${exitCode} instead of 2`);
  const isMissed = faults.length === 0 && judged.some(({ verdict }) => verdict !== drill.wanted);
  return { ...result, faults, isMissed };
}

/** The cells that decide: of the drill's metric, or all of them but what is constant. */
function judgedCells({ drill, cells }: DrillResult): readonly ComparedCell[] {
  return cells.filter(({ metric }) => drill.metric === undefined || metric === drill.metric);
}

function faultsOf({ metric, verdict, interval, reason, detectablePct }: ComparedCell, result: DrillResult): string[] {
  const { allowed } = result.drill;
  const truthPct = result.drill.isTruthAsked === true ? result.achievedPct : null;
  if (!allowed.includes(verdict)) {
    const why = reason === undefined ? "" : ` (${reason})`;
    // Of a noisy machine: more blocks or a quieter one would have found it.
    const isTooNoisy = verdict === "undecided" && detectablePct !== null;
    const limit = isTooNoisy ? `; only ${detectablePct.toFixed(1)} % could be found with this noise` : "";
    return [`${metric} is ${verdict}${why}, must be ${allowed.join(" or ")}${limit}`];
  }
  if (truthPct === null || interval === null) return [];
  const { lowPct, highPct } = interval;
  const isBelow = lowPct !== null && lowPct > truthPct + PLANT_TOLERANCE_PCT;
  const isAbove = highPct !== null && highPct < truthPct - PLANT_TOLERANCE_PCT;
  return isBelow || isAbove ? [`the interval ${shownInterval(interval)} does not contain ${shownPct(truthPct)}`] : [];
}

type Figures = Measurement["figures"];

function figuresOf(judged: readonly JudgedDrill[]): Figures {
  const wrong = judged.filter(({ faults }) => faults.length > 0).length;
  const changes = judged.flatMap(({ drill, cells, faults }) =>
    cells.flatMap(({ metric, changePct, interval }) => {
      if (changePct === null) return [];
      const ends = interval === null ? {} : { low: interval.lowPct, high: interval.highPct };
      const goal = { goal: drill.allowed.join(" or "), met: faults.length === 0 };
      const figure = { name: `${drill.id}: ${metric}, change`, value: changePct, unit: "%", ...ends };
      return [metric === drill.metric ? { ...figure, ...goal } : figure];
    }),
  );
  return [
    { name: "drills", value: judged.length, unit: "drills" },
    { name: "verdicts that must not be", value: wrong, unit: "drills", goal: "0", met: wrong === 0 },
    { name: "changes not found", value: judged.filter(({ isMissed }) => isMissed).length, unit: "drills" },
    ...changes,
  ];
}

// For a person.

const COLUMNS = ["drill", "must be", "metric", "verdict", "change", "95 % interval", "blocks", "detectable"];
const MORE_COLUMNS = ["planted", "exit", "controls", "minutes", "load", ""];

/** A line for each drill and metric; what concerns the whole drill stands in its first line. */
function formatDrills(judged: readonly JudgedDrill[]): string {
  const rows = [[...COLUMNS, ...MORE_COLUMNS], ...judged.flatMap(rowsOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  "));
  const faults = judged.flatMap(({ drill, faults: own }) => own.map((fault) => `✗ ${drill.id}: ${fault}`));
  return `${[...lines, ...faults].map((line) => line.trimEnd()).join("\n")}\n`;
}

function rowsOf({ drill, cells, faults, isMissed, ...result }: JudgedDrill): string[][] {
  const answer = faults.length > 0 ? "✗" : isMissed ? "not found" : "✓";
  // The metric that the drill is about comes first.
  const shown = cells.toSorted((a, b) => Number(b.metric === drill.metric) - Number(a.metric === drill.metric));
  return shown.map((cell, index) => {
    const isFirst = index === 0;
    const planted = result.achievedPct === null ? "" : shownPct(result.achievedPct);
    const times = [result.durationMinutes.toFixed(1), result.load.toFixed(1)];
    const whole = [planted, String(result.exitCode), result.controls, ...times];
    return [
      ...(isFirst ? [drill.id, drill.allowed.join(" or ")] : ["", ""]),
      ...[cell.metric, cell.verdict, shownPct(cell.changePct), shownInterval(cell.interval)],
      ...[String(cell.blockCount), cell.detectablePct === null ? "" : `${cell.detectablePct.toFixed(1)} %`],
      ...(isFirst ? [...whole, answer] : []),
    ];
  });
}

function shownPct(pct: number | null): string {
  return pct === null ? "?" : `${pct > 0 ? "+" : ""}${pct.toFixed(1)} %`;
}

function shownInterval(interval: ComparedCell["interval"]): string {
  return interval === null ? "" : `${shownPct(interval.lowPct)} to ${shownPct(interval.highPct)}`;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    },
  );
}

await launch(import.meta.url, main);
