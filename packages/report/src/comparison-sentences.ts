import type { Comparison, Incomparable } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { joinTexts } from "./blocks.ts";
import { alertRows, type ComparisonRow, type RowAnswer } from "./comparison-rows.ts";
import { datasetText, fallbackSentence } from "./dataset-sentences.ts";
import { formatChange, formatCount, formatDifference, formatDuration, formatThreshold } from "./format-figures.ts";
import type { Markup } from "./markup.ts";

/** The answer in one or two sentences, a regression first; never `same`, since thresholds do not prove it. */
export function verdictSentence(comparison: Comparison, rows: readonly ComparisonRow[], markup: Markup): string {
  return joinTexts([outcomeSentence(comparison, rows, markup), fallbackSentence(comparison.dataset, markup)]);
}

function outcomeSentence(comparison: Comparison, rows: readonly ComparisonRow[], markup: Markup): string {
  const unjudged = unjudgedSentence(comparison, markup);
  const [worst, ...others] = alertRows(rows);
  const quiet = rows.filter(({ answer }) => answer === "no-alert" || answer === "guarded").length;
  if (worst === undefined) {
    const pairs = `${formatCount(quiet, "figure")} of ${formatCount(comparison.pairs.length, "pair")}`;
    if (unjudged === "") return `${markup.strong("No alert.")} None of ${pairs} is above its threshold.`;
    return quiet === 0
      ? unjudged
      : `${unjudged} No alert among the ${formatCount(quiet, "figure")} that could be judged.`;
  }
  const more =
    others.length === 0
      ? ""
      : `, and ${formatCount(others.length, "further figure")} ${others.length === 1 ? "is" : "are"} above the threshold`;
  const alerted = `${markup.strong("Alert.")} ${alertSentence(worst, markup)}${more}; ${formatCount(quiet, "figure")} without alert.`;
  const sameBuild = comparison.warnings?.some(({ code }) => code === "same-subject") ?? false;
  const noise = sameBuild ? "Both sides ran the same build: this is noise." : "";
  return joinTexts([alerted, noise, unjudged]);
}

function alertSentence({ cell, baseMs, headMs, changePct, thresholdPct }: ComparisonRow, markup: Markup): string {
  const figures = `${formatDuration(baseMs)} → ${formatDuration(headMs)}, threshold ${formatThreshold(thresholdPct)}`;
  return `${markup.name(cell)} is ${formatChange(changePct).slice(1)} slower (${figures})`;
}

const REASONS = {
  "missing-in-head": "missing in head",
  "missing-in-base": "missing in base",
  "missing-in-both": "missing on both sides",
  "missing-phase": "a phase is missing",
  "validation-failed": "failed runs",
  "different-dataset": "different datasets",
  "different-suite": "different suites",
  "different-machine": "different machines",
  "impossible-figure": "an impossible figure",
  "nothing-to-compare": "nothing to compare",
  "foreign-runs": "runs of another subject or dataset",
  "order-not-drawn": "an order that was not drawn from the seed",
  "clock-went-back": "a clock that was set back",
} as const satisfies Record<Incomparable["reason"], string>;

function unjudgedSentence({ incomparable = [] }: Comparison, markup: Markup): string {
  const [first] = incomparable;
  if (first === undefined) return "";
  const what = first.profileId === "" ? "the comparison" : markup.name(pairName(first));
  const more = incomparable.length === 1 ? "" : `, and ${formatCount(incomparable.length - 1, "further reason")} below`;
  return `${markup.strong("Could not be judged:")} ${what} (${REASONS[first.reason]})${more}.`;
}

/** The compared runs and dataset, the policy, and the effect of the answer on the gate. */
export function designSentence(comparison: Comparison, markup: Markup): string {
  const { dataset, gateMode, policy = "threshold" } = comparison;
  const [base, head] = [runsOf(comparison, "base"), runsOf(comparison, "head")];
  const runs = base === head ? `${head} of each pair on both sides` : `${base} of each pair in base, ${head} in head`;
  const gate = gateMode === "strict" ? "strict: an alert fails the step" : "advisory: an alert does not fail the step";
  return `${runs}; ${datasetText(dataset, markup)}; policy ${policy}; mode ${gate}.`;
}

function runsOf({ pairs }: Comparison, side: "base" | "head"): string {
  const counts = pairs.flatMap((pair) => pair[side].runCount ?? []);
  if (counts.length === 0) return "an unknown number of runs";
  const [least, most] = [smallest(counts), -smallest(counts.map((count) => -count))];
  return least === most ? formatCount(least, "run") : `${least}–${most} runs`;
}

/** The limits of the threshold policy, with the figures of this comparison. */
export function limitsSentence({ pairs, thresholds }: Comparison): string {
  const sides = pairs.flatMap(({ base, head }) => [base, head]);
  const warmCounts = sides.flatMap(({ warmCount }) => warmCount ?? []);
  const mostWarm = -smallest(warmCounts.map((count) => -count));
  const oneCold = sides.length > 0 && sides.every((side) => (side.runCount ?? 0) - (side.warmCount ?? 0) === 1);
  const { warmThresholdPct, p95ThresholdPct, coldThresholdPct, smallBaselineMs, minAbsoluteDeltaMs } = thresholds;
  return [
    `Fixed thresholds (warm p50 ${formatThreshold(warmThresholdPct)}, warm p95 ${formatThreshold(p95ThresholdPct)}, cold ${formatThreshold(coldThresholdPct)};`,
    `below ${smallBaselineMs} ms also at least ${minAbsoluteDeltaMs} ms) ignore the noise:`,
    "an alert may be noise, and a slowdown below its threshold raises none.",
    ...(oneCold ? ["Cold is a single run on each side."] : []),
    // Nearest rank: ⌈0.95 n⌉ = n for every n below 20.
    ...(mostWarm > 0 && mostWarm < 20 ? [`p95 of ${formatCount(mostWarm, "warm run")} is the slowest of them.`] : []),
  ].join(" ");
}

/** The smallest value; 0 if there is none. A comparison may be too long for the arguments of Math.min. */
function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}

/** The result of a figure in words; a word carries the meaning, never a colour. */
export function answerText({ answer, deltaMs }: ComparisonRow): string {
  const texts = {
    alert: "✗ alert",
    "no-alert": "no alert",
    guarded: `no alert: only ${formatDifference(deltaMs ?? 0)}`,
    "not-judged": "not judged",
    "not-measured": "not measured",
  } as const satisfies Record<RowAnswer, string>;
  return texts[answer];
}
