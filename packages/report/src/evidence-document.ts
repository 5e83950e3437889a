import { acceptanceSentence, failureList, inputSection } from "./common-sections.ts";
import { verdictByEvidence } from "./comparison-verdict.ts";
import { errorLine } from "./control-sentences.ts";
import { groupCells, groupUnjudged, groupWarnings } from "./evidence-cells.ts";
import {
  belowLeastEffectList,
  changedList,
  controlList,
  improvedList,
  regressedUngatedList,
  undecidedLists,
  unjudgedItems,
  warningItems,
} from "./evidence-lists.ts";
import { type AnswerRequest, evidenceAnswer, evidenceDesign } from "./evidence-sentences.ts";
import { alertTable, pageTable, terminalTable } from "./evidence-tables.ts";
import type { Markup } from "./markup.ts";
import type { ComparisonReport, ReportDocument } from "./report-document.ts";
import { reproduceText } from "./reproduce.ts";

/** A comparison by evidence as a document; the same limit holds as for any comparison. */
export function evidenceDocument(report: ComparisonReport, markup: Markup): ReportDocument {
  const { comparison, summaries, allCells = false } = report;
  const groups = groupCells(comparison);
  const request: AnswerRequest = { comparison, groups, summaries };
  const verdict = verdictByEvidence(comparison, groups);
  const unjudged = unjudgedItems(groupUnjudged(comparison, groups), markup);
  const warnings = warningItems(groupWarnings(comparison, groups), markup);
  const reproduced = [...groups.alerts, ...groups.undecidedGating];
  return {
    verdict,
    sections: [
      {
        kind: "answer",
        tone: verdict.tone,
        verdict: evidenceAnswer(request, markup),
        design: evidenceDesign(request, markup),
        acceptance: acceptanceSentence(comparison, markup),
      },
      { ...alertTable(groups, markup), only: "page" },
      { ...terminalTable(comparison, groups, allCells, markup), only: "terminal" },
      belowLeastEffectList(comparison, groups, markup),
      regressedUngatedList(groups, markup),
      { kind: "list", title: "Could not be judged", items: unjudged, maxChars: 7000 },
      ...undecidedLists(comparison, groups, markup),
      { ...improvedList(groups, markup), only: "page" },
      changedList(groups, markup),
      failureList("Failed runs", summaries, markup),
      { kind: "list", title: "Warnings", items: warnings, maxChars: 5000 },
      controlList(comparison, markup),
      { kind: "text", text: errorLine(comparison, markup) },
      { kind: "text", text: reproduceText(reproduced, report, markup) },
      { ...pageTable(comparison, groups, markup), only: "page" },
      inputSection(comparison, markup),
    ],
  };
}
