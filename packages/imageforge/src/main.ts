import packageJson from "../package.json" with { type: "json" };
import { OutputCache } from "./cache.ts";
import { CliError, EXIT, printable } from "./errors.ts";
import { forgeImage, type Outcome } from "./forge-image.ts";
import { HELP } from "./help.ts";
import { checkFolders, findInputs, type Input } from "./inputs.ts";
import { formatManifest, isManifestCurrent, prepareOutputs, writeManifest } from "./manifest.ts";
import { type Options, parseOptions } from "./options.ts";
import { refuseCollisions } from "./outputs.ts";
import { exitCodeOf, formatErrors, formatReport, makeReport } from "./report.ts";

/** All that the CLI sees of its process. */
export interface CliIo {
  readonly cwd: string;
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Whether stderr is a terminal, on which progress may be drawn. */
  showsProgress(): boolean;
  /** What must be done before the process is ended by a signal. */
  readonly cleanups: Set<() => void>;
}

/** Runs the CLI with its arguments; resolves to the exit code and never throws. */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    const options = parseOptions(argv, io.cwd);
    if (options === "help") io.writeOut(HELP);
    else if (options === "version") io.writeOut(`${packageJson.version}\n`);
    else return await run(options, io);
    return EXIT.ok;
  } catch (error) {
    const known = error instanceof CliError;
    const text = known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.writeError(`imageforge: ${text.split("\n").map(printable).join("\n")}\n`);
    return known ? error.exitCode : EXIT.internal;
  }
}

async function run(options: Options, io: CliIo): Promise<number> {
  // Not `performance`: that is loaded on first use, a millisecond of a warm run.
  const startedAt = process.hrtime.bigint();
  const { mode, settings, manifestPath } = options;
  checkFolders(options);
  const inputs = await findInputs(options);
  refuseCollisions(inputs, settings);
  if (mode === "run") prepareOutputs(options);
  const outcomes = await forgeAll(inputs, options, io);

  const manifest = formatManifest(outcomes, settings);
  const isStale = !isManifestCurrent(manifestPath, manifest);
  if (isStale && mode === "run") writeManifest(manifestPath, manifest);
  const report = makeReport(outcomes, {
    version: packageJson.version,
    durationMs: Number(process.hrtime.bigint() - startedAt) / 1e6,
    stalePaths: isStale && mode === "check" ? [manifestPath] : [],
  });
  if (options.json) io.writeOut(`${JSON.stringify(report)}\n`);
  else if (options.verbosity !== "quiet") io.writeOut(formatReport(report, mode));
  if (!options.json) io.writeError(formatErrors(report));
  return exitCodeOf(report, mode);
}

/** Works on the images, several at a time; the outcomes are in the order of the inputs. */
async function forgeAll(inputs: readonly Input[], options: Options, io: CliIo): Promise<readonly Outcome[]> {
  const cache = new OutputCache(options.outDir);
  const cleanUp = () => cache.removeScratch();
  io.cleanups.add(cleanUp);
  if (options.mode === "run") cache.sweep();
  const outcomes: Outcome[] = new Array(inputs.length);
  const queue = inputs.entries();
  let doneCount = 0;
  let isStopped = false;
  const work = async () => {
    for (const [index, input] of queue) {
      if (isStopped) return;
      const outcome = await forgeImage(input, options, cache).catch((error: unknown) => {
        isStopped = true;
        throw error;
      });
      outcomes[index] = outcome;
      doneCount += 1;
      showProgress(outcome, { done: doneCount, total: inputs.length }, options, io);
    }
  };
  try {
    // All of them, also after a failure: what still writes into the temporary folder would keep it from being removed.
    const ends = await Promise.allSettled(Array.from({ length: Math.min(options.concurrency, inputs.length) }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    cleanUp();
    io.cleanups.delete(cleanUp);
  }
  return outcomes;
}

function showProgress(
  outcome: Outcome,
  { done, total }: { readonly done: number; readonly total: number },
  options: Options,
  io: CliIo,
): void {
  if (options.verbosity === "verbose") {
    const detail = "entry" in outcome ? ` (${outcome.entry.outputs.map(({ path }) => path).join(", ")})` : "";
    io.writeError(`${outcome.kind.padEnd(9)} ${printable(`${outcome.input.source}${detail}`)}\n`);
  } else if (options.verbosity === "normal" && !options.json && io.showsProgress()) {
    io.writeError(done === total ? "\r\u001b[K" : `\r\u001b[K${done}/${total}`);
  }
}
