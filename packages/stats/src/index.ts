export {
  type AdjustedMean,
  type DifferenceSums,
  differenceSums,
  pairedDifference,
  unpairedDifference,
} from "./cluster-proportions.ts";
export { confidenceSequence, type Interval } from "./confidence-sequence.ts";
export { mean, median, nearestRankPercentile, sampleStandardDeviation } from "./descriptive.ts";
export { holm } from "./holm.ts";
export { incompleteBeta, logGamma } from "./incomplete-beta.ts";
export { mannWhitneyPValue } from "./mann-whitney.ts";
export { MeanBet, meanSequence, type Stakes } from "./mean-bet.ts";
export { medianVariance } from "./median-variance.ts";
export { newcomersQuantile, newcomersSpread, newcomersTail } from "./newcomers.ts";
export { RunningMedian } from "./running-median.ts";
export { SeededRandom } from "./seeded-random.ts";
export { type Alternative, SignBet } from "./sign-bet.ts";
export { signFlipTails, type Tails } from "./sign-flip.ts";
export { signedRankInterval, signedRankPValue } from "./signed-rank.ts";
export { normalQuantile, studentTQuantile, studentTTail } from "./student-t.ts";
