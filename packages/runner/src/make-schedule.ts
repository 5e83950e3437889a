import type { RawRun } from "@forgebench/artifacts";
import type { Arm, Cell } from "./cells.ts";
import { cellId } from "./cells.ts";
import { type BlocksNeeded, EvidenceSchedule } from "./evidence-schedule.ts";
import { FixedSchedule } from "./fixed-schedule.ts";
import type { Sampling } from "./sampling.ts";
import { type CellPlan, fixedProtocol, openProtocol, planRuns, type Schedule } from "./schedule.ts";

/** What is to be measured, before it is known how many blocks it takes. */
export interface MeasurementPlan {
  readonly sampling: Sampling;
  readonly arms: readonly Arm[];
  readonly cellPlans: readonly CellPlan[];
}

interface PlanInput {
  readonly sampling: Sampling;
  readonly design: "blocked" | "sequential";
  /** All chosen cells, and those of them that this shard measures: the others decide how many runs are cold. */
  readonly chosenCells: readonly Cell[];
  readonly cells: readonly Cell[];
  readonly controlCells: readonly Cell[];
}

/** The cells with the blocks that they may get. */
export function planMeasurement({ sampling, design, chosenCells, cells, controlCells }: PlanInput): MeasurementPlan {
  const arms = design === "blocked" ? (["head", "base"] as const) : (["head"] as const);
  if (sampling.mode === "evidence") {
    return { sampling, arms, cellPlans: openProtocol([...cells, ...controlCells], sampling.maxBlocks) };
  }
  const own = new Set(cells.map(cellId));
  const cellPlans = fixedProtocol(chosenCells, sampling.runCount, sampling.coldRuns).filter(({ cell }) =>
    own.has(cellId(cell)),
  );
  return { sampling, arms, cellPlans };
}

interface ScheduleOptions {
  readonly orderSeed: string;
  readonly blocksNeeded: BlocksNeeded;
  /** Of whole blocks. */
  readonly earlierRuns: readonly RawRun[];
}

/** The schedule of a plan, after what was done of it before. */
export function makeSchedule({ sampling, ...plan }: MeasurementPlan, options: ScheduleOptions): Schedule {
  if (sampling.mode === "fixed") {
    return new FixedSchedule(planRuns({ ...plan, orderSeed: options.orderSeed }), options.earlierRuns);
  }
  const { minBlocks, timeBudgetMinutes } = sampling;
  const timeBudgetMs = timeBudgetMinutes === undefined ? undefined : timeBudgetMinutes * 60_000;
  return new EvidenceSchedule({ ...plan, ...options, minBlocks, timeBudgetMs });
}
