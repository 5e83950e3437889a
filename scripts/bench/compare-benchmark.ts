/**
 * Purpose: compares head with base, pair by pair, and says whether anything became slower.
 * Reads: the two summaries that run-benchmark wrote; by evidence also the raw-runs.jsonl that they name and the
 *   run-context.json beside it.
 * Writes: compare.json and compare.md, by default in .tmp/bench/compare.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the two files are replaced.
 * Example: npm run bench:compare -- --base-summary .tmp/bench/local-compare/base-summary.json --head-summary .tmp/bench/local-compare/summary.json
 */
import type { Comparison } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import {
  choiceFlag,
  describeError,
  EXIT,
  type FlagValues,
  launch,
  numberFlag,
  oneLineText,
  optionalText,
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { escapeTerminal, regressedCells, unjudgedReasons } from "@forgebench/report";
import { compareStep } from "@forgebench/steps";
import { type GateAnswer, standardThresholds } from "@forgebench/verdict";

const percentage = { min: 0, max: 1000, unit: "a percentage" };
const milliseconds = { min: 0, max: 3_600_000, unit: "milliseconds" };

const flags = {
  "base-summary": requiredPath({ placeholder: "FILE", description: "the summary of the base arm" }),
  "head-summary": requiredPath({ placeholder: "FILE", description: "the summary of the head arm" }),
  "out-json": pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/compare/compare.json",
    description: "where the comparison goes",
  }),
  "out-md": pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/compare/compare.md",
    description: "where its Markdown report goes",
  }),
  mode: choiceFlag({
    choices: ["advisory", "strict"],
    fallback: "advisory",
    description: "strict: an alert is exit 2",
  }),
  "warm-threshold-pct": numberFlag({
    ...percentage,
    fallback: standardThresholds.warmThresholdPct,
    description: "alert if warm p50 grew by more than this percentage",
  }),
  "cold-threshold-pct": numberFlag({
    ...percentage,
    fallback: standardThresholds.coldThresholdPct,
    description: "alert if cold grew by more than this percentage",
  }),
  "p95-threshold-pct": numberFlag({
    ...percentage,
    fallback: standardThresholds.p95ThresholdPct,
    description: "alert if warm p95 grew by more than this percentage",
  }),
  "small-baseline-ms": numberFlag({
    ...milliseconds,
    fallback: standardThresholds.smallBaselineMs,
    description: "if the base is below this, an alert also needs the difference of the next flag",
  }),
  "min-absolute-delta-ms": numberFlag({
    ...milliseconds,
    fallback: standardThresholds.minAbsoluteDeltaMs,
    description: "the least difference for an alert on a small baseline",
  }),
  policy: choiceFlag({
    choices: ["auto", "evidence", "threshold"],
    fallback: "auto",
    description:
      "evidence: by the blocks of both arms; threshold: by fixed limits; auto: by evidence if the runs allow it",
  }),
  "accepted-by": optionalText({
    placeholder: "NAME",
    ...oneLineText,
    description: "the person who accepts a regression, if there is one; it is recorded",
  }),
  "acceptance-reason": optionalText({ ...oneLineText, description: "why it is accepted; with --accepted-by" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:compare --",
  purpose: "Compares head with base and says whether anything became slower: by evidence, or by fixed thresholds.",
  flags,
  outputs: {
    COMPARE_JSON: "the comparison",
    COMPARE_MD: "its Markdown report",
    ALERT_COUNT: "the cells that regressed, or the figures above their threshold",
    OUTCOME: "green, regression, undecided or invalid",
    REGRESSED_CELLS: "after a regression: the ids of at most 20 cells with an alert, the worst first, with commas",
    REGRESSED_CELL: "the first of these cells that bench:bisect can search; absent if there is none",
  },
  notes: [
    "Exit 0: all is judged, and there is no alert, or the mode is advisory.  2: an alert in strict mode.\nExit 3, in any mode: something could not be judged (missing, failed, different or impossible, or the controls say that\nthe measurement cannot be trusted); in strict mode also a gating cell that is undecided.",
    "By evidence, each cell is same, regressed, improved, changed, undecided or incomparable, with an error of 1 % for the\nwhole night; docs/statistics.md explains how. The threshold flags are then only recorded. bench:verify checks that the runs\nare in the drawn order.",
    "An acceptance changes neither verdicts nor the exit code. It is in compare.json and at the top of the reports, but only\nif something regressed.",
  ],
  examples: [
    "pnpm run bench:compare -- --base-summary base-summary.json --head-summary head-summary.json",
    "pnpm run bench:compare -- --base-summary base.json --head-summary head.json --mode strict --cold-threshold-pct 25",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => compare(values, io));
}

async function compare(values: Flags, io: ScriptIo): Promise<number> {
  const { baseSummary, headSummary, outJson, outMd, policy, mode: gateMode } = values;
  refuseSharedPaths(
    { "base-summary": baseSummary, "head-summary": headSummary },
    { "out-json": outJson, "out-md": outMd },
  );
  const acceptance = acceptanceOf(values);
  const thresholds = thresholdsOf(values);
  const request = { baseSummary, headSummary, outJson, outMd, policy, gateMode, thresholds, acceptance };
  const { comparison, headline, answer } = await compareStep(request, io);
  await printOutputs(io, {
    COMPARE_JSON: outJson,
    COMPARE_MD: outMd,
    ALERT_COUNT: comparison.summary.alertCount,
    OUTCOME: comparison.outcome ?? "invalid",
    ...regressionOutputs(comparison, io),
  });
  io.stderr.write(explain(comparison, headline, answer, outMd));
  return EXIT[answer];
}

/** The outputs name at most this many cells; a report names all of them. */
const MAX_NAMED_CELLS = 20;

function regressionOutputs(made: Comparison, io: ScriptIo): Record<string, string> {
  const { ids, searchable, unnamedCount } = regressedCells(made);
  if (unnamedCount > 0) {
    io.stderr.write(
      `note: ${unnamedCount} regressed cells are not named in the outputs: their ids cannot be those of a suite\n`,
    );
  }
  return {
    ...(ids.length === 0 ? {} : { REGRESSED_CELLS: ids.slice(0, MAX_NAMED_CELLS).join(",") }),
    ...(searchable === undefined ? {} : { REGRESSED_CELL: searchable }),
  };
}

function acceptanceOf({ acceptedBy: by, acceptanceReason: reason }: Flags): Comparison["acceptance"] {
  if (by === undefined && reason === undefined) return undefined;
  if (by !== undefined && reason !== undefined) return { by, reason };
  throw new UsageError("--accepted-by and --acceptance-reason go together: who accepts, and why");
}

function thresholdsOf(values: Flags): Comparison["thresholds"] {
  const { warmThresholdPct, coldThresholdPct, p95ThresholdPct, smallBaselineMs, minAbsoluteDeltaMs } = values;
  return { warmThresholdPct, coldThresholdPct, p95ThresholdPct, smallBaselineMs, minAbsoluteDeltaMs };
}

function explain(made: Comparison, headline: string, answer: GateAnswer, reportFile: string): string {
  const { warnings = [] } = made;
  const noted = warnings.map(({ message }) => ({ label: "warning", text: escapeTerminal(message) }));
  if (answer === "ok") return `${[headline, ...noted.map(({ label, text }) => `${label}: ${text}`)].join("\n")}\n`;
  const reasons = unjudgedReasons(made).flatMap(({ message, remedy }) => [
    { label: "since", text: message },
    { label: "try", text: remedy },
  ]);
  const { by = "", reason = "" } = made.acceptance ?? {};
  const accepted =
    by === "" ? [] : [{ label: "accepted", text: `by ${escapeTerminal(by)}: ${escapeTerminal(reason)}` }];
  const details = [...accepted, ...reasons, { label: "report", text: reportFile }, ...noted];
  return describeError(new OperationError(answer, headline, { details }), EXIT[answer]);
}

await launch(import.meta.url, main);
