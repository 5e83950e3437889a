export { confidenceSequence, type Interval } from "./confidence-sequence.ts";
export { mean, median, nearestRankPercentile, sampleStandardDeviation } from "./descriptive.ts";
export { holm } from "./holm.ts";
export { mannWhitneyPValue } from "./mann-whitney.ts";
export { RunningMedian } from "./running-median.ts";
export { SeededRandom } from "./seeded-random.ts";
export { type Alternative, SignBet } from "./sign-bet.ts";
export { signedRankInterval, signedRankPValue } from "./signed-rank.ts";
