/**
 * Purpose: finds the commit that made a cell slower, between one that was good and one that is bad.
 * Reads: the git repository, a suite, a tier.
 * Writes: builds, runs and raw-runs.jsonl of each visit in WORKSPACE/visits; the builds, in WORKSPACE/builds, are removed.
 * Network: what the build command asks for.
 * Secrets: none; builds and subjects get none.
 * Rerun: safe; it searches anew.
 * Example: pnpm run bench:bisect -- --help
 */
import { readFile, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { parseRawRuns, parseSuite, type RawRun, tierManifest } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import { CommitBuilds, commitsBetween, DEFAULT_BUILD_COMMAND, findCommit, Repository } from "@forgebench/history";
import {
  EXIT,
  explainSystemError,
  type FlagValues,
  launch,
  lockFolder,
  makeFolder,
  numberFlag,
  optionalPath,
  pathFlag,
  printOutputs,
  readArtifact,
  readInputText,
  requiredPath,
  requiredText,
  runScript,
  runTimeoutFlag,
  type ScriptIo,
  type ScriptSpec,
  textFlag,
} from "@forgebench/io";
import { assertSuiteRunnable, type Cell, cellId, runFilesOf, selectCells, seriesOfRuns } from "@forgebench/runner";
import { blocksOf, findMetric, type Metric, PRIMARY_METRIC, wholeBlocks } from "@forgebench/series";
import { measureStep, quietIo } from "@forgebench/steps";
import { CulpritSearch } from "@forgebench/verdict";

/** The blocks of one visit of a commit: a visit costs preparations, but after a few blocks another commit may tell more. */
const BLOCKS_PER_VISIT = 4;

const commit = { placeholder: "SHA", pattern: /^[0-9a-f]{7,40}$/, expected: "7 to 40 lower-case hexadecimal digits" };

const flags = {
  good: requiredText({
    ...commit,
    description: "a commit that is known to be fast, such as that of the last green night",
  }),
  bad: requiredText({ ...commit, description: "a later commit that is known to be slower" }),
  cell: requiredText({
    placeholder: "ID",
    description: "what became slower: PROFILE/SCENARIO/PHASE, or with /METRIC (wall)",
  }),
  "tier-manifest": requiredPath({ placeholder: "FILE", description: "tier-manifest.json, its images beside it" }),
  workspace: requiredPath({ placeholder: "DIR", description: "the folder for builds and runs" }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "what is run, and how" }),
  repo: optionalPath({ placeholder: "DIR", description: "the checkout, with all commits (the working folder)" }),
  cli: textFlag({
    placeholder: "FILE",
    pattern: /^(?!\/|.*\.\.(\/|$)).+$/,
    expected: "a path inside the commit",
    fallback: "dist/cli.js",
    description: "where the build puts the CLI, in the top folder of a commit",
  }),
  "build-command": textFlag({
    placeholder: "COMMAND",
    fallback: DEFAULT_BUILD_COMMAND,
    description: "how a commit is built, for sh, in its top folder",
  }),
  "time-budget-minutes": numberFlag({
    min: 0.01,
    max: 100_000,
    unit: "minutes",
    fallback: 60,
    description: "start nothing after this time; the remaining suspects are then printed",
  }),
  confidence: numberFlag({
    min: 0.5,
    max: 0.9999,
    unit: "from 0.5 to 0.9999",
    fallback: 0.95,
    description: "how sure the answer must be",
  }),
  "timeout-seconds": runTimeoutFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:bisect --",
  purpose: "Finds the commit that made a cell slower, between one that was good and one that is bad.",
  flags,
  outputs: {
    CULPRIT_SHA: "the commit; absent when several are left (exit 3)",
    SUSPECTS: "when several are left: the oldest and the newest of them, SHA..SHA, both included",
    CONFIDENCE: "the confidence of --confidence: how often the named commits contain the culprit",
  },
  notes: [
    "The commits between the two (first parents only) are built and measured against the good one, in blocks; the commit that\ntells most comes first. A commit that does not build or run is skipped, as by git bisect skip. The search assumes that\none commit caused the slowdown, and that it stayed.",
    "Exit 3 also if the slowdown is not seen again.",
  ],
  examples: [
    "pnpm run bench:bisect -- --good 7d1a8c2be0f9 --bad 0123456789ab --cell P2/batch-all/cold --tier-manifest T.json --workspace .tmp/bench/bisect",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => bisect(values, io));
}

/** The values that are the same for all visits. */
interface Job {
  readonly values: Flags;
  readonly io: ScriptIo;
  readonly workspace: string;
  readonly builds: CommitBuilds;
  readonly cell: Cell;
  readonly metric: Metric;
}

async function bisect(values: Flags, io: ScriptIo): Promise<number> {
  const access = { env: io.env, signal: io.signal };
  const subject = await readSubject(values);
  const checkout = await realpath((await Repository.open(values.repo ?? io.cwd, access)).folder);
  const good = await findCommit(checkout, values.good, { flag: "--good", ...access });
  const bad = await findCommit(checkout, values.bad, { flag: "--bad", ...access });
  const commits = await commitsBetween(checkout, good, bad, access);
  await makeFolder(values.workspace);
  const workspace = await realpath(values.workspace);
  const lock = await lockFolder(workspace);
  const say = (text: string) => io.stderr.write(`${text}\n`);
  const paths = { checkout, folder: path.join(workspace, "builds"), cli: values.cli };
  const builds = new CommitBuilds({ ...paths, command: values.buildCommand, ...access }, say);
  const job: Job = { ...subject, values, io, workspace, builds };
  try {
    for (const folder of ["visits", "builds"]) await rm(path.join(workspace, folder), { recursive: true, force: true });
    io.stderr.write(`${commits.length} commits after ${good.slice(0, 12)} up to ${bad.slice(0, 12)}\n`);
    return await answer(await search(job, good, commits), commits, job);
  } catch (error) {
    throw explainSystemError(error, workspace, values.workspace);
  } finally {
    await builds.removeAll();
    await lock.release();
  }
}

