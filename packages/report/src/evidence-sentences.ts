import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { joinTexts } from "./blocks.ts";
import { controlsSentence } from "./control-sentences.ts";
import { datasetText, fallbackSentence } from "./dataset-sentences.ts";
import type { CellGroups, UnjudgedCell } from "./evidence-cells.ts";
import {
  changeUnitOf,
  formatChange,
  formatCount,
  formatDuration,
  formatExactly,
  formatInterval,
  formatPart,
} from "./format-figures.ts";
import { findInvalidCause, type InvalidCause, outcomeOf } from "./invalid-cause.ts";
import type { Markup } from "./markup.ts";
import { changePhrase } from "./metric-words.ts";
import { resolutionText } from "./resolution.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** The data of an answer. */
export interface AnswerRequest {
  readonly comparison: Comparison;
  readonly groups: CellGroups;
  readonly summaries: ReportedSummaries;
}

/** The answer in a few sentences: the outcome with its reason, the counts, the controls, and whether the dataset is a fallback. */
export function evidenceAnswer(request: AnswerRequest, markup: Markup): string {
  const { comparison, groups } = request;
  const sameBuild = comparison.warnings?.some(({ code }) => code === "same-subject") ?? false;
  return joinTexts([
    leadOf(request, markup),
    groups.all.length === 0 ? "" : `${countsText(comparison, groups)}.`,
    sameBuild && groups.alerts.length > 0 ? "Both sides ran the same build: this is a false alarm." : "",
    saysControls(request) ? "" : controlsSentence(comparison.controls, markup),
    fallbackSentence(comparison.dataset, markup),
  ]);
}

function leadOf(request: AnswerRequest, markup: Markup): string {
  const leads = { invalid: invalidLead, regression: regressionLead, undecided: undecidedLead, green: greenLead };
  return leads[outcomeOf(request.comparison)](request, markup);
}

/** Whether the lead is the sentence about the controls. */
function saysControls({ comparison, groups }: AnswerRequest): boolean {
  return outcomeOf(comparison) === "invalid" && findInvalidCause(comparison, groups).kind === "controls";
}

function invalidLead(request: AnswerRequest, markup: Markup): string {
  const { comparison, groups } = request;
  const alerts = groups.alerts.length === 0 ? "" : ` Found nevertheless: ${alertsText(request, markup)}.`;
  return `${markup.strong("Invalid.")} ${causeText(findInvalidCause(comparison, groups), request, markup)}${alerts}`;
}

function causeText(cause: InvalidCause, { comparison, groups }: AnswerRequest, markup: Markup): string {
  switch (cause.kind) {
    case "controls":
      return controlsSentence(comparison.controls, markup);
    case "no-cell":
      return "There is no cell to judge.";
    case "nothing-gates":
      return "No cell that gates was measured.";
    case "gating":
      return gatingText(cause.cells, groups, markup);
    case "unjudged": {
      const { first, others } = cause;
      const what = first.names.length === 0 ? "the comparison" : nameList(first.names, markup, 1);
      const more = others.length === 0 ? "" : `, and ${formatCount(others.length, "further reason")} below`;
      return `Could not be judged: ${what} (${markup.prose(first.reason)})${more}.`;
    }
    case "unknown":
      return "The comparison does not say why.";
  }
}

/** How many gating cells could not be judged, and of the first of them why. */
function gatingText(unjudged: readonly UnjudgedCell[], { all }: CellGroups, markup: Markup): string {
  const gatingCount = all.filter(({ gating }) => gating).length;
  const counted = `${formatPart(unjudged.length, gatingCount, "gating verdict")} could not be judged`;
  const [first, ...others] = unjudged;
  if (first === undefined) return `${counted}.`;
  const [name, why] = [markup.name(first.cell.id), markup.prose(first.reason)];
  return others.length === 0
    ? `${counted}: ${name}, since ${why}.`
    : `${counted}: ${name} and ${formatCount(others.length, "other")}, the first since ${why}.`;
}

function regressionLead(request: AnswerRequest, markup: Markup): string {
  const text = request.groups.alerts.length === 0 ? "The comparison names no cell" : alertsText(request, markup);
  return `${markup.strong("Regression.")} ${text}.`;
}

