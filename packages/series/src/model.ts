import type { Metric } from "./metrics.ts";

/** How the samples of a series were taken; it says which ways to judge them are open. */
export type Design =
  /** Runs of both arms back to back, in blocks, in random order. */
  | "blocked"
  /** One arm as a whole after the other, or in another session. */
  | "sequential"
  /** Not known, as in most imported files. */
  | "unknown";

/** Which of the two compared things: the one from before, or the one that is judged. */
export type Arm = "base" | "head";

/** The facts of a run beside its value; the samples of all its metrics share them. */
export interface RunFacts {
  /** Its place among all runs of the measurement, in the order in which they were made. */
  readonly number: number;
  readonly durationMs: number;
  /** The arm of the run that was made just before, of whichever cell; undefined for the first, or if not known. */
  readonly after?: Arm | undefined;
  /** CPU time that the hypervisor took away meanwhile; null if not known. */
  readonly stolenMs?: number | null;
  /** Load average over one minute, before the run. */
  readonly loadAverage1m?: number | null;
  /** The time that a control burned in it; null if not known. */
  readonly plantedMs?: number | null;
}

/** One value of one metric: of one process, never of one iteration inside a process. */
export interface Sample {
  /** In the unit of the metric; null when the run gave none. */
  readonly value: number | null;
  /** The value of a run that is not valid enters no statistic; it is counted. */
  readonly status: "valid" | "failed" | "timed-out";
  /** Counts the blocks of a cell, from 0; samples of one block belong together. */
  readonly block?: number | undefined;
  /** 0: first of its block. */
  readonly position?: number | undefined;
  /** Which of two equal folders the build ran from. */
  readonly slot?: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedAtMs?: number | undefined;
  /** The task, if a benchmark is many tasks and the value says whether one was solved: samples of one task belong together. */
  readonly task?: string | undefined;
  readonly run?: RunFacts | undefined;
}

/** Something that two series must have in common, or they measured different things: dataset, suite, machine. */
export interface Fact {
  /** Its kind in words: `dataset`, `hardware class`. */
  readonly what: string;
  /** Equal when the thing is the same. */
  readonly id: string;
  /** Its name for people; empty if only the id is known. */
  readonly name?: string;
  /** The remedy if they differ. */
  readonly remedy?: string;
}

/** The measured values of one side: the cell (`benchmark`, `params`, `phase`), its metric and all samples, in the order of the runs. */
export interface Series {
  readonly benchmark: string;
  readonly params: Readonly<Record<string, string>>;
  readonly phase?: string | undefined;
  readonly metric: Metric;
  readonly design: Design;
  readonly samples: readonly Sample[];
  readonly facts?: readonly Fact[];
}

/** Two series of one cell and metric, which get a verdict. A side that was not measured is absent. */
export interface SeriesPair {
  readonly base?: Series | undefined;
  readonly head?: Series | undefined;
}
