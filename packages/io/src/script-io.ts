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

/** A place for a report. */
export interface ReportSink extends WideSink {
  /** Whether words may be coloured: {@link findColors}. */
  readonly hasColors: boolean;
}

/** All that a script sees of the process it runs in. Tests pass their own. */
export interface ScriptIo {
  /** Relative paths given by the user start here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result: `KEY=value` lines, or the report that was asked for. */
  readonly stdout: ReportSink;
  /** Progress, warnings and errors. */
  readonly stderr: TerminalSink;
  /** Aborted with an {@link InterruptedError} when the user or the system ends the script. */
  readonly signal: AbortSignal;
  now(): Date;
}

/** The width of a terminal; for a pipe or a file that of the variable COLUMNS, which an outer terminal may have set. */
export function findColumns(
  stream: { readonly columns?: number | undefined },
  env: Readonly<Record<string, string | undefined>>,
): number {
  // A terminal without a known size reports 0.
  if (stream.columns !== undefined && stream.columns > 0) return stream.columns;
  return /^[1-9]\d{0,3}$/.test(env.COLUMNS ?? "") ? Number(env.COLUMNS) : DEFAULT_COLUMNS;
}

/**
 * Whether what a stream gets may be coloured. FORCE_COLOR decides (`0` is no, anything else yes), then NO_COLOR forbids it;
 * if neither is set, a terminal is coloured unless it is a dumb one or of a CI system. An empty variable counts as not set.
 */
export function findColors(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: forced = "", NO_COLOR: forbidden = "" } = env;
  if (forced !== "") return forced !== "0";
  return forbidden === "" && isTerminal(stream, env);
}

/** Whether a stream is a terminal that can replace and colour lines. */
function isTerminal(
  { isTTY }: { readonly isTTY?: boolean | undefined },
  { CI, TERM }: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && CI === undefined && TERM !== "dumb";
}

/** The real process as a {@link ScriptIo}; `signal` is aborted by SIGINT and SIGTERM. */
export function processIo(): ScriptIo {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Not `once`: npm passes a signal on that the terminal has sent as well, and libraries that clean up after children end
    // the process themselves where nobody else listens any more.
    process.on(name, () => controller.abort(new InterruptedError(name)));
  }
  // If stderr fails, there is no other place for a message.
  process.stderr.on("error", () => undefined);
  const columns = findColumns(process.stderr, process.env);
  // A log keeps its lines whole, so that they can be searched.
  const shown = (text: string) => (process.stderr.isTTY === true ? wrapText(text, columns) : text);
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: {
      write: (text) => void process.stdout.write(text),
      columns: findColumns(process.stdout, process.env),
      hasColors: findColors(process.stdout, process.env),
    },
    stderr: {
      write: (text) => void process.stderr.write(shown(text)),
      isTerminal: isTerminal(process.stderr, process.env),
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
    stdout: { write: (text) => void out.push(text), columns: DEFAULT_COLUMNS, hasColors: false },
    stderr: { write: (text) => void err.push(text), isTerminal: false, columns: 100 },
    signal: options.signal ?? new AbortController().signal,
    now: options.now ?? (() => new Date()),
    stdoutText: () => out.join(""),
    stderrText: () => err.join(""),
  };
}
