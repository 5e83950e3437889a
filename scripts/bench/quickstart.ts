/**
 * Purpose: the whole main job with nothing to configure, from the dataset to the pull request of the website.
 * Reads: the project's sources, or the CLI and the folders that the flags name.
 * Writes: .tmp/bench/quickstart, one numbered folder a step.
 * Network: loopback alone, for the pull request.
 * Secrets: none.
 * Rerun: safe; images and archives that are already right are kept, the measurement is made anew.
 * Example: npm run bench
 */
import path from "node:path";
import { summary } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  makeFolder,
  optionalInteger,
  optionalNumber,
  optionalPath,
  PROJECT_ROOT,
  pathFlag,
  readArtifact,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";

const DATASET_VERSION = "0.0.0-quickstart";

const flags = {
  "cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to measure; default: the reference subject" }),
  "base-cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to compare it with; default: the same file, so that nothing should be found",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the CLI is run" }),
  "sources-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of your own pictures, mixed into the dataset",
  }),
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 16, description: "synthetic images to make" }),
  tier: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 8, description: "images of the tier to run on" }),
  profiles: listFlag({ fallback: ["P1"], description: "profiles of the suite" }),
  "max-blocks": integerFlag({
    ...{ min: 13, max: 1000, unit: "blocks", fallback: 40 },
    description: "blocks of a cell at most: each a run of both arms, until the cell is decided",
  }),
  "time-budget-minutes": optionalNumber({
    ...{ min: 0.1, max: 100_000, unit: "minutes" },
    description: "for measuring; what is not decided then stays undecided; default: until all is decided",
  }),
  "run-count": optionalInteger({
    ...{ min: 2, max: 1000, unit: "runs" },
    description: "instead: the fixed protocol, this many runs of each profile, scenario and arm, judged by thresholds",
  }),
  seed: integerFlag({ min: 0, max: 4_294_967_295, unit: "a seed", fallback: 20260215, description: "of the dataset" }),
  mode: choiceFlag({
    choices: ["advisory", "strict"],
    fallback: "advisory",
    description: "strict: an alert ends with exit 2; advisory: it is only shown",
  }),
  workspace: pathFlag({ fallback: ".tmp/bench/quickstart", description: "where the steps put their files" }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench --",
  purpose:
    "Runs the whole benchmark: makes a dataset, measures two arms of a CLI, compares, reports, exports a snapshot.",
  flags,
  notes: [
    "Without flags the reference subject is compared with itself: a check of the measurement, since nothing should be found.\nAnother CLI needs a suite file that says how to call it: suites/imageforge.yaml is the example, docs/artifacts/suite.md\nthe reference.",
    "Larger: --count 600 --tier 200 --profiles P1,P2,P3 takes hours, as a night does. Each step is a script of its own:\nscripts/README.md lists them, docs/runbook.md shows them in use.",
  ],
  examples: [
    "npm run bench",
    "npm run bench -- --cli-path ../new/cli.js --base-cli-path ../old/cli.js",
    "npm run bench -- --profiles P1,P2 --max-blocks 60",
    "npm run bench -- --sources-dir ~/Pictures/holiday",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    try {
      return await runChain(values, io);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
  });
}

