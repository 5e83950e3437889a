import { writeSync } from "node:fs";
import { CliError, EXIT, reasonOf } from "./errors.ts";
import { type CliIo, main } from "./main.ts";

const io: CliIo = {
  cwd: process.cwd(),
  writeOut: (text) => write(1, text),
  writeError: (text) => write(2, text),
  showsProgress: () => process.stderr.isTTY === true,
  cleanups: new Set(),
};

/**
 * Writes to stdout (1) or stderr (2) by the descriptor: making the stream takes some milliseconds of a warm run. A pipe that
 * does not block may be full; the stream then waits for the reader.
 */
function write(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EAGAIN") (descriptor === 1 ? process.stdout : process.stderr).write(rest);
    // A reader that went away (`| head`) is no error, and what cannot be said on stderr cannot be said at all.
    else if (code !== "EPIPE" && descriptor === 1) {
      throw new CliError(EXIT.output, `Cannot write to stdout: ${reasonOf(error)}`, { cause: error });
    }
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const cleanUp of io.cleanups) cleanUp();
    writeSync(2, `imageforge: ended by ${signal}; finished work is kept\n`);
    // By its default action the signal ends the process at once; an exit would wait for the encoders.
    process.kill(process.pid, signal);
  });
}

process.exitCode = await main(process.argv.slice(2), io);
