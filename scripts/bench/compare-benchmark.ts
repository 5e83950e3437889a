/**
 * Purpose: compares head with base, pair by pair, and says whether anything is slower than its threshold allows.
 * Reads: the two summaries that run-benchmark wrote.
 * Writes: compare.json and compare.md, by default in .tmp/bench/compare.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the two files are replaced.
 * Example: npm run bench:compare -- --base-summary .tmp/bench/local-compare/base-summary.json --head-summary .tmp/bench/local-compare/summary.json
 */
import { type Comparison, comparison, summary } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import {
  choiceFlag,
  describeError,
  EXIT,
  type FlagValues,
  inputReference,
  launch,
  numberFlag,
  pathFlag,
  printOutputs,
  readArtifact,
  refuseSharedPaths,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import { comparisonHeadline, escapeTerminal, formatComparisonMarkdown } from "@forgebench/report";
import { compareByThreshold, type GateAnswer, gateAnswer, standardThresholds } from "@forgebench/verdict";

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
    description: "alert when warm p50 grew by more per cent",
  }),
  "cold-threshold-pct": numberFlag({
    ...percentage,
    fallback: standardThresholds.coldThresholdPct,
    description: "alert when cold grew by more per cent",
  }),
  "p95-threshold-pct": numberFlag({
    ...percentage,
    fallback: standardThresholds.p95ThresholdPct,
    description: "alert when warm p95 grew by more per cent",
  }),
  "small-baseline-ms": numberFlag({
    ...milliseconds,
    fallback: standardThresholds.smallBaselineMs,
    description: "below this baseline an alert needs the next flag too",
  }),
  "min-absolute-delta-ms": numberFlag({
    ...milliseconds,
    fallback: standardThresholds.minAbsoluteDeltaMs,
    description: "the least difference for an alert on a small baseline",
  }),
  policy: choiceFlag({
    choices: ["threshold"],
    fallback: "threshold",
    description: "how it is decided: by fixed thresholds",
  }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:compare --",
  purpose: "Compares head with base, pair by pair, and says whether anything is slower than its threshold allows.",
  flags,
  outputs: {
    COMPARE_JSON: "the comparison",
    COMPARE_MD: "its Markdown report",
    ALERT_COUNT: "the figures above their threshold",
  },
  notes: [
    "Exit 0: judged, and nothing above a threshold, or only advised.  2: an alert in strict mode.\nExit 3, in any mode: something could not be judged (missing, failed, different or impossible); it is named with a remedy.",
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
  refuseSharedPaths(
    { "base-summary": values.baseSummary, "head-summary": values.headSummary },
    { "out-json": values.outJson, "out-md": values.outMd },
  );
  const base = await readArtifact(summary, values.baseSummary);
  const head = await readArtifact(summary, values.headSummary);
  const made = compareByThreshold({
    base: { summary: base.value, sha256: base.sha256 },
    head: { summary: head.value, sha256: head.sha256 },
    thresholds: thresholdsOf(values),
    gateMode: values.mode,
    generatedAt: io.now().toISOString(),
    inputs: [
      { role: "base", ...inputReference(base, values.outJson, io.cwd) },
      { role: "head", ...inputReference(head, values.outJson, io.cwd) },
    ],
  });
  await writeArtifact(comparison, values.outJson, made);
  await writeFileAtomic(values.outMd, formatComparisonMarkdown(made, { base: base.value, head: head.value }));
  await printOutputs(io, {
    COMPARE_JSON: values.outJson,
    COMPARE_MD: values.outMd,
    ALERT_COUNT: made.summary.alertCount,
  });
  const answer = gateAnswer(made.outcome ?? "invalid", values.mode);
  io.stderr.write(explain(made, answer, values.outMd));
  return EXIT[answer];
}

function thresholdsOf(values: Flags): Comparison["thresholds"] {
  const { warmThresholdPct, coldThresholdPct, p95ThresholdPct, smallBaselineMs, minAbsoluteDeltaMs } = values;
  return { warmThresholdPct, coldThresholdPct, p95ThresholdPct, smallBaselineMs, minAbsoluteDeltaMs };
}

/** How many entries a person reads on the terminal; the report has the rest. */
const MAX_EXPLAINED = 5;

function explain(made: Comparison, answer: GateAnswer, reportFile: string): string {
  const { incomparable = [], warnings = [] } = made;
  const headline = comparisonHeadline(made);
  const noted = warnings.map(({ message }) => ({ label: "warning", text: escapeTerminal(message) }));
  if (answer === "ok") return `${[headline, ...noted.map(({ label, text }) => `${label}: ${text}`)].join("\n")}\n`;
  const reasons = incomparable.slice(0, MAX_EXPLAINED).flatMap(({ message, remedy }) => [
    { label: "since", text: escapeTerminal(message) },
    { label: "try", text: escapeTerminal(remedy) },
  ]);
  const details = [...reasons, { label: "report", text: reportFile }, ...noted];
  return describeError(new OperationError(answer, headline, { details }), EXIT[answer]);
}

await launch(import.meta.url, main);
