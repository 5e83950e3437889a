import { type Alternative, SignBet } from "./sign-bet.ts";

/** The ends of an interval; null where nothing up to `SEARCH_LIMIT` is excluded. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
}

/** A ratio of e³ = 20; ends of an interval beyond it are not needed. */
const SEARCH_LIMIT = 3;
const SEARCH_STEPS = 22;
/** With room for rounding. */
const LOG_DOUBLED = Math.LN2 + 1e-12;
/** Where the search begins: finer towards 0, where ends matter. */
const SEARCH_GRID: readonly number[] = (() => {
  const sizes = Array.from({ length: 46 }, (_, index) => SEARCH_LIMIT / 1.15 ** index);
  return [...sizes.map((size) => -size), 0, ...sizes.toReversed()];
})();

/**
 * A confidence sequence for the shift θ of the differences: the interval after the last of them; with probability
 * 1 − alpha all intervals at all numbers of differences contain θ at once. It is what two families of bets have not
 * ruled out: "θ is at most t" is given up when betting on differences − t > 0 ever made 2/alpha, and likewise from
 * above. Assumes that the differences are θ plus noise that is symmetric about 0 given the past: for arms that differ
 * by a constant factor the coin of each block makes it so.
 */
export function confidenceSequence(
  differences: readonly number[],
  { alpha, alternatives }: { readonly alpha: number; readonly alternatives: readonly Alternative[] },
): Interval {
  const needed = Math.log(2 / alpha);
  const low = boundBelow(differences, needed, alternatives);
  const mirrored = boundBelow(
    differences.map((difference) => -difference),
    needed,
    alternatives,
  );
  return { low, high: mirrored === null ? null : -mirrored };
}

/**
 * The end below which every t is given up. Bets against smaller t win more as a rule, but not where the noise has two
 * modes: what was not given up may lie below what was. So the search comes from below and stops at the first t that is kept.
 */
function boundBelow(
  differences: readonly number[],
  needed: number,
  alternatives: readonly Alternative[],
): number | null {
  const bet = new SignBet(alternatives);
  const isGivenUp = (t: number) => {
    bet.reset();
    for (let index = 0, left = differences.length; left > 0; index += 1) {
      bet.add((differences[index] as number) - t);
      left -= 1;
      if (bet.logWealth >= needed) return true;
      // A difference doubles the wealth at most: what cannot be reached any more is not waited for.
      if (bet.logWealth + left * LOG_DOUBLED < needed) return false;
    }
    return false;
  };
  const first = SEARCH_GRID.findIndex((t) => !isGivenUp(t));
  if (first === 0) return null;
  let [excluded, kept] = [SEARCH_GRID.at(first - 1) ?? SEARCH_LIMIT, SEARCH_GRID[first] ?? SEARCH_LIMIT];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const middle = (excluded + kept) / 2;
    if (isGivenUp(middle)) excluded = middle;
    else kept = middle;
  }
  return excluded;
}