async function runChain(values: Flags, io: ScriptIo): Promise<number> {
  const startedAt = performance.now();
  const headCli = values.cliPath ?? (await step(io, "subject", "build-subject", {})).output("SUBJECT_CLI");
  const tierManifest = await makeTier(values, io);
  const run = await measureArms(values, io, { headCli, tierManifest });
  const summaries = { "head-summary": run.output("SUMMARY_JSON"), "base-summary": run.output("BASE_SUMMARY_JSON") };
  const compareDir = folderOf(values, "5-compare");
  const outputs = { "out-json": path.join(compareDir, "compare.json"), "out-md": path.join(compareDir, "compare.md") };
  const compareFlags = { ...summaries, ...outputs, mode: values.mode };
  const judgements = [EXIT.ok, EXIT.gate, EXIT.unjudged];
  const compare = await step(io, "compare", "compare-benchmark", compareFlags, judgements);
  const judged = { ...summaries, compare: compare.output("COMPARE_JSON") };
  const out = path.join(folderOf(values, "6-report"), "report.md");
  const report = await step(io, "report", "format-report", { ...judged, format: "md", out });
  const shown = await step(io, "show", "format-report", { ...judged, format: "terminal" });
  const snapshot = await exportSnapshot(io, values, judged);
  showResult(io, shown.stdout, {
    report: report.output("REPORT"),
    snapshot: snapshot ?? "none, see above",
    ...(snapshot === undefined ? {} : await syncSite(io, values, snapshot)),
    runs: run.output("RAW_RUNS_JSONL"),
    images: folderOf(values, "1-synthetic"),
    took: `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    next: "npm run bench -- --help    docs/runbook.md: each step by hand",
  });
  return compare.exitCode;
}

/** Makes the images and packs the tier; resolves to the tier's manifest. */
async function makeTier(values: Flags, io: ScriptIo): Promise<string> {
  const [syntheticDir, buildDir] = [folderOf(values, "1-synthetic"), folderOf(values, "2-build")];
  await step(io, "images", "generate-synthetic", { "out-dir": syntheticDir, count: values.count, seed: values.seed });
  await step(io, "tier", "build-tiers", {
    "dataset-version": DATASET_VERSION,
    tiers: values.tier,
    seed: values.seed,
    "synthetic-dir": syntheticDir,
    "build-dir": buildDir,
    "out-dir": folderOf(values, "3-assets"),
    // An empty folder of our own: the default one may hold pictures of an earlier dataset.
    "sources-dir": values.sourcesDir ?? (await makeFolder(folderOf(values, "0-sources"))),
  });
  return path.join(buildDir, `v${DATASET_VERSION}`, `tier${values.tier}`, "tier-manifest.json");
}

/** Runs the two arms; runs that are not valid do not end the chain: the comparison says what they spoil. */
async function measureArms(
  values: Flags,
  io: ScriptIo,
  { headCli, tierManifest }: { readonly headCli: string; readonly tierManifest: string },
): Promise<Step> {
  const flagValues = {
    ...{ "cli-path": headCli, "base-cli-path": values.baseCliPath ?? headCli, suite: values.suite },
    ...{ "tier-manifest": tierManifest, workspace: folderOf(values, "4-run"), profiles: values.profiles.join(",") },
    ...samplingOf(values),
  };
  return step(io, "measure", "run-benchmark", flagValues, [EXIT.ok, EXIT.unjudged]);
}

/** By evidence, unless a fixed number of runs is asked for. */
function samplingOf({ runCount, maxBlocks, timeBudgetMinutes }: Flags): Args {
  if (runCount !== undefined) return { "run-count": runCount };
  const budget = timeBudgetMinutes === undefined ? {} : { "time-budget-minutes": timeBudgetMinutes };
  return { "max-blocks": maxBlocks, ...budget };
}

function folderOf(values: Flags, name: string): string {
  return path.join(values.workspace, name);
}

function showResult(io: ScriptIo, report: string, lines: Readonly<Record<string, string>>): void {
  io.stdout.write(`\n${report}\n`);
  for (const [name, text] of Object.entries(lines)) {
    io.stdout.write(`${name.padEnd(10)} ${path.isAbsolute(text) ? shownPath(text, io) : text}\n`);
  }
}

/** Exports the snapshot; undefined when a figure that it must hold was not measured, which the step says. */
async function exportSnapshot(io: ScriptIo, values: Flags, judged: Args): Promise<string | undefined> {
  const { benchmark } = (await readArtifact(summary, String(judged["head-summary"]))).value;
  const lastScenario = benchmark.scenarios.at(-1) ?? "";
  // A run on one's own machine has no workflow behind it; the snapshot says so instead of naming one.
  const flagValues = {
    ...judged,
    out: path.join(folderOf(values, "7-site"), "site-benchmark-snapshot.json"),
    repository: "local/quickstart",
    "workflow-name": "quickstart",
    "workflow-path": "scripts/bench/quickstart.ts",
    "run-id": Math.floor(io.now().getTime() / 1000),
    "run-attempt": 1,
    "run-url": "https://localhost/",
    "event-name": "local",
    ...(await commitOf(values)),
    tier: `tier${values.tier}`,
    "run-count": benchmark.runCount,
    "dataset-version": DATASET_VERSION,
    runner: `${process.platform}-${process.arch}`,
    "node-version": process.versions.node,
    "headline-profile": values.profiles[0] ?? "",
    "headline-scenario": typeof lastScenario === "string" ? lastScenario : lastScenario.name,
    "allow-non-canonical": true as const,
  };
  const { exitCode, output } = await step(io, "snapshot", "export-site-snapshot", flagValues, [EXIT.ok, EXIT.data]);
  return exitCode === EXIT.ok ? output("SITE_BENCHMARK_SNAPSHOT") : undefined;
}

/** Ends with what a night ends with: a pull request to the website, here one of this machine, and the page it makes. */
async function syncSite(io: ScriptIo, values: Flags, snapshot: string) {
  const done = await step(io, "site", "sync-site-local", { snapshot, "out-dir": folderOf(values, "8-website") });
  return { "pull req.": done.output("PULL_REQUEST_HTML"), preview: done.output("PREVIEW_HTML") };
}

/** The commit of the head: that of this checkout when the reference subject was built from it, else unknown. */
async function commitOf({ cliPath }: Flags): Promise<Args> {
  const known = (args: readonly string[]) => (cliPath === undefined ? git(args) : undefined);
  return {
    "ref-name": (await known(["rev-parse", "--abbrev-ref", "HEAD"])) ?? "none",
    sha: (await known(["rev-parse", "HEAD"])) ?? "0".repeat(40),
  };
}

/** The flags of a step by name, without the dashes. */
type Args = Readonly<Record<string, string | number | true>>;

/** A step that ran: its exit code, what it printed, and its `KEY=value` lines by key. */
interface Step {
  readonly exitCode: number;
  readonly stdout: string;
  output(key: string): string;
}

/** A step that ended with a code that stops the chain; it has said why by itself. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly exitCode: number;

  constructor(label: string, script: string, exitCode: number, args: readonly string[]) {
    const quoted = args.map((arg) => (/^[\w./:,=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ");
    super(`stopped    the step "${label}" failed, see above\nrerun      npx tsx scripts/bench/${script}.ts ${quoted}`);
    this.exitCode = exitCode;
  }
}

/**
 * Runs another script as its own process; its progress goes to our stderr.
 * @throws {StepFailed} when it ends with a code that is not accepted.
 */
async function step(
  io: ScriptIo,
  label: string,
  script: string,
  flagValues: Args,
  accepted: readonly number[] = [EXIT.ok],
): Promise<Step> {
  const startedAt = performance.now();
  const args = Object.entries(flagValues).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
  const { execa } = await import("execa");
  const child = execa(process.execPath, [path.join(PROJECT_ROOT, "scripts", "bench", `${script}.mjs`), ...args], {
    cwd: PROJECT_ROOT,
    env: { GITHUB_OUTPUT: "" },
    stdin: "ignore",
    stderr: io.stderr.isTerminal ? "inherit" : "pipe",
    reject: false,
    cancelSignal: io.signal,
    forceKillAfterDelay: 10_000,
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  const { exitCode = EXIT.internal, stdout = "" } = await child;
  io.signal.throwIfAborted();
  if (!accepted.includes(exitCode)) throw new StepFailed(label, script, exitCode, args);
  io.stderr.write(`${label.padEnd(10)} done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  const outputs = new Map(stdout.split("\n").map(splitOnce));
  return {
    exitCode,
    stdout,
    output: (key) => {
      const value = outputs.get(key);
      if (value === undefined) throw new InvariantError(`${script} printed no ${key}`);
      return value;
    },
  };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

async function git(args: readonly string[]): Promise<string | undefined> {
  const { execa } = await import("execa");
  const { exitCode, stdout } = await execa("git", args, { cwd: PROJECT_ROOT, reject: false });
  return exitCode === 0 && stdout !== "" ? stdout : undefined;
}

function shownPath(file: string, io: ScriptIo): string {
  const relative = path.relative(io.cwd, file);
  return relative === "" || relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

await launch(import.meta.url, main);
