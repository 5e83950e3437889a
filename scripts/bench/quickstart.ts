/**
 * Purpose: the whole main job with nothing to configure, from the dataset to the pull request of the website.
 * Reads: the project's sources, or the CLI and the folders that the flags name.
 * Writes: .tmp/bench/quickstart, one numbered folder a step.
 * Network: loopback alone, for the pull request; the npm registry when packages are missing or have changed.
 * Secrets: none.
 * Rerun: safe; images and archives that are already right are kept, the measurement is made anew, or continued with --resume.
 * Example: npm run bench
 */
import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import path from "node:path";
import { comparison, parseSuite, summary } from "@forgebench/artifacts";
import { wrapText } from "@forgebench/errors";
import {
  EXIT,
  launch,
  lockFolder,
  makeFolder,
  PROJECT_ROOT,
  readArtifact,
  readInputText,
  runScript,
  runScriptChild,
  type ScriptArgs,
  type ScriptChild,
  type ScriptIo,
  scriptArguments,
} from "@forgebench/io";
import { assertForImages, assertSuiteRunnable, selectCells } from "@forgebench/runner";
import { type QuickstartFlags as Flags, spec } from "../launcher/quickstart-flags.ts";

export { spec } from "../launcher/quickstart-flags.ts";

const DATASET_VERSION = "0.0.0-quickstart";

/** All of it takes at most three minutes, under any load that a machine is likely to have. */
const TOTAL_MS = 170_000;
/** For what comes after the measurement, on an idle machine: twice what it takes. */
const REPORTING_MS = 6_000;
const LEAST_MEASURING_MS = 20_000;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  const exitCode = await runScript(spec, argv, io, async (given) => {
    const values = await chooseProfiles(given);
    const lock = await lockFolder(await makeFolder(values.workspace));
    try {
      return await runChain(values, argv, io);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      io.stderr.write(`${error.message}\n`);
      return error.exitCode;
    } finally {
      await lock.release();
    }
  });
  if (exitCode === EXIT.interrupted || exitCode === EXIT.terminated) {
    io.stderr.write(`go on      ${continuing(argv)}\n`);
  }
  return exitCode;
}

/**
 * The flags with the profiles that they leave to the suite. What the last step would refuse is refused before the first:
 * the images take their time.
 * @throws {ArtifactError} for a wrong suite, {UsageError} for one that needs no images or no CLI, or lacks what was chosen.
 */
async function chooseProfiles(values: Flags): Promise<Flags> {
  const suite = parseSuite(await readInputText(values.suite, "suite"), values.suite);
  assertSuiteRunnable(suite, values.suite);
  assertForImages(suite, quoted([values.suite]));
  const [first] = suite.profiles;
  const profiles = values.profiles.length > 0 || first === undefined ? values.profiles : [first.id];
  selectCells(suite, { profiles, scenarios: values.scenarios, cells: values.cell });
  return { ...values, profiles };
}

/** The command that continues a measurement which was begun with these arguments, one flag of them changed or added. */
function continuing(argv: readonly string[], flag?: string, value?: number): string {
  const isReplaced = (arg: string, index: number) => arg.split("=")[0] === flag || argv[index - 1] === flag;
  const kept = argv.filter((arg, index) => arg !== "--" && arg !== "--resume" && !isReplaced(arg, index));
  return `npm run bench -- ${quoted([...kept, "--resume", ...(flag === undefined ? [] : [flag, String(value)])])}`;
}

