export { mean, median, nearestRankPercentile, sampleStandardDeviation } from "./descriptive.ts";
export { SeededRandom } from "./seeded-random.ts";
