import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { quotedAcceptance } from "./acceptance.ts";
import { fitLines } from "./bounded.ts";
import { controlLines, errorLine } from "./control-sentences.ts";
import { type CellGroups, groupCells, groupUnjudged, groupWarnings, worstFirst } from "./evidence-cells.ts";
import {
  belowLeastEffectList,
  changedList,
  DETECTABLE_HEADER,
  DETECTABLE_NOTE,
  decidedText,
  decisionText,
  detectableText,
  figuresOf,
  improvedList,
  intervalNote,
  type ReportList,
  regressedUngatedList,
  undecidedLists,
  unjudgedTexts,
  verdictText,
  warningTexts,
} from "./evidence-rows.ts";
import { type AnswerRequest, changeText, evidenceAnswer, evidenceDesign } from "./evidence-sentences.ts";
import { changeUnitOf, formatChange, formatCount, formatInterval } from "./format-figures.ts";
import { inputLines } from "./input-lines.ts";
import { markdownMarkup as markup } from "./markup.ts";
import { type ReportExtras, reproduceLines } from "./reproduce.ts";
import { joinSections, markdownList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";

/** How many characters each part may take: together below 60,000, since GitHub refuses comments above 65,536. */
const MAX_CHARS = {
  ...{ alerts: 11_000, belowLeastEffect: 1500, unjudged: 7000, undecided: 5000, improved: 3000, changed: 3000 },
  ...{ regressedUngated: 1500, failures: 4000, warnings: 5000, controls: 2500, figures: 11_000 },
};

/** A comparison by evidence as Markdown: the answer, what asks for something, how far to trust it, every cell folded. */
export function formatEvidenceMarkdown(
  comparison: Comparison,
  summaries: ReportedSummaries,
  extras: ReportExtras,
): string {
  const groups = groupCells(comparison);
  const request: AnswerRequest = { comparison, groups, summaries };
  const list = ({ title, texts }: ReportList, maxChars: number) => markdownList(title, maxChars, texts);
  return joinSections([
    [
      ...quotedAcceptance(comparison, markup),
      ...[`> ${evidenceAnswer(request, markup)}`, ">", `> ${evidenceDesign(request, markup)}`],
    ],
    alertTable(groups.alerts),
    list(belowLeastEffectList(comparison, groups, markup), MAX_CHARS.belowLeastEffect),
    list(regressedUngatedList(groups, markup), MAX_CHARS.regressedUngated),
    remedyList("Could not be judged", MAX_CHARS.unjudged, unjudgedTexts(groupUnjudged(comparison, groups), markup)),
    ...undecidedSections(comparison, groups),
    list(improvedList(groups, markup), MAX_CHARS.improved),
    list(changedList(groups, markup), MAX_CHARS.changed),
    markdownList("Failed runs", MAX_CHARS.failures, failureLines(summaries).map(markup.prose)),
    remedyList("Warnings", MAX_CHARS.warnings, warningTexts(groupWarnings(comparison, groups), markup)),
    checkLines(comparison),
    reproduceLines({ cells: [...groups.alerts, ...groups.undecidedGating], comparison, summaries }, extras, markup),
    figureTable(worstFirst(groups), intervalNote(comparison)),
    inputLines(comparison),
  ]);
}

/** The undecided cells of each cause, then what to do; the causes share the room. */
function undecidedSections(comparison: Comparison, groups: CellGroups): string[][] {
  const lists = undecidedLists(comparison, groups, markup);
  const maxChars = MAX_CHARS.undecided / lists.length;
  return lists.map(({ title, texts, remedy }) => [...markdownList(title, maxChars, texts), "", `Remedy: ${remedy}.`]);
}

function remedyList(title: string, maxChars: number, texts: readonly { text: string; remedy: string }[]): string[] {
  return markdownList(
    title,
    maxChars,
    texts.map(({ text, remedy }) => `${text}. Remedy: ${remedy}.`),
  );
}

function alertTable(alerts: readonly ComparedCell[]): string[] {
  if (alerts.length === 0) return [];
  const texts = alerts.map((cell) => {
    const { changePct, interval, blockCount, severity, verdict } = cell;
    const bounds = interval === null ? "" : ` ${formatInterval(interval.lowPct, interval.highPct)}`;
    const columns = [
      ...[
        markup.name(cell.id),
        ...figuresOf(cell, markup),
        `**${formatChange(changePct, changeUnitOf(cell))}**${bounds}`,
      ],
      ...[String(blockCount), severity ?? verdict],
    ];
    return `| ${columns.join(" | ")} |`;
  });
  const { lines, hiddenCount } = fitLines(texts, MAX_CHARS.alerts);
  return [
    "| cell | base | head | change | blocks | severity |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...lines,
    ...(hiddenCount === 0 ? [] : ["", `${formatCount(hiddenCount, "more alert")} in compare.json.`]),
  ];
}

function checkLines(comparison: Comparison): string[] {
  const lines = controlLines(comparison.controls, markup);
  return [
    ...(lines.length === 0 ? [] : [...markdownList("How the night checked itself", MAX_CHARS.controls, lines), ""]),
    errorLine(comparison, markup),
  ];
}

function figureTable(cells: readonly ComparedCell[], note: string): string[] {
  if (cells.length === 0) return [];
  const texts = cells.map((cell) => {
    const columns = [
      ...[markup.name(cell.id), verdictText(cell), ...figuresOf(cell, markup), changeText(cell)],
      ...[String(cell.blockCount), decidedText(cell), detectableText(cell), decisionText(cell, markup)],
    ];
    return `| ${columns.join(" | ")} |`;
  });
  const { lines, hiddenCount } = fitLines(texts, MAX_CHARS.figures);
  const title =
    hiddenCount === 0 ? `All ${formatCount(cells.length, "cell")}` : `${lines.length} of ${cells.length} cells`;
  return [
    `<details><summary>${title}</summary>`,
    "",
    `| cell | verdict | base | head | change | blocks | decided after | ${DETECTABLE_HEADER} | by |`,
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ...lines,
    ...(hiddenCount === 0 ? [] : ["", `${formatCount(hiddenCount, "more cell")} in compare.json.`]),
    "",
    "Change: the median over the blocks, in which both arms ran in turn; the figures are the medians of all runs.",
    DETECTABLE_NOTE,
    ...(note === "" ? [] : [note]),
    "",
    "</details>",
  ];
}
