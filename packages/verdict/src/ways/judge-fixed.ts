import { median, signedRankInterval, signedRankPValue } from "@forgebench/stats";
import { type CellRule, SAME_ALPHA } from "../rules.ts";
import type { Judgement } from "./judge-differences.ts";

/**
 * Judges blocks whose number was set before the first of them (`--run-count`): one look, by Wilcoxon's signed-rank test at
 * the cell's share of the error, and `same` when the interval that leaves 5 % on each side lies within the margins. Finds
 * more in few blocks than bets that hold at every number, but not over a large matrix: nine blocks cannot reach a
 * p-value below 2 / 2⁹ = 0.4 %.
 */
export function judgeFixedBlocks(differences: readonly number[], rule: CellRule): Judgement {
  const center = median(differences);
  const logPValue = Math.log(signedRankPValue(differences));
  // The rule's limit is for two bets; a two-sided p-value counts both sides already.
  const logNeeded = rule.logNeeded - Math.log(2);
  const isFound = -logPValue >= logNeeded && center !== 0;
  const isAlike = rule.canBeSame && isWithin(intervalForSame(differences), rule.margin);
  const matters = Math.abs(center) >= rule.minEffect;
  const direction = isFound && (matters || !isAlike) ? (center > 0 ? "higher" : "lower") : isAlike ? "same" : "open";
  return {
    direction,
    decidedAfterBlocks: direction === "open" ? null : differences.length,
    isLatched: direction !== "open",
    logHigher: center > 0 ? -logPValue : 0,
    logLower: center < 0 ? -logPValue : 0,
    nearest: { logNow: -logPValue, logNeeded },
  };
}

/** The interval that leaves at most 5 % on each side; the nearest to that may leave a little more. */
function intervalForSame(differences: readonly number[]): ReturnType<typeof signedRankInterval> {
  const level = 1 - 2 * SAME_ALPHA;
  const nearest = signedRankInterval(differences, level);
  return nearest.coverage >= level ? nearest : signedRankInterval(differences, 2 * level - nearest.coverage + 0.02);
}

function isWithin(
  { low, high }: { readonly low: number | null; readonly high: number | null },
  margin: number,
): boolean {
  return low !== null && high !== null && low > -margin && high < margin;
}
