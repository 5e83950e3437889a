import type { Comparison } from "@forgebench/artifacts";
import { acceptanceSentence } from "./acceptance.ts";
import { alertRows, type ComparisonRow, comparisonRows } from "./comparison-rows.ts";
import { answerText, designSentence, limitsSentence, verdictSentence } from "./comparison-sentences.ts";
import { evidenceHeadline, formatEvidenceTerminal } from "./evidence-terminal.ts";
import { formatChange, formatDuration, formatThreshold } from "./format-figures.ts";
import { plainMarkup as markup } from "./markup.ts";
import { plainTable } from "./plain-table.ts";
import type { ReportExtras } from "./reproduce.ts";
import { joinSections, plainList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";

/** More rows than this push the answer out of any terminal. */
const MAX_ROWS = 120;

/** The verdict alone, in one line: the first of a terminal report. */
export function comparisonHeadline(comparison: Comparison, summaries: ReportedSummaries = {}): string {
  if (comparison.policy === "evidence") return evidenceHeadline(comparison, summaries);
  return verdictSentence(comparison, comparisonRows(comparison), markup);
}

/** A comparison for a terminal: the answer, what could not be judged and the remedy, then every figure, alerts first. */
export function formatComparisonTerminal(
  comparison: Comparison,
  summaries: ReportedSummaries = {},
  extras: ReportExtras = {},
): string {
  if (comparison.policy === "evidence") return formatEvidenceTerminal(comparison, summaries, extras);
  const rows = comparisonRows(comparison);
  const { incomparable = [], warnings = [] } = comparison;
  return joinSections([
    [
      acceptanceSentence(comparison, markup),
      verdictSentence(comparison, rows, markup),
      designSentence(comparison, markup),
    ].filter((line) => line !== ""),
    rows.length === 0 ? [] : [figureTable(rows)],
    plainList("could not be judged", incomparable.map(withRemedy)),
    plainList("failed runs", failureLines(summaries).map(markup.prose)),
    plainList("warnings", warnings.map(withRemedy)),
    [limitsSentence(comparison)],
  ]);
}

function figureTable(rows: readonly ComparisonRow[]): string {
  const ordered = [...alertRows(rows), ...rows.filter(({ answer }) => answer !== "alert")];
  const table = plainTable(
    ["cell", "base", "head", "change", "threshold", "answer"],
    ordered
      .slice(0, MAX_ROWS)
      .map((row) => [
        markup.name(row.cell),
        formatDuration(row.baseMs),
        formatDuration(row.headMs),
        formatChange(row.changePct),
        formatThreshold(row.thresholdPct),
        answerText(row),
      ]),
    ["answer"],
  );
  const hiddenCount = ordered.length - MAX_ROWS;
  return hiddenCount > 0 ? `${table}\n  … ${hiddenCount} more figures in compare.json` : table;
}

function withRemedy({ message, remedy }: { readonly message: string; readonly remedy: string }): string {
  return `${markup.prose(message)}\n  try  ${markup.prose(remedy)}`;
}
