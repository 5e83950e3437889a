import { describe, expect, it } from "vitest";
import { checkImportDirection } from "./check-import-direction.ts";
import { madeUpTree } from "./test-helpers.ts";

const manifest = (...dependencies: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((name) => [name, "1.0.0"])) });

/** The objections to one file that holds one import statement. */
function objections(file: string, statement: string): string[] {
  const root = madeUpTree({
    "package.json": JSON.stringify({
      dependencies: { "@forgebench/io": "workspace:*", sharp: "1.0.0" },
      devDependencies: { vitest: "1.0.0" },
    }),
    "packages/verdict/package.json": manifest(
      "@forgebench/stats",
      "@forgebench/io",
      "@forgebench/report",
      "@forgebench/verdict",
    ),
    "packages/dataset/package.json": manifest(),
    "packages/stats/package.json": manifest("@forgebench/errors"),
    "packages/artifacts/package.json": manifest("@forgebench/errors"),
    "packages/imageforge/package.json": manifest("@forgebench/errors"),
    "packages/io/package.json": manifest(),
    "packages/github/package.json": manifest("@forgebench/github-stand-in"),
    "packages/novel/package.json": manifest("@forgebench/errors"),
    [file]: `// a first line\n${statement}\n`,
  });
  return checkImportDirection(root).map((problem) => {
    expect(problem.file).toBe(file);
    expect(problem.line).toBe(2);
    expect(problem.remedy).not.toBe("");
    return problem.message;
  });
}

describe("import direction", () => {
  it.each([
    ["packages/verdict/src/a.ts", 'import { mean } from "@forgebench/stats";'],
    ["packages/artifacts/src/a.ts", 'import { UsageError } from "@forgebench/errors";'],
    ["packages/verdict/src/a.ts", 'import { b } from "./b.ts";'],
    ["packages/verdict/src/a.ts", 'import path from "node:path";'],
    ["packages/verdict/src/a.test.ts", 'import { mkdtempSync } from "node:fs";'],
    ["packages/verdict/src/a.test.ts", 'import { it } from "vitest";'],
    ["packages/io/src/a.ts", 'import { open } from "node:fs/promises";'],
    ["packages/dataset/src/tier-files.ts", 'import { open } from "node:fs/promises";'],
    ["scripts/bench/a.ts", 'import { runScript } from "@forgebench/io";'],
    ["scripts/bench/a.ts", 'import { open } from "node:fs/promises";'],
    ["scripts/bench/a.test.ts", 'import { main } from "./a.ts";'],
    ["scripts/bench/a.mjs", 'import { start } from "../launcher/launcher.mjs";'],
    ["scripts/checks/a.ts", 'import { b } from "./b.ts";'],
    ["scripts/bench/a.ts", 'import { build } from "vitest";'],
    ["packages/verdict/src/test-helpers.ts", 'import { it } from "vitest";'],
    ["packages/verdict/src/a.test.ts", 'import { build } from "./testing.ts";'],
    ["packages/github/src/a.test.ts", 'import { startStandIn } from "@forgebench/github-stand-in";'],
  ])("allows %s: %s", (file, statement) => {
    expect(objections(file, statement)).toEqual([]);
  });

  it.each([
    [
      "packages/verdict/src/a.ts",
      'import { x } from "@forgebench/io";',
      "only archives, artifacts, errors, series, stats",
    ],
    [
      "packages/verdict/src/a.ts",
      'import type { X } from "@forgebench/report";',
      "only archives, artifacts, errors, series, stats",
    ],
    ["packages/verdict/src/a.ts", 'export * from "@forgebench/io";', 'imports "io"'],
    ["packages/verdict/src/a.ts", 'const x = await import("@forgebench/io");', 'imports "io"'],
    ["packages/verdict/src/a.ts", 'import { x } from "@forgebench/verdict";', "its own package by name"],
    [
      "packages/github/src/a.ts",
      'import { startStandIn } from "@forgebench/github-stand-in";',
      'imports "github-stand-in"',
    ],
    ["packages/stats/src/a.ts", 'import { x } from "@forgebench/errors";', "no workspace package"],
    ["packages/imageforge/src/a.ts", 'import { x } from "@forgebench/errors";', "no workspace package"],
    ["packages/novel/src/a.ts", 'import { x } from "@forgebench/errors";', '"novel" has no layer'],
    ["packages/verdict/src/a.ts", 'import { x } from "../../stats/src/b.ts";', "outside packages/verdict"],
    ["packages/verdict/src/a.ts", 'import { x } from "../../../scripts/bench/b.ts";', "outside packages/verdict"],
    ["packages/verdict/src/a.ts", 'import { open } from "node:fs/promises";', "this file must not use files"],
    ["packages/verdict/src/a.ts", 'import { spawn } from "child_process";', "this file must not use files"],
    [
      "packages/verdict/src/run-executor.ts",
      'import { spawn } from "node:child_process";',
      "this file must not use files",
    ],
    ["packages/dataset/src/plan.ts", 'import https from "node:https";', "this file must not use files"],
    ["packages/io/src/a.ts", 'import sharp from "sharp";', 'imports "sharp", which packages/io/package.json'],
    ["packages/verdict/src/a.ts", 'import { it } from "vitest";', 'imports "vitest", which packages/verdict'],
    ["scripts/bench/a.ts", 'import { b } from "./b.ts";', 'imports the script "./b.ts"'],
    ["scripts/bench/a.mjs", 'await import("./b.ts");', 'imports the script "./b.ts"'],
    ["scripts/bench/a.ts", 'import { b } from "../../packages/io/src/b.ts";', "outside scripts/bench"],
    ["scripts/checks/a.ts", 'import { b } from "../bench/b.ts";', "outside scripts/checks"],
    ["scripts/bench/a.ts", 'import tar from "tar";', 'imports "tar", which package.json'],
    ["packages/verdict/src/a.ts", 'import { build } from "./testing.ts";', "which is for tests"],
    ["packages/verdict/src/a.ts", 'import { build } from "@forgebench/artifacts/testing";', "which is for tests"],
  ])("refuses %s: %s", (file, statement, message) => {
    expect(objections(file, statement)).toEqual([expect.stringContaining(message)]);
  });
});
