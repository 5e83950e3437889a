import type { Comparison } from "@forgebench/artifacts";
import { controlsRemedy, controlsSentence } from "./control-sentences.ts";
import { type CellGroups, groupByReason, groupCells, type UnjudgedGroup } from "./evidence-cells.ts";
import { unjudgedItems } from "./evidence-lists.ts";
import { formatCount } from "./format-figures.ts";
import { findInvalidCause, outcomeOf } from "./invalid-cause.ts";
import { plainMarkup as markup } from "./markup.ts";

/** Why a comparison could not be judged, and what to do; both are escaped for a terminal and a log. */
export interface UnjudgedReason {
  readonly message: string;
  readonly remedy: string;
}

/** How many reasons a person reads on a terminal; the report has the rest. */
const MAX_REASONS = 5;

/**
 * The reasons of an invalid comparison for a terminal, at most five and then how many more there are. By evidence, those
 * that made the outcome: of the sides, of gating cells, and of the controls. None if the outcome is another one.
 */
export function unjudgedReasons(comparison: Comparison): UnjudgedReason[] {
  const reasons = comparison.policy === "evidence" ? reasonsByEvidence(comparison) : reasonsOfPairs(comparison);
  const hiddenCount = reasons.length - MAX_REASONS;
  if (hiddenCount <= 0) return reasons;
  const rest = { message: formatCount(hiddenCount, "further reason"), remedy: "read them in the report" };
  return [...reasons.slice(0, MAX_REASONS), rest];
}

function reasonsOfPairs({ incomparable = [] }: Comparison): UnjudgedReason[] {
  return incomparable.map(({ message, remedy }) => ({ message: markup.prose(message), remedy: markup.prose(remedy) }));
}

function reasonsByEvidence(comparison: Comparison): UnjudgedReason[] {
  if (outcomeOf(comparison) !== "invalid") return [];
  const groups = groupCells(comparison);
  const cause = findInvalidCause(comparison, groups);
  const ofCells = textsOf(causeGroups(comparison, groups));
  const ofControls = controlsReasons(comparison);
  return cause.kind === "controls" ? [...ofControls, ...ofCells] : [...ofCells, ...ofControls];
}

/** The reasons, besides the controls, why the night is invalid: sides, pairs, gating cells, or no cell that gates. */
function causeGroups(comparison: Comparison, groups: CellGroups): UnjudgedGroup[] {
  const cause = findInvalidCause(withoutControls(comparison), groups);
  if (cause.kind === "unjudged") return [cause.first, ...cause.others];
  if (cause.kind === "gating") return groupByReason(cause.cells.map(({ cell, ...why }) => ({ ...why, name: cell.id })));
  if (cause.kind === "unknown" || cause.kind === "controls") return [];
  const reason = cause.kind === "no-cell" ? "there is no cell to judge" : "no cell that gates was measured";
  return [{ names: [], reason, remedy: "run bench:run without --cell, or with a cell whose wall time gates" }];
}

function textsOf(groups: readonly UnjudgedGroup[]): UnjudgedReason[] {
  return unjudgedItems(groups, markup).map(({ text, remedy }) => ({ message: text, remedy }));
}

function controlsReasons(comparison: Comparison): UnjudgedReason[] {
  const { controls } = comparison;
  if (controls === undefined || (controls.status !== "red" && controls.status !== "missed")) return [];
  return [
    {
      message: controlsSentence(controls, markup).replace(/\.$/, ""),
      remedy: controlsRemedy(comparison, controls, markup),
    },
  ];
}

function withoutControls({ controls: _, ...others }: Comparison): Comparison {
  return others;
}
