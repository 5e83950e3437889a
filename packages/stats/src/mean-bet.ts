import type { Interval } from "./confidence-sequence.ts";

/** The shares of what can be staked that a gambler tries side by side, with what each is given of the 1 to begin with. */
export type Stakes = readonly { readonly share: number; readonly weight: number }[];

/** For any mean and any noise: some share is within a factor of 1.5 of the best one, down to hundredths. */
const WIDE_STAKES: Stakes = [0.98, 0.85, 0.6, 0.4, 0.27, 0.18, 0.12, 0.08, 0.053, 0.035, 0.023, 0.015].map((share) => ({
  share,
  weight: 1,
}));

/** Wealth is scaled down by this when it grows beyond it. */
const SCALE = 1e200;

/**
 * An e-process against "each value in [−1, 1] has, given all before it, a mean of at most m": capital of a gambler who
 * stakes, for each of several shares f, f of what can be staked on the value being above m (Waudby-Smith and Ramdas 2024,
 * section 4, with a grid of bets; Orabona and Jun 2021). P(it ever reaches 1/α) ≤ α (Ville 1939). The wealth now depends
 * on which values came, not on their order.
 */
export class MeanBet {
  readonly #mean: number;
  readonly #shares: Float64Array;
  readonly #wealth: Float64Array;
  #scalings = 0;
  #total = 1;
  /** The largest total so far at this scale; its logarithm is taken only when it grows. */
  #largest = 1;
  #maxLogWealth = 0;

  /** Bets that values are above `mean`, −1 < mean < 1. */
  constructor(mean: number, stakes: Stakes = WIDE_STAKES) {
    this.#mean = mean;
    const total = stakes.reduce((sum, { weight }) => sum + weight, 0);
    this.#shares = Float64Array.from(stakes, ({ share }) => share);
    this.#wealth = Float64Array.from(stakes, ({ weight }) => weight / total);
  }

  /** Natural logarithm of the wealth now. */
  get logWealth(): number {
    return Math.log(this.#total) + this.#scalings * Math.log(SCALE);
  }

  /** Natural logarithm of the largest wealth so far. */
  get maxLogWealth(): number {
    return this.#maxLogWealth;
  }

  /** Bets on the next value; one that is beyond −1 or 1 counts as that, NaN changes nothing. */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    const gain = (Math.max(-1, Math.min(1, value)) - this.#mean) / (1 + this.#mean);
    if (gain === 0) return;
    let wealth = 0;
    for (let index = 0; index < this.#shares.length; index += 1) {
      const own = (this.#wealth[index] ?? 0) * (1 + (this.#shares[index] ?? 0) * gain);
      this.#wealth[index] = own;
      wealth += own;
    }
    this.#total = wealth;
    if (wealth <= this.#largest) return;
    this.#largest = wealth;
    this.#maxLogWealth = this.logWealth;
    if (wealth > SCALE) this.#scaleDown();
  }

  #scaleDown(): void {
    this.#scalings += 1;
    this.#total /= SCALE;
    this.#largest /= SCALE;
    for (let index = 0; index < this.#wealth.length; index += 1) {
      this.#wealth[index] = (this.#wealth[index] ?? 0) / SCALE;
    }
  }
}

const SEARCH_STEPS = 24;

/**
 * A confidence sequence for the mean of values in [−1, 1]: with probability 1 − alpha the intervals after each of them
 * all contain it at once; this is the last, the intersection of all. Holds when each value has that mean given those
 * before it (Waudby-Smith and Ramdas 2024, theorem 3); where the mean changes it is about an average of the means.
 */
export function meanSequence(values: readonly number[], alpha: number, stakes: Stakes = WIDE_STAKES): Interval {
  const needed = Math.log(2 / alpha);
  const low = meanBelow(values, 1, needed, stakes);
  const mirrored = meanBelow(values, -1, needed, stakes);
  return { low, high: mirrored === null ? null : -mirrored };
}

/** The end below which every mean is refuted. A larger mean is harder to refute from below, so it can be bisected. */
function meanBelow(values: readonly number[], side: 1 | -1, needed: number, stakes: Stakes): number | null {
  const isRefuted = (mean: number) => {
    const bet = new MeanBet(mean, stakes);
    for (const value of values) {
      bet.add(side * value);
      if (bet.maxLogWealth >= needed) return true;
    }
    return false;
  };
  let [refuted, kept] = [-1 + 1e-9, 1 - 1e-9];
  if (!isRefuted(refuted)) return null;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const middle = (refuted + kept) / 2;
    if (isRefuted(middle)) refuted = middle;
    else kept = middle;
  }
  return refuted;
}
