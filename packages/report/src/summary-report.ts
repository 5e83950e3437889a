import type { Summary } from "@forgebench/artifacts";
import { DEFAULT_COLUMNS, MIN_COLUMNS, wrapText } from "@forgebench/errors";
import { fitLines } from "./bounded.ts";
import { datasetText, fallbackSentence } from "./dataset-sentences.ts";
import { type FittingColumn, fittingTable } from "./fitting-table.ts";
import { formatCount, formatDuration, formatRatio } from "./format-figures.ts";
import { type Markup, markdownMarkup, plainMarkup } from "./markup.ts";
import { joinSections, markdownList, plainList } from "./sections.ts";
import { failureLines, type ReportedSummaries, type SummaryRow, summaryRows } from "./summary-rows.ts";
import type { TerminalOptions } from "./terminal-options.ts";
import { summariesVerdictLine } from "./verdict-line.ts";

const MAX_CHARS = { figures: 20_000, failures: 6_000 };
const MAX_ROWS = 60;

const COLUMNS = ["pair", "cold", "warm p50", "warm p95", "warm runs", "cold/warm", "runs"];

/** What was measured, without a comparison: one section for each arm at hand, head first. */
export function formatSummariesMarkdown(summaries: ReportedSummaries): string {
  const sections = armsOf(summaries).flatMap(([side, summary]) => {
    const texts = summaryRows(summary).map((row) => `| ${cells(row, markdownMarkup).join(" | ")} |`);
    const { lines, hiddenCount } = fitLines(texts, MAX_CHARS.figures);
    return [
      [`> ${headline(side, summary, markdownMarkup)}`],
      markdownList(
        `Failed runs of ${side}`,
        MAX_CHARS.failures,
        failureLines({ [side]: summary }).map(markdownMarkup.prose),
      ),
      [
        `| ${COLUMNS.join(" | ")} |`,
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        ...lines,
        ...(hiddenCount === 0 ? [] : ["", `${formatCount(hiddenCount, "more pair")} in the summary.`]),
      ],
    ];
  });
  return joinSections(sections);
}

/** {@link formatSummariesMarkdown} for a terminal; the last line says again that there is no verdict. */
export function formatSummariesTerminal(
  summaries: ReportedSummaries,
  options: Pick<TerminalOptions, "columns"> = {},
): string {
  const columns = Math.max(MIN_COLUMNS, options.columns ?? DEFAULT_COLUMNS);
  const sections = armsOf(summaries).flatMap(([side, summary]) => {
    const rows = summaryRows(summary);
    const hiddenCount = rows.length - MAX_ROWS;
    return [
      [headline(side, summary, plainMarkup)],
      plainList(`failed runs of ${side}`, failureLines({ [side]: summary }).map(plainMarkup.prose)),
      [
        ...(rows.length === 0 ? [] : [fittingTable(PAIR_COLUMNS, rows.slice(0, MAX_ROWS), columns).text]),
        ...(hiddenCount > 0 ? [`  … ${formatCount(hiddenCount, "more pair")} in the summary`] : []),
      ],
    ];
  });
  return `${wrapText(joinSections(sections), columns)}\n${summariesVerdictLine(summaries, columns)}\n`;
}

/** What there is no room for leaves first: the ratio, the tail, and how many runs there were. */
const LEAVE_OUT_RANKS: Readonly<Record<string, number>> = { "cold/warm": 3, "warm p95": 2, "warm runs": 1 };

const PAIR_COLUMNS = COLUMNS.map((header, index): FittingColumn<SummaryRow> => {
  const leaveOutRank = LEAVE_OUT_RANKS[header];
  return {
    ...{ header, text: (row: SummaryRow) => cells(row, plainMarkup)[index] ?? "", isLeft: header === "runs" },
    ...(leaveOutRank === undefined ? {} : { leaveOutRank }),
  };
});

type Arm = readonly [side: "head" | "base", summary: Summary];

function armsOf({ head, base }: ReportedSummaries): Arm[] {
  const arms: Arm[] = [];
  if (head !== undefined) arms.push(["head", head]);
  if (base !== undefined) arms.push(["base", base]);
  return arms;
}

function headline(side: string, summary: Summary, markup: Markup): string {
  const pairCount = summaryRows(summary).length;
  const { passed, failureCount } = summary.validation;
  const valid = passed && failureCount === 0;
  const lead = valid ? markup.strong("Measured, not compared.") : markup.strong("Not valid.");
  const runs = valid ? "every run valid" : formatCount(failureCount, "failure");
  const { dataset } = summary;
  const images = dataset === undefined ? "" : ` on ${datasetText(dataset, markup)}`;
  const measured = `${formatCount(pairCount, "pair")} of ${side}${images}, ${runsEach(summary)} each, ${runs}.`;
  return [lead, measured, fallbackSentence(dataset, markup)].filter((sentence) => sentence !== "").join(" ");
}

/** The runs that the pairs really have: of evidence, or with more cold runs, they are not what was planned. */
function runsEach({ benchmark, profileScenarioSummaries }: Summary): string {
  const counts = Object.values(profileScenarioSummaries).flatMap((pairs) =>
    Object.values(pairs).map(({ runCount }) => runCount),
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (counts.length === 0) return formatCount(benchmark.runCount, "run");
  return least === most ? formatCount(least, "run") : `${least} to ${formatCount(most, "run")}`;
}

function cells(row: SummaryRow, markup: Markup): string[] {
  return [
    markup.name(row.pair),
    formatDuration(row.coldMs),
    formatDuration(row.warmP50Ms),
    formatDuration(row.warmP95Ms),
    String(row.warmCount),
    formatRatio(row.speedup),
    row.passed ? "valid" : "✗ failed",
  ];
}
