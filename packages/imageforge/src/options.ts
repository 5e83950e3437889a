import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { CliError, EXIT } from "./errors.ts";

const OUTPUT_FORMATS = ["webp", "avif"] as const;

/** What an image can be turned into, by the extension of its file. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What decides the content of the outputs: with the same source and settings they are the same. */
export interface Settings {
  /** Sorted, each once. */
  readonly formats: readonly OutputFormat[];
  readonly quality: number;
  readonly blur: boolean;
  /** Pixels, ascending, each once; empty: full size only. */
  readonly widths: readonly number[];
}

/** A command line that has been checked: paths are absolute, and defaults are filled in. */
export interface Options {
  /** Absolute, as are `outDir` and `manifestPath`. */
  readonly inputDir: string;
  readonly outDir: string;
  readonly manifestPath: string;
  readonly settings: Settings;
  /** Images in flight. */
  readonly concurrency: number;
  readonly useCache: boolean;
  /** `run` writes; `check` and `dry-run` only look. */
  readonly mode: "run" | "check" | "dry-run";
  readonly forceOverwrite: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxPixels: number;
  readonly json: boolean;
  readonly verbosity: "quiet" | "normal" | "verbose";
}

/**
 * What holds where the command line says nothing; `--help` names the same values. `quality` is 1 to 100, `manifestName`
 * lies in the output folder.
 */
export const DEFAULTS = {
  formats: "webp",
  quality: 80,
  maxPixels: 100_000_000,
  manifestName: "manifest.json",
} as const;

const FLAGS = {
  formats: { type: "string" },
  quality: { type: "string" },
  widths: { type: "string" },
  blur: { type: "boolean" },
  "no-blur": { type: "boolean" },
  "out-dir": { type: "string" },
  output: { type: "string" },
  concurrency: { type: "string" },
  cache: { type: "boolean" },
  "no-cache": { type: "boolean" },
  check: { type: "boolean" },
  "dry-run": { type: "boolean" },
  "force-overwrite": { type: "boolean" },
  include: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  "max-pixels": { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  verbose: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parseFlags(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

type Values = ReturnType<typeof parseFlags>["values"];

/**
 * Reads the arguments.
 * @returns the options of a run, or which text was asked for instead.
 * @throws {CliError} naming the flag, its value and what is allowed (exit 64).
 */
export function parseOptions(argv: readonly string[], cwd: string): Options | "help" | "version" {
  // Package managers pass their own leading `--` on.
  const { values, positionals } = parseFlags(argv[0] === "--" ? argv.slice(1) : [...argv]);
  if (values.help === true) return "help";
  if (values.version === true) return "version";
  refuseContradictions(values);
  const [input, ...more] = positionals;
  if (input === undefined || input === "") throw usage("INPUT_DIR is missing: the folder that holds the images");
  if (more.length > 0) throw usage(`unexpected argument ${JSON.stringify(more[0])}: only one INPUT_DIR is allowed`);
  const outDir = path.resolve(cwd, requiredText("out-dir", values["out-dir"]));
  return {
    inputDir: path.resolve(cwd, input),
    outDir,
    manifestPath:
      values.output === undefined
        ? path.join(outDir, DEFAULTS.manifestName)
        : path.resolve(cwd, parseManifestName(values.output)),
    settings: parseSettings(values),
    concurrency: parseCount("concurrency", values.concurrency, 64) ?? availableParallelism(),
    useCache: values["no-cache"] !== true,
    mode: values.check === true ? "check" : values["dry-run"] === true ? "dry-run" : "run",
    forceOverwrite: values["force-overwrite"] === true,
    include: values.include ?? [],
    exclude: values.exclude ?? [],
    maxPixels: parseCount("max-pixels", values["max-pixels"], 10_000_000_000) ?? DEFAULTS.maxPixels,
    json: values.json === true,
    verbosity: values.quiet === true ? "quiet" : values.verbose === true ? "verbose" : "normal",
  };
}

const CONTRADICTIONS = [
  ["blur", "no-blur"],
  ["cache", "no-cache"],
  ["quiet", "verbose"],
  ["check", "dry-run"],
  ["check", "no-cache"],
  ["check", "force-overwrite"],
] as const;

function refuseContradictions(values: Values): void {
  for (const [one, other] of CONTRADICTIONS) {
    if (values[one] === true && values[other] === true) throw usage(`--${one} and --${other} contradict each other`);
  }
}

function parseSettings(values: Values): Settings {
  const widths = values.widths === undefined ? [] : values.widths.split(",").map((text) => parseWidth(text.trim()));
  return {
    formats: parseFormats(values.formats ?? DEFAULTS.formats),
    quality: parseCount("quality", values.quality, 100) ?? DEFAULTS.quality,
    blur: values["no-blur"] !== true,
    widths: [...new Set(widths)].sort((a, b) => a - b),
  };
}

function parseFormats(text: string): readonly OutputFormat[] {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !OUTPUT_FORMATS.some((format) => format === name));
  if (unknown !== undefined) {
    throw usage(`--formats: ${JSON.stringify(unknown)} is not one of ${OUTPUT_FORMATS.join(", ")}`);
  }
  return OUTPUT_FORMATS.filter((format) => names.includes(format));
}

function parseWidth(text: string): number {
  // 16,383 pixels is the most that WebP can hold.
  return parseCount("widths", text, 16_383) ?? 0;
}

function parseCount(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw usage(`--${flag}: ${JSON.stringify(text)} is not a whole number from 1 to ${max}`);
}

function requiredText(flag: string, text: string | undefined): string {
  if (text === undefined) throw usage(`--${flag} is missing: the folder for the outputs`);
  if (text === "") throw usage(`--${flag}: "" is empty; give a path`);
  return text;
}

function parseManifestName(text: string): string {
  const name = requiredText("output", text);
  if (!/\.(jpe?g|png|gif|tiff?|webp|avif)$/i.test(name)) return name;
  throw usage(`--output: ${JSON.stringify(name)} is named like an image; the manifest is JSON`);
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, `${message}\nsee --help`);
}
