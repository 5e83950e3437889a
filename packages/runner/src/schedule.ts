import { createHmac } from "node:crypto";
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

/** The seed's fixed protocol: of each profile and scenario `runCount` blocks, one cold when that is chosen, the rest warm. */
export function fixedProtocol(cells: readonly Cell[], runCount: number): CellPlan[] {
  const withCold = new Set(cells.filter(({ phase }) => phase === "cold").map(pairId));
  return cells
    .map((cell) => {
      const coldCount = withCold.has(pairId(cell)) ? 1 : 0;
      return cell.phase === "cold"
        ? { cell, blockCount: 1, firstRun: 1 }
        : { cell, blockCount: runCount - coldCount, firstRun: coldCount + 1 };
    })
    .filter(({ blockCount }) => blockCount > 0);
}

/** What {@link planRuns} plans from. */
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
    cellPlans
      .filter(({ blockCount }) => blockCount > round)
      .map((plan) => ({ plan, key: draw(orderSeed, `round\n${cellId(plan.cell)}\n${round}`).toString("hex") }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ plan }) => planBlock(orderSeed, arms, plan, round)),
  ).flat();
}

function planBlock(orderSeed: string, arms: readonly Arm[], plan: CellPlan, block: number): PlannedBlock {
  const { cell, firstRun } = plan;
  const coins = draw(orderSeed, `block\n${cellId(cell)}\n${block}`);
  const [orderCoin, slotCoin] = [coins.readUInt8(0) & 1, coins.readUInt8(1) & 1];
  const runs = (orderCoin === 0 ? arms : arms.toReversed()).map((arm, position) => ({
    cell,
    arm,
    block,
    position,
    slot: (arm === "head") === (slotCoin === 0) ? ("A" as const) : ("B" as const),
    run: firstRun + block,
  }));
  return { cell, block, runs };
}

function draw(orderSeed: string, label: string): Buffer {
  return createHmac("sha256", orderSeed).update(label).digest();
}
