/**
 * Purpose: runs a command, or two in turn, on the images of a tier or on what its suite names; keeps every run and sums
 *   each arm up.
 * Reads: the suite file and its inputs, or a tier manifest with its images and dataset-resolved.json; the CLI's folder
 *   (and the base's); with --base the git repository of the CLI.
 * Writes: WORKSPACE/raw-runs.jsonl, run-context.json, summary.json, with a base base-summary.json; WORKSPACE/scratch
 *   while it runs, kept when a run was not valid.
 * Network: none; with --base what its build command asks for.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; runs that are there are moved to raw-runs.previous.jsonl and their context to run-context.previous.json,
 *   with --resume they are continued.
 * Example: npm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run --profiles P1 --run-count 3
 */
import { readFile, realpath, rm } from "node:fs/promises";
import path from "node:path";
import {
  checkArtifact,
  oneLine,
  parseSuite,
  rawRun,
  type Summary,
  summary,
  type TierManifest,
  tierManifest,
} from "@forgebench/artifacts";
import { neededBlocks } from "@forgebench/evidence";
import { type BuiltCommit, buildChosenBase, choosesBase, DEFAULT_BUILD_COMMAND } from "@forgebench/history";
import {
  EXIT,
  explainSystemError,
  type FlagValues,
  inputReference,
  LineLog,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  optionalInteger,
  optionalNumber,
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
  runTimeoutFlag,
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
  announce,
  announceFixed,
  assertFlagsFit,
  assertSuiteRunnable,
  type Bench,
  type BenchOptions,
  beginRuns,
  cellsOfShard,
  chooseSampling,
  describeUnreadInputs,
  invalidRunsError,
  type Measured,
  parseShard,
  planMeasurement,
  prepareBench,
  runFilesOf,
  runPlan,
  SAMPLING_DEFAULTS,
  selectCells,
  summarize,
} from "@forgebench/runner";

