import type { ScriptIo } from "@forgebench/io";

/**
 * The parts of a process that a step may use: the working directory, the environment, the clock, the signal that ends it,
 * and stderr for progress and notes. A step returns its result and never writes to stdout.
 */
export type StepIo = Omit<ScriptIo, "stdout">;

/** Writes a line for a person. */
export function tell(io: Pick<StepIo, "stderr">, text: string): void {
  io.stderr.write(`${text}\n`);
}

/** An io whose notes and progress go to `write` instead of stderr; without one, nowhere. */
export function quietIo<Io extends StepIo>(io: Io, write: (text: string) => void = () => undefined): Io {
  return { ...io, stderr: { ...io.stderr, isTerminal: false, write } };
}
