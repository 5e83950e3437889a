/**
 * Purpose: runs a CLI, or two builds of it in turn, on the images of a tier; keeps every run and sums each arm up.
 * Reads: the suite file, a tier manifest with its images, the CLI's folder (and the base's).
 * Writes: WORKSPACE/raw-runs.jsonl, run-context.json, summary.json, with a base base-summary.json; WORKSPACE/scratch
 *   while it runs, kept when a run was not valid.
 * Network: none.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; runs that are there are moved to raw-runs.previous.jsonl and their context to run-context.previous.json,
 *   with --resume they are continued.
 * Example: npm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run --profiles P1 --run-count 3
 */
import { access, readFile, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  checkArtifact,
  parseRawRuns,
  parseSuite,
  type RawRun,
  type RunContext,
  rawRun,
  runContext,
  type Suite,
  type Summary,
  summary,
  type TierManifest,
  tierManifest,
} from "@forgebench/artifacts";
import { codeOf } from "@forgebench/errors";
import {
  EXIT,
  exitCodeOf,
  type FlagValues,
  inputError,
  inputReference,
  integerFlag,
  LineLog,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  optionalPath,
  optionalText,
  outputError,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  type ReadArtifact,
  readArtifact,
  readInputText,
  referencePath,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  sha256OfFile,
  startProgress,
  switchFlag,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import {
  type Arm,
  assertRulesKnown,
  assertSameContext,
  type Bench,
  type Cell,
  cellId,
  factsOf,
  fixedProtocol,
  invalidRunsError,
  measure,
  type PlannedBlock,
  planRuns,
  prepareBench,
  runsOfWholeBlocks,
  selectCells,
  summarize,
} from "@forgebench/runner";

const flags = {
  "cli-path": requiredPath({ placeholder: "FILE", description: "the CLI to measure: the head" }),
  "tier-manifest": requiredPath({ placeholder: "FILE", description: "tier-manifest.json, its images beside it" }),
  workspace: requiredPath({ placeholder: "DIR", description: "the folder for all results" }),
  "base-cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to compare with, run in turn: the base" }),
  "run-count": integerFlag({
    min: 1,
    max: 10_000,
    unit: "runs",
    fallback: 10,
    description: "runs of each arm on each profile and scenario: one cold where it is chosen, the rest warm",
  }),
  profiles: listFlag({ fallback: [], shown: "all of the suite", description: "profiles to run" }),
  scenarios: listFlag({ fallback: [], shown: "all of the suite", description: "scenarios to run" }),
  cell: listFlag({
    fallback: [],
    shown: "all",
    placeholder: "ID",
    description: "only this cell, PROFILE/SCENARIO/PHASE or with /METRIC; several with commas",
  }),
  seed: optionalText({
    pattern: /^[\w.-]{1,64}$/,
    expected: "1 to 64 letters, digits, dots, dashes",
    description: "of the order of runs; default: fresh randomness, recorded",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "what is run, and how" }),
  resume: switchFlag({ description: "continue the interrupted measurement of this workspace" }),
  "timeout-seconds": integerFlag({
    min: 1,
    max: 86_400,
    unit: "seconds",
    fallback: 600,
    description: "limit of one run; it and all its children are ended then",
  }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:run --",
  purpose: "Runs a CLI, or two builds of it in turn, cold and warm, checks every run and sums each arm up.",
  flags,
  outputs: {
    RAW_RUNS_JSONL: "every run of both arms",
    SUMMARY_JSON: "the figures of the head",
    BASE_SUMMARY_JSON: "the figures of the base, when there is one",
    VALIDATION_PASSED: "1 when every run was valid, else 0 (exit 3)",
  },
  notes: [
    "With a base, each block is one run of either arm back to back; which goes first, and which of two equal folders its\nbuild is run from, is drawn from --seed. A cold run starts from an empty folder, the warm runs of an arm share one\nthat is filled once, untimed. Runs that are not valid are kept and enter no figure.",
  ],
  examples: [
    "pnpm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run",
    "node scripts/bench/run-benchmark.mjs --cli-path new/cli.js --base-cli-path old/cli.js --tier-manifest T.json --workspace W",
    "pnpm run bench:run -- … --cell P2/batch-all/cold --resume",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => runBenchmark(values, io));
}

