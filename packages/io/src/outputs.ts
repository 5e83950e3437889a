import { appendFile } from "node:fs/promises";
import { InvariantError } from "@forgebench/errors";
import { outputError } from "./files.ts";
import type { ScriptIo } from "./script-io.ts";

/**
 * Hands results to the next step: `KEY=value` lines on stdout and, in GitHub Actions, in the file `$GITHUB_OUTPUT`.
 * A value with a line break or another control character could add a further key: it is refused, since none of our
 * values (paths, counts, hashes, addresses) has a reason to hold one.
 */
export async function printOutputs(io: ScriptIo, outputs: Readonly<Record<string, string | number>>): Promise<void> {
  const lines = Object.entries(outputs).map(([key, value]) => outputLine(key, String(value)));
  const text = `${lines.join("\n")}\n`;
  io.stdout.write(text);
  const file = io.env.GITHUB_OUTPUT;
  if (file === undefined || file === "") return;
  try {
    await appendFile(file, text);
  } catch (error) {
    throw outputError(`Cannot append to $GITHUB_OUTPUT "${file}"`, error);
  }
}

function outputLine(key: string, value: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(key)) throw new InvariantError(`output key ${JSON.stringify(key)} has the wrong form`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  if (/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(value)) {
    throw new InvariantError(`the value of ${key} holds a control character: ${JSON.stringify(value)}`);
  }
  return `${key}=${value}`;
}
