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
import { type Comparison, comparison, type Summary, summary } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import {
  carriesEvidence,
  compareByEvidence,
  compareByThreshold,
  RunLogReader,
  type ThresholdComparisonRequest,
  whyNoEvidence,
  withAcceptance,
} from "@forgebench/evidence";
import {
  choiceFlag,
  describeError,
  EXIT,
  type FlagValues,
  findMeasuredRuns,
  inputReference,
  launch,
  type MeasuredRuns,
  numberFlag,
  optionalText,
  pathFlag,
  printOutputs,
  type ReadArtifact,
  readArtifact,
  refuseSharedPaths,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import {
  comparisonHeadline,
  escapeTerminal,
  formatComparisonMarkdown,
  regressedCells,
  unjudgedReasons,
} from "@forgebench/report";
import { type GateAnswer, gateAnswer, standardThresholds } from "@forgebench/verdict";

const percentage = { min: 0, max: 1000, unit: "a percentage" };
const oneLine = {
  pattern: /^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u,
  expected: "one line of at most 200 characters",
};
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
    choices: ["auto", "evidence", "threshold"],
    fallback: "auto",
    description:
      "evidence: by the blocks of both arms; threshold: by fixed limits; auto: evidence where the runs carry it",
  }),
  "accepted-by": optionalText({
    ...{ placeholder: "NAME", ...oneLine },
    description: "who accepts a regression, should there be one; it is recorded",
  }),
  "acceptance-reason": optionalText({ ...oneLine, description: "why it is accepted; with --accepted-by" }),
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
    REGRESSED_CELLS: "of a regression: the ids of at most 20 cells with an alert, the worst first, with commas",
    REGRESSED_CELL: "of them the first that bench:bisect can look for; absent when there is none",
  },
  notes: [
    "Exit 0: judged, and no alert, or only advised.  2: an alert in strict mode.\nExit 3, in any mode: something could not be judged (missing, failed, different or impossible, or the controls say that\nthe measurement is not to be trusted); in strict mode also a gating cell that is undecided.",
    "By evidence, each cell is same, regressed, improved, changed, undecided or incomparable, with an error of 1 % for the\nwhole night; docs/statistics.md explains how. The threshold flags then only fill the fields of the same names. That the order of the runs is the\ndrawn one is checked by bench:verify.",
    "An acceptance changes neither verdicts nor the exit code. It stands in compare.json and first in the reports, and only\nwhere something regressed.",
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
  const acceptance = acceptanceOf(values);
  const base = await readArtifact(summary, values.baseSummary);
  const head = await readArtifact(summary, values.headSummary);
  const request = {
    base: { summary: base.value, sha256: base.sha256 },
    head: { summary: head.value, sha256: head.sha256 },
    thresholds: thresholdsOf(values),
    gateMode: values.mode,
    generatedAt: io.now().toISOString(),
    inputs: [
      { role: "base" as const, ...inputReference(base, values.outJson, io.cwd) },
      { role: "head" as const, ...inputReference(head, values.outJson, io.cwd) },
    ],
  };
  const measured = await findEvidence(values.policy, base, head, io);
  const made = withAcceptance(await judge(request, measured, values, io), acceptance);
  await writeArtifact(comparison, values.outJson, made);
  await writeFileAtomic(values.outMd, formatComparisonMarkdown(made, { base: base.value, head: head.value }));
  await printOutputs(io, {
    COMPARE_JSON: values.outJson,
    COMPARE_MD: values.outMd,
    ALERT_COUNT: made.summary.alertCount,
    OUTCOME: made.outcome ?? "invalid",
    ...regressionOutputs(made, io),
  });
  if (acceptance !== made.acceptance) io.stderr.write("note: nothing regressed, so that nothing is accepted\n");
  const answer = gateAnswer(made.outcome ?? "invalid", values.mode);
  const headline = comparisonHeadline(made, { head: head.value, base: base.value });
  io.stderr.write(explain(made, headline, answer, values.outMd));
  return EXIT[answer];
}

/** By evidence where the runs are given. */
async function judge(
  request: ThresholdComparisonRequest,
  measured: MeasuredRuns | undefined,
  { outJson }: Flags,
  { cwd }: ScriptIo,
): Promise<Comparison> {
  if (measured === undefined) return compareByThreshold(request);
  const { context, read } = measured;
  const reader = new RunLogReader(context);
  const files = (await read((run) => reader.add(run))).map((file) => inputReference(file, outJson, cwd));
  return compareByEvidence({ ...request, context, log: reader.end(), inputs: [...request.inputs, ...files] });
}

/** So many cells are named: a report names all of them. */
const MAX_NAMED_CELLS = 20;

function regressionOutputs(made: Comparison, io: ScriptIo): Record<string, string> {
  const { ids, searchable, unnamedCount } = regressedCells(made);
  if (unnamedCount > 0) {
    io.stderr.write(`note: ${unnamedCount} regressed cells are not named in the outputs: their ids are no suite's\n`);
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

/** The runs to be judged by evidence; undefined when fixed thresholds are to decide. */
async function findEvidence(
  policy: Flags["policy"],
  base: ReadArtifact<Summary>,
  head: ReadArtifact<Summary>,
  io: ScriptIo,
): Promise<MeasuredRuns | undefined> {
  if (policy === "threshold") return undefined;
  // A night that was sampled for evidence never falls back to thresholds by itself.
  const wanted = policy === "evidence" || [base, head].some(({ value }) => value.sampling?.mode === "evidence");
  if (!wanted && [base, head].some(({ value }) => value.design !== "blocked")) return undefined;
  const found = await findMeasuredRuns(base, head);
  if (typeof found !== "string" && carriesEvidence(found.context)) return found;
  const obstacle = typeof found === "string" ? found : whyNoEvidence(found.context);
  if (wanted) {
    if (typeof found !== "string" && obstacle === undefined) return found;
    throw new OperationError("unjudged", `Cannot compare by evidence: ${obstacle}`, {
      details: [
        {
          label: "try",
          text: "bench:run with --base-cli-path and without --run-count, then compare its summaries in place",
        },
        { label: "or", text: "--policy threshold, which needs the summaries alone" },
      ],
    });
  }
  // The fixed protocol never carries evidence: nothing to note. Lost runs of an evidence night are.
  if (typeof found === "string") io.stderr.write(`note: compared by fixed thresholds, since ${found}\n`);
  return undefined;
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
