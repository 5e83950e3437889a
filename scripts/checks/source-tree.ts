import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Something that a house rule objects to, and what to do about it. */
export interface Problem {
  /** Relative to the project's root, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** An objection to a file: to a line of it, or to all of it, which is said at its first line. */
export function objectTo(file: string, message: string, remedy: string, line = 1): Problem {
  return { file, line, message, remedy };
}

/** A house rule: the root of a project in, what is wrong with it out. It reads files and changes nothing. */
export type HouseRule = (root: string) => Problem[] | Promise<Problem[]>;

/** Folders that git ignores. */
const IGNORED = new Set([".git", "node_modules", "dist", ".tmp", "coverage"]);

/** Every file of the project below `folder`, relative to `root`, with `/`, sorted. */
export function listFiles(root: string, folder = "."): string[] {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  const entries = readdirSync(start, { withFileTypes: true }).filter((entry) => !IGNORED.has(entry.name));
  const files = entries.flatMap((entry) => {
    const relative = path.posix.join(folder, entry.name);
    return entry.isDirectory() ? listFiles(root, relative) : [relative];
  });
  return files.sort();
}

/** The TypeScript files of packages and scripts. */
export function listSources(root: string): string[] {
  return [...listFiles(root, "packages"), ...listFiles(root, "scripts")].filter((file) => file.endsWith(".ts"));
}

/** The names of the scripts in `scripts/bench`, without `.ts`. */
export function listScripts(root: string): string[] {
  return listFiles(root, "scripts/bench")
    .filter((file) => file.endsWith(".ts") && !isTest(file) && path.posix.dirname(file) === "scripts/bench")
    .map((file) => path.posix.basename(file, ".ts"));
}

/** Tests, and the files that only they use: `test-helpers.ts` for the tests beside it, `testing.ts` for other packages'. */
export function isTest(file: string): boolean {
  return /\.test\.ts$|(^|\/)(test-helpers|testing)\.ts$/.test(file);
}

/** The text of a file below `root`; the empty string when there is none. */
export function readText(root: string, file: string): string {
  const full = path.join(root, file);
  return existsSync(full) ? readFileSync(full, "utf8") : "";
}

/** The number of the line that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
