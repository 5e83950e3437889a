import type { ScriptIo } from "@forgebench/io";
import { withQuickstartFlags } from "./quickstart-flags.ts";

/**
 * What `npm run bench` can answer before any package is installed: wrong flags, and `--help`. The launcher runs a bundle of
 * this file, preflight.generated.mjs, since nothing could compile it then.
 * @returns the exit code, or undefined when the flags are right
 */
export async function answerFlags(
  argv: readonly string[],
  { stdout, stderr, env, cwd }: Pick<ScriptIo, "env" | "cwd"> & Record<"stdout" | "stderr", (text: string) => void>,
): Promise<number | undefined> {
  let areRight = false;
  const io: ScriptIo = {
    ...{ cwd, env, signal: new AbortController().signal, now: () => new Date() },
    stdout: { write: stdout },
    stderr: { write: stderr, isTerminal: false, columns: 80 },
  };
  const exitCode = await withQuickstartFlags(argv, io, async () => {
    areRight = true;
    return 0;
  });
  return areRight ? undefined : exitCode;
}
