import { type AdjustedMean, type Interval, studentTQuantile } from "@forgebench/stats";
import { INTERVAL_ALPHA, SAME_ALPHA } from "../rules.ts";
import { MISSED, type WayAnswer, type WayRule } from "./way.ts";

/** Fewer tasks say too little of others like them. */
export const MIN_TASKS = 10;

/** Why a proportion stays undecided with so few tasks, and what helps, as a {@link WayAnswer} says it. */
export function tooFewTasks(count: number): { readonly reason: string; readonly remedy: string } {
  return { reason: `too few tasks: ${count}, at least ${MIN_TASKS} are needed`, remedy: "measure more tasks" };
}

/** The interval of a mean that leaves `beside` on each side; of differences of rates, so within ±1, and it holds the plain estimate. */
function tailsInterval({ mean, error, freedom }: AdjustedMean, beside: number, estimate: number): Interval {
  const reach = studentTQuantile(beside, freedom) * error;
  return { low: Math.max(-1, Math.min(estimate, mean - reach)), high: Math.min(1, Math.max(estimate, mean + reach)) };
}

/** The interval that is printed. */
export function printedInterval(adjusted: AdjustedMean, estimate: number): Interval {
  return tailsInterval(adjusted, INTERVAL_ALPHA / 2, estimate);
}

/** Whether a change of the margin or more is ruled out on each side (Schuirmann 1987). */
export function isWithinMargin(adjusted: AdjustedMean, estimate: number, { margin }: WayRule): boolean {
  const { low, high } = tailsInterval(adjusted, SAME_ALPHA, estimate);
  return low !== null && high !== null && low > -margin && high < margin;
}

/**
 * The smallest change found 95 % of the time in so many tasks: `steps` standard errors, of which a change itself makes
 * more, as tasks that turn are `size` each. `variance` is of one task, without a change.
 */
export function detectableDifference(
  { variance, size, count }: { readonly variance: number; readonly size: number; readonly count: number },
  steps: number,
): number | null {
  // δ² = steps² · (variance + size · δ − δ²) / count
  const share = steps ** 2 / count;
  const half = (share * size) / (2 * (1 + share));
  const found = half + Math.sqrt(half ** 2 + (share * variance) / (1 + share));
  return found < 1 ? found : null;
}

/** Standard errors between "nothing changed" and a change that is found 95 % of the time. */
export function stepsToFind(alpha: number, freedom: number): number {
  return studentTQuantile(alpha / 2, freedom) + studentTQuantile(MISSED, freedom);
}

/** More than this many times what there is: nobody can tell. */
const MAX_FACTOR = 100;

/** About how many more tasks the nearest answer takes, should the rest be like what was seen. */
export function moreTasks(
  { mean, error, freedom }: AdjustedMean,
  { count, rule }: { readonly count: number; readonly rule: WayRule },
): number | null {
  const room = rule.canBeSame ? rule.margin - Math.abs(mean) : 0;
  const shrinks = [
    (studentTQuantile(rule.alpha / 2, freedom) * error) / Math.abs(mean),
    room > 0 ? (studentTQuantile(SAME_ALPHA, freedom) * error) / room : Number.POSITIVE_INFINITY,
  ];
  const factor = Math.min(...shrinks) ** 2 - 1;
  return factor < MAX_FACTOR ? Math.max(1, Math.ceil(factor * count)) : null;
}

/** A change that is proved, unless it is too small to matter and `same` holds as well; then `same`. */
export function directionOf(
  side: "higher" | "lower" | "open",
  {
    estimate,
    isAlike,
    minEffect,
  }: { readonly estimate: number; readonly isAlike: boolean; readonly minEffect: number },
): WayAnswer["direction"] {
  if (side !== "open" && (Math.abs(estimate) >= minEffect || !isAlike)) return side;
  return isAlike ? "same" : "open";
}