/** What may settle the cells that are open: more time where that ended, else more blocks. */
async function howToGoOn(
  values: Flags,
  argv: readonly string[],
  file: string,
): Promise<Readonly<Record<string, string>>> {
  const { outcome, cells = [], controls } = (await readArtifact(comparison, file)).value;
  if (values.runCount !== undefined || (outcome !== "undecided" && outcome !== "invalid")) return {};
  const checks = controls?.controls.filter(({ passed }) => !passed).map(({ cell }) => cell) ?? [];
  const open = [...checks, ...cells.filter(({ verdict, gating }) => verdict === "undecided" && gating)];
  if (open.length === 0) return {};
  const isCut = open.some(({ blockCount }) => blockCount < values.maxBlocks);
  return isCut
    ? { "more time": continuing(argv, "--time-budget-minutes", 10) }
    : { "go on": continuing(argv, "--max-blocks", 2 * values.maxBlocks) };
}

async function runChain(values: Flags, argv: readonly string[], io: ScriptIo): Promise<number> {
  const startedMs = performance.now();
  const headCli = values.cliPath ?? (await step(io, "subject", "build-subject", {})).output("SUBJECT_CLI");
  const tierManifest = await makeTier(values, io);
  const run = await measureArms(values, io, { headCli, tierManifest, startedMs });
  const summaries = { "head-summary": run.output("SUMMARY_JSON"), "base-summary": run.output("BASE_SUMMARY_JSON") };
  const compareDir = folderOf(values, "5-compare");
  const outputs = { "out-json": path.join(compareDir, "compare.json"), "out-md": path.join(compareDir, "compare.md") };
  const compareFlags = { ...summaries, ...outputs, mode: values.mode };
  const judgements = [EXIT.ok, EXIT.gate, EXIT.unjudged];
  const compare = await step(io, "compare", "compare-benchmark", compareFlags, judgements);
  const judged = { ...summaries, compare: compare.output("COMPARE_JSON") };
  const out = path.join(folderOf(values, "6-report"), "report.md");
  const report = await step(io, "report", "format-report", { ...judged, format: "md", out });
  const columns = Math.min(400, Math.max(20, io.stdout.columns));
  const shownFlags = { ...judged, format: "terminal", columns };
  // The child writes to a pipe, and cannot know where its report is shown.
  const colors = { FORCE_COLOR: io.stdout.hasColors ? "1" : "0" };
  const shown = await step(io, "show", "format-report", shownFlags, [EXIT.ok], colors);
  const snapshot = await exportSnapshot(io, values, judged);
  showResult(io, shown.stdout, {
    report: report.output("REPORT"),
    snapshot: snapshot ?? "none: a figure that it must hold was not measured",
    ...(snapshot === undefined ? {} : await syncSite(io, values, snapshot)),
    runs: run.output("RAW_RUNS_JSONL"),
    images: folderOf(values, "1-synthetic"),
    ...(await howToGoOn(values, argv, judged.compare)),
    took: `${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    next: "npm run bench -- --help    docs/runbook.md: each step by hand",
  });
  return values.mode === "strict" ? compare.exitCode : EXIT.ok;
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

interface Subject {
  readonly headCli: string;
  readonly tierManifest: string;
  /** When all of it began, by the clock that never goes back. */
  readonly startedMs: number;
}

/** Runs the two arms; runs that are not valid do not end the chain: the comparison says what they spoil. */
async function measureArms(values: Flags, io: ScriptIo, subject: Subject): Promise<ScriptChild> {
  const { headCli, tierManifest, startedMs } = subject;
  const flagValues = {
    ...{ "cli-path": headCli, "base-cli-path": values.baseCliPath ?? headCli, suite: values.suite },
    ...{ "tier-manifest": tierManifest, workspace: folderOf(values, "4-run"), profiles: values.profiles.join(",") },
    scenarios: listed(values.scenarios),
    cell: listed(values.cell),
    ...(values.resume ? { resume: true as const } : {}),
    ...samplingOf(values, TOTAL_MS - (performance.now() - startedMs) - REPORTING_MS * (await queueLength())),
  };
  return step(io, "measure", "run-benchmark", flagValues, [EXIT.ok, EXIT.unjudged]);
}

function listed(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(",");
}

/** By evidence, unless a fixed number of runs is asked for. */
function samplingOf({ runCount, maxBlocks, timeBudgetMinutes }: Flags, leftMs: number): ScriptArgs {
  if (runCount !== undefined) return { "run-count": runCount };
  const minutes = Math.round(Math.max(LEAST_MEASURING_MS, leftMs) / 600) / 100;
  return { "max-blocks": maxBlocks, "time-budget-minutes": timeBudgetMinutes ?? minutes };
}

/** How many programs want each processor, this one among them: by so much everything takes longer. */
async function queueLength(): Promise<number> {
  // The fourth figure counts those that run or wait at this moment; the first is a mean, which lags behind.
  const text = await readFile("/proc/loadavg", "utf8").catch(() => "");
  const running = Number(/ (\d+)\/\d+ /.exec(text)?.[1] ?? 0);
  return Math.max(1, Math.max(running, loadavg()[0] ?? 0) / availableParallelism());
}

function folderOf(values: Flags, name: string): string {
  return path.join(values.workspace, name);
}

/** The report, which begins and ends with the verdict; what was made stands before its last line. */
function showResult(io: ScriptIo, report: string, made: Readonly<Record<string, string>>): void {
  const lines = report.trimEnd().split("\n");
  const verdict = lines.pop() ?? "";
  const shown = Object.entries(made).map(([name, text]) =>
    wrapText(`${name.padEnd(10)} ${path.isAbsolute(text) ? shownPath(text, io) : text}`, io.stdout.columns),
  );
  io.stdout.write(`\n${[...lines, ...shown, "", verdict].join("\n")}\n`);
}

/** Exports the snapshot; undefined when a figure that it must hold was not measured. */
async function exportSnapshot(io: ScriptIo, values: Flags, judged: ScriptArgs): Promise<string | undefined> {
  const { benchmark } = (await readArtifact(summary, String(judged["head-summary"]))).value;
  // The time was up before the headline had a run.
  if (benchmark.runCount === 0) return undefined;
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
async function commitOf({ cliPath }: Flags): Promise<ScriptArgs> {
  const known = (args: readonly string[]) => (cliPath === undefined ? git(args) : undefined);
  return {
    "ref-name": (await known(["rev-parse", "--abbrev-ref", "HEAD"])) ?? "none",
    sha: (await known(["rev-parse", "HEAD"])) ?? "0".repeat(40),
  };
}

/** A step that ended with a code that stops the chain; it has said why by itself. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly exitCode: number;

  constructor(label: string, script: string, exitCode: number, args: ScriptArgs) {
    const command = `node scripts/bench/${script}.mjs ${quoted(scriptArguments(args))}`;
    super(`stopped    the step "${label}" failed, see above\nrerun      ${command}`);
    this.exitCode = exitCode;
  }
}

/** Steps whose notes a person should see while they work; the others speak through the report, unless they fail. */
const TALKATIVE = new Set(["subject", "images", "tier", "measure"]);

/** Runs another script and says how long it took. @throws {StepFailed} when it ends with a code that is not accepted. */
async function step(
  io: ScriptIo,
  label: string,
  script: string,
  args: ScriptArgs,
  accepted: readonly number[] = [EXIT.ok],
  env: Readonly<Record<string, string>> = {},
): Promise<ScriptChild> {
  const startedMs = performance.now();
  const held: string[] = [];
  const quiet = { ...io, stderr: { ...io.stderr, isTerminal: false, write: (text: string) => void held.push(text) } };
  const child = await runScriptChild(script, args, TALKATIVE.has(label) ? io : quiet, env);
  if (!accepted.includes(child.exitCode)) {
    io.stderr.write(held.join(""));
    throw new StepFailed(label, script, child.exitCode, args);
  }
  io.stderr.write(`${label.padEnd(10)} done in ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
  return child;
}

function quoted(args: readonly string[]): string {
  return args.map((arg) => (/^[\w./:,=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ");
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
