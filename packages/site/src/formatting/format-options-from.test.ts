import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { resolveConfig } from "prettier";
import { afterAll, describe, expect, it } from "vitest";
import { formatOptionsFrom, type SiteTextFile } from "./format-options-from.ts";
import { formatSiteJson } from "./format-site-json.ts";

const FILE = "data/benchmarks/history.json";
const folder = mkdtempSync(path.join(tmpdir(), "forgebench-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What prettier itself finds for the file in a website with these settings files. */
async function asPrettierFinds(files: readonly SiteTextFile[]): Promise<unknown> {
  const site = mkdtempSync(path.join(folder, "site-"));
  mkdirSync(path.join(site, ".git"));
  for (const { path: name, text } of files) {
    mkdirSync(path.dirname(path.join(site, name)), { recursive: true });
    writeFileSync(path.join(site, name), text);
  }
  const found = await resolveConfig(path.join(site, FILE), { editorconfig: true, useCache: false });
  const { parser, printWidth, tabWidth, useTabs, endOfLine, objectWrap, bracketSpacing } = found ?? {};
  const options = { parser, printWidth, tabWidth, useTabs, endOfLine, objectWrap, bracketSpacing };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const files = (texts: Readonly<Record<string, string>>): SiteTextFile[] =>
  Object.entries(texts).map(([name, text]) => ({ path: name, text }));
const json = (value: unknown) => JSON.stringify(value);
const editor = (...lines: readonly string[]) => lines.join("\n");

describe("settings of a website are read as prettier reads them", () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ["none", {}],
    [".prettierrc as JSON", { ".prettierrc": json({ tabWidth: 4, semi: false, printWidth: 100 }) }],
    [".prettierrc as YAML", { ".prettierrc": "useTabs: true\nprintWidth: 120\n" }],
    [".prettierrc, empty, hides what comes later", { ".prettierrc": "", ".prettierrc.json": json({ tabWidth: 3 }) }],
    [".prettierrc.json with a byte order mark", { ".prettierrc.json": `\uFEFF${json({ tabWidth: 3 })}` }],
    [
      ".prettierrc.yaml before none, after .yml",
      { ".prettierrc.yaml": "tabWidth: 3", ".prettierrc.yml": "tabWidth: 5" },
    ],
    ["package.json first", { "package.json": json({ prettier: { tabWidth: 6 } }), ".prettierrc": "tabWidth: 1" }],
    ["package.json without the key", { "package.json": json({ name: "x" }), ".prettierrc": "tabWidth: 1" }],
    ["package.json that is no JSON", { "package.json": "{", ".prettierrc": "tabWidth: 1" }],
    ["package.yaml", { "package.yaml": "prettier:\n  tabWidth: 7\n" }],
    ["the nearest folder alone", { ".prettierrc": "useTabs: true", "data/.prettierrc.json": json({ tabWidth: 8 }) }],
    [
      "the folder of the file",
      { "data/benchmarks/.prettierrc": "objectWrap: collapse", "data/.prettierrc": "tabWidth: 9" },
    ],
    ["another folder", { "docs/.prettierrc": "tabWidth: 9" }],
    [
      "overrides, the last one deciding",
      {
        ".prettierrc": json({
          tabWidth: 2,
          overrides: [
            { files: "*.json", options: { tabWidth: 4, useTabs: true } },
            { files: ["data/**/*.json"], excludeFiles: "data/benchmarks/*.json", options: { tabWidth: 5 } },
            { files: ["*.md", "data/*/history.json"], options: { printWidth: 60 } },
            { files: "latest.json", options: { tabWidth: 7 } },
            { files: "*.{json,yml}", excludeFiles: ["latest.json"], options: { bracketSpacing: false } },
          ],
        }),
      },
    ],
    [
      "overrides from a folder",
      { "data/.prettierrc": json({ overrides: [{ files: "benchmarks/*", options: { tabWidth: 5 } }] }) },
    ],
    [
      "overrides by a plain name",
      { ".prettierrc": json({ overrides: [{ files: "history.json", options: { parser: "json-stringify" } }] }) },
    ],
    [
      "an exclusion by name",
      { ".prettierrc": json({ overrides: [{ files: "*", excludeFiles: "history.json", options: { tabWidth: 5 } }] }) },
    ],
    [
      ".editorconfig",
      { ".editorconfig": editor("root = true", "[*]", "indent_style = tab", "tab_width = 8", "end_of_line = crlf") },
    ],
    [
      ".editorconfig below prettier's",
      { ".editorconfig": editor("[*]", "indent_size = 8", "max_line_length = 60"), ".prettierrc": "tabWidth: 3" },
    ],
    [
      ".editorconfig, any line length",
      { ".editorconfig": editor("[*]", "max_line_length = off", "indent_style = space") },
    ],
    [
      ".editorconfig in two folders",
      {
        ".editorconfig": editor("[*]", "indent_size = 8", "end_of_line = cr"),
        "data/.editorconfig": editor("[*.json]", "indent_style=space", "indent_size=3"),
      },
    ],
    [
      ".editorconfig below a root",
      {
        ".editorconfig": editor("[*]", "end_of_line = cr"),
        "data/.editorconfig": editor("root=true", "[*]", "indent_size=3"),
      },
    ],
    [
      ".editorconfig, sections",
      {
        ".editorconfig": editor(
          "[*]",
          "indent_size=2",
          "[*.{json,yml}]",
          "indent_size=4",
          "[*.md]",
          "indent_size=9",
          "[data/**]",
          "max_line_length=70",
          "[/data/*]",
          "indent_size=11",
        ),
      },
    ],
    [
      ".editorconfig, sections with two asterisks",
      {
        ".editorconfig": editor(
          "[**.json]",
          "indent_size=5",
          "[**/benchmarks/*.json]",
          "max_line_length=50",
          "[data/benchmarks/{latest,history}.json]",
          "end_of_line=lf",
        ),
      },
    ],
    [".editorconfig, tabs by size", { ".editorconfig": editor("[*]", "indent_size = tab") }],
    [".editorconfig, size of a tab", { ".editorconfig": editor("[*]", "indent_size = tab", "tab_width = 6") }],
    [
      ".editorconfig, spaces as wide as a tab",
      { ".editorconfig": editor("[*]", "Indent_Style = Space", "indent_size = tab", "tab_width = 6") },
    ],
    [".editorconfig, a style alone", { ".editorconfig": editor("[*]", "indent_style = tab") }],
    [
      ".editorconfig, unset",
      {
        ".editorconfig": editor(
          "; c",
          "# c",
          "[*]",
          "indent_style = unset",
          "indent_size = unset",
          "max_line_length=0",
        ),
      },
    ],
    [".editorconfig that cannot be read", { ".editorconfig": editor("[*]", "indent_size = 7", "soup") }],
  ])("%s", async (_, texts) => {
    const { options } = formatOptionsFrom(files(texts), FILE);
    expect(options).toEqual(await asPrettierFinds(files(texts)));
  });
});

