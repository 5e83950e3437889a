import type { RawRun, RunContext } from "@forgebench/artifacts";
import { findMetric } from "@forgebench/series";
import { logRatio, pairedValues, wholeBlocks } from "./cell-differences.ts";
import { judgeDifferences } from "./judge-differences.ts";
import { type CellRule, policyOf, rulesOf } from "./rules.ts";

/** A secondary metric keeps its cell going once its wealth has come this far towards what it needs. */
const PROMISING_SHARE = 0.5;

/**
 * Says of the runs of one cell whether more blocks are needed: not once its wall time is decided and no secondary metric
 * is about to be. Looking at the evidence to decide when to stop costs nothing: it holds at every number of blocks.
 */
export function stopRule(context: Pick<RunContext, "family">): (runs: readonly RawRun[]) => boolean {
  const rules = rulesOf(policyOf(context));
  const secondary = new Set(context.family?.secondary);
  return (runs) => {
    const [first] = runs;
    if (first === undefined) return false;
    if (first.control !== undefined)
      return isDecided(runs, "wall", first.control === "null" ? rules.null : rules.planted);
    const cell = `${first.profileId}/${first.scenario}/${first.phase}`;
    const isGating = !secondary.has(`${cell}/wall`);
    if (!isDecided(runs, "wall", isGating ? rules.primary : rules.secondary)) return false;
    return [...secondary]
      .filter((id) => id.startsWith(`${cell}/`) && !id.endsWith("/wall"))
      .every((id) => !isPromising(runs, id.slice(cell.length + 1), rules.secondary));
  };
}

function isDecided(runs: readonly RawRun[], metricId: string, rule: CellRule): boolean {
  return judgeDifferences(differencesOf(runs, metricId), rule).direction !== "open";
}

function isPromising(runs: readonly RawRun[], metricId: string, rule: CellRule): boolean {
  const { direction, nearest } = judgeDifferences(differencesOf(runs, metricId), rule);
  return direction === "open" && nearest.logNow >= PROMISING_SHARE * nearest.logNeeded;
}

function differencesOf(runs: readonly RawRun[], metricId: string): number[] {
  const metric = findMetric(metricId);
  return metric === undefined ? [] : pairedValues(wholeBlocks(runs), metric).map(logRatio);
}
