import type { RawRun, RunContext } from "@forgebench/artifacts";
import { findMetric } from "@forgebench/series";
import { readDifferences } from "./cell-obstacles.ts";
import { judgeDifferences } from "./judge-differences.ts";
import { type CellRule, policyOf, rulesOf } from "./rules.ts";

/** A secondary metric keeps its cell going once its wealth has come this far towards what it needs. */
const PROMISING_SHARE = 0.5;

/**
 * Says of the runs of one cell whether more blocks are needed: not once its wall time is decided and no secondary metric
 * is about to be. Looking at the evidence to decide when to stop costs nothing: it holds at every number of blocks.
 */
export function stopRule(
  context: Pick<RunContext, "family"> & Partial<Pick<RunContext, "shard" | "shards">>,
): (runs: readonly RawRun[]) => boolean {
  const rules = rulesOf(policyOf(context), context);
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

/** Only what no further block changes: a cell that cannot be judged, or shows too little to matter, goes on to its cap. */
function isDecided(runs: readonly RawRun[], metricId: string, rule: CellRule): boolean {
  const metric = findMetric(metricId);
  if (metric === undefined) return true;
  const { differences, obstacle } = readDifferences({ runs, metric });
  return obstacle === undefined && judgeDifferences(differences, rule).isLatched;
}

function isPromising(runs: readonly RawRun[], metricId: string, rule: CellRule): boolean {
  const metric = findMetric(metricId);
  if (metric === undefined) return false;
  const { differences, obstacle } = readDifferences({ runs, metric });
  const { isLatched, nearest } = judgeDifferences(differences, rule);
  return obstacle === undefined && !isLatched && nearest.logNow >= PROMISING_SHARE * nearest.logNeeded;
}
