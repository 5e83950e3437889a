import { acceptanceSentence, failureList, inputSection } from "./common-sections.ts";
import { alertRows, type ComparisonRow, comparisonRows } from "./comparison-rows.ts";
import { answerText, designSentence, limitsSentence, verdictSentence } from "./comparison-sentences.ts";
import { verdictByThreshold } from "./comparison-verdict.ts";
import { evidenceDocument } from "./evidence-document.ts";
import { formatChange, formatDuration, formatThreshold } from "./format-figures.ts";
import type { Markup } from "./markup.ts";
import { type Column, type ComparisonReport, type ReportDocument, tableOf } from "./report-document.ts";

/**
 * A comparison as a document: the answer, the problems with their remedies, how far to trust it, then every figure.
 * A page takes less than 60,000 characters, since GitHub refuses comments above 65,536.
 */
export function comparisonDocument(report: ComparisonReport, markup: Markup): ReportDocument {
  return report.comparison.policy === "evidence" ? evidenceDocument(report, markup) : thresholdDocument(report, markup);
}

function thresholdDocument({ comparison, summaries }: ComparisonReport, markup: Markup): ReportDocument {
  const { incomparable = [], warnings = [] } = comparison;
  const itemOf = ({ message, remedy }: { readonly message: string; readonly remedy: string }) => ({
    text: markup.prose(message),
    remedy: markup.prose(remedy),
  });
  const rows = comparisonRows(comparison);
  const { alertTable, terminalTable, pageTable } = figureTables(rows, markup);
  const verdict = verdictByThreshold(comparison, rows);
  return {
    verdict,
    sections: [
      {
        kind: "answer",
        tone: verdict.tone,
        verdict: verdictSentence(comparison, rows, markup),
        design: designSentence(comparison, markup),
        acceptance: acceptanceSentence(comparison, markup),
      },
      { ...alertTable, only: "page" },
      { ...terminalTable, only: "terminal" },
      { kind: "list", title: "Could not be judged", items: incomparable.map(itemOf), maxChars: 9000 },
      failureList("Failed runs", summaries, markup),
      { kind: "list", title: "Warnings", items: warnings.map(itemOf), maxChars: 4000 },
      { kind: "text", title: "How far to trust this", text: limitsSentence(comparison) },
      { ...pageTable, only: "page" },
      inputSection(comparison, markup),
    ],
  };
}

/** The alerts and all figures for pages, and all of them for a terminal, where alerts come first. */
function figureTables(rows: readonly ComparisonRow[], markup: Markup) {
  const { cell, base, head, change, strongChange, threshold, answer } = columnsOf(markup);
  const alerts = alertRows(rows);
  const ordered = [...alerts, ...rows.filter((row) => row.answer !== "alert")];
  const all = [cell, base, head, change, threshold, answer];
  const about = { noun: "figure", source: "compare.json", maxChars: 18_000 };
  const aboutAlerts = { ...about, noun: "alert", maxChars: 16_000 };
  return {
    alertTable: tableOf([cell, base, head, strongChange, threshold], alerts, aboutAlerts),
    terminalTable: tableOf(all, ordered, about),
    pageTable: tableOf(all, rows, { ...about, isFolded: true }),
  };
}

/** Every column that a figure may have in a table. */
function columnsOf(markup: Markup) {
  return {
    cell: { header: "cell", isLeft: true, text: ({ cell }) => markup.name(cell) },
    base: { header: "base", leaveOutRank: 1, text: ({ baseMs }) => formatDuration(baseMs) },
    head: { header: "head", leaveOutRank: 1, text: ({ headMs }) => formatDuration(headMs) },
    change: { header: "change", text: ({ changePct }) => formatChange(changePct) },
    strongChange: { header: "change", text: ({ changePct }) => markup.strong(formatChange(changePct)) },
    threshold: { header: "threshold", leaveOutRank: 2, text: ({ thresholdPct }) => formatThreshold(thresholdPct) },
    answer: { header: "answer", isLeft: true, text: answerText },
  } as const satisfies Record<string, Column<ComparisonRow>>;
}
