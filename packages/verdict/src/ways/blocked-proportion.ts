import { type Interval, meanSequence, pairedDifference } from "@forgebench/stats";
import { INTERVAL_ALPHA } from "../rules.ts";
import type { BlockedOutcome } from "./outcomes.ts";
import { detectableDifference, MIN_TASKS, printedInterval, tooFewTasks } from "./task-rules.ts";
import { LOG_SAME, TaskWalk } from "./task-walk.ts";
import { cutAtZero, openAnswer, type WayAnswer, type WayRule } from "./way.ts";

/**
 * One try of each side per block, judged after every block; verdicts latch.
 *
 * - `higher`, `lower`: bets on the sign of the first difference of each task ever made 2/alpha. Assumes that in a task where
 *   nothing changed the sides might as well be exchanged; what repeats of a task have in common does no harm. A change
 *   below `minEffect` so far stays open until the blocks end.
 * - `same`: bets against either margin both made 20, no bet on a change is well ahead, and neither is the margin within the
 *   error that the spread between tasks leaves. The bets assume that each block has the same mean difference given those
 *   before, as when tasks come in random order and tries of one are independent.
 * - The interval is that of the same bets (a confidence sequence), widened to what the spread between tasks asks.
 */
export function judgeBlockedOutcomes(outcomes: readonly BlockedOutcome[], rule: WayRule): WayAnswer {
  const walk = new TaskWalk(rule);
  let [direction, decidedAfterBlocks]: [WayAnswer["direction"], number | null] = ["open", null];
  for (const outcome of outcomes) {
    walk.add(outcome);
    direction = walk.direction(walk.blockCount === outcomes.length);
    if (direction === "open") continue;
    decidedAfterBlocks = walk.blockCount;
    break;
  }
  const all = new TaskWalk(rule);
  for (const outcome of outcomes) all.add(outcome);
  const interval = {
    ...cutAtZero(intervalOf(outcomes, all), direction),
    kind: "sequence",
    level: 1 - INTERVAL_ALPHA,
  } as const;
  const { count } = all.sums;
  if (count < MIN_TASKS)
    return openAnswer(outcomes.length, { estimate: all.estimate, interval, ...tooFewTasks(count) });
  return {
    direction,
    estimate: all.estimate,
    interval,
    evidence: {
      logHigher: walk.higher.maxLogWealth,
      logLower: walk.lower.maxLogWealth,
      logNeeded: Math.log(2 / rule.alpha),
      decidedAfterBlocks,
    },
    detectable: detectableOf(all, rule),
    more: direction === "open" ? moreBlocks(all, rule) : null,
    count: outcomes.length,
  };
}

function intervalOf(outcomes: readonly BlockedOutcome[], walk: TaskWalk): Interval {
  const differences = outcomes.map(({ difference }) => difference);
  const sequence = meanSequence(differences, INTERVAL_ALPHA);
  const spread = printedInterval(pairedDifference(walk.sums), walk.estimate);
  return {
    low: Math.min(spread.low ?? -1, sequence.low ?? -1),
    high: Math.max(spread.high ?? 1, sequence.high ?? 1),
  };
}

/** Below this share of what is needed nobody can tell when the rest will come. */
const MIN_PROGRESS = 0.05;

/** Goes on at the rate so far, for the answer that is nearest. */
function moreBlocks({ higher, lower, aboveMargin, belowMargin, blockCount }: TaskWalk, rule: WayRule): number | null {
  const change = Math.max(higher.logWealth, lower.logWealth) / Math.log(2 / rule.alpha);
  const same = rule.canBeSame ? Math.min(aboveMargin.logWealth, belowMargin.logWealth) / LOG_SAME : 0;
  const progress = Math.max(change, same);
  return progress > MIN_PROGRESS ? Math.max(1, Math.ceil((blockCount * (1 - progress)) / progress)) : null;
}

/** What the choice between several stakes costs, as a logarithm. */
const STAKES_COST = 1;
/** Of a standard normal distribution: 5 % lie beyond. */
const BEYOND_95 = 1.645;

/** By the signs of the tasks that differ. A task that is tried more often has more chances to differ. */
function detectableOf(
  { signs: { up, down }, sums: { count }, blockCount, differingCount }: TaskWalk,
  rule: WayRule,
): number | null {
  const triesPerTask = blockCount / count;
  // How much more often tasks differ than blocks do; where none did, each block would be the first.
  const gain = differingCount === 0 ? triesPerTask : (triesPerTask * (up + down)) / differingCount;
  const steps = Math.sqrt(2 * (Math.log(2 / rule.alpha) + STAKES_COST)) + BEYOND_95;
  const found = detectableDifference({ variance: (2 * Math.min(up, down)) / count, size: 1, count }, steps);
  return found === null ? null : found / gain;
}
