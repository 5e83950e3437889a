import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";
import { alertRows, type ComparisonRow } from "./comparison-rows.ts";
import { isPlantedMissed } from "./control-sentences.ts";
import { escapeTerminal } from "./escape.ts";
import type { CellGroups } from "./evidence-cells.ts";
import { formatChange, formatCount } from "./format-figures.ts";
import { findInvalidCause, outcomeOf } from "./invalid-cause.ts";
import { changePhrase } from "./metric-words.ts";
import type { Verdict } from "./report-document.ts";

/** The verdict of a comparison by evidence. */
export function verdictByEvidence(comparison: Comparison, groups: CellGroups): Verdict {
  const { alerts } = groups;
  const said = { counts: gatingCounts(groups), check: checkText(comparison.controls) };
  switch (outcomeOf(comparison)) {
    case "regression": {
      const lead = comparison.acceptance === undefined ? "regression" : "regression accepted";
      const phraseOf = (worst: ComparedCell) => changePhrase({ ...worst, interval: null });
      return { tone: "bad", lead, named: nameWorst(alerts, ({ id }) => id, phraseOf), ...said };
    }
    case "invalid":
      return { tone: "bad", ...said, ...invalidParts(comparison, groups) };
    case "undecided":
      return { tone: "open", lead: "undecided", ...said };
    case "green":
      return { tone: "good", lead: greenLead(groups), ...said };
  }
}

/** The first cell that raised an alert, and the number of others; undefined if there is none. */
function nameWorst<Alert>(
  [worst, ...others]: readonly Alert[],
  nameOf: (alert: Alert) => string,
  phraseOf: (alert: Alert) => string,
): Verdict["named"] {
  if (worst === undefined) return undefined;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return { name: escapeTerminal(nameOf(worst)), phrase: `${phraseOf(worst)}${more}` };
}

function greenLead({ all, same, belowLeastEffect, regressedUngated }: CellGroups): string {
  if (all.length > 0 && same.length === all.length) return "nothing changed";
  return belowLeastEffect.length + regressedUngated.length > 0 ? "no alert" : "no regression";
}

/** The state of the controls, unless the lead says it already. */
function invalidParts(comparison: Comparison, groups: CellGroups): Partial<Verdict> & { readonly lead: string } {
  switch (findInvalidCause(comparison, groups).kind) {
    case "controls":
      return { lead: `invalid, ${checkText(comparison.controls)}`, check: "" };
    case "no-cell":
      return { lead: "invalid, there is no cell to judge", counts: "" };
    case "nothing-gates":
      return { lead: "invalid, no cell that gates was measured", counts: "" };
    case "gating":
    case "unjudged":
      return { lead: "invalid, could not be judged" };
    case "unknown":
      return { lead: "invalid" };
  }
}

/** The counts of the cells that decide the outcome. */
function gatingCounts({ all }: CellGroups): string {
  const gating = all.filter((cell) => cell.gating);
  if (gating.length === 0) return "";
  const countOf = (...verdicts: readonly string[]) => gating.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const counts = [
    [countOf("regressed"), "slower"],
    [countOf("improved"), "improved"],
    [countOf("undecided"), "undecided"],
    [countOf("incomparable"), "not judged"],
  ] as const;
  return [
    `${countOf("same")} of ${gating.length} gating same`,
    ...counts.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`),
  ].join(", ");
}

const CHECKS = {
  passed: "null check quiet",
  red: "null check red",
  missed: "self-check failed",
  absent: "no self-check",
} as const satisfies Record<ControlsResult["status"], string>;

function checkText(controls: Comparison["controls"]): string {
  if (controls === undefined) return CHECKS.absent;
  return controls.status === "missed" && isPlantedMissed(controls)
    ? "planted slowdown missed"
    : CHECKS[controls.status];
}

/** The verdict of a comparison by thresholds. */
export function verdictByThreshold(comparison: Comparison, rows: readonly ComparisonRow[]): Verdict {
  const { incomparable = [], acceptance } = comparison;
  const reasons = formatCount(incomparable.length, "reason");
  const phraseOf = ({ changePct }: ComparisonRow) => `is ${formatChange(changePct).slice(1)} slower`;
  const named = nameWorst(alertRows(rows), ({ cell }) => cell, phraseOf);
  if (named !== undefined) {
    const lead = acceptance === undefined ? "alert" : "alert accepted";
    const check = incomparable.length === 0 ? "" : `${reasons} why some could not be judged`;
    return { tone: "bad", lead, named, counts: "", check };
  }
  if (incomparable.length > 0) {
    const check = incomparable.length === 1 ? "" : reasons;
    return { tone: "bad", lead: "could not be judged", counts: "", check };
  }
  const quietCount = rows.filter(({ answer }) => answer === "no-alert" || answer === "guarded").length;
  const counts = `none of ${formatCount(quietCount, "figure")} is above its threshold`;
  return { tone: "good", lead: "no alert", counts, check: "" };
}