async function readSubject(values: Flags) {
  const suite = parseSuite(await readInputText(values.suite, "suite"), values.suite);
  assertSuiteRunnable(suite, values.suite);
  const [cell] = selectCells(suite, { cells: [values.cell] });
  const metric = findMetric(values.cell.split("/")[3] ?? PRIMARY_METRIC);
  if (cell === undefined || metric === undefined || metric.better !== "lower" || metric.noise !== "noisy") {
    throw new UsageError(`--cell: ${JSON.stringify(values.cell)} cannot be searched: it has no gradual slowdown`, [
      { label: "expected", text: "one cell, and a metric such as wall, cpu or peak_memory" },
    ]);
  }
  // A wrong one is refused before anything is built.
  await readArtifact(tierManifest, values.tierManifest);
  return { cell, metric };
}

async function search(job: Job, good: string, commits: readonly string[]): Promise<CulpritSearch> {
  const { values, io, builds } = job;
  const found = new CulpritSearch({ commitCount: commits.length, confidence: values.confidence });
  const endMs = performance.now() + values.timeBudgetMinutes * 60_000;
  const goodCli = await builds.neededCliOf(good);
  for (let visit = 1, next = found.next(); next !== undefined; visit += 1, next = found.next()) {
    if (performance.now() >= endMs) {
      io.stderr.write("the time is up\n");
      break;
    }
    const sha = commits[next - 1] ?? "";
    const cli = await builds.cliOf(sha);
    const differences = cli === undefined ? [] : await measureVisit(job, { visit, sha, cli, goodCli });
    if (differences.length === 0) found.skip(next);
    else found.add(next, differences);
    io.stderr.write(
      `visit ${visit}: ${sha.slice(0, 12)}, ${shown(differences)}; ${found.suspects().length} suspects\n`,
    );
  }
  return found;
}

function shown(differences: readonly number[]): string {
  const changes = differences.map((difference) => `${(100 * Math.expm1(difference)).toFixed(1)} %`);
  return changes.length === 0 ? "no valid block" : changes.join(" ");
}

interface Visit {
  readonly visit: number;
  readonly sha: string;
  readonly cli: string;
  readonly goodCli: string;
}

/** The differences of a few blocks of a commit against the good one; none when its runs are not valid. */
async function measureVisit(job: Job, { visit, sha, cli, goodCli }: Visit): Promise<number[]> {
  const { values, io, cell, metric } = job;
  const { suite, tierManifest, timeoutSeconds } = values;
  const workspace = path.join(job.workspace, "visits", `${String(visit).padStart(3, "0")}-${sha.slice(0, 12)}`);
  const sampling = { minBlocks: BLOCKS_PER_VISIT, maxBlocks: BLOCKS_PER_VISIT, noControls: true };
  const builds = { cliPath: cli, baseCliPath: goodCli, tierManifest };
  const request = { suite, workspace, cell: [cellId(cell)], timeoutSeconds, ...builds, ...sampling };
  try {
    const { rawRuns } = await measureStep(request, quietIo(io));
    return differencesOf(parseRawRuns(await readFile(rawRuns, "utf8"), rawRuns).runs, metric);
  } finally {
    await rm(runFilesOf(workspace).scratch, { recursive: true, force: true });
  }
}

function differencesOf(runs: readonly RawRun[], metric: Metric): number[] {
  const [cell] = seriesOfRuns(runs, { design: "blocked" }).values();
  return wholeBlocks(blocksOf(cell?.pairOf(metric) ?? {}).blocks).flatMap(({ base, head }) =>
    base.value && head.value ? [Math.log(head.value / base.value)] : [],
  );
}

async function answer(found: CulpritSearch, commits: readonly string[], { values, io }: Job): Promise<number> {
  const { confidence } = values;
  const suspects = found.suspects().map((number) => commits[number - 1] ?? "");
  const [first, last] = [suspects[0], suspects.at(-1)];
  if (found.leastEffectPct === undefined || first === undefined || last === undefined) {
    throw new OperationError(
      "unjudged",
      `Cannot find the culprit of "${values.cell}": the slowdown was not seen again`,
      {
        details: [
          {
            label: "try",
            text: "more time, the cell of the report, --good and --bad of the red night, the same machine",
          },
        ],
      },
    );
  }
  io.stderr.write(`the bad commit is slower by at least ${found.leastEffectPct.toFixed(1)} %\n`);
  if (suspects.length === 1) {
    io.stderr.write(`${first} caused it\n`);
    await printOutputs(io, { CULPRIT_SHA: first, CONFIDENCE: confidence });
    return EXIT.ok;
  }
  io.stderr.write(
    `one of ${suspects.length} commits caused it; to know which, give it more time, or commits that build\n`,
  );
  await printOutputs(io, { SUSPECTS: `${first}..${last}`, CONFIDENCE: confidence });
  return EXIT.unjudged;
}

await launch(import.meta.url, main);
