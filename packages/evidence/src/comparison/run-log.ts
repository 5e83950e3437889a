import type { Incomparable, RawRun, RunContext } from "@forgebench/artifacts";
import { type MeasuredCell, RunSeries } from "@forgebench/runner";
import { LogProblems } from "./log-problems.ts";

/** The contents of a log of runs that a comparison needs. */
export interface RunLog {
  /** The measured cells by name, controls too. */
  readonly cells: ReadonlyMap<string, MeasuredCell>;
  /** The problems that make all verdicts invalid. */
  readonly problems: readonly Incomparable[];
  /** How long blocks waited for other programs. */
  readonly waitedMs: number;
}

/** Reads a log run by run, in its order, and keeps of each no more than its figures: a night may have a gigabyte of them. */
export class RunLogReader {
  readonly #series: RunSeries;
  readonly #problems: LogProblems;
  #waitedMs = 0;

  constructor(context: RunContext) {
    this.#series = new RunSeries(context);
    this.#problems = new LogProblems(context);
  }

  add(run: RawRun): void {
    this.#problems.add(run);
    this.#waitedMs += run.waitedMs ?? 0;
    this.#series.add(run);
  }

  end(): RunLog {
    return { cells: this.#series.cells, problems: this.#problems.found(), waitedMs: this.#waitedMs };
  }
}

/** A log whose runs are all at hand. */
export function readRunLog(runs: Iterable<RawRun>, context: RunContext): RunLog {
  const reader = new RunLogReader(context);
  for (const run of runs) reader.add(run);
  return reader.end();
}
