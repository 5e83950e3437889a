import path from "node:path";

/** One flag of a script: enough to parse it, to print its help and to explain a wrong value. */
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

interface TextOptions extends Common {
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

/** A text that must be given, of the form that the options ask for; never empty. */
export function requiredText(options: TextOptions): Flag<string> {
  return make(textKind(options), options, { required: true });
}

/** A text with a fallback, which is shown in `--help` and not checked against the form. */
export function textFlag(options: TextOptions & { readonly fallback: string }): Flag<string> {
  return make(textKind(options), options, { shown: options.fallback, fallback: () => options.fallback });
}

/** A text that may be left out: undefined then. What is given is never empty. */
export function optionalText(options: TextOptions): Flag<string | undefined> {
  return make<string | undefined>(textKind(options), options, { fallback: () => undefined });
}

/** Of a text that people write and that is recorded: a name, a reason. */
export const oneLineText = {
  pattern: /^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u,
  expected: "one line of at most 200 characters",
};

/** The version of a dataset: a semantic version without build metadata, which tags and file names could not hold. */
export function datasetVersionFlag(description: string): Flag<string> {
  return requiredText({
    placeholder: "X.Y.Z[-pre]",
    pattern: /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/,
    expected: "a version such as 1.0.0 or 1.1.0-rc.1",
    description,
  });
}

/** Names the variable that holds a token: a token itself on a command line could be read by every process. */
export function tokenEnvFlag(description: string): Flag<string | undefined> {
  return optionalText({
    placeholder: "NAME",
    pattern: /^[A-Za-z_]\w*$/,
    expected: "the name of a variable, not the token itself",
    description,
  });
}

/** How long one run of a subject may take, in seconds. */
export function runTimeoutFlag(): Flag<number> {
  return integerFlag({
    min: 1,
    max: 86_400,
    unit: "seconds",
    fallback: 600,
    description: "time limit of one run; then it and all its children are ended",
  });
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

interface NumberOptions extends Common {
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

/**
 * A whole number with a fallback. Like all numbers here it is read in plain decimal notation and must lie between `min`
 * and `max`, both included.
 */
export function integerFlag(options: NumberOptions & { readonly fallback: number }): Flag<number> {
  return make(numberKind(options, true), options, {
    shown: String(options.fallback),
    fallback: () => options.fallback,
  });
}

/** A whole number that must be given. */
export function requiredInteger(options: NumberOptions): Flag<number> {
  return make(numberKind(options, true), options, { required: true });
}

/** A whole number that may be left out: undefined then. */
export function optionalInteger(options: NumberOptions): Flag<number | undefined> {
  return make<number | undefined>(numberKind(options, true), options, { fallback: () => undefined });
}

/** A number, with a fraction if need be, that may be left out: undefined then. */
export function optionalNumber(options: NumberOptions): Flag<number | undefined> {
  return make<number | undefined>(numberKind(options, false), options, { fallback: () => undefined });
}

/** A number, with a fraction if need be, with a fallback. */
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
