import type { ScriptIo } from "./script-io.ts";

/** Runs a program to its end and resolves to its standard output. @throws what execa throws when it fails. */
export async function runTool(
  command: string,
  args: readonly string[],
  io: Pick<ScriptIo, "signal">,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  // Loaded here: it takes as long as half of Node, and scripts must refuse wrong flags at once.
  const { execa } = await import("execa");
  const { stdout } = await execa(command, args, {
    cancelSignal: io.signal,
    env: { GITHUB_OUTPUT: "", ...env },
    stdin: "ignore",
    maxBuffer: 1 << 30,
  });
  return stdout;
}
