import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { acceptanceSentence } from "./acceptance.ts";
import { controlLines, errorLine } from "./control-sentences.ts";
import { groupCells, groupUnjudged, groupWarnings, worstFirst } from "./evidence-cells.ts";
import {
  belowLeastEffectList,
  changedList,
  DETECTABLE_HEADER,
  DETECTABLE_NOTE,
  detectableText,
  figuresOf,
  type ReportList,
  regressedUngatedList,
  undecidedList,
  unjudgedTexts,
  verdictText,
  warningTexts,
} from "./evidence-rows.ts";
import { type AnswerRequest, changeText, evidenceAnswer, evidenceDesign } from "./evidence-sentences.ts";
import { formatCount } from "./format-figures.ts";
import { plainMarkup as markup } from "./markup.ts";
import { plainTable } from "./plain-table.ts";
import { type ReportExtras, reproduceLines } from "./reproduce.ts";
import { joinSections, plainList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";

/** More rows than this push the answer out of any terminal. */
const MAX_ROWS = 120;

/** The answer alone, in one line. */
export function evidenceHeadline(comparison: Comparison, summaries: ReportedSummaries): string {
  return evidenceAnswer({ comparison, groups: groupCells(comparison), summaries }, markup);
}

/** A comparison by evidence for a terminal: the answer, every cell with the worst first, then what asks for something. */
export function formatEvidenceTerminal(
  comparison: Comparison,
  summaries: ReportedSummaries,
  extras: ReportExtras,
): string {
  const groups = groupCells(comparison);
  const request: AnswerRequest = { comparison, groups, summaries };
  const list = ({ title, texts }: ReportList) => plainList(title.toLowerCase(), texts);
  const controls = controlLines(comparison.controls, markup);
  return joinSections([
    [acceptanceSentence(comparison, markup), evidenceAnswer(request, markup), evidenceDesign(request, markup)].filter(
      (line) => line !== "",
    ),
    groups.all.length === 0 ? [] : [cellTable(worstFirst(groups))],
    groups.all.some(({ detectablePct }) => detectablePct !== null) ? [DETECTABLE_NOTE] : [],
    list(belowLeastEffectList(comparison, groups, markup)),
    list(regressedUngatedList(groups, markup)),
    plainList("could not be judged", unjudgedTexts(groupUnjudged(comparison, groups), markup).map(withRemedy)),
    list(undecidedList(groups, markup)),
    list(changedList(groups, markup)),
    plainList("failed runs", failureLines(summaries).map(markup.prose)),
    plainList("warnings", warningTexts(groupWarnings(comparison, groups), markup).map(withRemedy)),
    plainList("how the night checked itself", controls),
    [errorLine(comparison, markup)],
    reproduceLines([...groups.alerts, ...groups.undecidedGating], summaries, extras, markup),
  ]);
}

function withRemedy({ text, remedy }: { readonly text: string; readonly remedy: string }): string {
  return `${text}\n  try  ${remedy}`;
}

/** A sign beside the word, for the eye that runs down a column; alerts and what could not be judged ask for something. */
function sign({ verdict, isAlert }: ComparedCell): string {
  if (isAlert || verdict === "regressed" || verdict === "incomparable") return "✗";
  return verdict === "same" || verdict === "improved" ? "✓" : "~";
}

function cellTable(cells: readonly ComparedCell[]): string {
  const table = plainTable(
    ["cell", "base", "head", "change", "verdict", DETECTABLE_HEADER],
    cells
      .slice(0, MAX_ROWS)
      .map((cell) => [
        ...[markup.name(cell.id), ...figuresOf(cell, markup), changeText(cell)],
        ...[`${sign(cell)} ${verdictText(cell)}`, detectableText(cell)],
      ]),
    ["verdict"],
  );
  const hiddenCount = cells.length - MAX_ROWS;
  return hiddenCount > 0 ? `${table}\n  … ${formatCount(hiddenCount, "more cell")} in compare.json` : table;
}
