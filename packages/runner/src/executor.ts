import type { PlannedRun } from "./schedule.ts";

/** All that is needed to start a process. */
export interface RunSpec {
  /** The program, absolute or found on the PATH, and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The measured run of the process; absent if it is not measured. */
  readonly run?: PlannedRun;
}

/** The result of a process. Null: not known on this machine. */
export interface RunResult {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** From just before the process was made until it had ended. */
  readonly wallMs: number;
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Empty when it was larger than the executor keeps. */
  readonly stdout: string;
  readonly stdoutBytes: number;
  /** Whether it printed more than the executor keeps. */
  readonly stdoutOverflowed: boolean;
  /** The last part. */
  readonly stderr: string;
  readonly userCpuMs: number | null;
  readonly systemCpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** CPU time that the hypervisor took away on all cores meanwhile. */
  readonly stealMs: number | null;
  /** Before the start. */
  readonly loadAverage1m: number | null;
  /** Processes that outlived the subject and were ended. */
  readonly leftBehindCount: number;
}

/** Runs processes: for real, or by a script in tests. */
export interface Executor {
  /** @throws the signal's reason when it is aborted; the process and its children have ended by then. */
  run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult>;
}
