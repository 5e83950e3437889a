import { writeSync } from "node:fs";
import { type CliIo, main } from "./main.ts";

const io: CliIo = {
  cwd: process.cwd(),
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  showsProgress: process.stderr.isTTY === true,
  cleanups: new Set(),
};

// A reader that went away (`| head`) is no error.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    for (const cleanUp of io.cleanups) cleanUp();
    writeSync(2, `imageforge: ended by ${signal}; what was finished is kept\n`);
    // By its default action the signal ends the process at once; an exit would wait for the encoders.
    process.kill(process.pid, signal);
  });
}

process.exitCode = await main(process.argv.slice(2), io);
