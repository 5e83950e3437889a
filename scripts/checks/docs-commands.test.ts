import { existsSync, lstatSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { describe, expect, it } from "vitest";
import { commandsIn, copyProject, listDocCommands, planCommand } from "./docs-commands/test-helpers.ts";
import { madeUpTree } from "./test-helpers.ts";

describe("extracting commands", () => {
  const text = [
    "Type `$ not this`:",
    "",
    "```console",
    "$ npm run bench",
    "some output",
    "$ node run.mjs \\",
    "  --a 1 \\",
    "  --b 2",
    "KEY=value",
    "```",
    "",
    "```bash",
    "$ neither this",
    "```",
  ].join("\n");

  it("takes what stands after $ in console blocks and joins continued lines", () => {
    expect(commandsIn("README.md", text)).toEqual([
      { file: "README.md", line: 4, command: "npm run bench" },
      { file: "README.md", line: 6, command: "node run.mjs --a 1 --b 2" },
    ]);
  });

  it("goes through the pages, then the script headers, and takes each command once", () => {
    const header = (example: string) => `/**\n * Purpose: x.\n * Example: ${example}\n */\n`;
    const root = madeUpTree({
      "README.md": text,
      "docs/runbook.md": "```console\n$ npm run build\n$ npm run bench\n```\n",
      "scripts/bench/a.ts": header("npm run build"),
      "scripts/bench/b.ts": header("npm run b"),
    });
    expect(listDocCommands(root).map(({ file, line, command }) => `${file}:${line} ${command}`)).toEqual([
      "README.md:4 npm run bench",
      "README.md:6 node run.mjs --a 1 --b 2",
      "docs/runbook.md:2 npm run build",
      "scripts/bench/b.ts:3 npm run b",
    ]);
  });

  it("substitutes, or leaves out for a reason", () => {
    const substitutions = [{ pattern: /--count \d+/, replacement: "--count 1" }];
    const omissions = [{ pattern: /^npm test/, reason: "r" }];
    expect(planCommand("run --count 600 --x", substitutions, omissions)).toEqual({ command: "run --count 1 --x" });
    expect(planCommand("npm test", substitutions, omissions)).toEqual({ reason: "r" });
  });
});

it("a copy of the project uses its own packages and shares only the store", { tags: ["slow"] }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "copy-"));
  try {
    copyProject(PROJECT_ROOT, folder);
    expect(realpathSync(path.join(folder, "node_modules/@forgebench/io"))).toBe(
      path.join(realpathSync(folder), "packages/io"),
    );
    expect(realpathSync(path.join(folder, "packages/io/node_modules/@forgebench/errors"))).toBe(
      path.join(realpathSync(folder), "packages/errors"),
    );
    expect(lstatSync(path.join(folder, "node_modules/.pnpm")).isSymbolicLink()).toBe(true);
    expect(existsSync(path.join(folder, "node_modules/tsx/package.json"))).toBe(true);
    expect(existsSync(path.join(folder, ".git"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
