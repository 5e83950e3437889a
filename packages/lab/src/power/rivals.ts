import { comparisonMetrics } from "@forgebench/artifacts";
import {
  mannWhitneyPValue,
  mean,
  nearestRankPercentile,
  sampleStandardDeviation,
  studentTTail,
} from "@forgebench/stats";
import { alertOf, standardThresholds } from "@forgebench/verdict";
import type { ReplayedBlocks } from "./noise.ts";

/** Whether a rule calls head slower, and after how many runs of each arm. */
export interface RivalAnswer {
  readonly isSlower: boolean;
  readonly runCount: number;
}

/** The seed's rule on so many warm runs of each arm: its own code, with the standard's thresholds. */
export function seedRule({ base, head }: ReplayedBlocks): RivalAnswer {
  const figures = [
    { metric: comparisonMetrics.warmP50, percent: 50 },
    { metric: comparisonMetrics.warmP95, percent: 95 },
  ];
  const isSlower = figures.some(({ metric, percent }) => {
    const [baseMs, headMs] = [nearestRankPercentile(base, percent), nearestRankPercentile(head, percent)];
    return alertOf(metric, baseMs, headMs, standardThresholds) !== undefined;
  });
  return { isSlower, runCount: base.length };
}

/** Mann and Whitney's test at 5 %, the number of runs set before. */
export function mannWhitneyRule({ base, head }: ReplayedBlocks): RivalAnswer {
  const isSlower = mannWhitneyPValue(head, base) < 0.05 && mean(head) > mean(base);
  return { isSlower, runCount: base.length };
}

/** Looked at after every ten runs until the 95 % t-interval of the difference of the means excludes 0. */
export function repeatedTRule({ base, head }: ReplayedBlocks): RivalAnswer {
  for (let runCount = 10; runCount <= base.length; runCount += 10) {
    const [a, b] = [base.slice(0, runCount), head.slice(0, runCount)];
    const difference = mean(b) - mean(a);
    const [varianceA, varianceB] = [a, b].map((values) => sampleStandardDeviation(values) ** 2 / runCount);
    const [va, vb] = [varianceA ?? 0, varianceB ?? 0];
    // Welch 1947: the degrees of freedom of two unequal variances.
    const freedom = (va + vb) ** 2 / ((va ** 2 + vb ** 2) / (runCount - 1));
    const tail = studentTTail(Math.abs(difference) / Math.sqrt(va + vb), freedom);
    if (tail < 0.025) return { isSlower: difference > 0, runCount };
  }
  return { isSlower: false, runCount: base.length };
}
