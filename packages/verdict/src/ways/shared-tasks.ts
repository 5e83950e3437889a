import {
  type AdjustedMean,
  differenceSums,
  pairedDifference,
  signFlipTails,
  studentTTail,
  type Tails,
} from "@forgebench/stats";
import { INTERVAL_ALPHA } from "../rules.ts";
import type { SharedTask } from "./outcomes.ts";
import {
  detectableDifference,
  directionOf,
  isWithinMargin,
  MIN_TASKS,
  moreTasks,
  printedInterval,
  stepsToFind,
  tooFewTasks,
} from "./task-rules.ts";
import { cutAtZero, evidenceOf, openAnswer, provedSide, type WayAnswer, type WayRule } from "./way.ts";

/**
 * The same tasks on both sides, a number of them set before: one difference of rates per task, so that repeats of a task
 * count as one. Where each task was tried as often by both sides, exact sign flips: assumes that in a task where nothing
 * changed the sides might as well be exchanged, and that tasks are independent; repeats of a task need not be. Otherwise
 * t of the mean difference, which is near its level from some dozens of tasks on.
 */
export function judgeSharedTasks(tasks: readonly SharedTask[], rule: WayRule): WayAnswer {
  const differences = tasks.map(({ difference }) => difference);
  const count = differences.length;
  const sums = differenceSums(differences);
  const estimate = sums.sum / count;
  const adjusted = pairedDifference(sums);
  const printed = { kind: "fixed-n", level: 1 - INTERVAL_ALPHA } as const;
  const interval = printedInterval(adjusted, estimate);
  if (count < MIN_TASKS)
    return openAnswer(count, { estimate, interval: { ...interval, ...printed }, ...tooFewTasks(count) });
  const evidence = evidenceOf(tailsOf(tasks, adjusted), rule.alpha);
  const isAlike = rule.canBeSame && isWithinMargin(adjusted, estimate, rule);
  const direction = directionOf(provedSide(evidence), { estimate, isAlike, minEffect: rule.minEffect });
  return {
    direction,
    estimate,
    interval: { ...cutAtZero(interval, direction), ...printed },
    evidence,
    detectable: detectableDifference(spreadOf(differences), stepsToFind(rule.alpha, adjusted.freedom)),
    more: direction === "open" ? moreTasks(adjusted, { count, rule }) : null,
    count,
  };
}

/** The largest number of parts that a rate is divided into; beyond, rates are rounded to it. */
const MAX_PARTS = 2520;

function tailsOf(tasks: readonly SharedTask[], { mean, error, freedom }: AdjustedMean): Tails {
  if (tasks.every(({ baseTries, headTries }) => baseTries === headTries)) {
    const parts = tasks.reduce((sofar, { baseTries }) => Math.min(MAX_PARTS, commonMultiple(sofar, baseTries)), 1);
    return signFlipTails(tasks.map(({ difference }) => difference * parts));
  }
  return { higher: studentTTail(mean / error, freedom), lower: studentTTail(-mean / error, freedom) };
}

function commonMultiple(first: number, second: number): number {
  let [a, b] = [first, second];
  while (b > 0) [a, b] = [b, a % b];
  return (first / a) * second;
}

/** What tasks differ by without a change of all: what turned both ways, and how much one turns as a rule. */
function spreadOf(differences: readonly number[]): { variance: number; size: number; count: number } {
  let [up, down, squares, discordant] = [0, 0, 0, 0];
  for (const difference of differences) {
    squares += difference * difference;
    if (difference > 0) up += difference * difference;
    else down += difference * difference;
    if (difference !== 0) discordant += 1;
  }
  const size = discordant === 0 ? 1 : Math.sqrt(squares / discordant);
  return { variance: (2 * Math.min(up, down)) / differences.length, size, count: differences.length };
}
