import { normalTail } from "./mann-whitney.ts";

/** The one-sided p-values of a test. */
export interface Tails {
  /** Against "not positive". */
  readonly higher: number;
  /** Against "not negative". */
  readonly lower: number;
}

/** Above this many steps the sum of so many signs is normal for all purposes. */
const MAX_STEPS = 3e7;

/**
 * The sign-flip test of whole numbers (Fisher 1935, section 21; the sums of all 2ⁿ ways to give them signs counted by
 * dynamic programming, Pagano and Tritchler 1983): how often the sum is at least as large, or as small, when each number
 * has either sign with a chance of ½. Exact when the numbers are symmetric about 0 given their sizes, as differences of
 * two exchangeable arms are. Numbers are rounded; that changes which sum is tested, not its validity.
 */
export function signFlipTails(differences: readonly number[]): Tails {
  const counts = new Map<number, number>();
  let [sum, range, squares, flips] = [0, 0, 0, 0];
  for (const difference of differences) {
    const whole = Math.round(difference);
    const size = Math.abs(whole);
    if (!(size > 0)) continue;
    counts.set(size, (counts.get(size) ?? 0) + 1);
    sum += whole;
    range += size;
    squares += size * size;
    flips += 1;
  }
  if (flips === 0) return { higher: 1, lower: 1 };
  if (flips * range > MAX_STEPS) {
    const error = Math.sqrt(squares);
    return { higher: normalTail(sum / error), lower: normalTail(-sum / error) };
  }
  const tail = flippedTails(counts, range);
  return { higher: tail(sum), lower: tail(-sum) };
}

/** P(sum of flipped sizes ≥ s) for sizes that come several times; `range` is their sum. */
function flippedTails(counts: ReadonlyMap<number, number>, range: number): (sum: number) => number {
  // chances[k]: the positive ones add up to k, so that the sum is 2k − range.
  const chances = new Float64Array(range + 1);
  chances[0] = 1;
  let reached = 0;
  for (const [size, count] of counts) {
    for (let flip = 0; flip < count; flip += 1) {
      reached += size;
      for (let k = reached; k >= 0; k -= 1) {
        const without = chances[k] ?? 0;
        chances[k] = (without + (k >= size ? (chances[k - size] ?? 0) : 0)) / 2;
      }
    }
  }
  return (sum) => {
    let tail = 0;
    // From the far end, so that small chances are added before large ones.
    for (let k = range; 2 * k - range >= sum; k -= 1) tail += chances[k] ?? 0;
    return Math.min(1, tail);
  };
}
