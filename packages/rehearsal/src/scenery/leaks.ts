import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Files that only a command hidden in a title, a branch or a reason would make. */
const TRACES_OF_COMMANDS = /^pwned/;

/**
 * Looks through logs and artifacts for secrets, for lines that a runner would take for commands, and for files that injected
 * commands make.
 */
export async function findLeaks(folder: string, secrets: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const acts = (await readdir(folder)).filter((name) => name.startsWith("act-"));
  for (const act of acts) {
    for (const file of await listFiles(path.join(folder, act))) {
      const name = path.relative(folder, file);
      if (TRACES_OF_COMMANDS.test(path.basename(file))) found.push(`a command from outside was run: ${name}`);
      const text = await readFile(file, "latin1");
      // Scripts of steps and builds among the artifacts may hold anything; what a runner reads may not.
      if (/\.(log|output|env|summary)$/.test(file) && /^(::|##\[|FORGED=)/m.test(text))
        found.push(`output of a subject became a command: ${name}`);
      if (secrets.some((secret) => text.includes(secret))) found.push(`a secret is in ${name}`);
    }
  }
  return found;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
