import { DEFAULT_COLUMNS, InterruptedError, wrapText } from "@forgebench/errors";

/** A place for text: a stream of the process, or a string in tests. */
interface TextSink {
  write(text: string): void;
}

/** A place for text with a known width. */
interface WideSink extends TextSink {
  /** How many columns a line may take. */
  readonly columns: number;
}

/** A place for text that may be a terminal. */
export interface TerminalSink extends WideSink {
  readonly isTerminal: boolean;
}

/** All that a script sees of the process it runs in. Tests pass their own. */
export interface ScriptIo {
  /** Relative paths given by the user start here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result: `KEY=value` lines, or the report that was asked for. */
  readonly stdout: WideSink;
  /** Progress, warnings and errors. */
  readonly stderr: TerminalSink;
  /** Aborted with an {@link InterruptedError} when the user or the system ends the script. */
  readonly signal: AbortSignal;
  now(): Date;
}

/** The width of a terminal; of a pipe or a file what the variable COLUMNS says, as it does where there is a terminal further out. */
export function findColumns(
  stream: { readonly columns?: number | undefined },
  env: Readonly<Record<string, string | undefined>>,
): number {
  // A terminal that was not told its size says 0.
  if (stream.columns !== undefined && stream.columns > 0) return stream.columns;
  return /^[1-9]\d{0,3}$/.test(env.COLUMNS ?? "") ? Number(env.COLUMNS) : DEFAULT_COLUMNS;
}

/** The real process as a {@link ScriptIo}; `signal` is aborted by SIGINT and SIGTERM. */
export function processIo(): ScriptIo {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Not `once`: npm passes a signal on that the terminal has sent as well, and libraries that clean up after children end
    // the process themselves where nobody else listens any more.
    process.on(name, () => controller.abort(new InterruptedError(name)));
  }
  // What cannot be said on stderr cannot be said at all.
  process.stderr.on("error", () => undefined);
  const columns = findColumns(process.stderr, process.env);
  // A log keeps its lines whole, so that they can be searched.
  const shown = (text: string) => (process.stderr.isTTY === true ? wrapText(text, columns) : text);
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: { write: (text) => void process.stdout.write(text), columns: findColumns(process.stdout, process.env) },
    stderr: {
      write: (text) => void process.stderr.write(shown(text)),
      isTerminal: process.stderr.isTTY === true && process.env.CI === undefined && process.env.TERM !== "dumb",
      columns,
    },
    signal: controller.signal,
    now: () => new Date(),
  };
}

/** What a script wrote, collected by {@link memoryIo}. */
interface MemoryIo extends ScriptIo {
  readonly stdoutText: () => string;
  readonly stderrText: () => string;
}

/** An io that keeps what is written, for tests that call `main` in-process. */
export function memoryIo(options: Partial<Pick<ScriptIo, "cwd" | "env" | "signal" | "now">> = {}): MemoryIo {
  const out: string[] = [];
  const err: string[] = [];
  return {
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? {},
    stdout: { write: (text) => void out.push(text), columns: DEFAULT_COLUMNS },
    stderr: { write: (text) => void err.push(text), isTerminal: false, columns: 100 },
    signal: options.signal ?? new AbortController().signal,
    now: options.now ?? (() => new Date()),
    stdoutText: () => out.join(""),
    stderrText: () => err.join(""),
  };
}
