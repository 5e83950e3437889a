import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** A load that comes and goes: in each period, all processors are busy for `busyMs`. */
export interface ChangingLoad {
  readonly busyMs: number;
  readonly periodMs: number;
}

/** Is busy for a part of each period. It ends with the process that started it, which holds its standard input open. */
const PROGRAM = `
const [busyMs, periodMs] = process.argv.slice(1).map(Number);
process.stdin.on("end", () => process.exit()).resume();
const turn = () => {
  const untilMs = Date.now() + busyMs;
  while (Date.now() < untilMs);
  setTimeout(turn, periodMs - busyMs);
};
turn();`;

/** Starts the load, a program for each processor. @returns a function that ends it */
export function startChangingLoad({ busyMs, periodMs }: ChangingLoad): () => void {
  const programs = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ["-e", PROGRAM, String(busyMs), String(periodMs)], {
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
    }),
  );
  return () => {
    for (const program of programs) program.kill("SIGKILL");
  };
}
