import type { ComparisonAlert, ComparisonDelta, comparisonMetrics, Thresholds } from "@forgebench/artifacts";

/** One metric of {@link comparisonMetrics}. */
export type ThresholdMetric = (typeof comparisonMetrics)[keyof typeof comparisonMetrics];

/** The thresholds that the standard gives; percentages and milliseconds. */
export const standardThresholds = {
  warmThresholdPct: 10,
  coldThresholdPct: 15,
  p95ThresholdPct: 20,
  smallBaselineMs: 100,
  minAbsoluteDeltaMs: 15,
} as const satisfies Thresholds;

/** What is written where nothing could be judged. */
export const noDelta: ComparisonDelta = { deltaMs: null, regressionPct: null };

/** No run takes less than a nanosecond or more than thirty years; ratios of what lies between are finite. */
const POSSIBLE_MS = { min: 1e-6, max: 1e12 };

/** Whether a figure can be a time: only such figures are compared. */
export function isPossibleTime(valueMs: number): boolean {
  return valueMs >= POSSIBLE_MS.min && valueMs <= POSSIBLE_MS.max;
}

/** Head against base, rounded to 6 decimals: what is decided is what is published. Both must be possible times. */
export function deltaOf(baseMs: number, headMs: number): { readonly deltaMs: number; readonly regressionPct: number } {
  return {
    deltaMs: roundTo6Decimals(headMs - baseMs),
    regressionPct: roundTo6Decimals(((headMs - baseMs) / baseMs) * 100),
  };
}

/**
 * The rule: an alert is a regression above the threshold. Below `smallBaselineMs` a percentage means little, so there
 * the difference must also be at least `minAbsoluteDeltaMs`.
 */
export function alertOf(
  metric: ThresholdMetric,
  baseMs: number,
  headMs: number,
  thresholds: Thresholds,
): ComparisonAlert | undefined {
  const { deltaMs, regressionPct } = deltaOf(baseMs, headMs);
  const thresholdPct = thresholds[metric.threshold];
  if (regressionPct <= thresholdPct) return undefined;
  if (baseMs < thresholds.smallBaselineMs && deltaMs < thresholds.minAbsoluteDeltaMs) return undefined;
  return { metric: metric.metric, baseMs, headMs, regressionPct, thresholdPct };
}

function roundTo6Decimals(value: number): number {
  // Adding 0 turns −0, which JSON does not know, into 0.
  return Math.round(value * 1e6) / 1e6 + 0;
}
