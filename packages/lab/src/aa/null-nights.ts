import type { Comparison, RawRun } from "@forgebench/artifacts";
import { seriesOfRuns } from "@forgebench/runner";
import {
  type Arm,
  type Block,
  blocksOf,
  findMetric,
  PRIMARY_METRIC,
  readControlName,
  readPipelineCell,
  type Sample,
  seriesName,
  wholeBlocks,
} from "@forgebench/series";
import { incompleteBeta, mean, median, studentTQuantile } from "@forgebench/stats";

/** A night in which both arms were the same build: whatever was found is false. */
export interface NullNight {
  /** By evidence, of {@link NullNight.runs}. */
  readonly comparison: Comparison;
  /** In the order in which they were measured. */
  readonly runs: readonly RawRun[];
  /** All runs of head, then all of base, judged by fixed thresholds. */
  readonly sequential: Comparison;
  readonly durationMs: number;
}

/** A share of nights; the interval holds the true share with 95 %. */
export interface NightShare {
  readonly count: number;
  readonly sharePct: number;
  readonly lowPct: number;
  readonly highPct: number;
}

/** A change in per cent with its 95 % interval; the ends are null where there is too little to tell. */
export interface Estimate {
  readonly valuePct: number;
  readonly lowPct: number | null;
  readonly highPct: number | null;
}

/** How much more the first of two takes than the second, where it should be nothing. */
export interface Bias {
  readonly count: number;
  /** Of the log-ratios. Blocks of one night may go together, so the interval is that of nights. */
  readonly mean: Estimate;
  readonly median: Estimate;
}

/**
 * One cell over all nights without a change: what was said of it, and each way in which one of two equal runs could
 * come off better.
 */
export interface NullCell {
  /** `PROFILE/SCENARIO/PHASE`. */
  readonly id: string;
  readonly meanBlocks: number;
  /** Nights by what they said of the wall time of the cell. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly headAgainstBase: Bias;
  readonly slotAAgainstB: Bias;
  readonly firstAgainstSecond: Bias;
  /** Head against base in the blocks that came after a run of head, and after one of base, of whichever cell. */
  readonly afterHead: Bias;
  readonly afterBase: Bias;
  /** Head, measured first, against base, measured after it: a figure a night. */
  readonly sequential: Bias;
}

/** What nights without any change say of the verdicts, and of two ways to measure. */
export interface NullNightsResult {
  readonly nightCount: number;
  /** A night whose runs were not all valid. */
  readonly failedNights: number;
  /** At least one cell was called `regressed`, of whatever metric. */
  readonly redNights: NightShare;
  /** The same, large enough for an alert. */
  readonly alertNights: NightShare;
  readonly improvedNights: NightShare;
  /** At least one gating cell was left undecided. */
  readonly undecidedNights: NightShare;
  /** Of the nights with controls: those whose null showed a difference, and those that missed a planted slowdown. */
  readonly controls: { readonly nightCount: number; readonly red: number; readonly missed: number };
  readonly sequentialRedNights: NightShare;
  readonly cells: readonly NullCell[];
  readonly durationMinutes: number;
}

