import { incompleteBeta } from "./incomplete-beta.ts";
import { normalTail } from "./mann-whitney.ts";

/** With more degrees of freedom than this the difference between t and the normal distribution does not matter. */
const AS_GOOD_AS_NORMAL = 100_000;

/**
 * P(T > t) of Student's t with `freedom` > 0 degrees of freedom, which need not be whole; Infinity gives the normal
 * distribution (Student 1908; by the incomplete beta function, Abramowitz and Stegun 1964, 26.7.1).
 */
export function studentTTail(t: number, freedom: number): number {
  if (Number.isNaN(t) || !(freedom > 0)) return Number.NaN;
  if (freedom > AS_GOOD_AS_NORMAL) return normalTail(t);
  const square = t * t;
  const tail = Number.isFinite(square) ? incompleteBeta(freedom / (freedom + square), freedom / 2, 0.5) / 2 : 0;
  return t >= 0 ? tail : 1 - tail;
}

/**
 * The t of which P(T > t) is `tail`, 0 < tail < 1: 2.776 for a tail of 0.025 and 4 degrees of freedom. Bisected, since
 * nobody needs millions of them.
 */
export function studentTQuantile(tail: number, freedom: number): number {
  if (!(tail > 0 && tail < 1 && freedom > 0)) return Number.NaN;
  if (tail > 0.5) return -studentTQuantile(1 - tail, freedom);
  if (tail === 0.5) return 0;
  let [low, high] = [0, 1];
  while (studentTTail(high, freedom) > tail) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTTail(middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The z of which P(Z > z) is `tail` for a standard normal Z. */
export function normalQuantile(tail: number): number {
  return studentTQuantile(tail, Number.POSITIVE_INFINITY);
}
