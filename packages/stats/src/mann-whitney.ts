/**
 * The two-sided p-value of Mann and Whitney's rank test for two unpaired samples, by the normal approximation with
 * corrections for ties and continuity (Hollander, Wolfe and Chicken 2014, section 4.1): good from about 8 values a side.
 * NaN when a sample is empty or holds NaN, which has no rank; 1 when all values are equal.
 */
export function mannWhitneyPValue(first: readonly number[], second: readonly number[]): number {
  const [m, n] = [first.length, second.length];
  if (m === 0 || n === 0 || first.some(Number.isNaN) || second.some(Number.isNaN)) return Number.NaN;
  const { rankSum, tieTerm } = rankFirst(first, second);
  const total = m + n;
  const excess = rankSum - (m * (total + 1)) / 2;
  const variance = ((m * n) / 12) * (total + 1 - tieTerm / (total * (total - 1)));
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(excess) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * normalTail(z));
}

/** The sum of the mid-ranks of the first sample among all, and Σ(t³ − t) over groups of t equal values. */
function rankFirst(first: readonly number[], second: readonly number[]): { rankSum: number; tieTerm: number } {
  const all = [...first.map((value) => ({ value, own: 1 })), ...second.map((value) => ({ value, own: 0 }))];
  all.sort((a, b) => a.value - b.value);
  let [rankSum, tieTerm, start] = [0, 0, 0];
  while (start < all.length) {
    let end = start;
    let own = 0;
    while (end < all.length && all[end]?.value === all[start]?.value) own += all[end++]?.own ?? 0;
    rankSum += own * ((start + 1 + end) / 2);
    tieTerm += (end - start) ** 3 - (end - start);
    start = end;
  }
  return { rankSum, tieTerm };
}

/** P(Z > z) of the standard normal, relative error below 1.2e-7 (Press et al. 2007, section 6.2, erfc by Chebyshev). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const polynomial = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ].reduce((sum, coefficient) => sum * t + coefficient, 0);
  const tail = (t * Math.exp(-x * x + polynomial)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
