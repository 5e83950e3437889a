import type { Summary } from "@forgebench/artifacts";
import { joinTexts } from "./blocks.ts";
import { failureList } from "./common-sections.ts";
import { datasetText, fallbackSentence } from "./dataset-sentences.ts";
import { formatCount, formatDuration, formatRatio } from "./format-figures.ts";
import { type Markup, markdownMarkup, plainMarkup } from "./markup.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderTerminal, type TerminalLayout } from "./render-terminal.ts";
import {
  type AnswerSection,
  type Column,
  type ReportDocument,
  type TableSection,
  tableOf,
  type Verdict,
} from "./report-document.ts";
import { type ReportedSummaries, type SummaryRow, summaryRows } from "./summary-rows.ts";
import { SIGNS } from "./tone.ts";

/** The measured figures without a comparison: one section for each given arm, head first. */
export function formatSummariesMarkdown(summaries: ReportedSummaries): string {
  return renderMarkdown(summariesDocument(summaries, markdownMarkup));
}

/** {@link formatSummariesMarkdown} for a terminal; the last line says again that there is no verdict. */
export function formatSummariesTerminal(summaries: ReportedSummaries, layout: TerminalLayout = {}): string {
  return renderTerminal(summariesDocument(summaries, plainMarkup), layout);
}

function summariesDocument(summaries: ReportedSummaries, markup: Markup): ReportDocument {
  const sections = armsOf(summaries).flatMap(([side, summary]) => [
    answerOf(side, summary, markup),
    failureList(`Failed runs of ${side}`, { [side]: summary }, markup),
    pairTable(summary, markup),
  ]);
  return { sections, verdict: verdictOf(summaries) };
}

function verdictOf(summaries: ReportedSummaries): Verdict {
  const validations = armsOf(summaries).map(([, { validation }]) => validation);
  if (validations.every(isValid)) {
    return { lead: "none, measured but not compared", counts: "", check: "every run valid" };
  }
  const failureCount = validations.reduce((sum, own) => sum + own.failureCount, 0);
  return { tone: "bad", lead: "none, not valid", counts: formatCount(failureCount, "failure"), check: "not compared" };
}

function isValid({ passed, failureCount }: Summary["validation"]): boolean {
  return passed && failureCount === 0;
}

/** If there is no room, these columns go first: the ratio, the tail, and the number of runs. */
function pairTable(summary: Summary, markup: Markup): TableSection {
  const columns: readonly Column<SummaryRow>[] = [
    { header: "pair", isLeft: true, text: ({ pair }) => markup.name(pair) },
    { header: "cold", text: ({ coldMs }) => formatDuration(coldMs) },
    { header: "warm p50", text: ({ warmP50Ms }) => formatDuration(warmP50Ms) },
    { header: "warm p95", leaveOutRank: 2, text: ({ warmP95Ms }) => formatDuration(warmP95Ms) },
    { header: "warm runs", leaveOutRank: 1, text: ({ warmCount }) => String(warmCount) },
    { header: "cold/warm", leaveOutRank: 3, text: ({ speedup }) => formatRatio(speedup) },
    { header: "runs", isLeft: true, text: ({ passed }) => (passed ? "valid" : `${SIGNS.bad} failed`) },
  ];
  return tableOf(columns, summaryRows(summary), { noun: "pair", source: "the summary", maxChars: 20_000 });
}

type Arm = readonly [side: "head" | "base", summary: Summary];

function armsOf({ head, base }: ReportedSummaries): Arm[] {
  const arms: Arm[] = [];
  if (head !== undefined) arms.push(["head", head]);
  if (base !== undefined) arms.push(["base", base]);
  return arms;
}

function answerOf(side: string, summary: Summary, markup: Markup): AnswerSection {
  const pairCount = summaryRows(summary).length;
  const { dataset, validation } = summary;
  const valid = isValid(validation);
  const lead = markup.strong(valid ? "Measured, not compared." : "Not valid.");
  const runs = valid ? "every run valid" : formatCount(validation.failureCount, "failure");
  const images = dataset === undefined ? "" : ` on ${datasetText(dataset, markup)}`;
  const measured = `${formatCount(pairCount, "pair")} of ${side}${images}, ${runsEach(summary)} each, ${runs}.`;
  const verdict = joinTexts([lead, measured, fallbackSentence(dataset, markup)]);
  return { kind: "answer", tone: valid ? undefined : "bad", verdict, design: "", acceptance: "" };
}

/** The real runs of the pairs: by evidence, or with more cold runs, they differ from the planned number. */
function runsEach({ benchmark, profileScenarioSummaries }: Summary): string {
  const counts = Object.values(profileScenarioSummaries).flatMap((pairs) =>
    Object.values(pairs).map(({ runCount }) => runCount),
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (counts.length === 0) return formatCount(benchmark.runCount, "run");
  return least === most ? formatCount(least, "run") : `${least} to ${formatCount(most, "run")}`;
}
