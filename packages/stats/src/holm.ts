/**
 * Holm's procedure for e-values (Holm 1979 on the p-values min(1, 1/e)): which of a family of `familyCount` claims fall
 * when the chance of one false fall among all of them is to be at most alpha. `familyCount` may be larger than the list:
 * what was not measured still has its share. It is never taken to be smaller than the list.
 */
export function holm(logEValues: readonly number[], familyCount: number, alpha: number): boolean[] {
  const order = [...logEValues.keys()].sort((a, b) => (logEValues[b] ?? 0) - (logEValues[a] ?? 0));
  const claimCount = Math.max(familyCount, logEValues.length);
  const falls = new Array<boolean>(logEValues.length).fill(false);
  for (const [rank, index] of order.entries()) {
    if ((logEValues[index] ?? 0) < Math.log((claimCount - rank) / alpha)) break;
    falls[index] = true;
  }
  return falls;
}
