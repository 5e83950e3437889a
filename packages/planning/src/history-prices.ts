import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { median } from "@forgebench/stats";
import { type BlockTime, blockTimes } from "./block-times.ts";

/** An earlier measurement. */
export interface History {
  /** In the order in which they were made. */
  readonly runs: readonly RawRun[];
  /** Whether its blocks went on until each cell was decided, so that their number says something. */
  readonly isByEvidence: boolean;
}

/** The cost of a cell. */
export interface HistoryPrice {
  readonly blockMs: number;
  /** The median number of blocks until it was decided; null when no history is by evidence. */
  readonly blocksTaken: number | null;
}

/** Added to the runs if no log shows the time between them. */
const ASSUMED_OVERHEAD = 0.1;

/**
 * The price of each cell that has a usable block, by the name of the cell: the median over all blocks of all histories,
 * and the median of the time around them. One slow block, or one slow night of three, does not move it.
 */
export function historyPrices(histories: readonly History[]): Map<string, HistoryPrice> {
  const timed = histories.map(({ runs, isByEvidence }) => ({ blocks: blockTimes(runs), isByEvidence }));
  const usable = groupBy(
    timed.flatMap(({ blocks }) => blocks.filter(({ isUsable }) => isUsable)),
    ({ cell }) => cell,
  );
  const counts = blockCounts(timed.filter(({ isByEvidence }) => isByEvidence).map(({ blocks }) => blocks));
  return new Map(
    [...usable].map(([cell, blocks]) => {
      const taken = counts.get(cell);
      return [cell, { blockMs: priceOf(blocks), blocksTaken: taken === undefined ? null : median(taken) }];
    }),
  );
}

function priceOf(blocks: readonly BlockTime[]): number {
  const wallMs = median(blocks.map((block) => block.wallMs));
  const overheads = blocks.flatMap(({ overheadMs }) => (overheadMs === null ? [] : [overheadMs]));
  return wallMs + (overheads.length === 0 ? wallMs * ASSUMED_OVERHEAD : median(overheads));
}

/** How many blocks each cell took, once for each history. */
function blockCounts(histories: readonly (readonly BlockTime[])[]): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  for (const blocks of histories) {
    for (const [cell, own] of groupBy(blocks, ({ cell }) => cell))
      counts.set(cell, [...(counts.get(cell) ?? []), own.length]);
  }
  return counts;
}