describe("what is not followed is said", () => {
  const defaults = "; prettier's defaults are used";
  it.each<[string, Readonly<Record<string, string>>, string[], object]>([
    [
      "JavaScript",
      { "prettier.config.mjs": "throw 1" },
      [`prettier.config.mjs is not read, because only JSON and YAML are${defaults}`],
      {},
    ],
    [
      "TypeScript before TOML",
      { ".prettierrc.ts": "", ".prettierrc.toml": "" },
      [`.prettierrc.ts is not read, because only JSON and YAML are${defaults}`],
      {},
    ],
    [
      "JSON5 near hides JSON far",
      { "data/.prettierrc.json5": "{}", ".prettierrc": "tabWidth: 8" },
      [`data/.prettierrc.json5 is not read, because only JSON and YAML are${defaults}`],
      {},
    ],
    [
      "a shared configuration",
      { "package.json": json({ prettier: "@x/config" }) },
      [`package.json names a shared configuration, "@x/config", not loaded${defaults}`],
      {},
    ],
    ["a list", { ".prettierrc": "[1]" }, [`.prettierrc is a list, not an object${defaults}`], {}],
    [
      "plugins",
      { ".prettierrc": json({ plugins: ["./evil.js"], tabWidth: 4 }) },
      [".prettierrc names plugins, which are not loaded"],
      { tabWidth: 4 },
    ],
    [
      "plugins of an override",
      { ".prettierrc": json({ overrides: [{ files: "*", options: { plugins: ["x"] } }] }) },
      [".prettierrc names plugins, which are not loaded"],
      {},
    ],
    [
      "another parser",
      { ".prettierrc": "parser: json5" },
      ['parser is "json5", not json, json-stringify; prettier\'s default is used'],
      {},
    ],
    [
      "wrong values",
      { ".prettierrc": json({ tabWidth: 1e9, printWidth: -1, useTabs: "yes", endOfLine: null, objectWrap: {} }) },
      [
        "printWidth is -1, not a whole number from 1 to 10000; prettier's default is used",
        "tabWidth is 1000000000, not a whole number from 0 to 16; prettier's default is used",
        'useTabs is "yes", not true or false; prettier\'s default is used',
        "endOfLine is null, not lf, crlf, cr, auto; prettier's default is used",
        "objectWrap is an object, not preserve, collapse; prettier's default is used",
      ],
      {},
    ],
    [
      "an override that says nothing",
      { ".prettierrc": json({ overrides: [3, { files: 3 }, { files: "*", options: 3 }] }) },
      Array(3).fill(".prettierrc has an override that is not read"),
      {},
    ],
    [
      "groups in a pattern",
      { ".prettierrc": json({ overrides: [{ files: "+(+(+(+(a))))", options: { tabWidth: 4 } }] }) },
      [".prettierrc has an override that is not read"],
      {},
    ],
    [
      "groups in a section",
      { ".editorconfig": "[*.+(a)]\nindent_size=4" },
      ['.editorconfig has a section whose pattern is not read: "*.+(a)"'],
      {},
    ],
    [
      "an .editorconfig that cannot be read",
      { ".editorconfig": "[*" },
      [".editorconfig cannot be read; its settings are not used"],
      {},
    ],
    [
      "a large file",
      { ".prettierrc": `tabWidth: 4 #${"x".repeat(300_000)}` },
      [".prettierrc is too large and is not read"],
      {},
    ],
    [
      "an ignored file",
      { ".prettierignore": "# all\ndata/", ".prettierrc": "tabWidth: 4" },
      [`.prettierignore names ${FILE}; it is formatted anyway`],
      { tabWidth: 4 },
    ],
  ])("%s", (_, texts, notes, options) => {
    expect(formatOptionsFrom(files(texts), FILE)).toEqual({ options, notes });
  });

  it("of YAML with an error, an endless or a repeating document", () => {
    for (const text of [
      "a: [",
      "&a [*a]",
      `a: &a [x]\nb: &b [${"*a,".repeat(40)}]`,
      "- a\n---\n- b",
      "[".repeat(9000),
    ]) {
      const { options, notes } = formatOptionsFrom([{ path: ".prettierrc", text }], FILE);
      expect([options, notes.length]).toEqual([{}, 1]);
      expect(notes[0]).toMatch(/^\.prettierrc (cannot be read|is a list)/);
    }
    const cyclic = "overrides: &a\n  - *a\n  - files: '*'\n    options: &o { tabWidth: *o, useTabs: true }\n";
    expect(() => formatOptionsFrom([{ path: ".prettierrc", text: cyclic }], FILE)).not.toThrow();
  });

  it.each([
    ["data", true],
    ["/data/benchmarks", true],
    ["*.json", true],
    ["history.json", true],
    ["**/benchmarks/*.json", true],
    ["history.json/", false],
    ["benchmarks/history.json", false],
    ["# data", false],
    ["*.json\n!history.json", false],
    ["!history.json\n*.json", true],
    ["dat", false],
  ])(".prettierignore with %j names the file: %j", (text, isNamed) => {
    expect(formatOptionsFrom([{ path: ".prettierignore", text }], FILE).notes).toHaveLength(isNamed ? 1 : 0);
  });
});

