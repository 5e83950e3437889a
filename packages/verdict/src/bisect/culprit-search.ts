import { type Alternative, confidenceSequence, median, SignBet } from "@forgebench/stats";
import { alternativesOf, intervalAlternatives } from "../rules.ts";

/**
 * A noisy binary search for the commit that made something slower. Commits are numbered 1 to n, the last being the bad
 * one; candidates are compared with the good one in blocks, and a difference is ln(candidate / good).
 *
 * "The culprit is k" says: commits before k are as fast as the good one, k and those after it slower by δ at least.
 * Against each k there is one wealth, the product of bets on all commits that were measured: before k that they are
 * slower (needs nothing but fair coins), from k on that they are not slower by δ (needs noise that is symmetric). Of the
 * true k it ever reaches x with a chance of 1/x, whatever is measured next (Ville 1939), so those k whose wealth never did
 * hold the truth at any time: a confidence set. The next commit is the one that splits what is left of it most evenly, each
 * k weighted by the inverse of its wealth (after Burnashev and Zigangirov 1974; Waeber, Frazier and Henderson 2013).
 *
 * δ is three quarters of what the bad commit is slower at least, by a confidence sequence that has half of the error.
 */
export class CulpritSearch {
  readonly #commitCount: number;
  readonly #alpha: number;
  readonly #logNeeded: number;
  readonly #bets = new Map<number, Bets>();
  readonly #skipped = new Set<number>();
  /** By k − 1. */
  readonly #maxLogWealth: number[];
  /** Of the bad commit. */
  readonly #badDifferences: number[] = [];
  readonly #badBet = new SignBet(alternativesOf(USUAL_EFFECT));
  #leastEffect: number | undefined;

  /** @param confidence that the commits which are left hold the culprit, such as 0.95 */
  constructor({ commitCount, confidence }: { readonly commitCount: number; readonly confidence: number }) {
    this.#commitCount = commitCount;
    this.#alpha = 1 - confidence;
    this.#logNeeded = Math.log(2 / this.#alpha);
    this.#maxLogWealth = Array(commitCount).fill(0);
  }

  /** How much slower the bad commit is at least, in per cent; undefined until that is known. */
  get leastEffectPct(): number | undefined {
    return this.#leastEffect === undefined ? undefined : 100 * Math.expm1(this.#leastEffect);
  }

  /** The commit to measure next; undefined if nothing more can be found out. */
  next(): number | undefined {
    if (this.#leastEffect === undefined) {
      const isOver = this.#badDifferences.length >= MAX_BAD_BLOCKS || this.#skipped.has(this.#commitCount);
      return isOver ? undefined : this.#commitCount;
    }
    const suspects = this.suspects();
    const [first, last] = [suspects[0] ?? 0, suspects.at(-1) ?? 0];
    const weights = this.#weights(suspects);
    let best: { readonly commit: number; readonly uneven: number } | undefined;
    let before = 0;
    for (let commit = first; commit < last; commit += 1) {
      before += weights.get(commit) ?? 0;
      const uneven = Math.abs(before - 0.5);
      if (!this.#skipped.has(commit) && (best === undefined || uneven < best.uneven)) best = { commit, uneven };
    }
    return best?.commit;
  }

  /** The differences of a commit's blocks, in their order. */
  add(commit: number, differences: readonly number[]): void {
    if (this.#leastEffect === undefined) {
      if (commit === this.#commitCount) this.#addBad(differences);
      return;
    }
    if (commit === this.#commitCount) return;
    const bets = this.#bets.get(commit) ?? new Bets(this.#leastEffect);
    this.#bets.set(commit, bets);
    for (const difference of differences) {
      bets.add(difference);
      this.#settle();
    }
  }

  /** A commit that cannot be built or run. */
  skip(commit: number): void {
    this.#skipped.add(commit);
  }

  /** The commits that may be the culprit, with the confidence that was asked for; all while nothing is known. */
  suspects(): number[] {
    const numbers = Array.from({ length: this.#commitCount }, (_, index) => index + 1);
    return numbers.filter((k) => (this.#maxLogWealth[k - 1] ?? 0) < this.#logNeeded);
  }

  #addBad(differences: readonly number[]): void {
    for (const difference of differences) {
      this.#badDifferences.push(difference);
      this.#badBet.add(difference);
    }
    if (this.#badBet.maxLogWealth < this.#logNeeded) return;
    const options = { alpha: this.#alpha, alternatives: intervalAlternatives(USUAL_EFFECT) };
    const low = confidenceSequence(this.#badDifferences, options).low ?? 0;
    const isSharp = low >= median(this.#badDifferences) / 2 || this.#badDifferences.length >= MAX_BAD_BLOCKS;
    if (low > 0 && isSharp) this.#leastEffect = 0.75 * low;
  }

  #settle(): void {
    const wealth = this.#logWealth();
    for (const [index, now] of wealth.entries()) {
      this.#maxLogWealth[index] = Math.max(this.#maxLogWealth[index] ?? 0, now);
    }
  }

  /** Of each k, by k − 1. */
  #logWealth(): number[] {
    return this.#maxLogWealth.map((_, index) => {
      let sum = 0;
      for (const [commit, { slower, notSlower }] of this.#bets) sum += commit <= index ? slower : notSlower;
      return sum;
    });
  }

  #weights(suspects: readonly number[]): Map<number, number> {
    const logs = this.#logWealth();
    const wealthOf = (k: number) => logs[k - 1] ?? 0;
    const least = suspects.reduce((found, k) => Math.min(found, wealthOf(k)), Number.POSITIVE_INFINITY);
    const raw = suspects.map((k) => [k, Math.exp(least - wealthOf(k))] as const);
    const total = raw.reduce((sum, [, weight]) => sum + weight, 0);
    return new Map(raw.map(([k, weight]) => [k, weight / total]));
  }
}

/** The changes that the first bets expect, as those of a night do. */
const USUAL_EFFECT = Math.log1p(0.05);
/** A slowdown that so many blocks do not show is not worth a search. */
const MAX_BAD_BLOCKS = 60;

/** Both bets on one commit. Half of each stake is never risked: what a commit cost cannot hide what another says. */
class Bets {
  readonly #slower: SignBet;
  readonly #notSlower: SignBet;
  readonly #leastEffect: number;

  constructor(leastEffect: number) {
    const alternatives: Alternative[] = [
      ...[0.5, 1, 2].map((factor) => ({ distance: factor * leastEffect, weight: 1 })),
      { distance: 6 * leastEffect, weight: 0.3 },
    ];
    this.#slower = new SignBet(alternatives);
    this.#notSlower = new SignBet(alternatives);
    this.#leastEffect = leastEffect;
  }

  /** The logarithm of the wealth against "as fast as the good one". */
  get slower(): number {
    return halfHeld(this.#slower.logWealth);
  }

  /** Against "slower by the least effect, or more". */
  get notSlower(): number {
    return halfHeld(this.#notSlower.logWealth);
  }

  add(difference: number): void {
    this.#slower.add(difference);
    this.#notSlower.add(this.#leastEffect - difference);
  }
}

function halfHeld(logWealth: number): number {
  return Math.log1p(Math.exp(logWealth)) - Math.LN2;
}
