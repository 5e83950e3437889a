import type { Interval } from "@forgebench/stats";
import type { Direction } from "./judge-differences.ts";

/**
 * The answer of a way to judge a pair. Differences are natural logarithms of head/base for a metric with effect `ratio`,
 * plain head − base for `difference` (a proportion: 0.05 is five percentage points).
 */
export interface WayAnswer {
  /** Of head. */
  readonly direction: Direction;
  /** The one estimate of the change, on the scale of the differences; null when there is none. */
  readonly estimate: number | null;
  readonly interval: WayInterval | null;
  /** E-values or 1/p-values, as natural logarithms: for "head is higher", "head is lower", and what was needed. */
  readonly evidence: {
    readonly logHigher: number;
    readonly logLower: number;
    readonly logNeeded: number;
    readonly decidedAfterBlocks: number | null;
  } | null;
  /** Smallest change found 95 % of the time with data like these, on the scale of the differences; null if not known. */
  readonly detectable: number | null;
  /** About how many more blocks (or tasks) would settle it; null if settled or not known. */
  readonly more: number | null;
  /** How many pairs of samples, tasks or (independent) samples of the smaller side it rests on. */
  readonly count: number;
  /** A note on how it was decided, or what is missing. */
  readonly reason?: string;
  /** The remedy. */
  readonly remedy?: string;
}

/** Bounds of the change on the scale of the differences; reports turn them into per cent or percentage points. */
export interface WayInterval extends Interval {
  /** `sequence`: holds at every number of blocks at once; `fixed-n`: only where the number was set before. */
  readonly kind: "sequence" | "fixed-n";
  /** How often it holds the truth, 0.95 for instance. */
  readonly level: number;
}

/** How much error this question may spend, and what matters; on the scale of the differences. */
export interface WayRule {
  /** The two-sided error share of this question; each direction gets half of it. */
  readonly alpha: number;
  /** The equivalence margin δ. */
  readonly margin: number;
  /** A change below this does not matter. */
  readonly minEffect: number;
  /** False for what is found or missed, and where both sides were not measured in one session. */
  readonly canBeSame: boolean;
}

/** The chance to miss a change that is called detectable. */
export const MISSED = 0.05;

/** Smaller chances are not told apart: their logarithm stays a number. */
const SMALLEST_CHANCE = 1e-300;

/** Two one-sided p-values as evidence: the logarithms of 1/p, each of which needs 2/alpha. */
export function evidenceOf(
  tails: { readonly higher: number; readonly lower: number },
  alpha: number,
): NonNullable<WayAnswer["evidence"]> {
  const logOf = (chance: number) => 0 - Math.log(Math.min(1, Math.max(SMALLEST_CHANCE, chance)));
  return {
    logHigher: logOf(tails.higher),
    logLower: logOf(tails.lower),
    logNeeded: Math.log(2 / alpha),
    decidedAfterBlocks: null,
  };
}

/** The side that the evidence proves. */
export function provedSide({
  logHigher,
  logLower,
  logNeeded,
}: NonNullable<WayAnswer["evidence"]>): "higher" | "lower" | "open" {
  if (Math.max(logHigher, logLower) < logNeeded) return "open";
  return logHigher >= logLower ? "higher" : "lower";
}

/**
 * A proved side leaves out 0: where the interval, made otherwise, did not, it is cut there. What came after a verdict may speak
 * for the other side altogether; then the interval stays as it is.
 */
export function cutAtZero(interval: Interval, direction: Direction): Interval {
  const [low, high] = [interval.low ?? -1, interval.high ?? 1];
  if (direction === "higher" && low < 0 && high > 0) return { low: 0, high: interval.high };
  if (direction === "lower" && low < 0 && high > 0) return { low: interval.low, high: 0 };
  return interval;
}

/** Nothing is decided; the known values are still printed. */
export function openAnswer(count: number, known: Partial<WayAnswer>): WayAnswer {
  const nothing = { direction: "open", estimate: null, interval: null, evidence: null } as const;
  return { ...nothing, detectable: null, more: null, count, ...known };
}
