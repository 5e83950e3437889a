import type { Comparison } from "@forgebench/artifacts";
import { quotedAcceptance } from "./acceptance.ts";
import { fitLines } from "./bounded.ts";
import { alertRows, type ComparisonRow, comparisonRows } from "./comparison-rows.ts";
import { answerText, designSentence, limitsSentence, verdictSentence } from "./comparison-sentences.ts";
import { formatEvidenceMarkdown } from "./evidence-markdown.ts";
import { formatChange, formatCount, formatDuration, formatThreshold } from "./format-figures.ts";
import { inputLines } from "./input-lines.ts";
import { markdownMarkup as markup } from "./markup.ts";
import type { ReportExtras } from "./reproduce.ts";
import { joinSections, markdownList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";

/**
 * How many characters each part may take: together below 60,000, since GitHub refuses comments above 65,536. What does
 * not fit is counted and stays in compare.json.
 */
const MAX_CHARS = { alerts: 16_000, incomparable: 9_000, failures: 6_000, warnings: 4_000, figures: 18_000 };

/** A comparison as Markdown: the answer, what asks for something and the remedy, then every figure, folded. */
export function formatComparisonMarkdown(
  comparison: Comparison,
  summaries: ReportedSummaries = {},
  extras: ReportExtras = {},
): string {
  if (comparison.policy === "evidence") return formatEvidenceMarkdown(comparison, summaries, extras);
  const rows = comparisonRows(comparison);
  const { incomparable = [], warnings = [] } = comparison;
  return joinSections([
    [
      ...quotedAcceptance(comparison, markup),
      ...[`> ${verdictSentence(comparison, rows, markup)}`, ">", `> ${designSentence(comparison, markup)}`],
    ],
    alertTable(alertRows(rows)),
    markdownList("Could not be judged", MAX_CHARS.incomparable, incomparable.map(withRemedy)),
    markdownList("Failed runs", MAX_CHARS.failures, failureLines(summaries).map(markup.prose)),
    markdownList("Warnings", MAX_CHARS.warnings, warnings.map(withRemedy)),
    ["**How far to trust this**", "", limitsSentence(comparison)],
    figureTable(rows),
    inputLines(comparison),
  ]);
}

function withRemedy({ message, remedy }: { readonly message: string; readonly remedy: string }): string {
  return `${markup.prose(message)}. Remedy: ${markup.prose(remedy)}.`;
}

function alertTable(alerts: readonly ComparisonRow[]): string[] {
  if (alerts.length === 0) return [];
  const texts = alerts.map(
    (row) =>
      `| ${markup.name(row.cell)} | ${formatDuration(row.baseMs)} | ${formatDuration(row.headMs)} | **${formatChange(row.changePct)}** | ${formatThreshold(row.thresholdPct)} |`,
  );
  const { lines, hiddenCount } = fitLines(texts, MAX_CHARS.alerts);
  return [
    "| cell | base | head | change | threshold |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...lines,
    ...(hiddenCount === 0 ? [] : ["", `${formatCount(hiddenCount, "more alert")} in compare.json.`]),
  ];
}

function figureTable(rows: readonly ComparisonRow[]): string[] {
  if (rows.length === 0) return [];
  const texts = rows.map(
    (row) =>
      `| ${markup.name(row.cell)} | ${formatDuration(row.baseMs)} | ${formatDuration(row.headMs)} | ${formatChange(row.changePct)} | ${formatThreshold(row.thresholdPct)} | ${answerText(row)} |`,
  );
  const { lines, hiddenCount } = fitLines(texts, MAX_CHARS.figures);
  const title =
    hiddenCount === 0 ? `All ${formatCount(rows.length, "figure")}` : `${lines.length} of ${rows.length} figures`;
  return [
    `<details><summary>${title}</summary>`,
    "",
    "| cell | base | head | change | threshold | answer |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...lines,
    ...(hiddenCount === 0 ? [] : ["", `${Math.ceil(hiddenCount / 3)} more pairs in compare.json.`]),
    "",
    "</details>",
  ];
}
