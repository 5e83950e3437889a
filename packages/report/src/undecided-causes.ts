import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { formatCount, formatPercent } from "./format-figures.ts";

/** Why a cell stayed undecided, and the remedy; no text from outside. */
export interface UndecidedCause {
  readonly cause: string;
  readonly remedy: string;
}

/** With fewer blocks the noise is not known well enough to name it as the cause. */
const MIN_BLOCKS = 10;

const ON_WITH = "continue with bench:run --resume and a larger";

/**
 * Why an undecided cell got no more blocks: the time budget, the limit of `--max-blocks`, a number that was set before,
 * or failed runs. Says that it is not known if the comparison does not record its limits.
 */
export function undecidedCause(cell: ComparedCell, comparison: Comparison): UndecidedCause {
  const { sampling } = comparison;
  const madeCount = blocksMade(cell);
  if (sampling?.mode === "fixed" || cell.interval?.kind === "fixed-n") {
    return {
      cause: "--run-count fixed the number of runs, which was too small for a verdict",
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
      cause: `stopped before the limit of ${formatCount(maxBlocks, "block")}, because runs failed`,
      remedy: "read failures and stderr in these lines of raw-runs.jsonl, remove the cause and measure again",
    };
  }
  return {
    cause: `the measurement ended before the limit of ${formatCount(maxBlocks, "block")}`,
    remedy: "continue with bench:run --resume",
  };
}

const UNKNOWN: UndecidedCause = {
  cause: "the limit that ended the blocks is not recorded",
  remedy: "continue with bench:run --resume, or measure on a quieter machine",
};

/** The blocks that were run, including those with a failed run. */
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

/** The margin, if not even a slowdown of its size would be found; undefined if it would, or if that is not known. */
function noisyMarginPct(
  { detectablePct, blockCount }: ComparedCell,
  { evidence, cells = [] }: Comparison,
): number | undefined {
  const marginPct = evidence?.margins.equivalencePct;
  if (marginPct === undefined || blockCount < MIN_BLOCKS) return undefined;
  // Null: more than a tripling, or not computed because there are too many cells.
  const isTold = detectablePct !== null || cells.some((cell) => cell.detectablePct !== null);
  return isTold && (detectablePct ?? Number.POSITIVE_INFINITY) > marginPct ? marginPct : undefined;
}
