import { OperationError } from "@forgebench/errors";
import type { ScriptIo } from "@forgebench/io";
import { chooseMeter, type Executor, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";

/** Ends only what hangs: what is measured here may take hours. */
const TIMEOUT_MS = 86_400_000;

/** What a process took. CPU time, of user and system, and peak memory are null where this machine does not tell. */
export interface ProcessCost {
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly peakMb: number | null;
  readonly stdout: string;
  /** The last part. */
  readonly stderr: string;
}

/** Runs commands to their end, one at a time, and says what each took. */
export interface MeasuredProcesses {
  /** @throws {OperationError} when the command does not end well. */
  run(argv: readonly string[], places?: { readonly cwd: string }): Promise<ProcessCost>;
}

/**
 * Commands with the environment and the meter of a subject: nothing is inherited but the PATH.
 * @param folder their working, home and temporary folder
 */
export function measuredProcesses(
  folder: string,
  { env, signal }: Pick<ScriptIo, "env" | "signal">,
): MeasuredProcesses {
  const executor: Executor = new ProcessExecutor({ meter: chooseMeter(), marker: `lab-${process.pid}` });
  const own = subjectEnvironment({ searchPath: env.PATH ?? "", home: folder, temporary: folder });
  return {
    async run(argv, { cwd } = { cwd: folder }) {
      const result = await executor.run({ argv, cwd, env: own, timeoutMs: TIMEOUT_MS }, signal);
      const { exitCode, wallMs, userCpuMs, systemCpuMs, peakMemoryBytes, stdout, stderr } = result;
      if (exitCode !== 0) {
        const how = `ended with ${exitCode ?? result.signal}: ${stdout}${stderr}`;
        throw new OperationError("unjudged", `Cannot measure: ${argv.join(" ")} ${how}`);
      }
      const cpuMs = userCpuMs === null || systemCpuMs === null ? null : userCpuMs + systemCpuMs;
      return { wallMs, cpuMs, peakMb: peakMemoryBytes === null ? null : peakMemoryBytes / 1e6, stdout, stderr };
    },
  };
}

/** What a process took on a machine that tells everything. */
export type FullCost = ProcessCost & { readonly cpuMs: number; readonly peakMb: number };

/** @throws {OperationError} where this machine does not tell CPU time and memory. */
export function requireFullCost(cost: ProcessCost): FullCost {
  const { cpuMs, peakMb } = cost;
  if (cpuMs !== null && peakMb !== null) return { ...cost, cpuMs, peakMb };
  throw new OperationError("service", "Cannot measure CPU time and memory on this machine", {
    details: [{ label: "try", text: "install perl, which reads them from the system" }],
  });
}
