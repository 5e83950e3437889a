import { type DifferenceSums, MeanBet, pairedDifference, type Stakes } from "@forgebench/stats";
import { SAME_ALPHA } from "../rules.ts";
import type { BlockedOutcome } from "./outcomes.ts";
import { isWithinMargin, MIN_TASKS } from "./task-rules.ts";
import type { WayAnswer, WayRule } from "./way.ts";

/** Shares for a change: of the tasks that differ, about one in seven to nine in ten more on one side than on the other. */
const CHANGE_STAKES: Stakes = [
  { share: 0.9, weight: 0.2 },
  { share: 0.4, weight: 0.5 },
  { share: 0.15, weight: 0.3 },
];
/** For "nothing changed", seen from a margin: 0.97 where next to no block differs, smaller ones where many do. */
const SAME_STAKES: Stakes = [0.97, 0.5, 0.25, 0.12].map((share) => ({ share, weight: 1 }));

/**
 * The wealth, as a natural logarithm, that both bets against the margins must reach before `same` is said: 1/α (Ville
 * 1939).
 */
export const LOG_SAME = Math.log(1 / SAME_ALPHA);
/** `same` is not said while a bet that something changed stands at this or more: it may be about to win. */
const LOG_CHANGE_AHEAD = Math.log(10);

/** The bets on a pair of blocked success counts, and what its tasks made of it so far. */
export class TaskWalk {
  readonly #rule: WayRule;
  readonly higher = new MeanBet(0, CHANGE_STAKES);
  readonly lower = new MeanBet(0, CHANGE_STAKES);
  readonly aboveMargin: MeanBet;
  readonly belowMargin: MeanBet;
  /** By task; a block without one is a task of its own. */
  readonly #tasks = new Map<string | number, { sum: number; tries: number; hasDiffered: boolean }>();
  readonly #sums: { -readonly [Key in keyof DifferenceSums]: DifferenceSums[Key] } = {
    count: 0,
    sum: 0,
    squares: 0,
    discordant: 0,
  };
  /** Tasks of which a block differed, by the first that did. */
  readonly signs = { up: 0, down: 0 };
  blockCount = 0;
  /** Blocks whose sides differ. */
  differingCount = 0;
  sum = 0;

  constructor(rule: WayRule) {
    this.#rule = rule;
    this.aboveMargin = new MeanBet(-rule.margin, SAME_STAKES);
    this.belowMargin = new MeanBet(-rule.margin, SAME_STAKES);
  }

  /** The sums of the mean differences of the tasks. */
  get sums(): DifferenceSums {
    return this.#sums;
  }

  get estimate(): number {
    return this.sum / this.blockCount;
  }

  add({ difference, task }: BlockedOutcome): void {
    const key = task ?? this.blockCount;
    const tally = this.#tasks.get(key) ?? { sum: 0, tries: 0, hasDiffered: false };
    this.#tasks.set(key, tally);
    this.blockCount += 1;
    this.sum += difference;
    this.differingCount += difference === 0 ? 0 : 1;
    this.aboveMargin.add(difference);
    this.belowMargin.add(-difference);
    // What came after the first difference of a task may be but its repetition.
    if (!tally.hasDiffered && difference !== 0) {
      tally.hasDiffered = true;
      this.signs[difference > 0 ? "up" : "down"] += 1;
      this.higher.add(Math.sign(difference));
      this.lower.add(-Math.sign(difference));
    }
    this.#count(tally, -1);
    tally.sum += difference;
    tally.tries += 1;
    this.#count(tally, 1);
  }

  /** Takes a task out of the sums, or puts it in. */
  #count({ sum, tries }: { readonly sum: number; readonly tries: number }, weight: 1 | -1): void {
    if (tries === 0) return;
    const mean = sum / tries;
    this.#sums.count += weight;
    this.#sums.sum += weight * mean;
    this.#sums.squares += weight * mean * mean;
    this.#sums.discordant += mean === 0 ? 0 : weight;
  }

  /** The direction after the blocks so far; `isEnd` also names a change that is too small to matter. */
  direction(isEnd: boolean): WayAnswer["direction"] {
    if (this.#isSame()) return "same";
    const [higher, lower] = [this.higher.maxLogWealth, this.lower.maxLogWealth];
    if (Math.max(higher, lower) < Math.log(2 / this.#rule.alpha)) return "open";
    const side = higher >= lower ? "higher" : "lower";
    const change = side === "higher" ? this.estimate : -this.estimate;
    return isEnd || change >= this.#rule.minEffect ? side : "open";
  }

  #isSame(): boolean {
    if (!this.#rule.canBeSame || Math.min(this.aboveMargin.logWealth, this.belowMargin.logWealth) < LOG_SAME)
      return false;
    if (Math.max(this.higher.logWealth, this.lower.logWealth) >= LOG_CHANGE_AHEAD || this.#sums.count < MIN_TASKS)
      return false;
    return isWithinMargin(pairedDifference(this.#sums), this.estimate, this.#rule);
  }
}
