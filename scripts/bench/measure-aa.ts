/**
 * Purpose: measures what is found where nothing can be: compares a build with itself, night after night, by evidence
 *   and, beside it, all head then all base by fixed thresholds.
 * Reads: the project's sources, or the CLI, suite and tier that the flags name.
 * Writes: OUT-DIR/nights.ndjson, a line a finished night, and OUT-DIR/nights with their runs; with --out-json a
 *   measurement, with --out-noise a noise recording for each cell.
 * Network: none.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; nights that are there stay and are continued with --resume, without it they are refused.
 * Example: npm run bench:aa -- --nights 1 --min-blocks 2 --max-blocks 3 --resume --out-dir .tmp/bench/aa-small
 */
import { access, readFile, realpath, rm } from "node:fs/promises";
import path from "node:path";
import {
  checkArtifact,
  comparison,
  measurement,
  noiseFile,
  parseRawRuns,
  parseSuite,
  type RunContext,
  rawRun,
  runContext,
  type Suite,
  type Summary,
  summary,
  type TierManifest,
  tierManifest,
} from "@forgebench/artifacts";
import { InvariantError, OperationError, UsageError } from "@forgebench/errors";
import { compareByEvidence, compareByThreshold, neededBlocks, readRunLog } from "@forgebench/evidence";
import {
  EXIT,
  type FlagValues,
  inputReference,
  integerFlag,
  LineLog,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  makeMeasurement,
  optionalInteger,
  optionalPath,
  outputError,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  type ReadArtifact,
  readArtifact,
  readInputText,
  referencePath,
  runScript,
  runScriptChild,
  type ScriptArgs,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  sha256OfFile,
  startProgress,
  switchFlag,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import { analyzeNullNights, type IntervalFigure, type NullNight, nullNightFigures } from "@forgebench/lab";
import { formatMeasurement } from "@forgebench/report";
import {
  assertSameContext,
  assertSuiteRunnable,
  beginRuns,
  type Cell,
  invalidRunsError,
  planMeasurement,
  prepareBench,
  runFilesOf,
  runPlan,
  type Sampling,
  selectCells,
  summarize,
} from "@forgebench/runner";
import { standardThresholds } from "@forgebench/verdict";

const TIMEOUT_MS = 600_000;
const OWN_DATASET = { version: "0.0.0-aa", images: 8 } as const;

const flags = {
  nights: integerFlag({ min: 1, max: 100_000, unit: "nights", fallback: 200, description: "how many there shall be" }),
  "cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to compare with itself; default: the reference subject, built if it is not there",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: `what it runs on; default: ${OWN_DATASET.images} images made for it`,
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the CLI is run" }),
  profiles: listFlag({ fallback: ["P1"], description: "profiles of the suite" }),
  scenarios: listFlag({ fallback: ["single-small"], description: "scenarios of the suite" }),
  "min-blocks": integerFlag({
    ...{ min: 1, max: 10_000, unit: "blocks", fallback: 13 },
    description: "no cell is finished before",
  }),
  "max-blocks": integerFlag({
    ...{ min: 1, max: 10_000, unit: "blocks", fallback: 30 },
    description: "every cell is finished then",
  }),
  "run-count": integerFlag({
    ...{ min: 2, max: 10_000, unit: "runs", fallback: 10 },
    description: "of all head, then all base: runs of each arm, one cold, the rest warm",
  }),
  controls: switchFlag({ description: "run the control cells in each night, too" }),
  "out-dir": pathFlag({ fallback: ".tmp/bench/aa", description: "the folder of the nights" }),
  resume: switchFlag({ description: "continue the nights that are there" }),
  "budget-minutes": optionalInteger({
    ...{ min: 0, max: 100_000, unit: "minutes" },
    description: "end with the night in which the time is up; 0: after one night",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "out-noise": optionalPath({ placeholder: "DIR", description: "the runs of each cell as noise for bench:power" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:aa --",
  purpose: "Compares a build with itself, night after night: how often is something found, and how large is the bias?",
  flags,
  outputs: {
    NIGHTS_NDJSON: "a line for each finished night",
    MEASUREMENT_JSON: "the file of --out-json",
    NOISE_DIR: "the folder of --out-noise",
  },
  notes: [
    "A night is a measurement as of bench:run, judged as bench:compare does it by evidence; then, by itself, all runs of\nhead and after them all of base, judged by fixed thresholds. Order and slots are drawn anew each night.",
    "In parentheses stand 95 % intervals; those of means need 10 nights. A change is head against base in per cent.\nExit 2 when more than 2 % of the nights are red, 3 when runs failed.",
  ],
  examples: [
    "npm run bench:aa -- --out-json aa.json",
    "npm run bench:aa -- --nights 400 --resume --budget-minutes 60",
    "npm run bench:aa -- --cli-path cli.js --tier-manifest tier/tier-manifest.json --suite suite.yaml --profiles a --scenarios b",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureAa(values, io));
}

async function measureAa(values: Flags, io: ScriptIo): Promise<number> {
  if (values.minBlocks > values.maxBlocks) {
    throw new UsageError(`--min-blocks: ${values.minBlocks} is more than the ${values.maxBlocks} of --max-blocks`);
  }
  await makeFolder(values.outDir);
  const root = await realpath(values.outDir);
  const lock = await lockFolder(root);
  try {
    const finished = await readFinished(root, values.resume);
    const lab: Lab = { root, values, io, ...(await readSubject(values, root, io)) };
    await measureNights(lab, finished);
    return await report(lab);
  } finally {
    await lock.release();
  }
}

/** What all nights have in common. */
interface Lab {
  readonly root: string;
  readonly values: Flags;
  readonly io: ScriptIo;
  readonly cliPath: string;
  readonly tier: ReadArtifact<TierManifest>;
  readonly suite: Suite;
  readonly suiteSha256: string;
  readonly cells: readonly Cell[];
}

async function readSubject(values: Flags, root: string, io: ScriptIo): Promise<Omit<Lab, "root" | "values" | "io">> {
  const suiteText = await readInputText(values.suite, "suite");
  const suite = parseSuite(suiteText, values.suite);
  assertSuiteRunnable(suite, values.suite);
  const cells = selectCells(suite, values);
  const cliPath = values.cliPath ?? path.join(PROJECT_ROOT, "dist", "cli.js");
  if (values.cliPath === undefined && !(await isThere(cliPath))) await step("build-subject", {}, io);
  const tierPath = values.tierManifest ?? (await ownTier(path.join(root, "dataset"), io));
  const tier = await readArtifact(tierManifest, tierPath);
  return { cliPath, tier, suite, suiteSha256: sha256Of(suiteText), cells };
}

/** A few images, made as any others are; those that are there stay. */
async function ownTier(folder: string, io: ScriptIo): Promise<string> {
  const { version, images } = OWN_DATASET;
  const at = (name: string) => path.join(folder, name);
  const manifest = path.join(at("build"), `v${version}`, `tier${images}`, tierManifest.fileName);
  if (await isThere(manifest)) return manifest;
  await step("generate-synthetic", { "out-dir": at("synthetic"), count: images }, io);
  const folders = { "synthetic-dir": at("synthetic"), "sources-dir": await makeFolder(at("sources")) };
  const outputs = { "build-dir": at("build"), "out-dir": at("assets") };
  await step("build-tiers", { "dataset-version": version, tiers: images, ...folders, ...outputs }, io);
  return manifest;
}

/** Runs another script. @throws {OperationError} when it fails. */
async function step(script: string, args: ScriptArgs, io: ScriptIo): Promise<void> {
  const { exitCode } = await runScriptChild(script, args, io);
  if (exitCode === EXIT.ok) return;
  throw new OperationError("unjudged", `Cannot make what is to be measured: ${script} ended with exit ${exitCode}`);
}

/** What the log says of a night. */
interface FinishedNight {
  readonly night: number;
  readonly durationMs: number;
}

const logOf = (root: string) => path.join(root, "nights.ndjson");
const folderOf = (root: string, night: number) => path.join(root, "nights", String(night).padStart(5, "0"));

/** The nights that were finished before; what a kill left of the log's last line is cut off. */
async function readFinished(root: string, isResumed: boolean): Promise<FinishedNight[]> {
  const file = logOf(root);
  const text = (await isThere(file)) ? await readFile(file, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const nights = whole.split("\n").flatMap((line) => (line === "" ? [] : [parseLine(line, file)]));
  if (nights.length > 0 && !isResumed) {
    throw new OperationError("output", `Cannot begin in "${root}": ${nights.length} nights are there already`, {
      details: [{ label: "try", text: "--resume to continue them, or another --out-dir" }],
    });
  }
  if (whole !== text) await writeFileAtomic(file, whole);
  return nights;
}

function parseLine(line: string, file: string): FinishedNight {
  const found = /^\{"night":(\d+),"durationMs":(\d+)\}$/.exec(line);
  if (found !== null) return { night: Number(found[1]), durationMs: Number(found[2]) };
  throw new OperationError("data", `Cannot read "${file}": ${JSON.stringify(line)} is no line of this program`);
}

async function measureNights(lab: Lab, finished: readonly FinishedNight[]): Promise<void> {
  const { root, values, io } = lab;
  const endMs = performance.now() + (values.budgetMinutes ?? Number.POSITIVE_INFINITY) * 60_000;
  let first = finished[0] === undefined ? undefined : await readContext(root, finished[0].night);
  const log = await LineLog.open(logOf(root));
  const progress = startProgress(io, "nights", values.nights);
  try {
    for (let night = finished.length + 1; night <= values.nights; night += 1) {
      progress.update(night - 1);
      await log.append(JSON.stringify(await measureNight(lab, night, first)));
      first ??= await readContext(root, night);
      progress.update(night);
      if (performance.now() >= endMs) break;
    }
  } finally {
    progress.stop();
    await log.close();
  }
}

async function readContext(root: string, night: number): Promise<RunContext> {
  return (await readArtifact(runContext, runFilesOf(path.join(folderOf(root, night), "blocked")).context)).value;
}

/** @param first the context of the first night; the others must be like it. */
async function measureNight(lab: Lab, night: number, first: RunContext | undefined): Promise<FinishedNight> {
  const startedMs = performance.now();
  const folder = folderOf(lab.root, night);
  await rm(folder, { recursive: true, force: true });
  const { minBlocks, maxBlocks, runCount } = lab.values;
  const byEvidence: Sampling = { mode: "evidence", minBlocks, maxBlocks };
  const {
    head: blockedHead,
    base: blockedBase,
    ...measured
  } = await measureArms(lab, path.join(folder, "blocked"), byEvidence, first);
  if (blockedBase === undefined) throw new InvariantError("a measurement by evidence has no base");
  // A subject that fails in the first night fails in all of them.
  const failure = invalidRunsError([blockedHead.value, blockedBase.value], measured.runs, folder);
  if (night === 1 && failure !== undefined) throw failure;
  const made = compareByEvidence({
    ...requestOf(lab, blockedHead, blockedBase),
    context: measured.context,
    log: readRunLog(measured.runs, measured.context),
  });
  await writeArtifact(comparison, path.join(folder, "compare.json"), made);
  const inTurn: Sampling = { mode: "fixed", runCount };
  const { head } = await measureArms(lab, path.join(folder, "all-head"), inTurn);
  const { head: base } = await measureArms(lab, path.join(folder, "all-base"), inTurn);
  const sequential = compareByThreshold(requestOf(lab, head, base));
  await writeArtifact(comparison, path.join(folder, "sequential-compare.json"), sequential);
  return { night, durationMs: Math.round(performance.now() - startedMs) };
}

type ReadSummary = ReadArtifact<Summary>;

function requestOf({ io }: Lab, head: ReadSummary, base: ReadSummary) {
  return {
    ...{ head: { summary: head.value, sha256: head.sha256 }, base: { summary: base.value, sha256: base.sha256 } },
    ...{ thresholds: standardThresholds, gateMode: "strict" as const, generatedAt: io.now().toISOString(), inputs: [] },
  };
}

/** Measures as bench:run does: with evidence two arms, the same build both; with a fixed number of runs one. */
async function measureArms(lab: Lab, workspace: string, sampling: Sampling, first?: RunContext) {
  const { io, suite, cells, cliPath, tier, values } = lab;
  await makeFolder(workspace);
  const chosen = { suite, cells, chosenCells: cells, sampling };
  const bench = await prepareBench({
    ...chosen,
    ...{ suitePath: values.suite, suiteSha256: lab.suiteSha256, tier: tier.value, tierPath: tier.path, workspace },
    ...{ shard: { index: 1, count: 1 }, wantsControls: values.controls && sampling.mode === "evidence" },
    ...{ cliPath, baseCliPath: sampling.mode === "evidence" ? cliPath : undefined },
    ...{ timeoutMs: TIMEOUT_MS, orderSeed: undefined, env: io.env, signal: io.signal },
    ...{ generatedAt: io.now().toISOString(), toolVersion: "bench:aa" },
  });
  if (first !== undefined) assertSameContext(first, { ...bench.context, orderSeed: first.orderSeed });
  const plan = planMeasurement({ ...chosen, controlCells: bench.controlCells, design: bench.context.design });
  const files = runFilesOf(workspace);
  const access = { readText: readInputText, writeText: writeFileAtomic, outputError };
  const begun = await beginRuns({
    ...{ files, plan, context: bench.context, removeRunFolders: bench.removeRunFolders, access },
    ...{ isResumed: false, isSeedGiven: false },
  });
  const log = await LineLog.open(files.rawRuns);
  try {
    const measured = await runPlan({
      ...{ plan, begun, bench, suite, blocksNeeded: neededBlocks(begun.context), timeoutMs: TIMEOUT_MS },
      ...{ nodePath: process.execPath, signal: io.signal, show: () => {}, onAbort: () => {} },
      keep: (run) => log.append(JSON.stringify(checkArtifact(rawRun, run, files.rawRuns))),
    });
    const summarizeArm = (arm: "head" | "base") => writeSummary(lab, { arm, ...measured, ...chosen, ...bench }, files);
    const head = await summarizeArm("head");
    const base = sampling.mode === "evidence" ? await summarizeArm("base") : undefined;
    await rm(files.scratch, { recursive: true, force: true });
    return { ...measured, head, base };
  } finally {
    await log.close();
  }
}

type Summarized = Omit<Parameters<typeof summarize>[0], "generatedAt" | "cliPath" | "tierManifestPath" | "inputs">;

async function writeSummary(lab: Lab, what: Summarized, files: ReturnType<typeof runFilesOf>): Promise<ReadSummary> {
  const { io, cliPath, tier } = lab;
  const file = files.summary[what.arm];
  const rawRuns = { path: files.rawRuns, sha256: await sha256OfFile(files.rawRuns) };
  const value = summarize({
    ...what,
    generatedAt: io.now().toISOString(),
    cliPath: referencePath(cliPath, file, io.cwd),
    tierManifestPath: referencePath(tier.path, file, io.cwd),
    inputs: [rawRuns, tier].map((input) => inputReference(input, file, io.cwd)),
  });
  return { path: file, value, sha256: await writeArtifact(summary, file, value) };
}

/** Adds up all nights from their files: what is kept is what counts. */
async function report({ root, values, io }: Lab): Promise<number> {
  const nights: NullNight[] = [];
  for (const finished of await readFinished(root, true)) nights.push(await readNight(root, finished));
  if (nights.length < values.nights) {
    io.stderr.write(`note: the time is up after ${nights.length} of ${values.nights} nights; --resume continues\n`);
  }
  const result = analyzeNullNights(nights);
  const figures = nullNightFigures(result);
  const made = makeMeasurement(io, "bench:aa", figures, { result });
  io.stdout.write(formatMeasurement({ ...made, figures: figures.map(withInterval) }));
  if (values.outJson !== undefined) await writeArtifact(measurement, values.outJson, made);
  if (values.outNoise !== undefined) await writeNoise(values.outNoise, nights);
  await printOutputs(io, {
    NIGHTS_NDJSON: logOf(root),
    ...(values.outJson === undefined ? {} : { MEASUREMENT_JSON: values.outJson }),
    ...(values.outNoise === undefined ? {} : { NOISE_DIR: values.outNoise }),
  });
  if (result.failedNights > 0) return EXIT.unjudged;
  return figures.some(({ met }) => met === false) ? EXIT.gate : EXIT.ok;
}

/** The table knows values alone: the interval stands behind the unit. */
function withInterval(figure: IntervalFigure): IntervalFigure {
  const { unit, low = null, high = null } = figure;
  if (low === null || high === null) return figure;
  const shown = (end: number) => (Math.abs(end) >= 10 ? end.toFixed(0) : end.toPrecision(2));
  return { ...figure, unit: `${unit} (${shown(low)} to ${shown(high)})` };
}

async function readNight(root: string, { night, durationMs }: FinishedNight): Promise<NullNight> {
  const at = (name: string) => path.join(folderOf(root, night), name);
  const rawRuns = runFilesOf(at("blocked")).rawRuns;
  return {
    comparison: (await readArtifact(comparison, at("compare.json"))).value,
    sequential: (await readArtifact(comparison, at("sequential-compare.json"))).value,
    runs: parseRawRuns(await readInputText(rawRuns, rawRun.kind), rawRuns).runs,
    durationMs,
  };
}

/** The wall times of each cell, one arm like the other, night after night. */
async function writeNoise(folder: string, nights: readonly NullNight[]): Promise<void> {
  const samples = new Map<string, number[]>();
  for (const run of nights.flatMap(({ runs }) => runs)) {
    if (run.valid !== true || run.control !== undefined) continue;
    const id = `${run.profileId}-${run.scenario}-${run.phase}`;
    samples.set(id, [...(samples.get(id) ?? []), Math.round(run.wallMs * 1000) / 1000]);
  }
  for (const [id, own] of samples) {
    const what = `${id} of ${nights.length} nights of bench:aa, both arms the same build`;
    await writeArtifact(noiseFile, path.join(folder, `aa-${id}.json`), { unit: "ms", what, samples: own });
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

await launch(import.meta.url, main);
