import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { mean } from "@forgebench/stats";
import { type Arm, type Cell, cellId, pairId } from "./cells.ts";
import { isGivenUp } from "./given-up.ts";
import {
  type CellPlan,
  inDrawnOrder,
  type PlannedBlock,
  planBlock,
  type Schedule,
  type ScheduleProgress,
} from "./schedule.ts";

/**
 * How many more blocks a cell is likely to need, given all runs of that one cell: both arms, and also those that are not
 * valid. 0: none, it is decided. Infinity: not known.
 */
export type BlocksNeeded = (runs: readonly RawRun[]) => number;

/**
 * The input of a schedule that gives each cell blocks until its evidence decides, or until blocks or time are used up.
 */
export interface EvidenceOptions {
  readonly orderSeed: string;
  readonly arms: readonly Arm[];
  /** Each cell and the most blocks that it may get. */
  readonly cellPlans: readonly CellPlan[];
  readonly minBlocks: number;
  readonly blocksNeeded: BlocksNeeded;
  /** The whole blocks of an interrupted measurement. */
  readonly earlierRuns: readonly RawRun[];
  /** Counted from now on; looked at between blocks only. */
  readonly timeBudgetMs?: number | undefined;
  /** A clock that never goes back; a test gives its own. */
  readonly nowMs?: () => number;
}

/** The number of last blocks of a cell from which the time of the next one is estimated. */
const LAST_BLOCKS = 3;

interface CellState {
  readonly cell: Cell;
  readonly maxBlocks: number;
  readonly runs: RawRun[];
  readonly lastBlocksMs: number[];
  blockCount: number;
  /** More blocks that it is likely to need; undefined while it has too few to tell. */
  needed: number | undefined;
  isFinished: boolean;
  isCut: boolean;
}

/**
 * Gives every cell blocks in rounds until it is finished: round r holds the cells that have r blocks and need more, in the
 * order that is drawn for it. A cell that was behind, because the time was up, catches up first.
 *
 * Where a time budget is too small for all, it goes to the controls and to the cells that are nearest to a decision, in
 * time: the others stay behind, and come back when time is left.
 */
export class EvidenceSchedule implements Schedule {
  readonly #options: EvidenceOptions;
  readonly #states: readonly CellState[];
  readonly #stateById: ReadonlyMap<string, CellState>;
  /** Blocks by profile and scenario, over both phases; runs are numbered by it. */
  readonly #blockCounts = new Map<string, number>();
  readonly #endMs: number;
  #round: CellState[] = [];
  #spentMs = 0;
  #shownPct = 0;

