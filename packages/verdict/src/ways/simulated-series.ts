import { declareMetric, type Metric, type Sample, type Series } from "@forgebench/series";
import type { SeededRandom } from "@forgebench/stats";

/** Time of made-up series. */
export const SIMULATED_TIME: Metric = declareMetric({
  id: "simulated_time",
  better: "lower",
  kind: "time",
  unit: "ms",
});

/** Success rate of made-up tasks. */
export const SIMULATED_RATE: Metric = declareMetric({ id: "simulated_rate", better: "higher", kind: "proportion" });

/** A series of valid samples. */
export function simulatedSeries(
  metric: Metric,
  design: Series["design"],
  samples: readonly Omit<Sample, "status">[],
): Series {
  const valid = samples.map((sample): Sample => ({ ...sample, status: "valid" }));
  return { benchmark: "simulated", params: {}, metric, design, samples: valid };
}

/** A number of the gamma distribution of a shape > 0, scale 1 (Marsaglia and Tsang 2000). */
function gamma(random: SeededRandom, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A number of the beta distribution with this mean, and a + b = `concentration`; the mean itself where that is infinite. */
export function betaNumber(random: SeededRandom, mean: number, concentration: number): number {
  if (mean <= 0 || mean >= 1 || concentration === Number.POSITIVE_INFINITY) return mean;
  const a = gamma(random, mean * concentration);
  const b = gamma(random, (1 - mean) * concentration);
  return a + b > 0 ? a / (a + b) : Math.round(mean);
}
