/**
 * An e-process against "each difference is as likely to be negative as positive, given its size and all before it":
 * a gambler starts with 1 and bets on the sign of every next difference at even odds. If the claim holds, no way of
 * betting makes money on average, at no time: P(the wealth ever reaches 1/α) ≤ α (Ville 1939; Ramdas, Grünwald, Vovk
 * and Shafer 2023). That needs nothing of the noise but the fair coin, since the bet may look at the size of the very
 * difference whose sign is drawn (de la Peña 1999; Howard et al. 2021).
 *
 * How the bet is chosen decides only how fast the wealth grows when the claim is wrong. Here it is what a Bayesian would
 * bet who takes the differences to be d + σ·t₂: d one of a few positive distances, t₂ Student's t with two degrees of
 * freedom (heavy tails, so that an outlier is not worth a large bet), σ one of a few scales that may change from one
 * block to the next (bursts; a hidden Markov chain).
 */
export class SignBet {
  readonly #distances: Float64Array;
  /** What the gambler believes of each distance (row) and scale (column), after all differences so far. */
  readonly #belief: Float64Array;
  #logWealth = 0;
  #maxLogWealth = 0;

  /** Bets on positive differences, of about one of the distances (natural logarithm of a ratio). */
  constructor(alternatives: readonly Alternative[]) {
    const total = alternatives.reduce((sum, { weight }) => sum + weight, 0);
    this.#distances = new Float64Array(alternatives.length);
    this.#belief = new Float64Array(alternatives.length * SCALES.length);
    // Thousands of bets are made for a comparison: plain loops take a tenth of the time of Float64Array.from.
    for (const [row, { distance, weight }] of alternatives.entries()) {
      this.#distances[row] = distance;
      this.#belief.fill(weight / total / SCALES.length, row * SCALES.length, (row + 1) * SCALES.length);
    }
  }

  /** Natural logarithm of the wealth now. */
  get logWealth(): number {
    return this.#logWealth;
  }

  /** Natural logarithm of the largest wealth so far. */
  get maxLogWealth(): number {
    return this.#maxLogWealth;
  }

  /** Bets on the next difference; 0 is a tie that changes nothing, an infinite one counts as a large one. */
  add(difference: number): void {
    if (difference === 0 || Number.isNaN(difference)) return;
    const likelihood = this.#learn(Math.max(-LARGEST, Math.min(LARGEST, difference)));
    this.#logWealth += Math.log((2 * likelihood.asIs) / (likelihood.asIs + likelihood.mirrored));
    this.#maxLogWealth = Math.max(this.#maxLogWealth, this.#logWealth);
  }

  /** The likelihoods of a difference and of its mirror image; the belief is updated by what was seen. */
  #learn(difference: number): { asIs: number; mirrored: number } {
    const [belief, scaleCount] = [this.#belief, SCALES.length];
    let asIs = 0;
    let mirrored = 0;
    for (let row = 0; row < this.#distances.length; row += 1) {
      const distance = this.#distances[row] as number;
      for (let column = 0; column < scaleCount; column += 1) {
        const index = row * scaleCount + column;
        const before = belief[index] as number;
        const seen = before * density(difference - distance, column);
        mirrored += before * density(difference + distance, column);
        asIs += seen;
        belief[index] = seen;
      }
    }
    for (let row = 0; row < this.#distances.length; row += 1) {
      const rowStart = row * scaleCount;
      let rowSum = 0;
      for (let column = 0; column < scaleCount; column += 1) rowSum += belief[rowStart + column] as number;
      const arriving = (SCALE_CHANGE_RATE * rowSum) / scaleCount;
      for (let column = 0; column < scaleCount; column += 1) {
        const staying = (1 - SCALE_CHANGE_RATE) * (belief[rowStart + column] as number);
        belief[rowStart + column] = (staying + arriving) / asIs;
      }
    }
    return { asIs, mirrored };
  }
}

/** What a bet is good against: a difference of about this size, and how likely it is thought to be. */
export interface Alternative {
  readonly distance: number;
  readonly weight: number;
}

/** Noise of the ratio of two runs from 0.5 % to 20 %. */
const SCALES: readonly number[] = Array.from({ length: 6 }, (_, index) => 0.005 * 40 ** (index / 5));
const SCALE_CHANGE_RATE = 0.1;
/** A ratio of e² tells as much as any larger one, and keeps the densities above 0. */
const LARGEST = 2;

/** Worked out once: a night takes millions of densities. */
const INVERSE_SCALES = Float64Array.from(SCALES, (scale) => 1 / scale);
const HALF_INVERSE_SQUARES = Float64Array.from(SCALES, (scale) => 1 / (2 * scale * scale));

/** Student's t with two degrees of freedom, of the scale of a column, without its constant. */
function density(value: number, column: number): number {
  const q = 1 + value * value * (HALF_INVERSE_SQUARES[column] as number);
  return (INVERSE_SCALES[column] as number) / (q * Math.sqrt(q));
}