async function runBenchmark(values: Flags, io: ScriptIo): Promise<number> {
  const task = await readTask(values);
  await makeFolder(values.workspace);
  const workspace = await realpath(values.workspace);
  const lock = await lockFolder(workspace);
  try {
    const { suite, suiteSha256, tier, cells } = task;
    const bench = await prepareBench({
      ...{ suite, suiteSha256, suitePath: values.suite, tier: tier.value, tierPath: tier.path, cells, workspace },
      ...{ cliPath: values.cliPath, baseCliPath: values.baseCliPath, runCount: values.runCount },
      ...{ timeoutMs: values.timeoutSeconds * 1000, orderSeed: values.seed, env: io.env, signal: io.signal },
      generatedAt: io.now().toISOString(),
      toolVersion: await readToolVersion(),
    });
    const job: Job = { task, bench, values, files: filesOf(workspace) };
    return await finish(job, await measureAll(job, io), io);
  } catch (error) {
    throw explained(error, workspace, values.workspace);
  } finally {
    await lock.release();
  }
}

const READING = new Set(["open", "read", "scandir", "stat", "lstat", "realpath", "readlink"]);

/**
 * What the system refuses in words: outside the workspace only inputs are read; inside it, the folder is named rather
 * than a bare code. Any other error stays as it is: a bug of ours keeps its stack.
 */
function explained(error: unknown, workspace: string, shownWorkspace: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || typeof error.syscall !== "string") return error;
  if ("path" in error && typeof error.path === "string" && path.isAbsolute(error.path)) {
    const isInside = `${error.path}${path.sep}`.startsWith(`${workspace}${path.sep}`);
    if (!isInside && READING.has(error.syscall)) return inputError(error.path, "input", error);
  }
  if (exitCodeOf(error) !== EXIT.output) return error;
  return outputError(`Cannot work in the workspace "${shownWorkspace}"`, error);
}

/** What is to be done, as far as the flags and the files that they name tell. */
interface Task {
  readonly suite: Suite;
  readonly suiteSha256: string;
  readonly tier: ReadArtifact<TierManifest>;
  readonly cells: readonly Cell[];
}

async function readTask(values: Flags): Promise<Task> {
  const suiteText = await readInputText(values.suite, "suite");
  const suite = parseSuite(suiteText, values.suite);
  assertRulesKnown(suite, values.suite);
  const orAll = (names: readonly string[]) => (names.length === 0 ? undefined : names);
  const cells = selectCells(suite, {
    profiles: orAll(values.profiles),
    scenarios: orAll(values.scenarios),
    cells: orAll(values.cell),
  });
  return {
    suite,
    suiteSha256: sha256Of(suiteText),
    tier: await readArtifact(tierManifest, values.tierManifest),
    cells,
  };
}

async function readToolVersion(): Promise<string> {
  const { version }: { version?: string } = JSON.parse(await readFile(path.join(PROJECT_ROOT, "package.json"), "utf8"));
  return version ?? "unknown";
}

interface Job {
  readonly task: Task;
  readonly bench: Bench;
  readonly values: Flags;
  readonly files: ReturnType<typeof filesOf>;
}

/** The context of the whole measurement and what of it was done before. */
interface Beginning {
  readonly context: RunContext;
  readonly plan: readonly PlannedBlock[];
  readonly earlierRuns: readonly RawRun[];
}

const filesOf = (workspace: string) => ({
  rawRuns: path.join(workspace, "raw-runs.jsonl"),
  context: path.join(workspace, "run-context.json"),
  scratch: path.join(workspace, "scratch"),
  summary: { head: path.join(workspace, "summary.json"), base: path.join(workspace, "base-summary.json") },
});

/** Begins anew, what was there moved aside; or, to resume, with the whole blocks of before. */
async function begin({ task, bench, values, files }: Job, io: ScriptIo): Promise<Beginning> {
  const { context } = bench;
  const arms: readonly Arm[] = context.design === "blocked" ? ["head", "base"] : ["head"];
  const cellPlans = fixedProtocol(task.cells, context.runCount);
  const planWith = (orderSeed: string) => planRuns({ orderSeed, arms, cellPlans });
  const earlier = values.resume ? await readEarlier(files.rawRuns) : undefined;
  if (earlier === undefined) {
    await removeResults(files.summary, bench);
    if (!values.resume && (await moveAside(files.rawRuns))) {
      await moveAside(files.context);
      io.stderr.write(
        "note: the runs that were here are now raw-runs.previous.jsonl; --resume would have continued them\n",
      );
    }
    await writeArtifact(runContext, files.context, context);
    return { context, plan: planWith(context.orderSeed), earlierRuns: [] };
  }
  const { value: begun } = await readArtifact(runContext, files.context);
  assertSameContext(begun, values.seed === undefined ? { ...context, orderSeed: begun.orderSeed } : context);
  const plan = planWith(begun.orderSeed);
  const earlierRuns = runsOfWholeBlocks(earlier, plan);
  await removeResults(files.summary, bench);
  await writeFileAtomic(files.rawRuns, earlierRuns.map((run) => `${JSON.stringify(run)}\n`).join(""));
  io.stderr.write(
    `resume     ${earlierRuns.length} runs are there, ${earlier.length - earlierRuns.length} of a cut block are dropped\n`,
  );
  return { context: begun, plan, earlierRuns };
}

