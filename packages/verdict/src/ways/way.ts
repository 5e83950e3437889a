import type { Direction } from "./judge-differences.ts";

/**
 * What a way to judge makes of a pair of series. Differences are natural logarithms of head/base for a metric whose
 * effect is a ratio, else head − base in its unit (of a proportion, 0.05 is five percentage points).
 */
export interface WayAnswer {
  readonly direction: Direction;
  /** The one estimate of the change; null when there is none. */
  readonly estimate: number | null;
  readonly interval: WayInterval | null;
  /** Logarithms of the e-values (or of 1/p) for "head is higher" and "head is lower", and of what was needed. */
  readonly evidence: {
    readonly logHigher: number;
    readonly logLower: number;
    readonly logNeeded: number;
    readonly decidedAfterBlocks: number | null;
  } | null;
  /** The smallest change that is found 95 % of the time with data like these; null when nobody can tell. */
  readonly detectable: number | null;
  /** About how many more blocks, tasks or samples would settle it; null when it is settled or nobody can tell. */
  readonly more: number | null;
  /** Blocks, tasks, or samples of the smaller side that it rests on. */
  readonly count: number;
  /** What a reader should know of how it was decided, and what would help where more is to do than to measure longer. */
  readonly reason?: string;
  readonly remedy?: string;
}

export interface WayInterval {
  /** Null: nothing on that side is excluded. */
  readonly low: number | null;
  readonly high: number | null;
  /** `sequence`: holds at every number of blocks at once; `fixed-n`: holds only where the number was set before. */
  readonly kind: "sequence" | "fixed-n";
  /** How often it holds the truth, 0.95 for instance. */
  readonly level: number;
}

/** How much a question may err, and what matters; on the scale of the differences. */
export interface WayRule {
  /** The chance of a false answer, both directions together. */
  readonly alpha: number;
  /** The equivalence margin δ. */
  readonly margin: number;
  /** A change below this is not worth an alert. */
  readonly minEffect: number;
  readonly canBeSame: boolean;
}
