/**
 * Purpose: the whole main job with nothing to configure: dataset, tier, two arms, comparison, report, snapshot.
 * Reads: the project's sources, or the CLI and the folders that the flags name.
 * Writes: .tmp/bench/quickstart, one numbered folder a step.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; images and archives that are already right are kept, the measurement is made anew.
 * Example: npm run bench
 */
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  optionalPath,
  PROJECT_ROOT,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { execa } from "execa";

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
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 48, description: "synthetic images to make" }),
  tier: integerFlag({
    min: 1,
    max: 100_000,
    unit: "images",
    fallback: 30,
    description: "images of the tier to run on",
  }),
  profiles: listFlag({ fallback: ["P1"], description: "profiles of the suite" }),
  "run-count": integerFlag({
    min: 2,
    max: 1000,
    unit: "runs",
    fallback: 10,
    description: "runs of each profile, scenario and arm: one cold, the rest warm",
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
    "npm run bench -- --profiles P1,P2 --run-count 20",
    "npm run bench -- --sources-dir ~/Pictures/holiday",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => runChain(values, io));
}

async function runChain(values: Flags, io: ScriptIo): Promise<number> {
  const startedAt = performance.now();
  const folder = (name: string) => path.join(values.workspace, name);
  const tierId = `tier${values.tier}`;

  const headCli = values.cliPath ?? (await step(io, "subject", "build-subject", [])).output("SUBJECT_CLI");
  await step(io, "images", "generate-synthetic", [
    ...["--out-dir", folder("1-synthetic"), "--count", String(values.count), "--seed", String(values.seed)],
  ]);
  await step(io, "tier", "build-tiers", [
    ...["--dataset-version", DATASET_VERSION, "--tiers", String(values.tier), "--seed", String(values.seed)],
    ...["--synthetic-dir", folder("1-synthetic"), "--build-dir", folder("2-build"), "--out-dir", folder("3-assets")],
    ...(values.sourcesDir === undefined ? [] : ["--sources-dir", values.sourcesDir]),
  ]);
  const run = await step(
    io,
    "measure",
    "run-benchmark",
    [
      ...["--cli-path", headCli, "--base-cli-path", values.baseCliPath ?? headCli, "--suite", values.suite],
      ...["--tier-manifest", path.join(folder("2-build"), `v${DATASET_VERSION}`, tierId, "tier-manifest.json")],
      ...[
        "--workspace",
        folder("4-run"),
        "--profiles",
        values.profiles.join(","),
        "--run-count",
        String(values.runCount),
      ],
    ],
    [EXIT.ok, EXIT.unjudged],
  );
  const summaries = ["--head-summary", run.output("SUMMARY_JSON"), "--base-summary", run.output("BASE_SUMMARY_JSON")];
  const compare = await step(
    io,
    "compare",
    "compare-benchmark",
    [
      ...summaries,
      "--out-json",
      folder("5-compare/compare.json"),
      "--out-md",
      folder("5-compare/compare.md"),
      "--mode",
      values.mode,
    ],
    [EXIT.ok, EXIT.gate, EXIT.unjudged],
  );
  const judged = [...summaries, "--compare", compare.output("COMPARE_JSON")];
  const report = await step(io, "report", "format-report", [
    ...judged,
    "--format",
    "md",
    "--out",
    folder("6-report/report.md"),
  ]);
  const shown = await step(io, "report", "format-report", [...judged, "--format", "terminal"]);
  const snapshot = compare.exitCode === EXIT.unjudged ? undefined : await exportSnapshot(io, values, judged);

  io.stdout.write(`\n${shown.stdout}\n`);
  const files = {
    report: report.output("REPORT"),
    snapshot: snapshot ?? "none: what could not be judged is not published",
    runs: run.output("RAW_RUNS_JSONL"),
    images: folder("1-synthetic"),
  };
  for (const [name, file] of Object.entries(files)) io.stdout.write(`${name.padEnd(10)} ${shownPath(file, io)}\n`);
  io.stdout.write(`took       ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  io.stdout.write(
    "next       npm run bench -- --help: your own CLI, larger runs    docs/runbook.md: each step by hand\n",
  );
  return compare.exitCode;
}

async function exportSnapshot(io: ScriptIo, values: Flags, judged: readonly string[]): Promise<string> {
  const out = path.join(values.workspace, "7-site", "site-benchmark-snapshot.json");
  const [headlineProfile = ""] = values.profiles;
  // A run on one's own machine has no workflow behind it; the snapshot says so instead of naming one.
  const local = {
    repository: "local/quickstart",
    "workflow-name": "quickstart",
    "workflow-path": "scripts/bench/quickstart.ts",
    "run-id": String(Math.floor(io.now().getTime() / 1000)),
    "run-attempt": "1",
    "run-url": "https://localhost/",
    "event-name": "local",
    "ref-name": (await git(["rev-parse", "--abbrev-ref", "HEAD"])) ?? "none",
    sha: (await git(["rev-parse", "HEAD"])) ?? "0".repeat(40),
    tier: `tier${values.tier}`,
    "run-count": String(values.runCount),
    "dataset-version": DATASET_VERSION,
    runner: `${process.platform}-${process.arch}`,
    "node-version": process.versions.node,
    "headline-profile": headlineProfile,
    "headline-scenario": "batch-all",
  };
  const flagList = Object.entries(local).flatMap(([name, value]) => [`--${name}`, value]);
  const done = await step(io, "snapshot", "export-site-snapshot", [...judged, "--out", out, ...flagList]);
  return done.output("SITE_BENCHMARK_SNAPSHOT");
}

/** A step that ran: its exit code, what it printed, and its `KEY=value` lines by key. */
interface Step {
  readonly exitCode: number;
  readonly stdout: string;
  output(key: string): string;
}

/**
 * Runs another script as its own process; its progress goes to our stderr.
 * @throws {OperationError} when it ends with a code that is not accepted; the step has said why by then.
 */
async function step(
  io: ScriptIo,
  label: string,
  script: string,
  args: readonly string[],
  accepted: readonly number[] = [EXIT.ok],
): Promise<Step> {
  const startedAt = performance.now();
  const file = path.join(PROJECT_ROOT, "scripts", "bench", `${script}.ts`);
  const child = execa(process.execPath, ["--import", import.meta.resolve("tsx"), file, ...args], {
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
  if (!accepted.includes(exitCode)) throw stepError(label, script, exitCode, args);
  io.stderr.write(`${label.padEnd(10)} done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  const values = new Map(stdout.split("\n").map((line) => splitOnce(line)));
  return {
    exitCode,
    stdout,
    output: (key) => {
      const value = values.get(key);
      if (value === undefined) throw new OperationError("data", `${script} printed no ${key}`);
      return value;
    },
  };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function stepError(label: string, script: string, exitCode: number, args: readonly string[]): OperationError {
  const failureOf: Readonly<Record<number, "gate" | "unjudged" | "service" | "output">> = {
    [EXIT.gate]: "gate",
    [EXIT.unjudged]: "unjudged",
    [EXIT.service]: "service",
    [EXIT.output]: "output",
  };
  const quoted = args.map((arg) => (/^[\w./:,=-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(" ");
  return new OperationError(
    failureOf[exitCode] ?? "data",
    `The step "${label}" failed with exit ${exitCode}; it says why above`,
    {
      details: [{ label: "rerun", text: `npx tsx scripts/bench/${script}.ts ${quoted}` }],
    },
  );
}

async function git(args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa("git", args, { cwd: PROJECT_ROOT, reject: false });
  return exitCode === 0 && stdout !== "" ? stdout : undefined;
}

function shownPath(file: string, io: ScriptIo): string {
  const relative = path.relative(io.cwd, file);
  return relative.startsWith("..") || path.isAbsolute(relative) || relative === "" ? file : relative;
}

await launch(import.meta.url, main);
