import { type Costed, dealCells, dealOneMore, dearestFirst, type Hand } from "./deal-cells.ts";

/** A cell with its price, and whether its verdict gates: cells that do not gate are left out first. */
export interface FittingCell extends Costed {
  readonly gating: boolean;
}

/** A cell that is left out: `too-dear` for any shard even alone, or because all cells together are too much. */
export interface ShedCell<T extends FittingCell> {
  readonly cell: T;
  readonly why: "too-dear" | "over-budget";
}

/** The cells of each shard, and the cells of no shard; shards without cells are left out. */
export interface Fit<T extends FittingCell> {
  readonly hands: readonly Hand<T>[];
  readonly shed: readonly ShedCell<T>[];
}

/**
 * Leaves out cells until the rest fits: first those that fit no shard alone, then the most expensive that do not gate,
 * one by one; then, only if it is still too much, the most expensive that gate. If a gating cell is left out, cheap
 * cells return into the time that it frees.
 */
export function fitNight<T extends FittingCell>(cells: readonly T[], shardCount: number, capacityMs: number): Fit<T> {
  const fitting = cells.filter(({ costMs }) => costMs <= capacityMs);
  const order = fitting.toSorted((a, b) => Number(a.gating) - Number(b.gating) || dearestFirst(a, b));
  let sumMs = fitting.reduce((sum, { costMs }) => sum + costMs, 0);
  let shedCount = 0;
  let hands = dealCells(order, shardCount);
  while (!fits(hands, capacityMs) && shedCount < order.length) {
    // Sums first: dealing thousands of cells anew for each one that goes takes long.
    do sumMs -= order[shedCount++]?.costMs ?? 0;
    while (sumMs > capacityMs * shardCount && shedCount < order.length);
    hands = dealCells(order.slice(shedCount), shardCount);
  }
  const outside = order.slice(0, shedCount).toReversed();
  const back = new Set(outside.filter((cell) => !cell.gating).filter((cell) => dealOneMore(hands, cell, capacityMs)));
  return {
    hands: hands.filter((hand) => hand.cells.length > 0),
    shed: [
      ...cells.filter(({ costMs }) => costMs > capacityMs).map((cell) => ({ cell, why: "too-dear" as const })),
      ...outside.filter((cell) => !back.has(cell)).map((cell) => ({ cell, why: "over-budget" as const })),
    ],
  };
}

function fits(hands: readonly Hand<FittingCell>[], capacityMs: number): boolean {
  return hands.every(({ costMs }) => costMs <= capacityMs);
}