/** Adds up nights in which nothing was changed. */
export function analyzeNullNights(nights: readonly NullNight[]): NullNightsResult {
  const blocks = nights.map(blocksOfNight);
  const cellIds = [...new Set(blocks.flatMap((own) => [...own.keys()]))].sort();
  const shareOf = (isCounted: (night: NullNight) => boolean) => nightShare(nights.filter(isCounted).length, nights);
  const hasVerdict = (verdict: string, isOf: (cell: { gating: boolean }) => boolean) => (night: NullNight) =>
    (night.comparison.cells ?? []).some((cell) => cell.verdict === verdict && isOf(cell));
  const statuses = nights.map(({ comparison }) => comparison.controls?.status ?? "absent");
  return {
    nightCount: nights.length,
    failedNights: nights.filter(hasFailedRuns).length,
    redNights: shareOf(hasVerdict("regressed", () => true)),
    alertNights: shareOf(({ comparison }) => comparison.summary.hasAlerts),
    improvedNights: shareOf(hasVerdict("improved", () => true)),
    undecidedNights: shareOf(hasVerdict("undecided", ({ gating }) => gating)),
    controls: {
      nightCount: statuses.filter((status) => status !== "absent").length,
      red: statuses.filter((status) => status === "red").length,
      missed: statuses.filter((status) => status === "missed").length,
    },
    sequentialRedNights: shareOf(({ sequential }) => sequential.summary.hasAlerts),
    cells: cellIds.map((id) => analyzeCell(id, nights, blocks)),
    durationMinutes: nights.reduce((sum, { durationMs }) => sum + durationMs, 0) / 60_000,
  };
}

/** Runs of a night that are not valid, or a side of the sequential protocol that has such: their figures are missing. */
function hasFailedRuns({ runs, sequential }: NullNight): boolean {
  return runs.some(({ valid }) => valid !== true) || (sequential.incomparable ?? []).length > 0;
}

/** The whole blocks of each cell of a night, by their wall times. */
type NightBlocks = ReadonlyMap<string, readonly Block[]>;

function blocksOfNight({ runs }: NullNight): NightBlocks {
  const wall = findMetric(PRIMARY_METRIC);
  const cells = [...seriesOfRuns(runs, { design: "blocked" }).values()];
  return new Map(
    cells
      .filter(({ name }) => readControlName(name) === undefined)
      .map(({ name, pairOf }) => [name, wall === undefined ? [] : wholeBlocks(blocksOf(pairOf(wall)).blocks)]),
  );
}

function analyzeCell(id: string, nights: readonly NullNight[], blocksByNight: readonly NightBlocks[]): NullCell {
  const blocks = blocksByNight.map((own) => own.get(id) ?? []);
  const biasWhere = (isChosen: (block: Block) => boolean, isUpper: (arm: Arm, sample: Sample) => boolean) =>
    biasOf(blocks.map((own) => own.filter(isChosen).map((one) => ratioOf(one, isUpper))));
  const isAfter = (arm: Arm) => (block: Block) => firstOf(block).run?.after === arm;
  const isHead = (arm: Arm) => arm === "head";
  return {
    id,
    meanBlocks: mean(blocks.map(({ length }) => length)),
    verdicts: countVerdicts(id, nights),
    headAgainstBase: biasWhere(() => true, isHead),
    slotAAgainstB: biasWhere(
      ({ base, head }) => base.slot !== head.slot,
      (_, { slot }) => slot === "A",
    ),
    firstAgainstSecond: biasWhere(
      () => true,
      (_, { position }) => position === 0,
    ),
    afterHead: biasWhere(isAfter("head"), isHead),
    afterBase: biasWhere(isAfter("base"), isHead),
    sequential: biasOf(nights.map(({ sequential }) => sequentialRatios(id, sequential))),
  };
}

function firstOf({ base, head }: Block): Sample {
  return head.position === 0 ? head : base;
}

/** How much more the chosen sample of a block takes than the other, as a natural logarithm. */
function ratioOf({ base, head }: Block, isUpper: (arm: Arm, sample: Sample) => boolean): number {
  const [upper, lower] = isUpper("head", head) ? [head, base] : [base, head];
  return Math.log((upper.value ?? Number.NaN) / (lower.value ?? Number.NaN));
}