describe("hostile settings", () => {
  it("do not reach the prototype of anything", () => {
    const text =
      '{"__proto__":{"tabWidth":9,"useTabs":true},"constructor":{"prototype":{"x":1}},"overrides":[{"files":"*","options":{"__proto__":{"tabWidth":9}}}]}';
    for (const name of [".prettierrc", ".prettierrc.json"]) {
      expect(formatOptionsFrom([{ path: name, text }], FILE).options).toEqual({});
    }
    const { options } = formatOptionsFrom(
      [{ path: ".editorconfig", text: "[*]\n__proto__ = 9\n[__proto__]\nindent_size=3" }],
      FILE,
    );
    expect([options, ({} as { tabWidth?: number }).tabWidth]).toEqual([{}, undefined]);
  });

  it("do no harm whatever their text, and are answered at once", async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "overrides:",
        "\n",
        "  - ",
        "files: ",
        "options: ",
        "tabWidth: ",
        "&a ",
        "*a",
        "[",
        "]",
        "{",
        "}",
        "**/",
        "*",
        ",",
        "!",
        "[*]",
        "=",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    const name = fc.constantFrom(
      ".prettierrc",
      ".prettierrc.json",
      "package.json",
      ".editorconfig",
      ".prettierignore",
      "data/.prettierrc.yml",
    );
    const file = fc.record({ path: name, text: fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")) });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 3 }), async (list) => {
        const { options, notes } = formatOptionsFrom(list, FILE);
        expect(notes.length).toBeLessThanOrEqual(20);
        expect(JSON.parse(await formatSiteJson({ a: [1, { b: "c" }] }, options))).toEqual({ a: [1, { b: "c" }] });
      }),
      { numRuns: 50 },
    );
  });

  it("cannot keep the matcher busy", () => {
    // A matcher that tries every way would take years.
    const patterns = [
      "{*,*}".repeat(3),
      `${"*a".repeat(8)}`,
      "{,,,,,,,,,}{,,,,,,,,,}{,,,,,,,,,}*s",
      `${"{".repeat(3)}[a-z],x}*,x}*,x}*z`,
      "**/".repeat(4),
    ];
    for (const pattern of patterns) {
      const overrides = Array(40).fill({ files: [pattern, `${pattern}/x`], options: { tabWidth: 4 } });
      const sections = Array(40).fill(`[${pattern}]\nindent_size=4`).join("\n");
      const lines = Array(400).fill(pattern).join("\n");
      formatOptionsFrom(
        files({ ".prettierrc": json({ overrides }), ".editorconfig": sections, ".prettierignore": lines }),
        FILE,
      );
    }
  });
});
