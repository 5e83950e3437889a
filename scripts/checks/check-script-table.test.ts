import { describe, expect, it } from "vitest";
import { checkScriptHeaders, checkScriptTable } from "./check-script-table.ts";
import { madeUpTree } from "./test-helpers.ts";

const SCRIPT = `/**
 * Purpose: makes things.
 * Reads: nothing,
 *   really nothing.
 * Writes: things.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:make
 */
await launch(import.meta.url, main);
`;
const HEAD =
  "# Scripts\n\n| script | reads | writes | network, secrets | workflow job |\n| --- | --- | --- | --- | --- |\n";
const ROW = "| `make`, `bench:make` | nothing | things | none | none |\n";

const LAUNCHER = 'import { start } from "../launcher/launcher.mjs";\n\nawait start(import.meta.url);\n';

const table = (files: Readonly<Record<string, string>>) => {
  const root = madeUpTree({
    "package.json": '{\n  "scripts": {\n    "bench:make": "node scripts/bench/make.mjs"\n  }\n}\n',
    "scripts/bench/make.ts": SCRIPT,
    "scripts/bench/make.test.ts": "",
    "scripts/bench/make.mjs": LAUNCHER,
    "scripts/README.md": `${HEAD}${ROW}\nMore text.\n`,
    ...files,
  });
  return checkScriptTable(root).map(({ file, line, message }) => `${file}:${line} ${message}`);
};

describe("script table", () => {
  it("accepts one full row a script", () => {
    expect(table({})).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ["no table", { "scripts/README.md": "# Scripts\n" }, "scripts/README.md:1 has no script table"],
    [
      "no row",
      { "scripts/bench/take.ts": SCRIPT, "scripts/bench/take.mjs": LAUNCHER },
      'scripts/README.md:1 has no row for "take"',
    ],
    ["two rows", { "scripts/README.md": HEAD + ROW + ROW }, 'scripts/README.md:6 has 2 rows for "make"'],
    [
      "a row of a script that does not exist",
      { "scripts/README.md": `${HEAD}${ROW}| \`gone\` | a | b | c | d |\n` },
      'scripts/README.md:6 names "gone", which is not in scripts/bench',
    ],
    [
      "an empty cell",
      { "scripts/README.md": `${HEAD}| \`make\`, \`bench:make\` | nothing |  | none | none |\n` },
      'scripts/README.md:5 the row of "make" has an empty cell',
    ],
    [
      "a missing cell",
      { "scripts/README.md": `${HEAD}| \`make\`, \`bench:make\` | nothing | things | none |\n` },
      'scripts/README.md:5 the row of "make" has an empty cell',
    ],
    [
      "an entry that starts nothing",
      { "package.json": '{\n"scripts": {\n"go": "node scripts/bench/went.mjs"\n}}' },
      'package.json:3 "go" starts scripts/bench/went.ts, which does not exist',
    ],
    [
      "an entry that nobody is told of",
      { "scripts/README.md": `${HEAD}| \`make\` | nothing | things | none | none |\n` },
      'package.json:3 "bench:make" is not named in scripts/README.md',
    ],
    ["a script without launcher", { "scripts/bench/make.mjs": "" }, "scripts/bench/make.ts:1 has no launcher make.mjs"],
    ["a launcher without script", { "scripts/bench/take.mjs": "" }, "scripts/bench/take.mjs:1 starts no script"],
  ])("refuses %s", (_, files, problem) => {
    expect(table(files)).toEqual([problem]);
  });
});

describe("script headers", () => {
  const header = (text: string, file = "scripts/bench/make.ts") =>
    checkScriptHeaders(madeUpTree({ [file]: text })).map(({ message }) => message);

  it("accepts a header with every field in order", () => {
    expect(header(SCRIPT)).toEqual([]);
    expect(header(`#!/usr/bin/env node\n${SCRIPT}`)).toEqual([]);
    expect(header("export const helper = 1;\n", "scripts/checks/helper.ts")).toEqual([]);
  });

  it.each([
    ["no header", "await launch(import.meta.url, main);\n", "opens with no header"],
    ["a missing field", SCRIPT.replace(" * Secrets: none.\n", ""), "opens with Purpose, Reads, Writes, Network, Rerun"],
    ["an empty field", SCRIPT.replace("Network: none.", "Network:"), "opens with Purpose, Reads, Writes, Secrets"],
    [
      "another order",
      SCRIPT.replace("Network", "Secrets").replace("Secrets: none.\n * S", "Secrets: none.\n * Network: x\n * S"),
      "opens with Purpose, Reads, Writes, Secrets",
    ],
    ["a header below code", `const a = 1;\n${SCRIPT}`, "opens with no header"],
    ["a script without launch", SCRIPT.replace(/await.*\n/, ""), "does not end in launch()"],
  ])("refuses %s", (_, text, message) => {
    expect(header(text)).toEqual([expect.stringContaining(message)]);
  });
});
