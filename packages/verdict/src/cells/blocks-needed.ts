import type { RunContext } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import {
  findMetric,
  type Metric,
  PRIMARY_METRIC,
  readControlName,
  readSeriesName,
  type SeriesPair,
} from "@forgebench/series";
import { type CellRule, policyOf, rulesOf } from "../rules.ts";
import { type Judgement, judgeDifferences, moreBlocks } from "../ways/judge-differences.ts";
import { readBlocks } from "./obstacles.ts";
import { onScale } from "./scale.ts";

/** The series of a cell, each made when it is asked for. */
export interface CellSeries {
  /** The cell, or the name of a control. */
  readonly name: string;
  readonly pairOf: (metric: Metric) => SeriesPair;
}

/** A secondary metric keeps its cell going once its wealth has come this far towards what it needs. */
const PROMISING_SHARE = 0.5;

/**
 * Says of the series of one cell how many more blocks it is likely to need: 0 once its primary metric is decided and no
 * secondary one is about to be; Infinity where its evidence does not grow. Looking at the evidence to decide when to
 * stop, or which cell goes on, costs nothing: it holds at every number of blocks.
 */
export function blocksNeeded(
  context: Pick<RunContext, "family"> & Partial<Pick<RunContext, "shard" | "shards">>,
  declared: readonly Metric[] = [],
): (cell: CellSeries) => number {
  const rules = rulesOf(policyOf(context), context);
  const secondary = groupBy((context.family?.secondary ?? []).map(readSeriesName), ({ cell }) => cell);
  return (cell) => {
    const control = readControlName(cell.name);
    if (control !== undefined) return neededBy(cell, PRIMARY_METRIC, control === "null" ? rules.null : rules.planted);
    const others = (secondary.get(cell.name) ?? []).map(({ metric }) => metric);
    const isGating = !others.includes(PRIMARY_METRIC);
    const neededByPrimary = neededBy(cell, PRIMARY_METRIC, isGating ? rules.primary : rules.secondary);
    if (neededByPrimary > 0) return neededByPrimary;
    const promising = others
      .filter((metric) => metric !== PRIMARY_METRIC)
      .flatMap((metric) => neededByPromising(cell, findMetric(metric, declared), rules.secondary) ?? []);
    return Math.max(0, ...promising);
  };
}

/** 0 only if no further block changes the result; a cell that cannot be judged, or with a too small change, gets all its blocks. */
function neededBy(cell: CellSeries, metricId: string, rule: CellRule): number {
  const metric = findMetric(metricId);
  if (metric === undefined) return 0;
  const { isJudgeable, judgement, blockCount } = judge(cell, metric, rule);
  if (isJudgeable && judgement.isLatched) return 0;
  return moreBlocks(judgement, blockCount) ?? Number.POSITIVE_INFINITY;
}

function neededByPromising(cell: CellSeries, metric: Metric | undefined, rule: CellRule): number | undefined {
  if (metric === undefined) return undefined;
  const { isJudgeable, judgement, blockCount } = judge(cell, metric, rule);
  const { isLatched, nearest } = judgement;
  if (!isJudgeable || isLatched || nearest.logNow < PROMISING_SHARE * nearest.logNeeded) return undefined;
  return moreBlocks(judgement, blockCount) ?? 1;
}

function judge(
  cell: CellSeries,
  metric: Metric,
  rule: CellRule,
): { readonly isJudgeable: boolean; readonly judgement: Judgement; readonly blockCount: number } {
  const pair = cell.pairOf(metric);
  const { values, obstacle } = readBlocks(pair, metric);
  const scaled = onScale(metric, pair, values, rule);
  return {
    // Bets on the sizes of differences say nothing of values that are mostly 0 and 1.
    isJudgeable: obstacle === undefined && metric.kind !== "proportion",
    judgement: judgeDifferences(scaled.differences, scaled.rule),
    blockCount: scaled.differences.length,
  };
}
