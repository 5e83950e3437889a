import { isTest, lineAt, listFiles, listScripts, objectTo, type Problem, readText } from "./source-tree.ts";

const README = "scripts/README.md";
const HEADER = "| script | reads | writes | network, secrets | workflow job |";

const LAST_LINE_OF_LAUNCHER = "\nawait start(import.meta.url);\n";

interface Row {
  readonly script: string;
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * `scripts/README.md` has one row for each script, with every cell filled; each `bench:*` entry of `package.json` starts a
 * script that exists and is named in that file; each script has its launcher, and each launcher its script.
 */
export function checkScriptTable(root: string): Problem[] {
  const scripts = listScripts(root);
  const rows = readRows(readText(root, README));
  if (rows === undefined) {
    return [objectTo(README, "has no script table", `add a table that starts with ${HEADER}`)];
  }
  return [
    ...scripts.flatMap((script) => objectToRows(script, rows)),
    ...rows.flatMap((row) => objectToRow(row, scripts)),
    ...objectToEntries(root, scripts),
    ...scripts
      .filter((script) => !readText(root, `scripts/bench/${script}.mjs`).endsWith(LAST_LINE_OF_LAUNCHER))
      .map((script) => {
        const remedy = `add it, as the other scripts have one; its last line: ${LAST_LINE_OF_LAUNCHER.trim()}`;
        return objectTo(`scripts/bench/${script}.ts`, `has no launcher ${script}.mjs`, remedy);
      }),
    ...listFiles(root, "scripts/bench")
      .filter((file) => file.endsWith(".mjs") && !scripts.includes(scriptName(file)))
      .map((file) => objectTo(file, "starts no script", `delete it, or add ${scriptName(file)}.ts`)),
  ];
}

function scriptName(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.m?[jt]s$/, "");
}

function readRows(text: string): Row[] | undefined {
  const lines = text.split("\n");
  const start = lines.indexOf(HEADER);
  if (start < 0) return undefined;
  const length = lines.slice(start).findIndex((line) => !line.startsWith("|"));
  return lines.slice(start + 2, length < 0 ? undefined : start + length).map((line, index) => {
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { script: /^`([^`]+)`/.exec(cells[0] ?? "")?.[1] ?? "", line: start + 3 + index, cells };
  });
}

function objectToRows(script: string, rows: readonly Row[]): Problem[] {
  const own = rows.filter((row) => row.script === script);
  if (own.length === 1) return [];
  const message = own.length === 0 ? `has no row for "${script}"` : `has ${own.length} rows for "${script}"`;
  return [objectTo(README, message, `keep one row that starts with | \`${script}\``, own[1]?.line)];
}

function objectToRow(row: Row, scripts: readonly string[]): Problem[] {
  const object = (message: string, remedy: string) => [objectTo(README, message, remedy, row.line)];
  if (!scripts.includes(row.script)) {
    return object(`names "${row.script}", which is not in scripts/bench`, "delete the row or correct its name");
  }
  if (row.cells.length === 5 && row.cells.every((cell) => cell !== "")) return [];
  return object(`the row of "${row.script}" has an empty cell`, 'fill it; "none" is an answer');
}

function objectToEntries(root: string, scripts: readonly string[]): Problem[] {
  const text = readText(root, "package.json");
  const readme = readText(root, README);
  const { scripts: entries = {} }: { scripts?: Record<string, string> } = JSON.parse(text || "{}");
  return Object.entries(entries).flatMap(([name, command]) => {
    const line = lineAt(text, text.indexOf(`"${name}"`));
    const object = (message: string, remedy: string) => objectTo("package.json", message, remedy, line);
    const started = [...command.matchAll(/scripts\/bench\/([\w-]+)\.m?[jt]s/g)].map((match) => match[1] ?? "");
    const missing = started.filter((script) => !scripts.includes(script));
    const isNamed = !/^bench(:|$)/.test(name) || readme.includes(`\`${name}\``);
    return [
      ...missing.map((script) =>
        object(
          `"${name}" starts scripts/bench/${script}.ts, which does not exist`,
          "add the script or correct the entry",
        ),
      ),
      ...(isNamed ? [] : [object(`"${name}" is not named in ${README}`, `name it as \`${name}\` in its script's row`)]),
    ];
  });
}

/** What the comment at the top of a script says, in this order. */
const HEADER_FIELDS = ["Purpose", "Reads", "Writes", "Network", "Secrets", "Rerun", "Example"];

/** Whether a script opens with a comment that has all of {@link HEADER_FIELDS}, in their order. */
export function hasScriptHeader(text: string): boolean {
  const found = headerFieldsOf(text);
  return HEADER_FIELDS.every((field, index) => found[index] === field);
}

function headerFieldsOf(text: string): string[] {
  const comment = /^(?:#!.*\n)?\/\*\*\n([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  return [...comment.matchAll(/^ \* ([A-Z][a-z]+): +\S/gm)].map((match) => match[1] ?? "");
}

/** Each script opens with a comment that answers the questions of {@link HEADER_FIELDS}, one line or more each. */
export function checkScriptHeaders(root: string): Problem[] {
  const files = listFiles(root, "scripts").filter((file) => file.endsWith(".ts") && !isTest(file));
  return files.flatMap((file) => {
    const text = readText(root, file);
    if (!/^await launch\(import\.meta\.url, main\);$/m.test(text)) {
      if (!file.startsWith("scripts/bench/")) return [];
      return [objectTo(file, "does not end in launch()", "last line: await launch(import.meta.url, main);")];
    }
    if (hasScriptHeader(text)) return [];
    const found = headerFieldsOf(text);
    const message = `opens with ${found.length === 0 ? "no header" : found.join(", ")}`;
    const fields = HEADER_FIELDS.map((field) => `${field}: …`).join(", ");
    return [objectTo(file, message, `open with a /** comment of the lines ${fields}`)];
  });
}
