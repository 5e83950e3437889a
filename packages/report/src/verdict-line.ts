import type { Comparison, ControlsResult } from "@forgebench/artifacts";
import { DEFAULT_COLUMNS, MIN_COLUMNS, textColumns } from "@forgebench/errors";
import { alertRows, comparisonRows } from "./comparison-rows.ts";
import { isPlantedMissed } from "./control-sentences.ts";
import { escapeTerminal } from "./escape.ts";
import { type CellGroups, groupCells } from "./evidence-cells.ts";
import { formatChange, formatCount } from "./format-figures.ts";
import { findInvalidCause, outcomeOf } from "./invalid-cause.ts";
import { changePhrase } from "./metric-words.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** What a verdict is said with: the lead always, the name that it is about, then what there is room for. */
interface VerdictParts {
  readonly lead: string;
  /** The cell that is named, cut when there is no room, and what is said of it. */
  readonly named?: { readonly name: string; readonly phrase: string } | undefined;
  readonly counts: string;
  readonly check: string;
}

/** A name that is cut further than this tells nobody which cell it is. */
const MIN_NAME_COLUMNS = 12;

/**
 * The verdict of a comparison in one line of at most `columns`, never more than 80: the last line of a report, so that it
 * is on the last screen of any terminal. What there is no room for is left out from the end; long names are cut.
 */
export function verdictLine(comparison: Comparison, columns: number = DEFAULT_COLUMNS): string {
  return fitVerdict(
    comparison.policy === "evidence" ? partsByEvidence(comparison) : partsByThreshold(comparison),
    columns,
  );
}

/** {@link verdictLine} of what was measured and not compared. */
export function summariesVerdictLine({ head, base }: ReportedSummaries, columns: number = DEFAULT_COLUMNS): string {
  const all = [head, base].flatMap((summary) => summary?.validation ?? []);
  const failureCount = all.reduce((sum, own) => sum + own.failureCount, 0);
  const isValid = failureCount === 0 && all.every(({ passed }) => passed);
  return fitVerdict(
    {
      lead: isValid ? "none, measured but not compared" : "none, not valid",
      counts: isValid ? "" : formatCount(failureCount, "failure"),
      check: isValid ? "every run valid" : "not compared",
    },
    columns,
  );
}

function fitVerdict({ lead, named, counts, check }: VerdictParts, columns: number): string {
  const room = Math.max(MIN_COLUMNS, Math.min(columns, DEFAULT_COLUMNS));
  const [short = ""] = lead.split(",");
  const tails = [
    joined(counts, check),
    counts === "" ? "" : `, ${counts}`,
    check === "" ? "" : `; ${check}`,
    "",
  ] as const;
  const candidates = [
    ...(named === undefined
      ? []
      : tails.map((tail) => withName(`Verdict: ${lead}, `, named, tail, room)).filter((text) => text !== undefined)),
    ...tails.map((tail) => `Verdict: ${lead}${tail}`),
    ...tails.map((tail) => `Verdict: ${short}${tail}`),
  ];
  return candidates.find((text) => textColumns(text) <= room) ?? short;
}

function joined(counts: string, check: string): string {
  return `${counts === "" ? "" : `, ${counts}`}${check === "" ? "" : `; ${check}`}`;
}

/** With as much of the name as there is room for; undefined when that is too little. */
function withName(
  before: string,
  { name, phrase }: NonNullable<VerdictParts["named"]>,
  tail: string,
  room: number,
): string | undefined {
  const left = room - textColumns(`${before} ${phrase}${tail}`);
  if (textColumns(name) <= left) return `${before}${name} ${phrase}${tail}`;
  return tail === "" && left >= MIN_NAME_COLUMNS ? `${before}${cutMiddle(name, left)} ${phrase}` : undefined;
}

/** The beginning and the end of a name: the end tells phase and metric. */
function cutMiddle(name: string, columns: number): string {
  const kept = [...name];
  while (textColumns(kept.join("")) + 1 > columns) kept.splice(kept.length >> 1, 1);
  const half = (kept.length + 1) >> 1;
  return `${kept.slice(0, half).join("")}…${kept.slice(half).join("")}`;
}

function partsByEvidence(comparison: Comparison): VerdictParts {
  const groups = groupCells(comparison);
  const accepted = comparison.acceptance === undefined ? "" : " accepted";
  const [worst, ...others] = groups.alerts;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const named =
    worst === undefined
      ? undefined
      : { name: escapeTerminal(worst.id), phrase: `${changePhrase({ ...worst, interval: null })}${more}` };
  const common = { counts: gatingCounts(groups), check: checkText(comparison.controls) };
  switch (outcomeOf(comparison)) {
    case "regression":
      return { lead: `regression${accepted}`, named, ...common };
    case "invalid":
      return { ...common, ...invalidParts(comparison, groups) };
    case "undecided":
      return { lead: "undecided", ...common };
    case "green":
      return { lead: greenLead(groups), ...common };
  }
}

function greenLead({ all, same, belowLeastEffect, regressedUngated }: CellGroups): string {
  if (all.length > 0 && same.length === all.length) return "nothing changed";
  return belowLeastEffect.length + regressedUngated.length > 0 ? "no alert" : "no regression";
}

/** What the lead says need not be said of the controls again. */
function invalidParts(comparison: Comparison, groups: CellGroups): Partial<VerdictParts> & { readonly lead: string } {
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

/** Of the cells that the outcome rests on. */
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
    `${countOf("same")} of ${formatCount(gating.length, "gating cell")} same`,
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

function partsByThreshold(comparison: Comparison): VerdictParts {
  const rows = comparisonRows(comparison);
  const [worst, ...others] = alertRows(rows);
  const unjudgedCount = comparison.incomparable?.length ?? 0;
  const unjudged = unjudgedCount === 0 ? "" : `${formatCount(unjudgedCount, "reason")} why not all could be judged`;
  if (worst !== undefined) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const phrase = `is ${formatChange(worst.changePct).slice(1)} slower${more}`;
    return {
      lead: comparison.acceptance === undefined ? "alert" : "alert accepted",
      named: { name: escapeTerminal(worst.cell), phrase },
      counts: "",
      check: unjudged,
    };
  }
  const quietCount = rows.filter(({ answer }) => answer === "no-alert" || answer === "guarded").length;
  if (unjudgedCount > 0)
    return {
      lead: "could not be judged",
      counts: "",
      check: unjudgedCount === 1 ? "" : formatCount(unjudgedCount, "reason"),
    };
  return { lead: "no alert", counts: `none of ${formatCount(quietCount, "figure")} is above its threshold`, check: "" };
}
