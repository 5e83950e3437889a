import { type Comparison, comparisonMetrics } from "@forgebench/artifacts";
import { pairName, seriesName } from "@forgebench/series";

/** One figure of a pair on both sides, with its result under the threshold policy. */
export interface ComparisonRow {
  /** `PROFILE/SCENARIO/METRIC`; text from outside. */
  readonly cell: string;
  readonly baseMs: number | null;
  readonly headMs: number | null;
  readonly deltaMs: number | null;
  readonly changePct: number | null;
  readonly thresholdPct: number;
  readonly answer: RowAnswer;
}

/** `guarded`: above the threshold, but too small a difference on a small baseline. */
export type RowAnswer = "alert" | "no-alert" | "guarded" | "not-judged" | "not-measured";

/** Every figure of a comparison, pair by pair. */
export function comparisonRows(comparison: Comparison): ComparisonRow[] {
  return comparison.pairs.flatMap((pair) =>
    (["warmP50", "warmP95", "cold"] as const).map((deltaName) => {
      const { metric, figure, threshold } = comparisonMetrics[deltaName];
      const { deltaMs, regressionPct } = pair.deltas[deltaName];
      const [baseMs, headMs] = [pair.base[figure], pair.head[figure]];
      const thresholdPct = comparison.thresholds[threshold];
      const answer: RowAnswer = pair.alerts.some((alert) => alert.metric === metric)
        ? "alert"
        : baseMs === null && headMs === null
          ? "not-measured"
          : regressionPct === null
            ? "not-judged"
            : regressionPct > thresholdPct
              ? "guarded"
              : "no-alert";
      const cell = seriesName(pairName(pair), metric);
      return { cell, baseMs, headMs, deltaMs, changePct: regressionPct, thresholdPct, answer };
    }),
  );
}

/** The rows that raise an alert, the largest regression first. */
export function alertRows(rows: readonly ComparisonRow[]): ComparisonRow[] {
  return rows.filter(({ answer }) => answer === "alert").toSorted((a, b) => (b.changePct ?? 0) - (a.changePct ?? 0));
}
