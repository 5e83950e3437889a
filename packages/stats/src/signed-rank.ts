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
  for (const chance of chances.slice(1)) {
    const [now, next] = [1 - 2 * below, 1 - 2 * (below + chance)];
    // Of many differences the first chances are too small to change the coverage: not nearer, but still above.
    if (next < level && level - next >= Math.abs(now - level)) break;
    excludedEachSide += 1;
    below += chance;
  }
  return {
    low: averages[excludedEachSide] ?? null,
    high: averages[averages.length - 1 - excludedEachSide] ?? null,
    coverage: 1 - 2 * below,
  };
}

/**
 * The exact two-sided p-value of Wilcoxon's signed-rank test that n differences, n set before, are symmetric about 0
 * (Hollander, Wolfe and Chicken 2014, section 3.1). Zeros are left out, ties share their mean rank, rounded against a finding.
 */
export function signedRankPValue(differences: readonly number[]): number {
  const sizes = differences.filter((difference) => difference !== 0 && !Number.isNaN(difference));
  const ordered = sizes.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const rankOf = (value: number) => {
    const first = ordered.findIndex((other) => Math.abs(other) === Math.abs(value));
    const last = ordered.findLastIndex((other) => Math.abs(other) === Math.abs(value));
    return (first + last) / 2 + 1;
  };
  const total = (sizes.length * (sizes.length + 1)) / 2;
  const positive = sizes.reduce((sum, value) => sum + (value > 0 ? rankOf(value) : 0), 0);
  const smaller = Math.ceil(Math.min(positive, total - positive));
  const tail = signedRankDistribution(sizes.length).slice(0, smaller + 1);
  return Math.min(1, 2 * tail.reduce((sum, chance) => sum + chance, 0));
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
