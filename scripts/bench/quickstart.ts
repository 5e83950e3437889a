/**
 * Purpose: does the whole main job without configuration, from the dataset to the pull request of the website.
 * Reads: the project's sources, or the CLI and the folders that the flags name.
 * Writes: .tmp/bench/quickstart, one numbered folder a step.
 * Network: loopback, for the pull request; the npm registry if packages are missing or have changed.
 * Secrets: none.
 * Rerun: safe; images and archives that are already right are kept, the measurement is made anew, or continued with --resume.
 * Example: npm run bench
 */
import path from "node:path";
import { parseSuite, type Suite } from "@forgebench/artifacts";
import { wrapText } from "@forgebench/errors";
import { EXIT, launch, PROJECT_ROOT, readInputText, runScript, type ScriptIo } from "@forgebench/io";
import { assertForImages, assertSuiteRunnable, selectCells } from "@forgebench/runner";
import { type QuickstartResult, quickstartStep, type Remedy } from "@forgebench/steps";
import { type QuickstartFlags as Flags, spec } from "../launcher/quickstart-flags.ts";

export { spec } from "../launcher/quickstart-flags.ts";

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  const startedMs = performance.now();
  const exitCode = await runScript(spec, argv, io, async (given) => {
    const values = await chooseCells(given);
    const columns = Math.min(400, Math.max(20, io.stdout.columns));
    const layout = { columns, colors: io.stdout.hasColors };
    const subjectPath = path.join(PROJECT_ROOT, "dist", "cli.js");
    const result = await quickstartStep({ ...values, subjectPath, layout }, io, startedMs);
    showResult(io, result, argv, startedMs);
    return values.mode === "strict" ? EXIT[result.answer] : EXIT.ok;
  });
  if (exitCode === EXIT.interrupted || exitCode === EXIT.terminated) {
    io.stderr.write(`go on      ${continuing(argv)}\n`);
  }
  return exitCode;
}

/**
 * The flags with the profile and the scenarios that they leave to the suite. Everything that the measurement would refuse is
 * refused before the images are made, because that takes long.
 * @throws {ArtifactError} for a wrong suite, {UsageError} for one that needs no images or no CLI, or lacks a chosen cell or profile.
 */
async function chooseCells(values: Flags): Promise<Flags> {
  const suite = parseSuite(await readInputText(values.suite, "suite"), values.suite);
  assertSuiteRunnable(suite, values.suite);
  assertForImages(suite, quoted([values.suite]));
  const chosen = { ...values, profiles: profilesOf(values, suite), scenarios: scenariosOf(values, suite) };
  selectCells(suite, { profiles: chosen.profiles, scenarios: chosen.scenarios, cells: chosen.cell });
  return chosen;
}

function profilesOf({ profiles }: Flags, suite: Suite): readonly string[] {
  return profiles.length > 0 ? profiles : suite.profiles.slice(0, 1).map(({ id }) => id);
}

/** The first and the last scenario, so that a first run is short; all if cells or profiles were chosen. */
function scenariosOf({ scenarios, cell, profiles }: Flags, suite: Suite): readonly string[] {
  if (scenarios.length > 0 || cell.length > 0 || profiles.length > 0) return scenarios;
  return [...new Set([suite.scenarios.at(0), suite.scenarios.at(-1)])].flatMap((scenario) => scenario?.name ?? []);
}

/** The command that continues a measurement with these arguments, with one flag changed or added. */
function continuing(argv: readonly string[], flag?: string, value?: number): string {
  const isReplaced = (arg: string, index: number) => arg.split("=")[0] === flag || argv[index - 1] === flag;
  const kept = argv.filter((arg, index) => arg !== "--" && arg !== "--resume" && !isReplaced(arg, index));
  return `npm run bench -- ${quoted([...kept, "--resume", ...(flag === undefined ? [] : [flag, String(value)])])}`;
}

function describeRemedy(remedy: Remedy, argv: readonly string[]): Readonly<Record<string, string>> {
  return remedy.kind === "more time"
    ? { longer: continuing(argv, "--time-budget-minutes", remedy.minutes) }
    : { further: continuing(argv, "--max-blocks", remedy.maxBlocks) };
}

/** The report, which begins and ends with the verdict; the list of files is before its last line. */
function showResult(io: ScriptIo, result: QuickstartResult, argv: readonly string[], startedMs: number): void {
  const { snapshotFile, pullRequestHtml, previewHtml, remedy } = result;
  const made = {
    report: result.reportFile,
    snapshot: snapshotFile ?? "none: a figure that it needs was not measured",
    ...(pullRequestHtml === undefined ? {} : { "pull req.": pullRequestHtml }),
    ...(previewHtml === undefined ? {} : { preview: previewHtml }),
    runs: result.rawRuns,
    images: result.imagesDir,
    ...(remedy === undefined ? {} : describeRemedy(remedy, argv)),
    took: `${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    next: "npm run bench -- --help    docs/runbook.md: each step by hand",
  };
  const lines = result.report.trimEnd().split("\n");
  const verdict = lines.pop() ?? "";
  const shown = Object.entries(made).map(([name, text]) =>
    wrapText(`${name.padEnd(10)} ${path.isAbsolute(text) ? shownPath(text, io) : text}`, io.stdout.columns),
  );
  io.stdout.write(`\n${[...lines, ...shown, "", verdict].join("\n")}\n`);
}

function quoted(args: readonly string[]): string {
  return args.map((arg) => (/^[\w./:,=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ");
}

function shownPath(file: string, io: ScriptIo): string {
  const relative = path.relative(io.cwd, file);
  return relative === "" || relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

await launch(import.meta.url, main);
