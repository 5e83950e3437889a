import type { Comparison } from "@forgebench/artifacts";
import { comparisonDocument } from "./comparison-document.ts";
import { comparisonRows } from "./comparison-rows.ts";
import { verdictSentence } from "./comparison-sentences.ts";
import { groupCells } from "./evidence-cells.ts";
import { evidenceAnswer } from "./evidence-sentences.ts";
import { markdownMarkup, plainMarkup } from "./markup.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderTerminal, type TerminalLayout } from "./render-terminal.ts";
import type { ReportExtras } from "./report-document.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** How a report is laid out for a terminal, and what it names. */
export interface TerminalOptions extends ReportExtras, TerminalLayout {
  /** Also shows the cells that only confirm the rest, instead of counting them. */
  readonly allCells?: boolean | undefined;
}

/** A comparison as Markdown of less than 60,000 characters: rows that do not fit are counted; compare.json has them. */
export function formatComparisonMarkdown(
  comparison: Comparison,
  summaries: ReportedSummaries = {},
  extras: ReportExtras = {},
): string {
  return renderMarkdown(comparisonDocument({ comparison, summaries, ...extras }, markdownMarkup));
}

/** A comparison for a terminal: the answer, figures, problems, and in the last line the verdict again. */
export function formatComparisonTerminal(
  comparison: Comparison,
  summaries: ReportedSummaries = {},
  options: TerminalOptions = {},
): string {
  const { evidenceBundle, allCells } = options;
  const report = { comparison, summaries, evidenceBundle, allCells };
  return renderTerminal(comparisonDocument(report, plainMarkup), options);
}

/** The answer alone, in one line: the first of a terminal report. */
export function comparisonHeadline(comparison: Comparison, summaries: ReportedSummaries = {}): string {
  return comparison.policy === "evidence"
    ? evidenceAnswer({ comparison, groups: groupCells(comparison), summaries }, plainMarkup)
    : verdictSentence(comparison, comparisonRows(comparison), plainMarkup);
}