function countVerdicts(id: string, nights: readonly NullNight[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { comparison } of nights) {
    const verdict = comparison.cells?.find((cell) => cell.id === seriesName(id, PRIMARY_METRIC))?.verdict;
    if (verdict !== undefined) counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

/** The one ratio of a night measured one arm after the other: of the cold runs, or of the medians of the warm ones. */
function sequentialRatios(id: string, { pairs }: Comparison): number[] {
  const cell = readPipelineCell(id);
  const pair = pairs.find(({ profileId, scenario }) => profileId === cell.profileId && scenario === cell.scenario);
  const figure = cell.phase === "cold" ? ("coldMs" as const) : ("warmP50Ms" as const);
  const [head, base] = [pair?.head[figure] ?? null, pair?.base[figure] ?? null];
  return head === null || base === null ? [] : [Math.log(head / base)];
}

/** Below so many nights the mean has no interval: the quantile of t would be a guess. */
const MIN_NIGHTS_FOR_INTERVAL = 10;

/** The bias of log-ratios, those of each night together. */
export function biasOf(nights: readonly (readonly number[])[]): Bias {
  const own = nights.map((ratios) => ratios.filter(Number.isFinite)).filter(({ length }) => length > 0);
  const all = own.flat();
  return { count: all.length, mean: meanEstimate(own), median: medianEstimate(all) };
}

/** The mean of all, with the error of a ratio of sums over nights (Cochran 1977, section 6.4). */
function meanEstimate(nights: readonly (readonly number[])[]): Estimate {
  const all = nights.flat();
  const [center, nightCount] = [mean(all), nights.length];
  if (nightCount < MIN_NIGHTS_FOR_INTERVAL) return { valuePct: percentOf(center), lowPct: null, highPct: null };
  const excess = nights.reduce((sum, ratios) => sum + ratios.reduce((own, one) => own + one - center, 0) ** 2, 0);
  const error = Math.sqrt((excess * nightCount) / (nightCount - 1)) / all.length;
  const reach = studentTQuantile(0.025, nightCount - 1) * error;
  return {
    valuePct: percentOf(center),
    lowPct: percentOf(center - reach),
    highPct: percentOf(center + reach),
  };
}

/**
 * The median, between the order statistics that hold it with at least 95 % whatever the noise: where nothing is biased,
 * each sign is a coin of its own (Conover 1999, section 3.2).
 */
function medianEstimate(all: readonly number[]): Estimate {
  const sorted = all.toSorted((a, b) => a - b);
  let excluded = 0;
  while (binomialTail(excluded, sorted.length, 0.5) <= 0.025) excluded += 1;
  const [low, high] = excluded === 0 ? [] : [sorted[excluded - 1], sorted[sorted.length - excluded]];
  return {
    valuePct: percentOf(median(sorted)),
    lowPct: low === undefined ? null : percentOf(low),
    highPct: high === undefined ? null : percentOf(high),
  };
}

function percentOf(logRatio: number): number {
  return 100 * Math.expm1(logRatio);
}

function nightShare(count: number, { length }: readonly unknown[]): NightShare {
  const { low, high } = exactShare(count, length);
  return { count, sharePct: (100 * count) / length, lowPct: 100 * low, highPct: 100 * high };
}

/** The 95 % interval of a share (Clopper and Pearson 1934): it holds the truth at least that often, however rare. */
export function exactShare(count: number, total: number): { readonly low: number; readonly high: number } {
  // P(X ≤ count) falls as the share grows; P(X ≥ count) is what is left of P(X ≤ count − 1).
  const high = count >= total ? 1 : solve((share) => binomialTail(count, total, share) > 0.025);
  const low = count <= 0 ? 0 : solve((share) => 1 - binomialTail(count - 1, total, share) < 0.025);
  return { low, high };
}

/** The share up to which a condition holds. */
function solve(holds: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    [low, high] = holds(middle) ? [middle, high] : [low, middle];
  }
  return (low + high) / 2;
}

/** P(X ≤ count) of `total` coins that each fall with `share` (Abramowitz and Stegun 1964, 26.5.24). */
function binomialTail(count: number, total: number, share: number): number {
  return count >= total ? 1 : incompleteBeta(1 - share, total - count, count + 1);
}
