import { RunningMedian, SignBet } from "@forgebench/stats";
import {
  alternativesOf,
  type CellRule,
  SAME_ALPHA,
  SAME_MAX_CHANGE_WEALTH,
  SAME_MIN_BLOCKS,
  sameAlternatives,
} from "../rules.ts";

/** The direction of head; `higher` and `lower` whichever is better. */
export type Direction = "same" | "higher" | "lower" | "open";

/** The result of the differences of a cell. */
export interface Judgement {
  readonly direction: Direction;
  /** The block after which it was decided, counted from 1; null when it is open. */
  readonly decidedAfterBlocks: number | null;
  /** Whether no further block can change the direction; false for a change too small to matter, named as the blocks ended. */
  readonly isLatched: boolean;
  /** Logarithms of the largest wealth of the bets that head is higher, and that it is lower. */
  readonly logHigher: number;
  readonly logLower: number;
  /** How far the bets for the nearest answer have come: logarithm of the wealth, and of what is needed. */
  readonly nearest: { readonly logNow: number; readonly logNeeded: number };
}

const LOG_SAME = Math.log(1 / SAME_ALPHA);

/**
 * Goes through the blocks of a cell in their order and stops at the first block after which it is decided; later blocks
 * change nothing ("verdicts latch"), so that it does not matter when somebody looked.
 *
 * - `same`: from block 10 on, "head is higher by δ" is ruled out at 5 %, by every larger change too, and so is lower; and no
 *   bet that head changed is well ahead: a slowdown inside the margin that is about to be proved is not called `same`.
 * - `higher`, `lower`: the bets against "nothing changed" have reached what the family's share of the error asks, and
 *   the median change lies on that side by at least what matters. A smaller one stays open, to be proved `same`, until the
 *   blocks end.
 */
export function judgeDifferences(differences: readonly number[], rule: CellRule): Judgement {
  const [bets, middle] = [new CellBets(rule), new RunningMedian()];
  for (const [index, difference] of differences.entries()) {
    bets.add(difference);
    middle.add(difference);
    const blockCount = index + 1;
    if (
      rule.canBeSame &&
      blockCount >= SAME_MIN_BLOCKS &&
      bets.isSame() &&
      isNothingBeyond(differences.slice(0, blockCount), rule.margin)
    ) {
      return bets.judgement("same", blockCount, true);
    }
    const side = bets.side();
    if (side === "open") continue;
    if ((side === "higher" ? middle.median : -middle.median) >= rule.minEffect)
      return bets.judgement(side, blockCount, true);
  }
  const side = bets.side();
  return bets.judgement(side, side === "open" ? null : differences.length, false);
}

/** Multiples of the margin: a change beyond it is not ruled out with the margin itself where the noise has two modes. */
const BEYOND: readonly number[] = Array.from({ length: 8 }, (_, index) => 1.5 ** (index + 1));

/** Whether changes beyond the margin are ruled out, on both sides, as the margin itself is. */
function isNothingBeyond(differences: readonly number[], margin: number): boolean {
  return BEYOND.every((multiple) =>
    [1, -1].every((side) => {
      const bet = new SignBet(sameAlternatives(multiple * margin));
      for (const difference of differences) bet.add(multiple * margin - side * difference);
      return bet.logWealth >= LOG_SAME;
    }),
  );
}

/** At the rate at which the wealth of the nearest answer has grown so far; null when it does not grow. */
export function moreBlocks({ nearest }: Pick<Judgement, "nearest">, blockCount: number): number | null {
  // Enough for `same`, were it not that a change may be about to be proved.
  if (nearest.logNow >= nearest.logNeeded) return null;
  const rate = nearest.logNow / Math.max(1, blockCount);
  if (rate < 0.02) return null;
  return Math.max(1, Math.ceil((nearest.logNeeded - nearest.logNow) / rate));
}

/** The four bets on a cell: against "nothing changed" on either side, and against either margin. */
class CellBets {
  readonly #rule: CellRule;
  readonly #higher: SignBet;
  readonly #lower: SignBet;
  readonly #belowMargin: SignBet;
  readonly #aboveMargin: SignBet;

  constructor(rule: CellRule) {
    this.#rule = rule;
    const [change, same] = [alternativesOf(rule.margin), sameAlternatives(rule.margin)];
    this.#higher = new SignBet(change);
    this.#lower = new SignBet(change);
    this.#belowMargin = new SignBet(same);
    this.#aboveMargin = new SignBet(same);
  }

  add(difference: number): void {
    const { margin } = this.#rule;
    this.#higher.add(difference);
    this.#lower.add(-difference);
    this.#belowMargin.add(margin - difference);
    this.#aboveMargin.add(difference + margin);
  }

  isSame(): boolean {
    const logChange = Math.max(this.#higher.logWealth, this.#lower.logWealth);
    return this.#logSame() >= LOG_SAME && logChange < Math.log(SAME_MAX_CHANGE_WEALTH);
  }

  side(): "higher" | "lower" | "open" {
    const { logNeeded } = this.#rule;
    const [higher, lower] = [this.#higher.maxLogWealth, this.#lower.maxLogWealth];
    if (Math.max(higher, lower) < logNeeded) return "open";
    return higher >= lower ? "higher" : "lower";
  }

  judgement(direction: Judgement["direction"], decidedAfterBlocks: number | null, isLatched: boolean): Judgement {
    const change = {
      logNow: Math.max(this.#higher.logWealth, this.#lower.logWealth),
      logNeeded: this.#rule.logNeeded,
    };
    const same = { logNow: this.#logSame(), logNeeded: LOG_SAME };
    const isNearerSame = this.#rule.canBeSame && same.logNow / same.logNeeded > change.logNow / change.logNeeded;
    return {
      direction,
      decidedAfterBlocks,
      isLatched,
      logHigher: this.#higher.maxLogWealth,
      logLower: this.#lower.maxLogWealth,
      nearest: isNearerSame ? same : change,
    };
  }

  /** Both margins must fall: the smaller wealth counts, as it is now, not the largest it ever was. */
  #logSame(): number {
    return Math.min(this.#belowMargin.logWealth, this.#aboveMargin.logWealth);
  }
}
