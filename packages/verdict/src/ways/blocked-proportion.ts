import { type Interval, MeanBet, meanSequence, type Stakes } from "@forgebench/stats";
import { INTERVAL_ALPHA, SAME_ALPHA } from "../rules.ts";
import type { BlockedOutcomes } from "./outcomes.ts";
import { detectableDifference, MIN_TASKS } from "./task-rules.ts";
import { cutAtZero, type WayAnswer, type WayRule } from "./way.ts";

/** Shares for a change: of the blocks that differ, one in ten to nine in ten more on one side than on the other. */
const CHANGE_STAKES: Stakes = [
  { share: 0.9, weight: 0.2 },
  { share: 0.5, weight: 0.3 },
  { share: 0.25, weight: 0.3 },
  { share: 0.12, weight: 0.2 },
];
/** For "nothing changed", seen from a margin: 0.97 where next to no block differs, smaller ones where many do. */
const SAME_STAKES: Stakes = [0.97, 0.5, 0.25, 0.12].map((share) => ({ share, weight: 1 }));

const LOG_SAME = Math.log(1 / SAME_ALPHA);
/** `same` is not said while a bet that something changed stands at this or more: it may be about to win. */
const LOG_CHANGE_AHEAD = Math.log(10);

/**
 * One try of each side per block, judged after every block; verdicts latch.
 *
 * - `higher`, `lower`: bets on the sign of the difference ever made 2/alpha. Assumes the coin of the block alone. A change
 *   below `minEffect` so far stays open until the blocks end.
 * - `same`: bets against either margin both made 20, and no bet on a change is well ahead. This and the interval assume
 *   that each block has the same mean difference given those before; where tasks differ in it, they are about its average
 *   over these tasks.
 */
export function judgeBlockedOutcomes({ differences, taskCount }: BlockedOutcomes, rule: WayRule): WayAnswer {
  const bets = walk(differences, rule);
  const { direction } = bets;
  const estimate = bets.sum / differences.length;
  const interval = withEstimate(meanSequence(differences, INTERVAL_ALPHA), estimate);
  return {
    direction,
    estimate,
    interval: { ...cutAtZero(interval, direction), kind: "sequence", level: 1 - INTERVAL_ALPHA },
    evidence: {
      logHigher: bets.higher.maxLogWealth,
      logLower: bets.lower.maxLogWealth,
      logNeeded: Math.log(2 / rule.alpha),
      decidedAfterBlocks: bets.decidedAfterBlocks,
    },
    detectable: detectableOf(differences, rule),
    more: direction === "open" ? moreBlocks(bets, rule, differences.length) : null,
    count: differences.length,
    ...(taskCount > 0 && taskCount < MIN_TASKS && { reason: `it is about these ${taskCount} tasks, not about others` }),
  };
}

interface Walk {
  readonly direction: WayAnswer["direction"];
  readonly decidedAfterBlocks: number | null;
  readonly higher: MeanBet;
  readonly lower: MeanBet;
  readonly aboveMargin: MeanBet;
  readonly belowMargin: MeanBet;
  /** Of all differences. */
  readonly sum: number;
}

/** Goes through all blocks; the first one after which it is decided is the last that counts. */
function walk(differences: readonly number[], rule: WayRule): Walk {
  const bets = {
    higher: new MeanBet(0, CHANGE_STAKES),
    lower: new MeanBet(0, CHANGE_STAKES),
    aboveMargin: new MeanBet(-rule.margin, SAME_STAKES),
    belowMargin: new MeanBet(-rule.margin, SAME_STAKES),
  };
  let [direction, decidedAfterBlocks, sum]: [WayAnswer["direction"], number | null, number] = ["open", null, 0];
  for (const [index, difference] of differences.entries()) {
    sum += difference;
    if (decidedAfterBlocks !== null) continue;
    bets.higher.add(difference);
    bets.lower.add(-difference);
    bets.aboveMargin.add(difference);
    bets.belowMargin.add(-difference);
    const side = sideOf(bets, rule);
    if (isSame(bets, rule)) direction = "same";
    else if (side !== "open" && (side === "higher" ? sum : -sum) >= rule.minEffect * (index + 1)) direction = side;
    if (direction !== "open") decidedAfterBlocks = index + 1;
  }
  if (direction === "open") {
    direction = sideOf(bets, rule);
    if (direction !== "open") decidedAfterBlocks = differences.length;
  }
  return { ...bets, direction, decidedAfterBlocks, sum };
}

type Bets = Pick<Walk, "higher" | "lower" | "aboveMargin" | "belowMargin">;

function sideOf({ higher, lower }: Bets, { alpha }: WayRule): "higher" | "lower" | "open" {
  if (Math.max(higher.maxLogWealth, lower.maxLogWealth) < Math.log(2 / alpha)) return "open";
  return higher.maxLogWealth >= lower.maxLogWealth ? "higher" : "lower";
}

function isSame({ higher, lower, aboveMargin, belowMargin }: Bets, { canBeSame }: WayRule): boolean {
  if (!canBeSame || Math.min(aboveMargin.logWealth, belowMargin.logWealth) < LOG_SAME) return false;
  return Math.max(higher.logWealth, lower.logWealth) < LOG_CHANGE_AHEAD;
}

function withEstimate({ low, high }: Interval, estimate: number): { low: number; high: number } {
  return { low: Math.min(estimate, low ?? -1), high: Math.max(estimate, high ?? 1) };
}

/** Below this share of what is needed nobody can tell when the rest will come. */
const MIN_PROGRESS = 0.05;

/** Goes on at the rate so far, for the answer that is nearest. */
function moreBlocks(bets: Walk, rule: WayRule, count: number): number | null {
  const change = Math.max(bets.higher.logWealth, bets.lower.logWealth) / Math.log(2 / rule.alpha);
  const same = rule.canBeSame ? Math.min(bets.aboveMargin.logWealth, bets.belowMargin.logWealth) / LOG_SAME : 0;
  const progress = Math.max(change, same);
  return progress > MIN_PROGRESS ? Math.max(1, Math.ceil((count * (1 - progress)) / progress)) : null;
}

/** Standard errors that bets on signs at any time need beyond a test at one time; measured by replays. */
const ANY_TIME_STEPS = 1;

function detectableOf(differences: readonly number[], rule: WayRule): number | null {
  let [up, down] = [0, 0];
  for (const difference of differences) {
    if (difference > 0) up += difference * difference;
    else down += difference * difference;
  }
  const count = differences.length;
  const steps = Math.sqrt(2 * (Math.log(2 / rule.alpha) + ANY_TIME_STEPS)) + 1.645;
  return detectableDifference({ variance: (2 * Math.min(up, down)) / count, size: 1, count }, steps);
}