function alertsText({ groups, summaries }: AnswerRequest, markup: Markup): string {
  const [worst, ...others] = groups.alerts;
  if (worst === undefined) return "none";
  const commit = summaries.base?.subject?.commit;
  const than = typeof commit === "string" ? markup.name(commit.slice(0, 12)) : "base";
  const more = others.length === 0 ? "" : `, and ${formatCount(others.length, "further verdict")} raised an alert`;
  // A change from 0 has no size in per cent, and no margin to compare it with.
  const against = worst.changePct === null ? `differs from ${than}` : `${changePhrase(worst)} than ${than}`;
  return `${markup.name(worst.id)} ${against}${exactFigures(worst, markup)}${more}`;
}

/** Both values of an exact metric, whose difference may be smaller than any rounded figure shows. */
function exactFigures(cell: ComparedCell, markup: Markup): string {
  return cell.verdict === "changed" ? ` (${exactText(cell, markup)})` : "";
}

/** Both values of a cell to the last digit. */
export function exactText({ base, head, unit }: ComparedCell, markup: Markup): string {
  return `${markup.prose(formatExactly(base.median, unit))} → ${markup.prose(formatExactly(head.median, unit))}`;
}

function undecidedLead({ groups }: AnswerRequest, markup: Markup): string {
  const { all, undecidedGating } = groups;
  const gatingCount = all.filter(({ gating }) => gating).length;
  const shown = undecidedGating.slice(0, 2).map((cell) => `${markup.name(cell.id)} (${undecidedText(cell, markup)})`);
  const hiddenCount = undecidedGating.length - shown.length;
  const more = hiddenCount === 0 ? "" : ` and ${formatCount(hiddenCount, "other")}`;
  const named = shown.length === 0 ? "" : `: ${shown.join(", ")}${more}`;
  return `${markup.strong("Undecided.")} ${formatPart(undecidedGating.length, gatingCount, "gating verdict")} could not be settled${named}.`;
}

/** `+1.1 % [−4.0, +6.3] after 18 blocks, about 20 more`, or why the number is not known. */
export function undecidedText(cell: ComparedCell, markup: Markup): string {
  return `${changeText(cell)} after ${openText(cell, markup)}`;
}

/** The same without the change, for tables that show it beside. */
export function openText({ blockCount, moreBlocks, reason }: ComparedCell, markup: Markup): string {
  const blocks = blockCount === 0 ? "no whole block" : formatCount(blockCount, "block");
  if (moreBlocks !== null) return `${blocks}, about ${moreBlocks} more`;
  if (reason !== undefined) return `${blocks}: ${markup.prose(reason)}`;
  return blockCount === 0 ? blocks : `${blocks}, which show no direction`;
}

/** The change with its interval: `+1.1 % [−4.0, +6.3]`. */
export function changeText({ changePct, interval, kind }: ComparedCell): string {
  const change = formatChange(changePct, changeUnitOf({ kind }));
  return interval === null ? change : `${change} ${formatInterval(interval.lowPct, interval.highPct)}`;
}

function greenLead({ comparison, groups }: AnswerRequest, markup: Markup): string {
  const { all, same, improved, belowLeastEffect, regressedUngated } = groups;
  if (all.length > 0 && same.length === all.length) return markup.strong("Nothing changed.");
  if (belowLeastEffect.length > 0) {
    const least = comparison.evidence?.margins.minEffectPct;
    const bound = least === undefined ? "the least effect that raises one" : `${least} %`;
    const where = regressedUngated.length === 0 ? "" : " or in a scenario that does not gate";
    return `${markup.strong("No alert.")} Every regression found is below ${bound}${where}.`;
  }
  const [ungated, ...otherUngated] = regressedUngated;
  if (ungated !== undefined) {
    const more =
      otherUngated.length === 0 ? "" : `, and ${formatCount(otherUngated.length, "further verdict")} regressed`;
    return `${markup.strong("No alert.")} ${markup.name(ungated.id)} ${changePhrase(ungated)}${more}, but ${otherUngated.length === 0 ? "its scenario does" : "their scenarios do"} not gate.`;
  }
  const [best] = improved;
  if (best === undefined) return markup.strong("No regression.");
  const more = improved.length === 1 ? "" : `, and ${formatCount(improved.length - 1, "further verdict")} improved`;
  return `${markup.strong("No regression.")} ${markup.name(best.id)} ${changePhrase(best)}${more}.`;
}

