import { incompleteBeta } from "./incomplete-beta.ts";
import { normalQuantile } from "./student-t.ts";

/** From here on the binomial distribution is taken for normal. */
const MANY = 200;

/**
 * The variance of the median of independent values, whatever their distribution (Price and Bonett 2001 and 2002, after
 * McKean and Schrader 1984): two values whose ranks lie about √n on either side of the middle enclose the true median
 * with a chance that is known exactly; were the median normal, that would be so many standard errors. NaN for fewer than
 * two values; of logarithms it is the squared relative error.
 */
export function medianVariance(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.round((n + 1) / 2 - Math.sqrt(n)));
  const width = (sorted[n - rank] ?? Number.NaN) - (sorted[rank - 1] ?? Number.NaN);
  return (width / (2 * errorsWithin(n, rank))) ** 2;
}

/** How many standard errors lie between the median and the value of a rank, by the chance that the truth lies beyond. */
function errorsWithin(n: number, rank: number): number {
  if (n >= MANY) return (n - 2 * rank + 1) / Math.sqrt(n);
  // P(at most rank − 1 of n values lie below the true median).
  return normalQuantile(incompleteBeta(0.5, n - rank + 1, rank));
}
