import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { listFiles, listScripts, readText } from "../source-tree.ts";

/** A command that the documentation tells people to type. */
interface DocCommand {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly command: string;
}

/** The pages whose commands are run, in the order in which a newcomer meets them. */
const PAGES = ["README.md", "docs/runbook.md"];

/** The commands of the pages, then the examples in the headers of the scripts; each command once. */
export function listDocCommands(root: string): DocCommand[] {
  const pages = PAGES.flatMap((file) => commandsIn(file, readText(root, file)));
  const examples = listScripts(root).flatMap((script) => {
    const file = `scripts/bench/${script}.ts`;
    return exampleIn(file, readText(root, file));
  });
  const seen = new Set<string>();
  return [...pages, ...examples].filter(({ command }) => !seen.has(command) && seen.add(command));
}

/** The lines after `$ ` in the `console` blocks of a page; a line that ends in `\` goes on in the next one. */
export function commandsIn(file: string, markdown: string): DocCommand[] {
  const commands: DocCommand[] = [];
  let inside = false;
  let goesOn = false;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (/^\s*```/.test(text)) {
      inside = !inside && /^\s*```console\b/.test(text);
      goesOn = false;
    } else if (inside && (goesOn || /^\s*\$ /.test(text))) {
      const part = text.trim().replace(/^\$ /, "");
      const last = commands.at(-1);
      const whole = part.replace(/\s*\\$/, "");
      if (goesOn && last !== undefined)
        commands[commands.length - 1] = { ...last, command: `${last.command} ${whole}` };
      else commands.push({ file, line: index + 1, command: whole });
      goesOn = part.endsWith("\\");
    }
  }
  return commands;
}

function exampleIn(file: string, text: string): DocCommand[] {
  const match = /^ \* Example: +(.+)$/m.exec(text);
  // `see PAGE` sends the reader to a page whose commands are run anyway.
  if (match?.[1] === undefined || match[1].startsWith("see ")) return [];
  return [{ file, line: text.slice(0, match.index).split("\n").length, command: match[1] }];
}

/** A replacement in a command, and its reason, so that the documentation runs in a minute instead of an hour. */
export interface Substitution {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Why a command is not run. */
export interface Omission {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** A command as it is run: with its substitutions, or left out for a reason. */
export function planCommand(
  command: string,
  substitutions: readonly Substitution[],
  omissions: readonly Omission[],
): { readonly command: string } | { readonly reason: string } {
  const omission = omissions.find(({ pattern }) => pattern.test(command));
  if (omission !== undefined) return { reason: omission.reason };
  return {
    command: substitutions.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), command),
  };
}

/** Folders of installed packages that are linked instead of copied. */
const STORE = "node_modules/.pnpm";

/**
 * Copies the project to `target` with its installed packages, so that commands there write nothing here: the files are
 * copied, the links between packages too, and the store of packages is linked.
 */
export function copyProject(root: string, target: string): void {
  for (const file of listFiles(root)) {
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(target, file));
  }
  const homes = ["", ...readdirSync(path.join(root, "packages")).map((name) => path.join("packages", name))];
  for (const modules of homes.map((home) => path.join(home, "node_modules"))) {
    if (!existsSync(path.join(root, modules))) continue;
    cpSync(path.join(root, modules), path.join(target, modules), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => path.relative(root, source) !== STORE && !source.includes(`${path.sep}.vite`),
    });
  }
  symlinkSync(path.join(root, STORE), path.join(target, STORE));
}

/** Makes a folder with an executable `pnpm` of the version that the setup command pins, for machines without one. */
export function makePnpmShim(folder: string, setupCommand: string): string {
  const version = /pnpm@(\d+\.\d+\.\d+)/.exec(setupCommand)?.[1];
  if (version === undefined) throw new Error(`the setup command names no pnpm version: ${setupCommand}`);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "pnpm");
  // Asked once where npx keeps it: npx itself takes longer than some of the commands.
  const pnpm = execFileSync("npx", ["-y", "-p", `pnpm@${version}`, "-c", "command -v pnpm"], { encoding: "utf8" });
  writeFileSync(file, `#!/bin/sh\nexec "${pnpm.trim()}" "$@"\n`);
  chmodSync(file, 0o755);
  return folder;
}
