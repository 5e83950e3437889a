import type { Executor, RunResult, RunSpec } from "./executor.ts";

/** The result of a scripted run; missing values are those of a run without problems. */
export type ScriptedRun = Partial<RunResult>;

const UNEVENTFUL: RunResult = {
  startedAt: "2026-02-15T00:00:00.000Z",
  wallMs: 1,
  exitCode: 0,
  signal: null,
  timedOut: false,
  stdout: "",
  stdoutBytes: 0,
  stdoutOverflowed: false,
  stderr: "",
  userCpuMs: null,
  systemCpuMs: null,
  peakMemoryBytes: null,
  stealMs: null,
  loadAverage1m: null,
  leftBehindCount: 0,
};

/** Starts nothing: each run has the result of the script, so that later code can be tested with exact numbers. */
export class ScriptedExecutor implements Executor {
  readonly specs: RunSpec[] = [];
  readonly #script: (spec: RunSpec) => ScriptedRun;

  constructor(script: (spec: RunSpec) => ScriptedRun) {
    this.#script = script;
  }

  async run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult> {
    signal?.throwIfAborted();
    this.specs.push(spec);
    const scripted = this.#script(spec);
    return { ...UNEVENTFUL, stdoutBytes: Buffer.byteLength(scripted.stdout ?? ""), ...scripted };
  }
}