const flags = {
  "cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to measure: the head; needed where the suite's command has a {cli}",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: "tier-manifest.json, its images beside it; needed where scenarios of the suite have files",
  }),
  workspace: requiredPath({ placeholder: "DIR", description: "the folder for all results" }),
  "dataset-fallback": optionalText({
    ...{ placeholder: "REASON", pattern: oneLine, expected: "one line of 1 to 200 characters" },
    description: "why a tier of this machine is measured instead of a release; every later artifact and report says it",
  }),
  "base-cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to compare with, run in turn: the base" }),
  base: optionalText({
    ...{ placeholder: "SHA", pattern: /^[0-9a-f]{7,40}$/, expected: "7 to 40 lower-case hexadecimal digits" },
    description: "the base as a commit: built in the workspace, from the checkout that the head's CLI lies in",
  }),
  "build-command": optionalText({
    placeholder: "COMMAND",
    description: `with --base: how it is built, for sh, in the top folder of the commit (${DEFAULT_BUILD_COMMAND})`,
  }),
  "run-count": optionalInteger({
    ...{ min: 1, max: 10_000, unit: "runs" },
    description: `as many runs of each arm on each profile and scenario, one cold where it is chosen, the rest warm; default: ${SAMPLING_DEFAULTS.runCount} with one arm, with a base as many as the evidence needs`,
  }),
  "cold-runs": optionalInteger({
    ...{ min: 1, max: 10_000, unit: "runs" },
    description: "with a fixed number of runs: as many cold ones of each arm, profile and scenario instead of one",
  }),
  "min-blocks": optionalInteger({
    ...{ min: 1, max: 10_000, unit: "blocks" },
    description: `by evidence: no cell is finished before (${SAMPLING_DEFAULTS.minBlocks})`,
  }),
  "max-blocks": optionalInteger({
    ...{ min: 1, max: 10_000, unit: "blocks" },
    description: `by evidence: every cell is finished then (${SAMPLING_DEFAULTS.maxBlocks}); with --resume it may be raised`,
  }),
  "time-budget-minutes": optionalNumber({
    ...{ min: 0.01, max: 100_000, unit: "minutes" },
    description: "by evidence: begin no block that may end later; with --resume another one, or none, counted anew",
  }),
  "no-waiting": switchFlag({
    description: "measure at once while other programs use all processors, instead of waiting for a bounded time",
  }),
  "no-controls": switchFlag({ description: "by evidence: leave out the cells by which the measurement checks itself" }),
  shard: optionalText({
    placeholder: "i/n",
    description: "only this part of the cells, for example 2/3; the controls run in every part",
  }),
  "shard-cells": listFlag({
    ...{ fallback: [], shown: "dealt in turn", placeholder: "ID" },
    description: "with --shard: the cells of this part, as bench:plan deals them by their price",
  }),
  profiles: listFlag({ fallback: [], shown: "all of the suite", description: "profiles to run" }),
  scenarios: listFlag({ fallback: [], shown: "all of the suite", description: "scenarios to run" }),
  cell: listFlag({
    ...{ fallback: [], shown: "all", placeholder: "ID" },
    description: "only this cell, PROFILE/SCENARIO/PHASE or with /METRIC; several with commas",
  }),
  seed: optionalText({
    pattern: /^[\w.-]{1,64}$/,
    expected: "1 to 64 letters, digits, dots, dashes",
    description: "of the order of runs; default: fresh randomness, recorded",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "what is run, and how" }),
  resume: switchFlag({
    description: "continue the measurement of this workspace, with the same flags but the two that may change",
  }),
  "timeout-seconds": runTimeoutFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:run --",
  purpose: "Runs a command, or two in turn, cold and warm, checks every run and sums each arm up.",
  flags,
  outputs: {
    RAW_RUNS_JSONL: "every run of both arms",
    SUMMARY_JSON: "the figures of the head",
    BASE_SUMMARY_JSON: "the figures of the base, when there is one",
    VALIDATION_PASSED: "1 when every run was valid, else 0 (exit 3)",
  },
  notes: [
    "--base SHA builds that commit in a worktree of the workspace, which is removed at the end; its CLI lies where the\nhead's lies in its checkout. The build gets PATH, HOME and what a package manager needs, but no token. Exit 65: it\ndoes not build.",
    "With a base, each block is one run of either arm back to back; which goes first, and which of two equal folders its\nbuild is run from, is drawn from --seed. A cold run starts from an empty folder, the warm runs of an arm share one\nthat is filled once, untimed. Runs that are not valid are kept and enter no figure.",
    "By evidence, a cell, cold and warm on their own, gets blocks until its verdict is settled. Three more cells check the\nmeasurement itself: the base against itself, and against itself slowed by 5 and 10 %\n(only the first where no slowdown can be planted).",
  ],
  examples: [
    "pnpm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run",
    "node scripts/bench/run-benchmark.mjs --cli-path new/cli.js --base-cli-path old/cli.js --tier-manifest T.json --workspace W",
    "pnpm run bench:run -- --cli-path dist/cli.js --base 7d1a8c2be0f9 --tier-manifest T.json --workspace W",
    "pnpm run bench:run -- --cli-path new/cli.js --base-cli-path old/cli.js --tier-manifest T.json --workspace W --max-blocks 120 --resume",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => runBenchmark(values, io));
}

async function runBenchmark(given: Flags, io: ScriptIo): Promise<number> {
  const task = await readTask(given);
  await makeFolder(given.workspace);
  const workspace = await realpath(given.workspace);
  const lock = await lockFolder(workspace);
  const say = (text: string) => io.stderr.write(`${text}\n`);
  let built: BuiltCommit | undefined;
  try {
    const { cliPath } = given;
    if (cliPath !== undefined) {
      built = await buildChosenBase({ ...given, cliPath }, workspace, { env: io.env, signal: io.signal, say });
    }
    const values = { ...given, baseCliPath: built?.cliPath ?? given.baseCliPath };
    const bench = await prepareBench({
      ...task,
      ...{ suitePath: values.suite, tier: task.tier?.value, tierPath: task.tier?.path, workspace },
      ...{ fallbackReason: values.datasetFallback, wantsControls: !values.noControls },
      waitsForQuiet: !values.noWaiting,
      ...{ cliPath: values.cliPath, baseCliPath: values.baseCliPath, baseCommit: built?.commit },
      ...{ timeoutMs: values.timeoutSeconds * 1000, orderSeed: values.seed, env: io.env, signal: io.signal },
      generatedAt: io.now().toISOString(),
      toolVersion: await readToolVersion(),
    });
    const job: Job = { task, bench, values, files: runFilesOf(workspace) };
    return await finish(job, await measureAll(job, io), io);
  } catch (error) {
    throw explainSystemError(error, workspace, given.workspace);
  } finally {
    await built?.remove();
    await lock.release();
  }
}

/** What is to be done, as far as the flags and the files that they name tell. */
interface Task extends Pick<BenchOptions, "suite" | "suiteSha256" | "sampling" | "shard" | "chosenCells" | "cells"> {
  /** Undefined where the suite names its own inputs, or has none. */
  readonly tier: ReadArtifact<TierManifest> | undefined;
}

