import path from "node:path";
import { InvariantError } from "@forgebench/errors";
import { EXIT } from "./exit-codes.ts";
import { PROJECT_ROOT } from "./script.ts";
import type { ScriptIo } from "./script-io.ts";

/** The file that plain Node runs for a script: `node FILE FLAGS`. */
export function scriptFile(name: string): string {
  return path.join(PROJECT_ROOT, "scripts", "bench", `${name}.mjs`);
}

/** The flags of a script by name, without the dashes; `true` for a switch, undefined for what is left out. */
export type ScriptArgs = Readonly<Record<string, string | number | true | undefined>>;

/** How a script ended. */
export interface ScriptChild {
  readonly exitCode: number;
  readonly stdout: string;
  /** What its `KEY=value` line says. @throws {InvariantError} when it printed none. */
  output(key: string): string;
}

/** `{ count: 3, resume: true }` as `["--count=3", "--resume"]`. */
export function scriptArguments(args: ScriptArgs): string[] {
  return Object.entries(args).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [value === true ? `--${name}` : `--${name}=${value}`];
  });
}

/**
 * Runs another script as its own process; its progress goes to our stderr. Ends it when the signal says so.
 * @param env variables for this child alone
 */
export async function runScriptChild(
  name: string,
  args: ScriptArgs,
  io: ScriptIo,
  env: Readonly<Record<string, string>> = {},
): Promise<ScriptChild> {
  const { execa } = await import("execa");
  const child = execa(process.execPath, [scriptFile(name), ...scriptArguments(args)], {
    cwd: PROJECT_ROOT,
    env: { GITHUB_OUTPUT: "", ...env },
    stdin: "ignore",
    stderr: io.stderr.isTerminal ? "inherit" : "pipe",
    reject: false,
    cancelSignal: io.signal,
    forceKillAfterDelay: 10_000,
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  const { exitCode = EXIT.internal, stdout = "" } = await child;
  io.signal.throwIfAborted();
  const outputs = new Map(stdout.split("\n").map(splitOnce));
  return {
    exitCode,
    stdout,
    output: (key) => {
      const value = outputs.get(key);
      if (value === undefined) throw new InvariantError(`${name} printed no ${key}`);
      return value;
    },
  };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}
