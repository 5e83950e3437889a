import { mean, studentTTail, unpairedDifference } from "@forgebench/stats";
import { INTERVAL_ALPHA } from "../rules.ts";
import type { Outcomes } from "./outcomes.ts";
import { MIN_TASKS, moreTasks, printedInterval, stepsToFind, tooFewTasks } from "./task-rules.ts";
import { cutAtZero, evidenceOf, openAnswer, provedSide, type WayAnswer, type WayRule } from "./way.ts";

/**
 * Other tasks on either side, or none named: the difference of two rates, with the spread between tasks as its error.
 * Assumes that the tasks of both sides were drawn alike; where no task is named, that no two samples are of one. Never
 * `same`: tasks that happen to be easier hide a change as easily as they feign one.
 */
export function judgeOtherTasks({ base, head }: Outcomes, rule: WayRule): WayAnswer {
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
  const detectable = stepsToFind(rule.alpha, adjusted.freedom) * adjusted.error;
  const more = moreTasks(adjusted, { count, rule: { ...rule, canBeSame: false } });
  return {
    direction,
    estimate,
    interval: { ...cutAtZero(interval, direction), ...printed },
    evidence,
    detectable: detectable < 1 ? detectable : null,
    more: direction === "open" ? more : null,
    count,
    reason: "the tasks of the two sides differ or have no names, so they are not compared one by one",
    remedy: "name the tasks, and try the same ones on both sides",
  };
}
