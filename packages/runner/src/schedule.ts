import { createHmac } from "node:crypto";
import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { type Arm, type Cell, cellId, pairId, type Slot } from "./cells.ts";

/** A cell and how many blocks of it are to be run. */
export interface CellPlan {
  readonly cell: Cell;
  readonly blockCount: number;
  /** The number of its first run: runs are counted over both phases of a profile and scenario. */
  readonly firstRun: number;
}

/** One run of the subject, before it happens. */
export interface PlannedRun {
  readonly cell: Cell;
  readonly arm: Arm;
  /** Counts the blocks of the cell, from 0. */
  readonly block: number;
  /** 0: first of its block. */
  readonly position: number;
  readonly slot: Slot;
  /** Counts the runs of an arm on a profile and scenario, from 1. */
  readonly run: number;
}

/** One run of each arm, back to back. */
export interface PlannedBlock {
  readonly cell: Cell;
  readonly block: number;
  readonly runs: readonly PlannedRun[];
}

/** How far a measurement is. */
export interface ScheduleProgress {
  readonly done: number;
  readonly total: number;
  /** The time that is left, if the schedule knows it better than the time so far tells. */
  readonly leftMs?: number;
  /** In words, beside the numbers; may be empty. */
  readonly note: string;
}

/** Gives one block after the other; its result depends only on its input and the runs so far. */
export interface Schedule {
  /** The next block to run; undefined when there is none. */
  next(): PlannedBlock | undefined;
  /** Takes note of the block that `next` gave last: its runs, and how long all of it took. */
  finish(block: PlannedBlock, runs: readonly RawRun[], durationMs: number): void;
  /** How far it is, given how many runs are kept. */
  progress(keptCount: number): ScheduleProgress;
  /** The cells that were left because the time was over, `CELL (N blocks)` each. */
  cutCells(): readonly string[];
}

/**
 * The fixed protocol: of each profile and scenario `runCount` blocks, one cold when that is chosen, the rest warm. More
 * cold ones come on top: there are as many warm ones as before.
 */
export function fixedProtocol(cells: readonly Cell[], runCount: number, coldRuns = 1): CellPlan[] {
  return [...groupBy(cells, pairId).values()]
    .flatMap((own) => {
      const hasCold = own.some(({ phase }) => phase === "cold");
      let firstRun = 1;
      return own.map((cell) => {
        // A phase that is neither cold nor warm shares its runs with no other.
        const warmCount = hasCold && cell.phase === "warm" ? runCount - 1 : runCount;
        const plan = { cell, blockCount: cell.phase === "cold" ? coldRuns : warmCount, firstRun };
        firstRun += plan.blockCount;
        return plan;
      });
    })
    .filter(({ blockCount }) => blockCount > 0);
}

/** Of each cell at most so many blocks; how many it gets is decided on the way. */
export function openProtocol(cells: readonly Cell[], maxBlocks: number): CellPlan[] {
  return cells.map((cell) => ({ cell, blockCount: maxBlocks, firstRun: 1 }));
}

/** The input of {@link planRuns}. */
export interface ScheduleInput {
  /** Fresh randomness of the operating system, recorded; all coins are drawn from it. */
  readonly orderSeed: string;
  readonly arms: readonly Arm[];
  readonly cellPlans: readonly CellPlan[];
}

/**
 * All blocks in the order in which they are run: rounds in which every cell that has blocks left gets one, in an order
 * drawn for the round, so that slow drift spreads over all cells. Which arm of a block goes first, and which of the two
 * slots it gets, are two coins of HMAC-SHA256(order seed, cell and block). The same input gives the same plan.
 */
export function planRuns({ orderSeed, arms, cellPlans }: ScheduleInput): PlannedBlock[] {
  const roundCount = Math.max(0, ...cellPlans.map(({ blockCount }) => blockCount));
  return Array.from({ length: roundCount }, (_, round) =>
    inDrawnOrder(
      orderSeed,
      round,
      cellPlans.filter(({ blockCount }) => blockCount > round),
    ).map(({ cell, firstRun }) => planBlock({ orderSeed, arms, cell, block: round, run: firstRun + round })),
  ).flat();
}

/** Items with a cell each, in the order that is drawn for a round. */
export function inDrawnOrder<Item extends { readonly cell: Cell }>(
  orderSeed: string,
  round: number,
  items: readonly Item[],
): Item[] {
  return items
    .map((item) => ({ item, key: draw(orderSeed, `round\n${cellId(item.cell)}\n${round}`).toString("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

/** The block that {@link planBlock} draws for. */
interface BlockInput {
  readonly orderSeed: string;
  readonly arms: readonly Arm[];
  readonly cell: Cell;
  readonly block: number;
  /** The number that the runs of the block get. */
  readonly run: number;
}

/** One block: which arm goes first, and in which slot, are its own two coins. */
export function planBlock({ orderSeed, arms, cell, block, run }: BlockInput): PlannedBlock {
  const coins = draw(orderSeed, `block\n${cellId(cell)}\n${block}`);
  const [orderCoin, slotCoin] = [coins.readUInt8(0) & 1, coins.readUInt8(1) & 1];
  const runs = (orderCoin === 0 ? arms : arms.toReversed()).map((arm, position) => ({
    cell,
    arm,
    block,
    position,
    slot: (arm === "head") === (slotCoin === 0) ? ("A" as const) : ("B" as const),
    run,
  }));
  return { cell, block, runs };
}

function draw(orderSeed: string, label: string): Buffer {
  return createHmac("sha256", orderSeed).update(label).digest();
}
