import type { Comparison } from "@forgebench/artifacts";
import { acceptanceSentence } from "./acceptance.ts";
import { controlLines, errorLine } from "./control-sentences.ts";
import { type CellGroups, groupCells, groupUnjudged, groupWarnings, worstFirst } from "./evidence-cells.ts";
import {
  belowLeastEffectList,
  changedList,
  intervalNote,
  type ReportList,
  regressedUngatedList,
  undecidedLists,
  unjudgedTexts,
  warningTexts,
} from "./evidence-rows.ts";
import { type AnswerRequest, evidenceAnswer, evidenceDesign, openText } from "./evidence-sentences.ts";
import { cellSection } from "./evidence-table.ts";
import { plainMarkup as markup } from "./markup.ts";
import { reproduceLines } from "./reproduce.ts";
import { joinSections, lowered, plainList } from "./sections.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";
import type { TerminalLayout } from "./terminal-options.ts";
import { controlsRemedy } from "./unjudged-reasons.ts";

/** The answer alone, in one line. */
export function evidenceHeadline(comparison: Comparison, summaries: ReportedSummaries): string {
  return evidenceAnswer({ comparison, groups: groupCells(comparison), summaries }, markup);
}

/** A comparison by evidence for a terminal: the answer, what the outcome rests on with the worst first, then what asks for something. */
export function formatEvidenceTerminal(
  comparison: Comparison,
  summaries: ReportedSummaries,
  layout: TerminalLayout,
): string {
  const groups = groupCells(comparison);
  const request: AnswerRequest = { comparison, groups, summaries };
  const list = ({ title, texts }: ReportList) => plainList(lowered(title), texts);
  return joinSections([
    [evidenceAnswer(request, markup), acceptanceSentence(comparison, markup), evidenceDesign(request, markup)].filter(
      (line) => line !== "",
    ),
    cellSection(worstFirst(groups), layout),
    [intervalNote(comparison)].filter((line) => line !== ""),
    list(belowLeastEffectList(comparison, groups, markup)),
    list(regressedUngatedList(groups, markup)),
    plainList("could not be judged", unjudgedTexts(groupUnjudged(comparison, groups), markup).map(withRemedy)),
    ...undecidedSections(comparison, groups),
    list(changedList(groups, markup)),
    plainList("failed runs", failureLines(summaries).map(markup.prose)),
    plainList("warnings", warningTexts(groupWarnings(comparison, groups), markup).map(withRemedy)),
    controlSection(comparison),
    [errorLine(comparison, markup)],
    reproduceLines({ cells: [...groups.alerts, ...groups.undecidedGating], comparison, summaries }, layout, markup),
  ]);
}

function undecidedSections(comparison: Comparison, groups: CellGroups): string[][] {
  return undecidedLists(comparison, groups, markup, openText).map(({ title, texts, remedy }) => [
    ...plainList(lowered(title), texts),
    tryLine(remedy),
  ]);
}

/** How the night checked itself, and what to do where that failed. */
function controlSection(comparison: Comparison): string[] {
  const { controls } = comparison;
  const lines = plainList("how the night checked itself", controlLines(controls, markup));
  const hasFailed = controls?.status === "red" || controls?.status === "missed";
  return lines.length === 0 || !hasFailed ? lines : [...lines, tryLine(controlsRemedy(comparison, controls))];
}

function withRemedy({ text, remedy }: { readonly text: string; readonly remedy: string }): string {
  return `${text}\n${tryLine(remedy)}`;
}

function tryLine(remedy: string): string {
  return `  try  ${remedy}`;
}
