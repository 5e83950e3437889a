import { parseArgs } from "node:util";
import { nearestName, UsageError } from "@forgebench/errors";
import type { Flag, FlagContext } from "./flag-kinds.ts";

/** The flags of a script by name, without the dashes; its values come out under the same names in camel case. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The parsed values: one property per flag, in camel case. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table & string as CamelCase<Name>]: Table[Name] extends Flag<infer T> ? T : never;
};

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function convert(name: string, flag: Flag<unknown>, text: string, context: FlagContext): unknown {
  try {
    return flag.parse(text, context);
  } catch (error) {
    const [problem = "", expected = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    // A default in words, such as "all of the suite", is no example.
    const isExample = flag.shownDefault !== undefined && !flag.shownDefault.includes(" ");
    const example = isExample ? `, for example --${name} ${flag.shownDefault}` : "";
    throw new UsageError(`--${name}: ${JSON.stringify(text)} ${problem}`, [
      { label: "expected", text: `${expected}${example}` },
    ]);
  }
}

/** Help was asked for instead of a run. */
export const HELP_REQUESTED = Symbol("help requested");

/**
 * Parses the arguments of a script strictly: every flag once, known, with a value of the right form.
 * A leading `--` (package managers pass theirs on) is dropped; `--flag value` and `--flag=value` are the same.
 * @throws {UsageError} naming the flag, the value and what is allowed.
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  context: FlagContext,
): FlagValues<Table> | typeof HELP_REQUESTED {
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  const options = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      name,
      { type: flag.placeholder === "" ? "boolean" : "string" } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return HELP_REQUESTED;

  const texts = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") throw new UsageError('unexpected "--" between the arguments');
    if (token.kind === "positional") {
      throw new UsageError(`unexpected argument ${JSON.stringify(token.value)}`, [
        { label: "expected", text: "flags only, as --flag value or --flag=value (see --help)" },
      ]);
    }
    texts.set(token.name, acceptOption(table, token, texts));
  }
  return collect(table, texts, context);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function acceptOption(table: FlagTable, token: OptionToken, seen: ReadonlyMap<string, string>): string {
  const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
  if (flag === undefined) {
    const guess = nearestName(token.name, Object.keys(table));
    throw new UsageError(
      `unknown flag ${token.rawName}`,
      guess === undefined ? [{ label: "see", text: "--help" }] : [{ label: "meant", text: `--${guess}?` }],
    );
  }
  if (seen.has(token.name)) throw new UsageError(`--${token.name} is given more than once`);
  if (flag.placeholder === "") {
    if (token.value !== undefined)
      throw new UsageError(`--${token.name} takes no value, but has ${JSON.stringify(token.value)}`);
    return "";
  }
  // `--flag --other`: parseArgs takes the next flag for the value; a forgotten value is far more likely.
  const swallowed = token.inlineValue !== true && (token.value?.startsWith("--") ?? false);
  if (token.value === undefined || swallowed) {
    throw new UsageError(`--${token.name} needs a value`, [
      { label: "expected", text: `--${token.name} ${flag.placeholder}` },
    ]);
  }
  return token.value;
}

function collect<Table extends FlagTable>(
  table: Table,
  texts: ReadonlyMap<string, string>,
  context: FlagContext,
): FlagValues<Table> {
  const missing = Object.keys(table).filter((name) => table[name]?.required === true && !texts.has(name));
  if (missing.length > 0) {
    throw new UsageError(`missing ${missing.map((name) => `--${name}`).join(", ")}`, [
      { label: "see", text: "--help" },
    ]);
  }
  const entries = Object.entries(table).map(([name, flag]) => {
    const text = texts.get(name);
    return [camelCase(name), text === undefined ? flag.fallback(context) : convert(name, flag, text, context)];
  });
  return Object.fromEntries(entries) as FlagValues<Table>;
}

/** The lines of `--help` that describe the flags. */
export function describeFlags(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const left = flag.placeholder === "" ? `--${name}` : `--${name} ${flag.placeholder}`;
    const note = flag.required ? " (required)" : flag.shownDefault === undefined ? "" : ` (${flag.shownDefault})`;
    return { left, right: `${flag.description}${note}` };
  });
  rows.push({ left: "--help", right: "this text" });
  const width = Math.min(34, Math.max(...rows.map((row) => row.left.length)));
  return rows
    .map(({ left, right }) =>
      left.length <= width ? `  ${left.padEnd(width)}  ${right}` : `  ${left}\n  ${"".padEnd(width)}  ${right}`,
    )
    .join("\n");
}
