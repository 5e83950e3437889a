import { mean, studentTTail, unpairedDifference } from "@forgebench/stats";
import { INTERVAL_ALPHA } from "../rules.ts";
import type { Outcomes } from "./outcomes.ts";
import { detectableDifference, MIN_TASKS, moreTasks, printedInterval, stepsToFind, tooFewTasks } from "./task-rules.ts";
import { cutAtZero, evidenceOf, openAnswer, provedSide, type WayAnswer, type WayRule } from "./way.ts";

/**
 * Other tasks on either side, or none named: the difference of two rates, with the spread between tasks as its error.
 * Assumes that the tasks of both sides were drawn alike; where no task is named, that no two samples are of one. Never
 * `same`: tasks that happen to be easier hide a change as easily as they feign one.
 */
export function judgeOtherTasks(outcomes: Outcomes, rule: WayRule): WayAnswer {
  const { base, head } = outcomes;
  const count = Math.min(base.length, head.length);
  const estimate = mean(head) - mean(base);
  const adjusted = unpairedDifference(base, head);
  const printed = { kind: "fixed-n", level: 1 - INTERVAL_ALPHA } as const;
  const interval = printedInterval(adjusted, estimate);
  if (count < MIN_TASKS)
    return openAnswer(count, { estimate, interval: { ...interval, ...printed }, ...tooFewTasks(count) });
  const t = adjusted.mean / adjusted.error;
  const tails = { higher: studentTTail(t, adjusted.freedom), lower: studentTTail(-t, adjusted.freedom) };
  const evidence = evidenceOf(tails, rule.alpha);
  const direction = provedSide(evidence);
  const more = moreTasks(adjusted, { count, rule: { ...rule, canBeSame: false } });
  return {
    direction,
    estimate,
    interval: { ...cutAtZero(interval, direction), ...printed },
    evidence,
    detectable: detectableDifference(spreadOf(outcomes, adjusted.error), stepsToFind(rule.alpha, adjusted.freedom)),
    more: direction === "open" ? more : null,
    count,
    reason: "the tasks of the two sides differ or have no names, so they are not compared one by one",
    remedy: "name the tasks, and try the same ones on both sides",
  };
}

/** The error as a variance of one task, and by how much more a task varies for each point that its rate falls from 100 % or rises from 0. */
function spreadOf({ base, head }: Outcomes, error: number): { variance: number; size: number; count: number } {
  const count = Math.min(base.length, head.length);
  const variance = count * error ** 2;
  // Of two sides alike, as rate · (1 − rate) · a share, 1 where all tries of a task end alike.
  const rate = (mean(base) * base.length + mean(head) * head.length + 2) / (base.length + head.length + 4);
  const share = Math.min(1, variance / 2 / (rate * (1 - rate)));
  return { variance, size: share * Math.abs(1 - 2 * rate), count };
}
