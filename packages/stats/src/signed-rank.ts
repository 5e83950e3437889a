import type { Interval } from "./confidence-sequence.ts";

/**
 * Wilcoxon's signed-rank interval for the centre of symmetry of n differences, n set before they were measured
 * (Hollander, Wolfe and Chicken 2014, section 3.3): the Walsh averages between the ranks whose coverage is nearest to
 * the level. `coverage` is exact for symmetric noise without ties; null ends when n is too small for the level.
 */
export function signedRankInterval(
  differences: readonly number[],
  level: number,
): Interval & { readonly coverage: number } {
  const n = differences.length;
  const averages = walshAverages(differences);
  const chances = signedRankDistribution(n);
  let [excludedEachSide, below] = [0, chances[0] ?? 1];
  if (1 - 2 * below < level - 0.015) return { low: null, high: null, coverage: 1 };
  while (Math.abs(1 - 2 * (below + (chances[excludedEachSide + 1] ?? 0)) - level) < Math.abs(1 - 2 * below - level)) {
    excludedEachSide += 1;
    below += chances[excludedEachSide] ?? 0;
  }
  return {
    low: averages[excludedEachSide] ?? null,
    high: averages[averages.length - 1 - excludedEachSide] ?? null,
    coverage: 1 - 2 * below,
  };
}

/** The sorted means of all pairs, each difference with itself included. */
function walshAverages(differences: readonly number[]): number[] {
  return differences
    .flatMap((first, index) => differences.slice(index).map((second) => (first + second) / 2))
    .sort((a, b) => a - b);
}

/** P(W = w) of the signed-rank statistic for n symmetric differences without ties. */
function signedRankDistribution(n: number): number[] {
  let chances = [1];
  for (let rank = 1; rank <= n; rank += 1) {
    const next = new Array<number>(chances.length + rank).fill(0);
    for (const [sum, chance] of chances.entries()) {
      next[sum] = (next[sum] ?? 0) + chance / 2;
      next[sum + rank] = (next[sum + rank] ?? 0) + chance / 2;
    }
    chances = next;
  }
  return chances;
}
