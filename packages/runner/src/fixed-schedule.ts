import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import { isGivenUp } from "./given-up.ts";
import type { PlannedBlock, Schedule, ScheduleProgress } from "./schedule.ts";

/** Gives the blocks of a plan that are not done yet; of a cell whose runs keep failing no more. */
export class FixedSchedule implements Schedule {
  readonly #plan: readonly PlannedBlock[];
  readonly #runsByCell: Map<string, RawRun[]>;
  readonly #runCount: number;
  #position = 0;

  /** @param earlierRuns of whole blocks, as `runsOfWholeBlocks` leaves them */
  constructor(plan: readonly PlannedBlock[], earlierRuns: readonly RawRun[]) {
    this.#plan = plan;
    this.#runsByCell = groupBy(earlierRuns, (run) => cellId(run));
    this.#runCount = plan.reduce((sum, { runs }) => sum + runs.length, 0);
  }

  next(): PlannedBlock | undefined {
    for (; this.#position < this.#plan.length; this.#position += 1) {
      const block = this.#plan[this.#position];
      const runs = block === undefined ? [] : (this.#runsByCell.get(cellId(block.cell)) ?? []);
      if (block !== undefined && !runs.some((run) => run.block === block.block) && !isGivenUp(runs)) return block;
    }
    return undefined;
  }

  finish({ cell }: PlannedBlock, runs: readonly RawRun[]): void {
    this.#runsByCell.set(cellId(cell), [...(this.#runsByCell.get(cellId(cell)) ?? []), ...runs]);
    this.#position += 1;
  }

  progress(keptCount: number): ScheduleProgress {
    return { done: keptCount, total: this.#runCount, note: "" };
  }

  cutCells(): readonly string[] {
    return [];
  }
}
