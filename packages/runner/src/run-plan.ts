import type { RawRun, RunContext, Suite } from "@forgebench/artifacts";
import { describeEnd, describeKept } from "./announce.ts";
import type { Bench } from "./bench-folder.ts";
import { cellId } from "./cells.ts";
import type { BlocksNeeded } from "./evidence-schedule.ts";
import { type MeasurementPlan, makeSchedule } from "./make-schedule.ts";
import { measure } from "./measure.ts";
import { factsOf } from "./record-run.ts";
import type { Beginning } from "./runs-folder.ts";
import type { ScheduleProgress } from "./schedule.ts";

interface RunPlanOptions {
  readonly plan: MeasurementPlan;
  readonly suite: Suite;
  readonly bench: Bench;
  readonly begun: Beginning;
  readonly blocksNeeded: BlocksNeeded;
  readonly timeoutMs: number;
  /** The program for `node` at the start of a command. */
  readonly nodePath: string;
  /** Keeps a run that has just ended. */
  readonly keep: (run: RawRun) => Promise<void>;
  readonly show: (progress: ScheduleProgress) => void;
  /** Called with the kept runs when the signal is aborted. */
  readonly onAbort: (kept: string) => void;
  readonly signal: AbortSignal;
}

/** All runs of the measurement, including earlier ones. */
export interface Measured {
  readonly context: RunContext;
  readonly runs: readonly RawRun[];
  /** Notes for a person about its end: a line each. */
  readonly notes: readonly string[];
}

/** Measures the remaining runs of a plan, and makes sure at the end that no input has changed. */
export async function runPlan({ plan, suite, bench, begun, ...options }: RunPlanOptions): Promise<Measured> {
  const { context, earlierRuns } = begun;
  const { blocksNeeded } = options;
  const schedule = makeSchedule(plan, { orderSeed: context.orderSeed, blocksNeeded, earlierRuns });
  let keptCount = earlierRuns.length;
  const show = (what: string) => {
    const { note, ...progress } = schedule.progress(keptCount);
    options.show({ ...progress, note: [note, what].filter((text) => text !== "").join(", ") });
  };
  show("");
  try {
    const runs = await measure({
      schedule,
      earlierRuns,
      executor: bench.executor,
      stage: bench.stage,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      waitForQuiet: bench.waitForQuiet,
      facts: factsOf(context, { ...bench, suite, nodePath: options.nodePath }),
      onRun: ({ cell, arm }) => show(`${cellId(cell)} ${arm}`),
      keep: async (run) => {
        await options.keep(run);
        keptCount += 1;
        show(`${cellId(run)} ${run.arm}`);
      },
    });
    show("");
    await bench.checkInputs();
    return { context, runs, notes: describeEnd(schedule.cutCells(), runs) };
  } finally {
    if (options.signal.aborted) options.onAbort(describeKept(schedule.progress(keptCount), keptCount));
  }
}
