/** The known name nearest to a mistyped one, if it is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) && best.distance < name.length
    ? best.candidate
    : undefined;
}

/**
 * The known name that one was meant to be beyond doubt: another spelling of it (`Equivalence_pct`), one letter off, or two
 * where the names are long. A different word, such as `note` for `name`, does not count.
 */
export function slippedName(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(spelled(name), spelled(candidate)) }));
  const [best] = scored.sort((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  const shorter = Math.min(spelled(name).length, best.candidate.length);
  const most = shorter <= 2 ? 0 : shorter <= 5 ? 1 : 2;
  return best.distance <= most ? best.candidate : undefined;
}

function spelled(name: string): string {
  return name.replace(/[\s_-]/g, "").toLowerCase();
}

/** How many letters must be put in, left out, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const isSwapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const swapped = isSwapped ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, replaced, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
