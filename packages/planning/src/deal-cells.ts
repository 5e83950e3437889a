import { InvariantError } from "@forgebench/errors";

/** A cell with its expected time. */
export interface Costed {
  readonly id: string;
  readonly costMs: number;
}

/** One shard's cells and their sum. */
export interface Hand<T extends Costed> {
  readonly cells: T[];
  costMs: number;
}

/** The most expensive first; equal ones by name, so that the same input gives the same plan. */
export function dearestFirst(a: Costed, b: Costed): number {
  return b.costMs - a.costMs || (a.id < b.id ? -1 : 1);
}

/**
 * Deals cells to shards so that these take about the same time: the most expensive first, each to the shard with the least time
 * (longest processing time; Graham 1969: at most 4/3 of the best deal).
 */
export function dealCells<T extends Costed>(cells: readonly T[], shardCount: number): Hand<T>[] {
  const hands: Hand<T>[] = Array.from({ length: shardCount }, () => ({ cells: [], costMs: 0 }));
  for (const cell of cells.toSorted(dearestFirst)) give(leastOf(hands), cell);
  return hands;
}

/** Gives one more cell to the shard that has least, if it has room for it; says whether it had. */
export function dealOneMore<T extends Costed>(hands: readonly Hand<T>[], cell: T, capacityMs: number): boolean {
  const hand = leastOf(hands);
  if (hand.costMs + cell.costMs > capacityMs) return false;
  give(hand, cell);
  return true;
}

function give<T extends Costed>(hand: Hand<T>, cell: T): void {
  hand.cells.push(cell);
  hand.costMs += cell.costMs;
}

function leastOf<T extends Costed>(hands: readonly Hand<T>[]): Hand<T> {
  const [first, ...others] = hands;
  if (first === undefined) throw new InvariantError("there is no shard for the cells");
  return others.reduce((least, hand) => (hand.costMs < least.costMs ? hand : least), first);
}