async function readTask(values: Flags): Promise<Task> {
  const isBaseChosen = choosesBase({ ...values, cliPath: values.cliPath ?? "" });
  const shard = parseShard(values.shard, values.shardCells);
  const suiteText = await readInputText(values.suite, "suite");
  const suite = parseSuite(suiteText, values.suite);
  assertSuiteRunnable(suite, values.suite);
  assertFlagsFit(suite, values);
  const sampling = chooseSampling({ ...values, hasBase: isBaseChosen || suite.arms !== undefined });
  const chosenCells = selectCells(suite, { ...values, cells: values.cell });
  return {
    ...{ suite, suiteSha256: sha256Of(suiteText), sampling, shard },
    ...{ chosenCells, cells: cellsOfShard(chosenCells, shard, values.shardCells) },
    tier: values.tierManifest === undefined ? undefined : await readArtifact(tierManifest, values.tierManifest),
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
  readonly files: ReturnType<typeof runFilesOf>;
}

async function measureAll({ task, bench, values, files }: Job, io: ScriptIo): Promise<Measured> {
  const plan = planMeasurement({ ...task, ...bench, design: bench.context.design });
  const begun = await beginRuns({
    ...{ files, plan, context: bench.context, removeRunFolders: bench.removeRunFolders },
    ...{ findChanged: bench.findChanged, isResumed: values.resume, isSeedGiven: values.seed !== undefined },
    isMaxBlocksGiven: values.maxBlocks !== undefined,
    access: { readText: readInputText, writeText: writeFileAtomic, outputError },
  });
  const { context, notes } = begun;
  const ownNotes = [...announceFixed(task.sampling, task.chosenCells), ...describeUnreadInputs(task.suite)];
  for (const line of [...notes, ...ownNotes, ...announce(context, begun.plan)]) io.stderr.write(`${line}\n`);
  const log = await LineLog.open(files.rawRuns);
  const progress = startProgress(io, "measure", 0);
  let kept: string | undefined;
  try {
    return await runPlan({
      ...{ plan: begun.plan, begun, bench, suite: task.suite, blocksNeeded: neededBlocks(context) },
      ...{ timeoutMs: values.timeoutSeconds * 1000, nodePath: process.execPath, signal: io.signal },
      keep: (run) => log.append(JSON.stringify(checkArtifact(rawRun, run, "raw-runs.jsonl"))),
      show: ({ done, total, note, leftMs }) => {
        progress.setTotal(total);
        progress.update(done, note, leftMs);
      },
      onAbort: (text) => {
        kept = text;
      },
    });
  } finally {
    progress.stop();
    if (kept !== undefined) io.stderr.write(`kept       ${kept}; --resume continues\n`);
    await log.close();
  }
}

async function finish(job: Job, measured: Measured, io: ScriptIo): Promise<number> {
  const { task, bench, files } = job;
  for (const line of measured.notes) io.stderr.write(`${line}\n`);
  const rawRuns = { path: files.rawRuns, sha256: await sha256OfFile(files.rawRuns) };
  const summaries: Summary[] = [];
  const { subjects } = measured.context;
  for (const arm of subjects.base === undefined ? (["head"] as const) : (["head", "base"] as const)) {
    const file = files.summary[arm];
    const made = summarize({
      ...measured,
      ...{ arm, ...task, imageCounts: bench.imageCounts },
      generatedAt: io.now().toISOString(),
      cliPath: cliOf(arm, job, file, io),
      tierManifestPath: task.tier && referencePath(task.tier.path, file, io.cwd),
      inputs: [rawRuns, ...(task.tier === undefined ? [] : [task.tier])].map((input) =>
        inputReference(input, file, io.cwd),
      ),
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
    ...(subjects.base === undefined ? {} : { BASE_SUMMARY_JSON: files.summary.base }),
    VALIDATION_PASSED: error === undefined ? 1 : 0,
  });
  if (error !== undefined) throw error;
  await rm(files.scratch, { recursive: true, force: true });
  return EXIT.ok;
}

/** The CLI of an arm, seen from a file; of a command without one its program, as the suite names it. */
function cliOf(arm: "head" | "base", { task, bench, values }: Job, file: string, io: ScriptIo): string {
  const cliPath = arm === "base" ? (values.baseCliPath ?? values.cliPath) : values.cliPath;
  return cliPath === undefined
    ? bench.stage.shown(task.suite.subject.argv[0] ?? "")
    : referencePath(cliPath, file, io.cwd);
}

await launch(import.meta.url, main);
