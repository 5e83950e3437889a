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
  readonly #prior: Float64Array;
  /** The gambler's belief in each distance (row) and scale (column), after all differences so far. */
  readonly #belief: Float64Array;
  readonly #rowSums: Float64Array;
  #asIs = 0;
  #mirrored = 0;
  #logWealth = 0;
  #maxLogWealth = 0;

  /** Bets on positive differences, of about one of the distances (natural logarithm of a ratio). */
  constructor(alternatives: readonly Alternative[]) {
    const total = alternatives.reduce((sum, { weight }) => sum + weight, 0);
    this.#distances = new Float64Array(alternatives.length);
    this.#prior = new Float64Array(alternatives.length * SCALE_COUNT);
    for (const [row, { distance, weight }] of alternatives.entries()) {
      this.#distances[row] = distance;
      this.#prior.fill(weight / total / SCALE_COUNT, row * SCALE_COUNT, (row + 1) * SCALE_COUNT);
    }
    this.#belief = this.#prior.slice();
    this.#rowSums = new Float64Array(alternatives.length);
  }

  /** Begins anew: an interval takes a hundred bets on the same differences. */
  reset(): void {
    this.#belief.set(this.#prior);
    this.#logWealth = 0;
    this.#maxLogWealth = 0;
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
    this.#learn(Math.max(-LARGEST, Math.min(LARGEST, difference)));
    this.#logWealth += Math.log((2 * this.#asIs) / (this.#asIs + this.#mirrored));
    if (this.#logWealth > this.#maxLogWealth) this.#maxLogWealth = this.#logWealth;
  }

  /** The likelihoods of a difference and of its mirror image; the belief is updated by what was seen. */
  #learn(difference: number): void {
    const [belief, rowSums, distances] = [this.#belief, this.#rowSums, this.#distances];
    let asIs = 0;
    let mirrored = 0;
    // Most of the time of a comparison is spent here: plain loops, and densities written out.
    for (let row = 0, index = 0; row < distances.length; row += 1) {
      const distance = distances[row] as number;
      const near = (difference - distance) * (difference - distance);
      const far = (difference + distance) * (difference + distance);
      let rowSum = 0;
      for (let column = 0; column < SCALE_COUNT; column += 1, index += 1) {
        const before = belief[index] as number;
        const half = HALF_INVERSE_SQUARES[column] as number;
        const qNear = 1 + near * half;
        const qFar = 1 + far * half;
        const perNear = qNear * Math.sqrt(qNear);
        const perFar = qFar * Math.sqrt(qFar);
        // The densities are INVERSE_SCALES / perNear and / perFar: one division for both.
        const share = (before * (INVERSE_SCALES[column] as number)) / (perNear * perFar);
        const seen = share * perFar;
        mirrored += share * perNear;
        asIs += seen;
        rowSum += seen;
        belief[index] = seen;
      }
      rowSums[row] = rowSum;
    }
    const inverse = 1 / asIs;
    for (let row = 0, index = 0; row < distances.length; row += 1) {
      const arriving = (SCALE_CHANGE_RATE * (rowSums[row] as number)) / SCALE_COUNT;
      for (let column = 0; column < SCALE_COUNT; column += 1, index += 1) {
        belief[index] = ((1 - SCALE_CHANGE_RATE) * (belief[index] as number) + arriving) * inverse;
      }
    }
    this.#asIs = asIs;
    this.#mirrored = mirrored;
  }
}

/** What a bet is good against: a difference of about this size, and how likely it is thought to be. */
export interface Alternative {
  readonly distance: number;
  readonly weight: number;
}

/** Noise of the ratio of two runs from 0.5 % to 20 %. */
const SCALES: readonly number[] = Array.from({ length: 6 }, (_, index) => 0.005 * 40 ** (index / 5));
const SCALE_COUNT = SCALES.length;
const SCALE_CHANGE_RATE = 0.1;
/** A ratio of e² tells as much as any larger one, and keeps the densities above 0. */
const LARGEST = 2;

/** Of Student's t with two degrees of freedom, without its constant; worked out once: a night takes millions of densities. */
const INVERSE_SCALES = Float64Array.from(SCALES, (scale) => 1 / scale);
const HALF_INVERSE_SQUARES = Float64Array.from(SCALES, (scale) => 1 / (2 * scale * scale));
