import type { Comparison } from "@forgebench/artifacts";
import {
  type CellGroups,
  explainUnjudged,
  groupByReason,
  groupUnjudged,
  type UnjudgedCell,
  type UnjudgedGroup,
} from "./evidence-cells.ts";

/** Why a night by evidence is invalid. */
export type InvalidCause =
  /** The comparison as a whole, or another part of it that could not be judged and for which no cell gives a reason. */
  | { readonly kind: "unjudged"; readonly first: UnjudgedGroup; readonly others: readonly UnjudgedGroup[] }
  /** The null check is red, or a planted slowdown was missed. */
  | { readonly kind: "controls" }
  | { readonly kind: "no-cell" | "nothing-gates" | "unknown" }
  /** Gating cells that are incomparable, at least one. */
  | { readonly kind: "gating"; readonly cells: readonly UnjudgedCell[] };

/** A comparison that names no outcome is not trusted. */
export function outcomeOf({ outcome = "invalid" }: Comparison): NonNullable<Comparison["outcome"]> {
  return outcome;
}

/** The first cause that applies, in the order in which the outcome is decided. */
export function findInvalidCause(comparison: Comparison, groups: CellGroups): InvalidCause {
  const status = comparison.controls?.status;
  const [side, ...otherSides] = findSides(comparison);
  if (side !== undefined) return { kind: "unjudged", first: side, others: otherSides };
  if (status === "red") return { kind: "controls" };
  const gating = groups.all.filter((cell) => cell.gating);
  if (gating.length === 0) return whyNothingGates(comparison, groups);
  const unjudged = gating.filter(({ verdict }) => verdict === "incomparable");
  if (unjudged.length > 0) return { kind: "gating", cells: explainUnjudged(comparison, unjudged) };
  if (status === "missed" && groups.alerts.length === 0) return { kind: "controls" };
  return firstUnjudged(comparison, groups) ?? { kind: "unknown" };
}

/** The reasons that make the whole comparison of two sides invalid. */
function findSides({ incomparable = [] }: Comparison): UnjudgedGroup[] {
  const sides = incomparable.filter(({ profileId }) => profileId === "");
  return groupByReason(sides.map(({ message, remedy }) => ({ name: "", reason: message, remedy })));
}

function whyNothingGates(comparison: Comparison, groups: CellGroups): InvalidCause {
  const ofPairs = (comparison.incomparable ?? []).length > 0 ? firstUnjudged(comparison, groups) : undefined;
  return ofPairs ?? { kind: groups.all.length === 0 ? "no-cell" : "nothing-gates" };
}

function firstUnjudged(comparison: Comparison, groups: CellGroups): InvalidCause | undefined {
  const [first, ...others] = groupUnjudged(comparison, groups);
  return first === undefined ? undefined : { kind: "unjudged", first, others };
}
