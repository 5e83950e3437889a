import { realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  codeOf,
  type ErrorDetail,
  InterruptedError,
  InvariantError,
  messageOf,
  type OperationError,
  printable,
} from "@forgebench/errors";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { outputError } from "./files.ts";
import { describeFlags, type FlagTable, type FlagValues, HELP_REQUESTED, parseFlags } from "./flags.ts";
import { refuseForgottenDashes } from "./forgotten-dashes.ts";
import { processIo, type ScriptIo } from "./script-io.ts";

/** The project's root: default paths such as `.tmp/bench` start here, whatever the working directory. */
export const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** The description of a script: the source of `--help`. */
export interface ScriptSpec<Table extends FlagTable> {
  /** The command as a person types it, for example `pnpm run bench:run --`. */
  readonly command: string;
  /** One sentence about its purpose. */
  readonly purpose: string;
  readonly flags: Table;
  /** The keys of its `KEY=value` lines and their meaning. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
  /** Further paragraphs for `--help`. */
  readonly notes?: readonly string[];
}

/** A script's entry: arguments and io in, exit code out; never throws. */
export type ScriptMain = (argv: readonly string[], io: ScriptIo) => Promise<number>;

/** The text of `--help`. */
function helpText(spec: ScriptSpec<FlagTable>): string {
  const outputs = Object.entries(spec.outputs ?? {});
  const width = Math.max(0, ...outputs.map(([key]) => key.length));
  return [
    `${spec.command} [FLAGS]`,
    "",
    spec.purpose,
    "",
    "Flags:",
    describeFlags(spec.flags),
    ...(outputs.length === 0
      ? []
      : ["", "Prints:", ...outputs.map(([key, text]) => `  ${key.padEnd(width)}  ${text}`)]),
    ...(spec.notes ?? []).flatMap((note) => ["", note]),
    "",
    spec.examples.length === 1 ? "Example:" : "Examples:",
    ...spec.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

/**
 * Runs a script's body with its parsed flags. Everything that is thrown becomes a message on stderr and an exit code
 * of the one table; nothing escapes.
 */
export async function runScript<Table extends FlagTable>(
  spec: ScriptSpec<Table>,
  argv: readonly string[],
  io: ScriptIo,
  body: (flags: FlagValues<Table>) => Promise<number>,
): Promise<number> {
  try {
    refuseForgottenDashes(spec.flags, spec.command, { argv, env: io.env });
    const flags = parseFlags(spec.flags, argv, { cwd: io.cwd, projectRoot: PROJECT_ROOT });
    if (flags === HELP_REQUESTED) {
      io.stdout.write(helpText(spec));
      return EXIT.ok;
    }
    return await body(flags);
  } catch (error) {
    // Aborted work may throw any error; the reason of the abort is the real cause.
    const cause = io.signal.aborted && io.signal.reason instanceof InterruptedError ? io.signal.reason : error;
    const code = exitCodeOf(cause);
    io.stderr.write(describeError(cause, code));
    return code;
  }
}

/**
 * Answers `--help` and wrong flags, before anything else is loaded.
 * @returns the exit code, or undefined when the flags are right
 */
export async function answerFlags(spec: ScriptSpec<FlagTable>, argv: readonly string[]): Promise<number | undefined> {
  let areRight = false;
  const io: ScriptIo = {
    cwd: process.cwd(),
    env: process.env,
    signal: new AbortController().signal,
    now: () => new Date(),
    stdout: { write: (text) => void process.stdout.write(text), columns: 80, hasColors: false },
    stderr: { write: (text) => void process.stderr.write(text), isTerminal: false, columns: 80 },
  };
  const exitCode = await runScript(spec, argv, io, async () => {
    areRight = true;
    return EXIT.ok;
  });
  return areRight ? undefined : exitCode;
}

const MEANING_OF_EXIT: Readonly<Record<number, string>> = {
  [EXIT.gate]: "a gate says no",
  [EXIT.unjudged]: "could not be judged",
  [EXIT.usage]: "usage",
  [EXIT.data]: "input data wrong",
  [EXIT.service]: "a service failed",
  [EXIT.internal]: "a bug of this program",
  [EXIT.output]: "an output cannot be made",
  [EXIT.interrupted]: "interrupted; finished work is kept",
  [EXIT.terminated]: "terminated; finished work is kept",
};

/** A part of every path in a bundle, whose lines are not those of the sources. */
const BUNDLES = "/node_modules/.cache/forgebench/";
const SHOW_SOURCES: ErrorDetail = {
  label: "try",
  text: "the same with NODE_OPTIONS=--enable-source-maps, which names the lines of the sources",
};

/** An error as a person reads it: the message, its details, the exit code; a stack only for bugs of ours. */
export function describeError(error: unknown, exitCode: number): string {
  const stack = exitCode === EXIT.internal && error instanceof Error ? `${error.stack ?? ""}\n` : "";
  const details = [...detailsOf(error), ...(stack.includes(BUNDLES) ? [SHOW_SOURCES] : [])];
  const width = Math.max(0, ...details.map((detail) => detail.label.length));
  const lines = [
    `error: ${messageOf(error)}`,
    ...details.map((detail) => `  ${detail.label.padEnd(width)}   ${detail.text}`),
    `exit ${exitCode} (${MEANING_OF_EXIT[exitCode] ?? "failed"})`,
  ];
  return `${printable(stack + lines.join("\n"))}\n`;
}

function detailsOf(error: unknown): readonly ErrorDetail[] {
  if (typeof error !== "object" || error === null || !("details" in error) || !Array.isArray(error.details)) return [];
  return error.details.filter(isDetail);
}

/** Errors of libraries may have `details` of another form. */
function isDetail(value: unknown): value is ErrorDetail {
  if (typeof value !== "object" || value === null || !("label" in value) || !("text" in value)) return false;
  return typeof value.label === "string" && typeof value.text === "string";
}

/**
 * The last line of a script: runs `main` when the script is what Node was started with, does nothing when it is imported.
 * This is the only place that touches the process's exit code and signals.
 */
export async function launch(moduleUrl: string, main: ScriptMain): Promise<void> {
  const entry = process.argv[1];
  if (entry === undefined || realpathOf(entry) !== realpathOf(fileURLToPath(moduleUrl))) return;
  await runInProcess(main);
}

/** Runs `main` on the real process; for the launchers, whose own file is the entry. */
export async function runInProcess(main: ScriptMain): Promise<void> {
  let ended = false;
  const fail = (error: unknown): never => {
    ended = true;
    process.stderr.write(describeError(error, EXIT.internal));
    process.exit(EXIT.internal);
  };
  // Node leaves with its own code 13 when nothing is left to do and main has not returned.
  process.on(
    "exit",
    () => ended || fail(new InvariantError("the script waited for an event that cannot happen any more")),
  );
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const stdoutLoss = watchStdout();
  const exitCode = await main(process.argv.slice(2), processIo());
  const loss = await stdoutLoss();
  if (loss !== undefined) process.stderr.write(describeError(loss, EXIT.output));
  process.exitCode = loss !== undefined && exitCode === EXIT.ok ? EXIT.output : exitCode;
  ended = true;
}

/** Resolves, once all is written, to why the result was lost; a reader that went away (`| head`) is no loss. */
function watchStdout(): () => Promise<OperationError | undefined> {
  let loss: OperationError | undefined;
  process.stdout.on("error", (error) => {
    if (codeOf(error) !== "EPIPE") loss ??= outputError("Cannot write the result to stdout", error);
  });
  return async () => {
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
    return loss;
  };
}

function realpathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