/** How many cells got which verdict; `same` counts what was proved. Exact metrics are equal or changed. */
function countsText({ evidence }: Comparison, groups: CellGroups): string {
  const exact = groups.all.filter(isExact);
  const measuredCount = groups.all.length - exact.length;
  const sameCount = groups.same.filter((cell) => !isExact(cell)).length;
  const margin = evidence === undefined ? "the margin" : `±${evidence.margins.equivalencePct} %`;
  const undecidedCount = groups.undecidedGating.length + groups.undecidedOther.length;
  const gatingNote = groups.undecidedOther.length === 0 ? "" : ` (${groups.undecidedGating.length} of them gating)`;
  const counts: readonly (readonly [number, string])[] = [
    [groups.belowLeastEffect.length, "regressed without alert"],
    [groups.regressedUngated.length, "regressed in scenarios that do not gate"],
    [groups.improved.length, "improved"],
    [undecidedCount, `undecided${gatingNote}`],
    [groups.incomparable.length, "could not be judged"],
  ];
  return [
    ...(measuredCount === 0
      ? []
      : [`${formatPart(sameCount, measuredCount, "verdict")} same (proved within ${margin})`]),
    ...counts.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`),
    ...exactCounts(exact),
  ].join(", ");
}

/** Judged by equality. An exact metric that varies within an arm is judged as a noisy one, and has evidence. */
function isExact({ family, evidence, verdict }: ComparedCell): boolean {
  return family === "exact" && evidence === null && verdict !== "incomparable";
}

function exactCounts(exact: readonly ComparedCell[]): string[] {
  if (exact.length === 0) return [];
  const changedCount = exact.filter(({ verdict }) => verdict === "changed").length;
  if (changedCount === 0) return [`${formatCount(exact.length, "exact verdict")} equal`];
  return [`${formatPart(changedCount, exact.length, "exact verdict")} changed`];
}

/** Machines, images, number of blocks, and the effect of the answer on the gate. */
export function evidenceDesign({ comparison, groups, summaries }: AnswerRequest, markup: Markup): string {
  const { dataset, gateMode } = comparison;
  const parts = [
    machineText(summaries, markup),
    datasetText(dataset, markup),
    blocksText(groups),
    // A night that missed a planted slowdown cannot say which slowdown would have been found.
    comparison.controls?.status === "passed" ? resolutionText(groups, comparison.sampling?.maxBlocks) : "",
    waitedText(comparison),
    gateMode === "strict"
      ? "mode strict: a regression or an undecided gating verdict fails the step"
      : "mode advisory: a regression does not fail the step",
  ];
  const text = joinTexts(parts, "; ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function machineText({ head, base }: ReportedSummaries, markup: Markup): string {
  const machine = (head ?? base)?.machine;
  if (machine === undefined) return "";
  const id = markup.name(machine.id.slice(0, 12));
  return typeof machine.cpuModel === "string"
    ? `${markup.prose(machine.cpuModel)} class (${id})`
    : `machine class ${id}`;
}

/** Shorter waits are not mentioned. */
const WORTH_SAYING_MS = 500;

function waitedText({ sampling }: Comparison): string {
  const waitedMs = sampling?.waitedMs ?? 0;
  return waitedMs < WORTH_SAYING_MS ? "" : `${formatDuration(waitedMs)} waited for other programs to end`;
}

function blocksText({ all }: CellGroups): string {
  const counts = all.map(({ blockCount }) => blockCount).filter((count) => count > 0);
  const [first] = counts;
  if (first === undefined) return "no whole block";
  const least = counts.reduce((a, b) => Math.min(a, b), first);
  const most = counts.reduce((a, b) => Math.max(a, b), first);
  return least === most ? `${formatCount(least, "block")} a cell` : `${least}–${most} blocks a cell`;
}

/** Some names, and how many more there are: `a, b and 17 more`. */
export function nameList(names: readonly string[], markup: Markup, maxCount: number): string {
  const shown = names.slice(0, maxCount).map((name) => markup.name(name));
  const hiddenCount = names.length - shown.length;
  return `${shown.join(", ")}${hiddenCount === 0 ? "" : ` and ${hiddenCount} more`}`;
}