/** First of all: a summary of other runs than those beside it would mislead whoever finds it after a kill. */
async function removeResults(summaries: Readonly<Record<Arm, string>>, bench: Bench): Promise<void> {
  for (const file of Object.values(summaries)) await rm(file, { force: true });
  await bench.removeRunFolders();
}

async function readEarlier(file: string): Promise<readonly RawRun[] | undefined> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  return isThere ? parseRawRuns(await readInputText(file, rawRun.kind), file).runs : undefined;
}

async function moveAside(file: string): Promise<boolean> {
  try {
    await rename(file, file.replace(/\.(jsonl?)$/, ".previous.$1"));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw outputError(`Cannot move "${file}" aside`, error);
  }
}

/** What was measured: the whole of it, with what was there before. */
interface Measured {
  readonly context: RunContext;
  readonly runs: readonly RawRun[];
}

async function measureAll(job: Job, io: ScriptIo): Promise<Measured> {
  const { task, bench, values, files } = job;
  const { context, plan, earlierRuns } = await begin(job, io);
  const runCount = plan.reduce((sum, block) => sum + block.runs.length, 0);
  announce(context, runCount, io);
  const log = await LineLog.open(files.rawRuns);
  const progress = startProgress(io, "measure", runCount);
  let doneCount = earlierRuns.length;
  progress.update(doneCount);
  try {
    const runs = await measure({
      plan,
      earlierRuns,
      executor: bench.executor,
      stage: bench.stage,
      timeoutMs: values.timeoutSeconds * 1000,
      signal: io.signal,
      facts: factsOf(context, { suite: task.suite, nodePath: process.execPath, imageCounts: bench.imageCounts }),
      onRun: ({ cell, arm }) => progress.update(doneCount, `${cellId(cell)} ${arm}`),
      keep: async (run) => {
        await log.append(JSON.stringify(checkArtifact(rawRun, run, "raw-runs.jsonl")));
        doneCount += 1;
        progress.update(doneCount, `${cellId(run)} ${run.arm}`);
      },
    });
    await bench.checkInputs();
    return { context, runs };
  } finally {
    progress.stop();
    if (io.signal.aborted)
      io.stderr.write(`kept       ${doneCount} of ${count(runCount, "run")}; --resume continues\n`);
    await log.close();
  }
}

function announce({ slots, design, profiles, scenarios }: RunContext, runCount: number, io: ScriptIo): void {
  if (slots?.reason !== undefined) {
    io.stderr.write(`warning: the builds are run where they are, not from equal copies: ${slots.reason}\n`);
  }
  const against = design === "blocked" ? ", head against base" : "";
  const what = `${profiles.join(",")} × ${count(scenarios.length, "scenario")}${against}, ${count(runCount, "run")}`;
  io.stderr.write(`measure    ${what}\n`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

async function finish({ task, bench, values, files }: Job, measured: Measured, io: ScriptIo): Promise<number> {
  const rawRuns = { path: files.rawRuns, sha256: await sha256OfFile(files.rawRuns) };
  const summaries: Summary[] = [];
  for (const [arm, cliPath] of [["head", values.cliPath] as const, ["base", values.baseCliPath] as const]) {
    if (cliPath === undefined) continue;
    const file = files.summary[arm];
    const made = summarize({
      ...measured,
      ...{ arm, suite: task.suite, cells: task.cells, imageCounts: bench.imageCounts },
      generatedAt: io.now().toISOString(),
      cliPath: referencePath(cliPath, file, io.cwd),
      tierManifestPath: referencePath(task.tier.path, file, io.cwd),
      inputs: [rawRuns, task.tier].map((input) => inputReference(input, file, io.cwd)),
    });
    await writeArtifact(summary, file, made);
    summaries.push(made);
  }
  const error = invalidRunsError(
    summaries,
    measured.runs,
    `${files.rawRuns}, and the runs' folders in scratch beside it`,
  );
  await printOutputs(io, {
    RAW_RUNS_JSONL: files.rawRuns,
    SUMMARY_JSON: files.summary.head,
    ...(values.baseCliPath === undefined ? {} : { BASE_SUMMARY_JSON: files.summary.base }),
    VALIDATION_PASSED: error === undefined ? 1 : 0,
  });
  if (error !== undefined) throw error;
  await rm(files.scratch, { recursive: true, force: true });
  return EXIT.ok;
}

await launch(import.meta.url, main);