  constructor(options: EvidenceOptions) {
    this.#options = options;
    this.#states = options.cellPlans.map(({ cell, blockCount: maxBlocks }) => {
      return {
        cell,
        maxBlocks,
        runs: [],
        lastBlocksMs: [],
        blockCount: 0,
        needed: undefined,
        isFinished: false,
        isCut: false,
      };
    });
    this.#stateById = new Map(this.#states.map((state) => [cellId(state.cell), state]));
    const earlier = groupBy(options.earlierRuns, (run) => cellId(run));
    for (const state of this.#states) {
      const blocks = groupBy(earlier.get(cellId(state.cell)) ?? [], ({ block }) => block);
      // The time beside their runs is not known.
      for (const runs of blocks.values())
        this.#add(
          state,
          runs,
          runs.reduce((sum, { wallMs }) => sum + wallMs, 0),
        );
      this.#decide(state);
    }
    this.#endMs = this.#nowMs() + (options.timeBudgetMs ?? Number.POSITIVE_INFINITY);
  }

  next(): PlannedBlock | undefined {
    for (let state = this.#nextState(); state !== undefined; state = this.#nextState()) {
      const leftMs = this.#endMs - this.#nowMs();
      state.isCut = leftMs <= Math.max(0, ...state.lastBlocksMs);
      if (state.isCut) continue;
      const { cell, blockCount: block } = state;
      const { orderSeed, arms } = this.#options;
      return planBlock({ orderSeed, arms, cell, block, run: 1 + (this.#blockCounts.get(countedWith(cell)) ?? 0) });
    }
    return undefined;
  }

  finish({ cell }: PlannedBlock, runs: readonly RawRun[], durationMs: number): void {
    const state = this.#stateById.get(cellId(cell));
    if (state === undefined) return;
    this.#add(state, runs, durationMs);
    this.#spentMs += durationMs;
    this.#decide(state);
  }

  /** In per cent of the time that it takes, as far as the cells' own blocks tell; never less than it said before. */
  progress(): ScheduleProgress {
    const finishedCount = this.#states.filter(({ isFinished }) => isFinished).length;
    const note = `${finishedCount}/${this.#states.length} cells finished`;
    const open = this.#states.filter(isOpen);
    if (open.length === 0) return { done: 100, total: 100, leftMs: 0, note };
    const leftMs = Math.min(this.#sumMs(open), Math.max(0, this.#endMs - this.#nowMs()));
    const share = this.#spentMs === 0 ? 0 : this.#spentMs / (this.#spentMs + leftMs);
    this.#shownPct = Math.max(this.#shownPct, Math.floor(100 * share));
    return { done: this.#shownPct, total: 100, ...(this.#spentMs === 0 ? {} : { leftMs }), note };
  }

  cutCells(): readonly string[] {
    return this.#states
      .filter(({ isCut }) => isCut)
      .map(({ cell, blockCount }) => `${cellId(cell)} (${blockCount} ${blockCount === 1 ? "block" : "blocks"})`);
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? (() => performance.now()))();
  }

  #nextState(): CellState | undefined {
    if (this.#round.length === 0) {
      const open = this.#affordable(this.#states.filter(isOpen));
      const round = open.reduce((least, { blockCount }) => Math.min(least, blockCount), Number.POSITIVE_INFINITY);
      const members = open.filter(({ blockCount }) => blockCount === round);
      this.#round = inDrawnOrder(this.#options.orderSeed, round, members).toReversed();
    }
    return this.#round.pop();
  }

  /** The cells that the time that is left is spent on: all, or the controls and then those that are done soonest. */
  #affordable(open: readonly CellState[]): readonly CellState[] {
    const leftMs = this.#endMs - this.#nowMs();
    if (this.#sumMs(open) <= leftMs) return open;
    const rankOf = ({ cell: { control }, blockCount }: CellState) => {
      // A null that was quiet for its least number of blocks is enough for the night; more of them can wait.
      if (control === "null" && blockCount >= this.#options.minBlocks) return 2;
      return control === undefined ? 1 : 0;
    };
    const sorted = open.toSorted((a, b) => rankOf(a) - rankOf(b) || this.#leftMsOf(a) - this.#leftMsOf(b));
    let sumMs = 0;
    const chosen = sorted.filter((state) => {
      sumMs += this.#leftMsOf(state);
      return sumMs <= leftMs;
    });
    return chosen.length === 0 ? sorted.slice(0, 1) : chosen;
  }

  #sumMs(states: readonly CellState[]): number {
    return states.reduce((sum, state) => sum + this.#leftMsOf(state), 0);
  }

  /** The time that a cell still needs. */
  #leftMsOf(state: CellState): number {
    const ms = state.lastBlocksMs.length > 0 ? state.lastBlocksMs : this.#states.flatMap((own) => own.lastBlocksMs);
    return (this.#likelyBlocks(state) - state.blockCount) * meanOf(ms);
  }

  /** How many blocks a cell will have in the end. */
  #likelyBlocks({ blockCount, needed, maxBlocks }: CellState): number {
    const { minBlocks } = this.#options;
    // Nearer to the least than to the most, as most cells are; a cell that has had more needs a quarter as many again.
    const usual = minBlocks ** 0.75 * maxBlocks ** 0.25;
    const usualLeft = Math.max(usual - blockCount, blockCount / 4, 1);
    // Evidence grows in jumps: the estimate is moved towards the usual number.
    const left = needed === undefined ? usualLeft : Math.sqrt(Math.min(needed, maxBlocks - blockCount) * usualLeft);
    return Math.min(maxBlocks, Math.max(minBlocks, blockCount + left));
  }

  #add(state: CellState, runs: readonly RawRun[], durationMs: number): void {
    state.runs.push(...runs);
    state.blockCount += 1;
    state.lastBlocksMs.push(durationMs);
    if (state.lastBlocksMs.length > LAST_BLOCKS) state.lastBlocksMs.shift();
    const counted = countedWith(state.cell);
    this.#blockCounts.set(counted, (this.#blockCounts.get(counted) ?? 0) + 1);
  }

  #decide(state: CellState): void {
    const { minBlocks, blocksNeeded } = this.#options;
    const { runs, blockCount, maxBlocks } = state;
    state.isFinished = blockCount >= maxBlocks || isGivenUp(runs);
    if (state.isFinished || 2 * blockCount < minBlocks) return;
    state.needed = blocksNeeded(runs);
    state.isFinished = blockCount >= minBlocks && state.needed === 0;
  }
}

function isOpen({ isFinished, isCut }: CellState): boolean {
  return !isFinished && !isCut;
}

/** Runs are counted over both phases of a profile and scenario; a control counts its own. */
function countedWith(cell: Cell): string {
  return cell.control === undefined ? pairId(cell) : cellId(cell);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : mean(values);
}
