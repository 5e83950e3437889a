import { confidenceSequence, median, signedRankInterval } from "@forgebench/stats";
import { type CellRule, INTERVAL_ALPHA, intervalAlternatives } from "../rules.ts";
import { detectableChange } from "./detectable-change.ts";
import { judgeDifferences, moreBlocks } from "./judge-differences.ts";
import { judgeFixedBlocks } from "./judge-fixed.ts";
import type { WayAnswer, WayInterval } from "./way.ts";

interface PairedOptions {
  /** Whether the number of blocks was set before the first of them. */
  readonly isFixed: boolean;
  /** Blocks that there could have been: what the detectable change is told for. */
  readonly maxBlocks: number;
  /** Left out where there are too many cells for it: it takes ten times as long as all the rest. */
  readonly skipsDetectable: boolean;
}

/**
 * Judges blocks, each by its difference: by bets that hold at every number of blocks, or where the number was set before
 * by one rank test. The estimate is the median of the differences.
 */
export function judgePaired(differences: readonly number[], rule: CellRule, options: PairedOptions): WayAnswer {
  const judgement = options.isFixed ? judgeFixedBlocks(differences, rule) : judgeDifferences(differences, rule);
  const { direction, nearest } = judgement;
  const isHeldBack = direction === "open" && nearest.logNow >= nearest.logNeeded;
  return {
    direction,
    estimate: median(differences),
    interval: intervalOf(differences, rule, options),
    evidence: {
      logHigher: judgement.logHigher,
      logLower: judgement.logLower,
      logNeeded: options.isFixed ? nearest.logNeeded : rule.logNeeded,
      decidedAfterBlocks: judgement.decidedAfterBlocks,
    },
    detectable: options.skipsDetectable
      ? null
      : detectableChange(differences, Math.max(options.maxBlocks, differences.length), rule),
    more: direction === "open" ? moreBlocks(judgement, differences.length) : null,
    count: differences.length,
    ...(isHeldBack ? { reason: HELD_BACK } : {}),
  };
}

/** The text stands in compare.json, which `bench:verify` computes again: it never changes. */
const HELD_BACK =
  "what lies at the margins is ruled out, but not all beyond them, or a change inside them may be about to be proved";

function intervalOf(differences: readonly number[], rule: CellRule, { isFixed }: PairedOptions): WayInterval {
  const level = 1 - INTERVAL_ALPHA;
  if (isFixed) {
    const { low, high, coverage } = signedRankInterval(differences, level);
    return { low, high, kind: "fixed-n", level: coverage };
  }
  const options = { alpha: INTERVAL_ALPHA, alternatives: intervalAlternatives(rule.margin) };
  return { ...confidenceSequence(differences, options), kind: "sequence", level };
}
