import type { OperationError } from "@forgebench/errors";

/** The commands to measure, their inputs, and the limits. All files by absolute path. */
export interface RunRequest {
  /** The suite file: what is run, and how. */
  readonly suite: string;
  /** The folder for all results; it is made if it is missing. */
  readonly workspace: string;
  /** The CLI of the head; undefined where the suite's command has no `{cli}`. */
  readonly cliPath?: string | undefined;
  /** The CLI of the base; not together with `base`. */
  readonly baseCliPath?: string | undefined;
  /** The base as a commit, which is built in the workspace from the checkout of the head's CLI. */
  readonly base?: string | undefined;
  /** With `base`: the command that builds it. */
  readonly buildCommand?: string | undefined;
  /** The manifest of the tier, its images beside it; undefined where the suite names its own inputs. */
  readonly tierManifest?: string | undefined;
  /** Why a tier of this machine is measured instead of a released one. */
  readonly datasetFallback?: string | undefined;
  /** A fixed number of runs of each arm on each profile and scenario; undefined: by evidence where there is a base. */
  readonly runCount?: number | undefined;
  /** With `runCount`: how many of them are cold. */
  readonly coldRuns?: number | undefined;
  /** By evidence: a cell is finished after so many blocks at the earliest. */
  readonly minBlocks?: number | undefined;
  /** By evidence: a cell is finished after so many blocks at the latest. */
  readonly maxBlocks?: number | undefined;
  /** By evidence: no block begins that may end later. */
  readonly timeBudgetMinutes?: number | undefined;
  /** Measure at once while other programs use all processors. */
  readonly noWaiting?: boolean;
  /** Leave out the cells by which the measurement checks itself. */
  readonly noControls?: boolean;
  /** Only this part of the cells, `i/n`. */
  readonly shard?: string | undefined;
  /** The cells of this part; empty: dealt in turn. */
  readonly shardCells?: readonly string[];
  /** Profiles to run; empty: all of the suite. */
  readonly profiles?: readonly string[];
  /** Scenarios to run; empty: all of the suite. */
  readonly scenarios?: readonly string[];
  /** Only these cells; empty: all. */
  readonly cell?: readonly string[];
  /** Decides the order of the runs; undefined: fresh randomness, which is recorded. */
  readonly seed?: string | undefined;
  /** Continue the measurement of this workspace. */
  readonly resume?: boolean;
  /** A run that takes longer is ended and not valid. */
  readonly timeoutSeconds: number;
}

/** The files of a measurement, and whether all of its runs were valid. */
export interface RunResult {
  /** Every run of both arms, a line each. */
  readonly rawRuns: string;
  readonly headSummary: string;
  /** Undefined where there is one arm. */
  readonly baseSummary: string | undefined;
  /** Names the runs that are not valid; undefined when all are. */
  readonly invalid: OperationError | undefined;
}
