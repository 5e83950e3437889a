import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { formatCount, formatPercent } from "./format-figures.ts";

/** Why a cell stayed undecided, and what would help; both are our own words. */
export interface UndecidedCause {
  readonly cause: string;
  readonly remedy: string;
}

/** With fewer blocks too little is known of the noise to blame it. */
const MIN_BLOCKS = 10;

const ON_WITH = "go on with bench:run --resume and a larger";

/**
 * What ended the blocks of an undecided cell: the time budget, the limit of `--max-blocks`, a number that was set before,
 * or failed runs. Says that it is not known where the comparison does not tell its limits.
 */
export function undecidedCause(cell: ComparedCell, comparison: Comparison): UndecidedCause {
  const { sampling } = comparison;
  const madeCount = blocksMade(cell);
  if (sampling?.mode === "fixed" || cell.interval?.kind === "fixed-n") {
    return {
      cause: "--run-count fixed the number of runs, and they did not decide it",
      remedy: "measure without --run-count: blocks are then added until the cell is decided",
    };
  }
  const { maxBlocks, timeBudgetMinutes } = sampling ?? {};
  if (maxBlocks === undefined) return UNKNOWN;
  if (madeCount >= maxBlocks) return causeOfCap(maxBlocks, noisyMarginPct(cell, comparison));
  if (timeBudgetMinutes !== undefined)
    return causeOfTime(timeBudgetMinutes, noisyMarginPct(cell, comparison) !== undefined);
  if (cell.base.failedCount + cell.head.failedCount > 0) {
    return {
      cause: `given up before the limit of ${formatCount(maxBlocks, "block")}, because runs failed`,
      remedy: "look at failures and stderr of these lines of raw-runs.jsonl, mend the cause and measure again",
    };
  }
  return {
    cause: `the measurement ended before the limit of ${formatCount(maxBlocks, "block")}`,
    remedy: "go on with bench:run --resume",
  };
}

const UNKNOWN: UndecidedCause = {
  cause: "what ended the blocks is not recorded",
  remedy: "go on with bench:run --resume, or measure on a quieter machine",
};

/** Blocks that were run, those with a failed run too. */
export function blocksMade({ base, head, blockCount }: ComparedCell): number {
  return Math.max(blockCount, base.validCount + base.failedCount, head.validCount + head.failedCount);
}

function causeOfCap(maxBlocks: number, noisyPct: number | undefined): UndecidedCause {
  if (noisyPct === undefined) {
    return {
      cause: `the limit of ${formatCount(maxBlocks, "block")} a cell was reached`,
      remedy: `${ON_WITH} --max-blocks`,
    };
  }
  return {
    cause: `too noisy for the limit of ${formatCount(maxBlocks, "block")} a cell: only slowdowns above the margin of ${formatPercent(noisyPct)} would be found`,
    remedy: `close other programs or measure on a quieter machine; or ${ON_WITH} --max-blocks`,
  };
}

function causeOfTime(timeBudgetMinutes: number, isAlsoNoisy: boolean): UndecidedCause {
  return {
    cause: `the time budget of ${formatCount(timeBudgetMinutes, "minute")} was over`,
    remedy: isAlsoNoisy
      ? `close other programs, which make these cells noisy, and ${ON_WITH} --time-budget-minutes`
      : `${ON_WITH} --time-budget-minutes, or close other programs`,
  };
}

/** The margin, where not even a slowdown of its size would be found; undefined where it would, or where nobody knows. */
function noisyMarginPct(
  { detectablePct, blockCount }: ComparedCell,
  { evidence, cells = [] }: Comparison,
): number | undefined {
  const marginPct = evidence?.margins.equivalencePct;
  if (marginPct === undefined || blockCount < MIN_BLOCKS) return undefined;
  // Null is more than a tripling, or what was told of no cell since there are too many.
  const isTold = detectablePct !== null || cells.some((cell) => cell.detectablePct !== null);
  return isTold && (detectablePct ?? Number.POSITIVE_INFINITY) > marginPct ? marginPct : undefined;
}
