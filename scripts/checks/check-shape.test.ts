import { EXIT, memoryIo } from "@forgebench/io";
import { describe, expect, it } from "vitest";
import { main } from "./check-shape.ts";
import { measureShape } from "./shape/measure-shape.ts";
import { madeUpTree } from "./test-helpers.ts";

const SOURCE = `/** Of the file. */
import a from "a";

/** Documented. */
export function work() {
  // A comment alone.
  const text = \`a

b\`; // beside code
  /* over
     lines */
  return text + a;
}
export const one = 1, two = 2;
export type Shown = string;
interface Hidden {}
const late = () => {
  work();
};
export { late };
export { other } from "other";
`;

const tree = () =>
  madeUpTree({
    "packages/a/src/b.ts": SOURCE,
    "packages/a/src/b.test.ts": "// Nothing.\ncheck();\n",
    "packages/a/src/testing-nights.ts": "export const night = 1;\n",
    "packages/a/src/test-helpers.ts": "export function help() {\n}\n",
    "packages/a/fixtures/c.mjs": "run();\n",
    "packages/a/note.md": "text\n",
    "scripts/launcher/start.mjs": "/** Starts. */\nexport function start() {\n  go();\n}\n",
    "scripts/launcher/made.generated.mjs": "export const made = 1;\n",
  });

const FIELDS = ["Purpose", "Reads", "Writes", "Network", "Secrets", "Rerun", "Example"];
const headerOf = (fields: readonly string[]) =>
  `/**\n${fields.map((field) => ` * ${field}: something.\n`).join("")} */\n`;
const SCRIPT = `import { launch } from "@forgebench/io";
export const spec = {};
export const other = 1;
export async function main() {}
`;
/** Exports and documented ones of a script that opens so. */
function docsOfScript(opening: string, file = "scripts/bench/a.ts") {
  const { exportCount, documentedCount } = measureShape(madeUpTree({ [file]: `${opening}${SCRIPT}` })).total;
  return [exportCount, documentedCount];
}

async function run(...argv: string[]) {
  const io = memoryIo({ cwd: tree() });
  const exitCode = await main(["--root", ".", ...argv], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

describe("the shape of the code", () => {
  it("counts lines that hold code, and tests apart", () => {
    const [own, scripts] = measureShape(tree()).groups;
    // The import, six of work with the blank one in its template, three exports, one interface, three of late, two lists.
    expect(own).toMatchObject({ name: "packages/a", fileCount: 1, productionLines: 15, testLines: 5 });
    expect(scripts).toMatchObject({ name: "scripts/launcher", fileCount: 1, productionLines: 3, testLines: 0 });
  });

  it("counts tokens of production code, whatever its layout", () => {
    expect(measureShape(tree()).groups.map(({ productionTokens }) => productionTokens)).toEqual([67, 11]);
    const tokensOf = (text: string) => measureShape(madeUpTree({ "packages/a/src/b.ts": text })).total.productionTokens;
    expect(tokensOf("f(1)")).toBe(4);
    expect(tokensOf("/** Of f. */\n// It is called.\nf(\n  1 /* one */\n)\n")).toBe(4);
    // Head, name and tail of the template; an expression in slashes; two signs where types are nested; nothing in between.
    expect(tokensOf(`\`a \${b} c\``)).toBe(3);
    expect(tokensOf("/a b/u")).toBe(1);
    expect(tokensOf("type A = B<C<D>>;")).toBe(11);
    expect(tokensOf("[]")).toBe(2);
    expect(tokensOf("")).toBe(0);
  });

  it("measures functions of production code, the longest first with their places", () => {
    const { total, longest } = measureShape(tree());
    expect(total.functions).toEqual({ count: 3, median: 3, p90: 9, longest: 9 });
    expect(longest.map(({ file, line, name, lines }) => `${file}:${line} ${name} ${lines}`)).toEqual([
      "packages/a/src/b.ts:5 work 9",
      "packages/a/src/b.ts:17 late 3",
      "scripts/launcher/start.mjs:2 start 3",
    ]);
  });

  it("counts what a file declares and exports, and which of it has a docstring", () => {
    // work, one, two, Shown and late; what is passed on is another file's.
    expect(measureShape(tree()).groups[0]).toMatchObject({ exportCount: 5, documentedCount: 1 });
    expect(measureShape(tree()).total).toMatchObject({ exportCount: 6, documentedCount: 2 });
  });

  it("takes the header of a script for the documentation of its main and spec, and of nothing else", () => {
    expect(docsOfScript(headerOf(FIELDS))).toEqual([3, 2]);
    expect(docsOfScript(`#!/usr/bin/env node\n${headerOf(FIELDS)}`)).toEqual([3, 2]);
  });

  it("asks for docstrings where there is no header, or not all of it, and in packages", () => {
    expect(docsOfScript("")).toEqual([3, 0]);
    expect(docsOfScript("/** Does something. */\n")).toEqual([3, 0]);
    expect(docsOfScript(headerOf(FIELDS.slice(1)))).toEqual([3, 0]);
    expect(docsOfScript(`const first = 1;\n${headerOf(FIELDS)}`)).toEqual([3, 0]);
    expect(docsOfScript(headerOf(FIELDS), "packages/a/src/b.ts")).toEqual([3, 0]);
  });
});

describe("check:shape", () => {
  it("prints a table for 80 columns", async () => {
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(EXIT.ok);
    expect(stdout).toContain("packages/a           1   15     67     5         2      3    9       5  20 %\n");
    expect(stdout).toContain("all                  2   18     78     5         3      3    9       6  33 %\n");
    expect(stdout).toContain("   9  packages/a/src/b.ts:5  work\n");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("prints the same as JSON", async () => {
    const { stdout } = await run("--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      total: { productionLines: 18, productionTokens: 78, testLines: 5 },
      groups: [{}, {}],
    });
  });

  it("refuses unknown flags and a folder without sources, and explains itself", async () => {
    expect(await run("--rot", ".")).toMatchObject({ exitCode: EXIT.usage, stdout: "" });
    const empty = memoryIo({ cwd: madeUpTree({ "note.md": "" }) });
    expect(await main(["--root", "."], empty)).toBe(EXIT.usage);
    expect(empty.stderrText()).toContain("has no sources in packages or scripts");
    expect((await run("--help")).stdout).toContain("npm run check:shape");
  });
});
