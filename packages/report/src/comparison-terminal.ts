import type { Comparison } from "@forgebench/artifacts";
import { DEFAULT_COLUMNS, MIN_COLUMNS, wrapText } from "@forgebench/errors";
import { acceptanceSentence } from "./acceptance.ts";
import { alertRows, type ComparisonRow, comparisonRows } from "./comparison-rows.ts";
import { answerText, designSentence, limitsSentence, verdictSentence } from "./comparison-sentences.ts";
import { evidenceHeadline, formatEvidenceTerminal } from "./evidence-terminal.ts";
import { type FittingColumn, fittingTable } from "./fitting-table.ts";
import { formatChange, formatDuration, formatThreshold } from "./format-figures.ts";
import { plainMarkup as markup } from "./markup.ts";
import { joinSections, plainList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";
import type { TerminalOptions } from "./terminal-options.ts";
import { verdictLine } from "./verdict-line.ts";

/** More rows than this push the answer out of any terminal. */
const MAX_ROWS = 60;

/** The verdict alone, in one line: the first of a terminal report. */
export function comparisonHeadline(comparison: Comparison, summaries: ReportedSummaries = {}): string {
  if (comparison.policy === "evidence") return evidenceHeadline(comparison, summaries);
  return verdictSentence(comparison, comparisonRows(comparison), markup);
}

/**
 * A comparison for a terminal of so many columns: the answer, what could not be judged and the remedy, figures, and in the
 * last line the verdict again.
 */
export function formatComparisonTerminal(
  comparison: Comparison,
  summaries: ReportedSummaries = {},
  options: TerminalOptions = {},
): string {
  const columns = Math.max(MIN_COLUMNS, options.columns ?? DEFAULT_COLUMNS);
  const text =
    comparison.policy === "evidence"
      ? formatEvidenceTerminal(comparison, summaries, { ...options, columns, allCells: options.allCells ?? false })
      : formatThresholdTerminal(comparison, summaries, columns);
  return `${wrapText(text, columns)}\n${verdictLine(comparison, columns)}\n`;
}

function formatThresholdTerminal(comparison: Comparison, summaries: ReportedSummaries, columns: number): string {
  const rows = comparisonRows(comparison);
  const { incomparable = [], warnings = [] } = comparison;
  return joinSections([
    [
      verdictSentence(comparison, rows, markup),
      acceptanceSentence(comparison, markup),
      designSentence(comparison, markup),
    ].filter((line) => line !== ""),
    figureSection(rows, columns),
    plainList("could not be judged", incomparable.map(withRemedy)),
    plainList("failed runs", failureLines(summaries).map(markup.prose)),
    plainList("warnings", warnings.map(withRemedy)),
    [limitsSentence(comparison)],
  ]);
}

const FIGURE_COLUMNS: readonly FittingColumn<ComparisonRow>[] = [
  { header: "cell", text: ({ cell }) => markup.name(cell), isLeft: true },
  { header: "base", text: ({ baseMs }) => formatDuration(baseMs), leaveOutRank: 1 },
  { header: "head", text: ({ headMs }) => formatDuration(headMs), leaveOutRank: 1 },
  { header: "change", text: ({ changePct }) => formatChange(changePct) },
  { header: "threshold", text: ({ thresholdPct }) => formatThreshold(thresholdPct), leaveOutRank: 2 },
  { header: "answer", text: answerText, isLeft: true },
];

function figureSection(rows: readonly ComparisonRow[], columns: number): string[] {
  if (rows.length === 0) return [];
  const ordered = [...alertRows(rows), ...rows.filter(({ answer }) => answer !== "alert")];
  const { text } = fittingTable(FIGURE_COLUMNS, ordered.slice(0, MAX_ROWS), columns);
  const hiddenCount = ordered.length - MAX_ROWS;
  return [text, ...(hiddenCount > 0 ? [`  … ${hiddenCount} more figures in compare.json`] : [])];
}

function withRemedy({ message, remedy }: { readonly message: string; readonly remedy: string }): string {
  return `${markup.prose(message)}\n  try  ${markup.prose(remedy)}`;
}
