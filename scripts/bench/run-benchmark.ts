/**
 * Purpose: runs a command, or two in turn, on the images of a tier or on what its suite names; keeps every run and sums
 *   each arm up.
 * Reads: the suite file and its inputs, or a tier manifest with its images and dataset-resolved.json; the CLI's folder
 *   (and the base's); with --base the git repository of the CLI.
 * Writes: WORKSPACE/raw-runs.jsonl, run-context.json, summary.json, with a base base-summary.json; WORKSPACE/scratch
 *   while it runs, kept when a run was not valid.
 * Network: none; with --base what its build command asks for.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; existing runs are moved to raw-runs.previous.jsonl and their context to run-context.previous.json;
 *   with --resume they are continued.
 * Example: npm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run --profiles P1 --run-count 3
 */
import { oneLine } from "@forgebench/artifacts";
import { DEFAULT_BUILD_COMMAND } from "@forgebench/history";
import {
  EXIT,
  launch,
  listFlag,
  optionalInteger,
  optionalNumber,
  optionalPath,
  optionalText,
  pathFlag,
  printOutputs,
  requiredPath,
  runScript,
  runTimeoutFlag,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
} from "@forgebench/io";
import { SAMPLING_DEFAULTS } from "@forgebench/runner";
import { measureStep } from "@forgebench/steps";

const flags = {
  "cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to measure: the head; needed if the suite's command has a {cli}",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: "tier-manifest.json, its images beside it; needed if scenarios of the suite have files",
  }),
  workspace: requiredPath({ placeholder: "DIR", description: "the folder for all results" }),
  "dataset-fallback": optionalText({
    placeholder: "REASON",
    pattern: oneLine,
    expected: "one line of 1 to 200 characters",
    description:
      "why a tier of this machine is measured instead of a release; every later artifact and report repeats it",
  }),
  "base-cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to compare with, run in turn: the base" }),
  base: optionalText({
    placeholder: "SHA",
    pattern: /^[0-9a-f]{7,40}$/,
    expected: "7 to 40 lower-case hexadecimal digits",
    description: "the base as a commit: built in the workspace, from the checkout that the head's CLI lies in",
  }),
  "build-command": optionalText({
    placeholder: "COMMAND",
    description: `with --base: how it is built, for sh, in the top folder of the commit (${DEFAULT_BUILD_COMMAND})`,
  }),
  "run-count": optionalInteger({
    min: 1,
    max: 10_000,
    unit: "runs",
    description: `the number of runs of each arm for each pair (profile × scenario): one cold, the rest warm; default: ${SAMPLING_DEFAULTS.runCount} with one arm; with a base, as many as the evidence needs`,
  }),
  "cold-runs": optionalInteger({
    min: 1,
    max: 10_000,
    unit: "runs",
    description: "with --run-count: the number of cold runs of each arm for each pair, instead of one",
  }),
  "min-blocks": optionalInteger({
    min: 1,
    max: 10_000,
    unit: "blocks",
    description: `by evidence: the fewest blocks of a cell (${SAMPLING_DEFAULTS.minBlocks})`,
  }),
  "max-blocks": optionalInteger({
    min: 1,
    max: 10_000,
    unit: "blocks",
    description: `by evidence: the most blocks of a cell (${SAMPLING_DEFAULTS.maxBlocks}); with --resume it may be raised`,
  }),
  "time-budget-minutes": optionalNumber({
    min: 0.01,
    max: 100_000,
    unit: "minutes",
    description:
      "by evidence: start no block that may end after this time; with --resume the time counts from 0, and may change or be left out",
  }),
  "no-waiting": switchFlag({
    description: "start at once even if other programs use all processors, instead of waiting for a limited time",
  }),
  "no-controls": switchFlag({ description: "by evidence: leave out the cells by which the measurement checks itself" }),
  shard: optionalText({
    placeholder: "i/n",
    description: "only this part of the cells, for example 2/3; the controls run in every part",
  }),
  "shard-cells": listFlag({
    fallback: [],
    shown: "dealt in turn",
    placeholder: "ID",
    description: "with --shard: the cells of this part, as bench:plan distributes them",
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
    description: "the seed of the order of runs; default: a new random one, which is recorded",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "what is run, and how" }),
  resume: switchFlag({
    description:
      "continue the measurement of this workspace with the same flags; only --max-blocks and --time-budget-minutes may change",
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
    BASE_SUMMARY_JSON: "the figures of the base, if there is one",
    VALIDATION_PASSED: "1 if every run was valid, else 0 (exit 3)",
  },
  notes: [
    "--base SHA builds that commit in a worktree of the workspace, which is removed at the end; its CLI has the same path in\nit as the head's CLI in its checkout. The build gets PATH, HOME and the variables that a package manager needs, but no\ntoken. Exit 65: it does not build.",
    "With a base, each block is one run of each arm, one directly after the other. The order, and which of two equal folders\neach build is run from, are drawn from --seed. A cold run starts from an empty folder; the warm runs of an arm share a\nfolder that is filled once, without timing. Invalid runs are kept, but no figure uses them.",
    "By evidence, a cell gets blocks until its verdict is settled; cold and warm are cells of their own. Three more cells check\nthe measurement itself: the base against itself, and against itself slowed by 5 and 10 % (only the first if no slowdown can be planted).",
  ],
  examples: [
    "pnpm run bench:run -- --cli-path dist/cli.js --tier-manifest .tmp/bench/build/v0.0.0-dev/tier30/tier-manifest.json --workspace .tmp/bench/run",
    "node scripts/bench/run-benchmark.mjs --cli-path new/cli.js --base-cli-path old/cli.js --tier-manifest T.json --workspace W",
    "pnpm run bench:run -- --cli-path dist/cli.js --base 7d1a8c2be0f9 --tier-manifest T.json --workspace W",
    "pnpm run bench:run -- --cli-path new/cli.js --base-cli-path old/cli.js --tier-manifest T.json --workspace W --max-blocks 120 --resume",
  ],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const { rawRuns, headSummary, baseSummary, invalid } = await measureStep(values, io);
    await printOutputs(io, {
      RAW_RUNS_JSONL: rawRuns,
      SUMMARY_JSON: headSummary,
      ...(baseSummary === undefined ? {} : { BASE_SUMMARY_JSON: baseSummary }),
      VALIDATION_PASSED: invalid === undefined ? 1 : 0,
    });
    if (invalid !== undefined) throw invalid;
    return EXIT.ok;
  });
}

await launch(import.meta.url, main);
