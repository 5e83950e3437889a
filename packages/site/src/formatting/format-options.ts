/** The settings of prettier that change how it prints JSON; the others (quotes, commas, semicolons) do not. */
export interface FormatOptions {
  readonly parser?: "json" | "json-stringify";
  /** In characters; infinite if lines may have any length. */
  readonly printWidth?: number;
  /** In characters. */
  readonly tabWidth?: number;
  readonly useTabs?: boolean;
  readonly endOfLine?: "lf" | "crlf" | "cr" | "auto";
  readonly objectWrap?: "preserve" | "collapse";
  readonly bracketSpacing?: boolean;
}

/** The settings of files, and a sentence about each that was not followed; the sentences quote text from outside. */
export interface Settings<T> {
  readonly options: T;
  readonly notes: readonly string[];
}

/** Settings as a file of the website has them, not checked yet. */
export type RawOptions = Readonly<Record<string, unknown>>;

interface Rule {
  readonly isRight: (value: unknown) => boolean;
  readonly expected: string;
}

const isBoolean: Rule = { isRight: (value) => typeof value === "boolean", expected: "true or false" };

function oneOf(...values: readonly string[]): Rule {
  return { isRight: (value) => values.includes(value as string), expected: values.join(", ") };
}

function wholeNumber(min: number, max: number): Rule {
  const isRight = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return { isRight, expected: `a whole number from ${min} to ${max}` };
}

const printWidth = wholeNumber(1, 10_000);

const RULES = {
  parser: oneOf("json", "json-stringify"),
  printWidth: { ...printWidth, isRight: (value) => value === Number.POSITIVE_INFINITY || printWidth.isRight(value) },
  tabWidth: wholeNumber(0, 16),
  useTabs: isBoolean,
  endOfLine: oneOf("lf", "crlf", "cr", "auto"),
  objectWrap: oneOf("preserve", "collapse"),
  bracketSpacing: isBoolean,
} as const satisfies Record<keyof FormatOptions, Rule>;

/** The settings that matter and have an allowed value. */
export function allowedOptions(raw: RawOptions): Settings<FormatOptions> {
  const names = Object.keys(RULES) as (keyof FormatOptions)[];
  const given = names.filter((name) => Object.hasOwn(raw, name) && raw[name] !== undefined);
  const [right, wrong] = [true, false].map((isRight) =>
    given.filter((name) => RULES[name].isRight(raw[name]) === isRight),
  );
  return {
    options: Object.fromEntries((right ?? []).map((name) => [name, raw[name]])),
    notes: (wrong ?? []).map(
      (name) => `${name} is ${describeValue(raw[name])}, not ${RULES[name].expected}; prettier's default is used`,
    ),
  };
}

/** A value for a sentence; an object may be endless, and is not looked into. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

/** Whether a value from a settings file has fields at all; their types are still unknown. */
export function isRecord(value: unknown): value is RawOptions {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
