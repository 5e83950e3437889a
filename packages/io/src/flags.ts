import path from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "@forgebench/errors";

/** What a script knows about one flag: enough to parse it, to print its help and to explain a wrong value. */
export interface Flag<T> {
  readonly description: string;
  /** How the value is called in the help, for example `FILE` or `N`; the empty string for a switch. */
  readonly placeholder: string;
  /** The default as the help shows it. */
  readonly shownDefault?: string;
  readonly required: boolean;
  /** Turns the text into a value; throws a plain Error whose message completes `--flag: "value" …`. */
  parse(text: string, context: FlagContext): T;
  fallback(context: FlagContext): T;
}

/** Where relative paths start: those that the user gives at `cwd`, defaults at the project's root. */
export interface FlagContext {
  readonly cwd: string;
  readonly projectRoot: string;
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The parsed values: one property per flag, in camel case. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table & string as CamelCase<Name>]: Table[Name] extends Flag<infer T> ? T : never;
};

interface Common {
  readonly description: string;
}

function make<T>(
  kind: { readonly placeholder: string; parse(text: string, context: FlagContext): T },
  options: { readonly description: string },
  presence: { readonly required: true } | { readonly shown?: string; fallback(context: FlagContext): T },
): Flag<T> {
  return {
    description: options.description,
    placeholder: kind.placeholder,
    ...("shown" in presence && presence.shown !== undefined ? { shownDefault: presence.shown } : {}),
    required: "required" in presence,
    parse: kind.parse,
    fallback: (context) => {
      if ("required" in presence) throw new Error("is required");
      return presence.fallback(context);
    },
  };
}

const pathKind = {
  parse: (text: string, context: FlagContext) => {
    // Resolved, an empty path would silently be the working directory: `--out-dir "$UNSET"`.
    if (text === "") throw new Error("is empty\na path");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error("holds a control character\na path on one line");
    return path.resolve(context.cwd, text);
  },
};

/** A path that must be given. */
export function requiredPath(options: Common & { readonly placeholder?: string }): Flag<string> {
  return make({ ...pathKind, placeholder: options.placeholder ?? "PATH" }, options, { required: true });
}

/** A path with a default below the project's root. */
export function pathFlag(options: Common & { readonly fallback: string; readonly placeholder?: string }): Flag<string> {
  return make({ ...pathKind, placeholder: options.placeholder ?? "PATH" }, options, {
    shown: options.fallback,
    fallback: (context) => path.resolve(context.projectRoot, options.fallback),
  });
}

/** A path that may be left out. */
export function optionalPath(options: Common & { readonly placeholder?: string }): Flag<string | undefined> {
  return make<string | undefined>({ ...pathKind, placeholder: options.placeholder ?? "PATH" }, options, {
    fallback: () => undefined,
  });
}

export interface TextOptions extends Common {
  readonly placeholder?: string;
  /** The form that the text must have, and how to say it, for example `owner/name`. */
  readonly pattern?: RegExp;
  readonly expected?: string;
}

function textKind(options: TextOptions) {
  return {
    placeholder: options.placeholder ?? "TEXT",
    parse: (text: string) => {
      if (text === "") throw new Error(`is empty\n${options.expected ?? "a text"}`);
      if (options.pattern !== undefined && !options.pattern.test(text)) {
        throw new Error(`has the wrong form\n${options.expected ?? String(options.pattern)}`);
      }
      return text;
    },
  };
}

export function requiredText(options: TextOptions): Flag<string> {
  return make(textKind(options), options, { required: true });
}

export function textFlag(options: TextOptions & { readonly fallback: string }): Flag<string> {
  return make(textKind(options), options, { shown: options.fallback, fallback: () => options.fallback });
}

export function optionalText(options: TextOptions): Flag<string | undefined> {
  return make<string | undefined>(textKind(options), options, { fallback: () => undefined });
}

/** A comma-separated list of texts; empty parts are refused. */
export function listFlag(
  options: TextOptions & { readonly fallback: readonly string[]; readonly shown?: string },
): Flag<readonly string[]> {
  const item = textKind(options);
  return make<readonly string[]>(
    {
      placeholder: options.placeholder ?? "A,B,…",
      parse: (text) => {
        const parts = text.split(",").map((part) => part.trim());
        if (parts.length > 1 && parts.includes("")) throw new Error("has an empty part\na comma-separated list");
        return parts.map((part) => item.parse(part));
      },
    },
    options,
    { shown: options.shown ?? options.fallback.join(","), fallback: () => options.fallback },
  );
}

export interface NumberOptions extends Common {
  readonly min: number;
  readonly max: number;
  /** What the number counts or measures, for example `images`, `seconds` or `a percentage`. */
  readonly unit: string;
  readonly placeholder?: string;
}

function numberKind(options: NumberOptions, whole: boolean) {
  const expected = `${whole ? "a whole number" : "a number"} from ${options.min} to ${options.max} (${options.unit})`;
  return {
    placeholder: options.placeholder ?? "N",
    parse: (text: string) => {
      // Only plain decimal notation: Number() would also take "", "0x10", "1e3" and "Infinity".
      if (!/^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(text)) throw new Error(`is not a number\n${expected}`);
      const value = Number(text);
      if (value < options.min || value > options.max) throw new Error(`is out of range\n${expected}`);
      if (whole && !Number.isInteger(value)) throw new Error(`is not a whole number\n${expected}`);
      return value;
    },
  };
}

export function integerFlag(options: NumberOptions & { readonly fallback: number }): Flag<number> {
  return make(numberKind(options, true), options, {
    shown: String(options.fallback),
    fallback: () => options.fallback,
  });
}

export function requiredInteger(options: NumberOptions): Flag<number> {
  return make(numberKind(options, true), options, { required: true });
}

export function optionalInteger(options: NumberOptions): Flag<number | undefined> {
  return make<number | undefined>(numberKind(options, true), options, { fallback: () => undefined });
}

export function numberFlag(options: NumberOptions & { readonly fallback: number }): Flag<number> {
  return make(numberKind(options, false), options, {
    shown: String(options.fallback),
    fallback: () => options.fallback,
  });
}

/** One of a few words. */
export function choiceFlag<const Choice extends string>(
  options: Common & { readonly choices: readonly Choice[]; readonly fallback: NoInfer<Choice> },
): Flag<Choice> {
  const kind = {
    placeholder: options.choices.join("|"),
    parse: (text: string) => {
      const found = options.choices.find((choice) => choice === text);
      if (found === undefined) throw new Error(`is not one of the choices\n${options.choices.join(", ")}`);
      return found;
    },
  };
  return make<Choice>(kind, options, { shown: options.fallback, fallback: () => options.fallback });
}

/** A switch without a value, off unless given. */
export function switchFlag(options: Common): Flag<boolean> {
  return make<boolean>({ placeholder: "", parse: () => true }, options, { fallback: () => false });
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The known name nearest to a mistyped one, if it is near enough to be meant. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) && best.distance < name.length
    ? best.candidate
    : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, charA] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, charB] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (charA === charB ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function convert(name: string, flag: Flag<unknown>, text: string, context: FlagContext): unknown {
  try {
    return flag.parse(text, context);
  } catch (error) {
    const [problem = "", expected = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    const example = flag.shownDefault === undefined ? "" : `, for example --${name} ${flag.shownDefault}`;
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
    const guess = nearest(token.name, Object.keys(table));
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
