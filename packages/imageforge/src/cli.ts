import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { type CliIo, main } from "./main.ts";

const io: CliIo = {
  cwd: process.cwd(),
  // The streams are made on first use: a warm run writes to one of them, and making one takes a millisecond.
  writeOut: (text) => write(process.stdout, text),
  writeError: (text) => write(process.stderr, text),
  showsProgress: isatty(2),
  cleanups: new Set(),
};

function write(stream: NodeJS.WriteStream, text: string): void {
  if (text === "") return;
  // A reader that went away (`| head`) is no error.
  if (stream.listenerCount("error") === 0) stream.on("error", () => undefined);
  stream.write(text);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const cleanUp of io.cleanups) cleanUp();
    writeSync(2, `imageforge: ended by ${signal}; what was finished is kept\n`);
    // By its default action the signal ends the process at once; an exit would wait for the encoders.
    process.kill(process.pid, signal);
  });
}

process.exitCode = await main(process.argv.slice(2), io);
