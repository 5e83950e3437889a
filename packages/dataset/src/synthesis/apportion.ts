/**
 * Dividing whole things fairly. Shares hold for every count by construction: nothing here is random.
 */

/**
 * Divides `count` by weights with the largest-remainder method (Hamilton): every part is its exact share rounded down or
 * up, and the parts sum to `count`. Equal remainders go to the earlier part.
 */
export function apportion(count: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (count * weight) / sum);
  const parts = exact.map((share) => Math.floor(share + 1e-9));
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - (parts[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const missing = count - parts.reduce((total, part) => total + part, 0);
  for (const { index } of byRemainder.slice(0, missing)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

/**
 * A table of whole numbers with the given row and column sums in which every cell is its proportional share
 * (row · column / total) rounded down or up; among those tables one with the largest sum of remainders rounded up.
 * Such a table always exists (controlled rounding, Cox 1987). The sums must agree.
 */
export function apportionTable(rows: readonly number[], columns: readonly number[]): number[][] {
  const total = rows.reduce((sum, row) => sum + row, 0);
  const exact = rows.map((row) => columns.map((column) => (total === 0 ? 0 : (row * column) / total)));
  const table = exact.map((cells) => cells.map((cell) => Math.floor(cell + 1e-9)));
  const columnGaps = columns.map(
    (column, index) => column - table.reduce((sum, cells) => sum + (cells[index] ?? 0), 0),
  );
  const remainders = exact.map((cells, row) => cells.map((cell, column) => cell - (table[row]?.[column] ?? 0)));
  const chosen = bestRoundUp(
    remainders,
    rows.map((row, index) => row - sumOf(table[index] ?? [])),
    columnGaps,
  );
  return table.map((cells, row) => cells.map((cell, column) => cell + ((chosen[row] ?? 0) & (1 << column) ? 1 : 0)));
}

/** Per row the set of columns (a bit mask) to round up, so that all gaps close; tables are a few cells, so all are tried. */
function bestRoundUp(
  remainders: readonly (readonly number[])[],
  rowGaps: readonly number[],
  columnGaps: readonly number[],
): readonly number[] {
  let best: { readonly masks: readonly number[]; readonly score: number } | undefined;
  const visit = (row: number, gaps: readonly number[], masks: readonly number[], score: number): void => {
    if (row === remainders.length) {
      if (gaps.every((gap) => gap === 0) && (best === undefined || score > best.score + 1e-9)) best = { masks, score };
      return;
    }
    const cells = remainders[row] ?? [];
    for (let mask = 0; mask < 1 << cells.length; mask += 1) {
      const raised = cells.map((remainder, column) => ((mask & (1 << column)) === 0 ? 0 : remainder));
      // A cell that is whole already stays what it is.
      if (
        bitCount(mask) !== rowGaps[row] ||
        cells.some((cell, column) => (mask & (1 << column)) !== 0 && cell < 1e-9)
      ) {
        continue;
      }
      const left = gaps.map((gap, column) => gap - ((mask & (1 << column)) === 0 ? 0 : 1));
      if (left.every((gap) => gap >= 0)) visit(row + 1, left, [...masks, mask], score + sumOf(raised));
    }
  };
  visit(0, columnGaps, [], 0);
  return best?.masks ?? [];
}

function bitCount(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bitCount(mask >>> 1);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
