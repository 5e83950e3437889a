import type { RawRun, RunContext } from "@forgebench/artifacts";
import { findMetric } from "@forgebench/series";
import { readDifferences } from "./cell-obstacles.ts";
import { type Judgement, judgeDifferences } from "./judge-differences.ts";
import { type CellRule, policyOf, rulesOf } from "./rules.ts";

/** A secondary metric keeps its cell going once its wealth has come this far towards what it needs. */
const PROMISING_SHARE = 0.5;

/**
 * Says of the runs of one cell how many more blocks it is likely to need: 0 once its wall time is decided and no secondary
 * metric is about to be; Infinity where its evidence does not grow. Looking at the evidence to decide when to stop, or
 * which cell goes on, costs nothing: it holds at every number of blocks.
 */
export function blocksNeeded(
  context: Pick<RunContext, "family"> & Partial<Pick<RunContext, "shard" | "shards">>,
): (runs: readonly RawRun[]) => number {
  const rules = rulesOf(policyOf(context), context);
  const secondary = new Set(context.family?.secondary);
  return (runs) => {
    const [first] = runs;
    if (first === undefined) return Number.POSITIVE_INFINITY;
    if (first.control !== undefined)
      return neededBy(runs, "wall", first.control === "null" ? rules.null : rules.planted);
    const cell = `${first.profileId}/${first.scenario}/${first.phase}`;
    const isGating = !secondary.has(`${cell}/wall`);
    const neededByWall = neededBy(runs, "wall", isGating ? rules.primary : rules.secondary);
    if (neededByWall > 0) return neededByWall;
    const promising = [...secondary]
      .filter((id) => id.startsWith(`${cell}/`) && !id.endsWith("/wall"))
      .flatMap((id) => neededByPromising(runs, id.slice(cell.length + 1), rules.secondary) ?? []);
    return Math.max(0, ...promising);
  };
}

/** 0 only for what no further block changes: a cell that cannot be judged, or shows too little to matter, goes on to its cap. */
function neededBy(runs: readonly RawRun[], metricId: string, rule: CellRule): number {
  const metric = findMetric(metricId);
  if (metric === undefined) return 0;
  const { differences, obstacle } = readDifferences({ runs, metric });
  const judgement = judgeDifferences(differences, rule);
  if (obstacle === undefined && judgement.isLatched) return 0;
  return moreBlocks(judgement, differences.length) ?? Number.POSITIVE_INFINITY;
}

function neededByPromising(runs: readonly RawRun[], metricId: string, rule: CellRule): number | undefined {
  const metric = findMetric(metricId);
  if (metric === undefined) return undefined;
  const { differences, obstacle } = readDifferences({ runs, metric });
  const judgement = judgeDifferences(differences, rule);
  const { isLatched, nearest } = judgement;
  if (obstacle !== undefined || isLatched || nearest.logNow < PROMISING_SHARE * nearest.logNeeded) return undefined;
  return moreBlocks(judgement, differences.length) ?? 1;
}

/** At the rate at which the wealth of the nearest answer has grown so far; null when it does not grow. */
export function moreBlocks({ nearest }: Pick<Judgement, "nearest">, blockCount: number): number | null {
  // Enough for `same`, were it not that a change may be about to be proved.
  if (nearest.logNow >= nearest.logNeeded) return null;
  const rate = nearest.logNow / Math.max(1, blockCount);
  if (rate < 0.02) return null;
  return Math.max(1, Math.ceil((nearest.logNeeded - nearest.logNow) / rate));
}
