import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** A load that comes and goes: so long of every period all processors are busy. */
export interface ChangingLoad {
  readonly busyMs: number;
  readonly periodMs: number;
  /** It ends by itself after this, whatever becomes of us. */
  readonly mostMs: number;
}

/** Counts up as fast as it can while the load is there, and sleeps else. */
const PROGRAM = `
const [busyMs, periodMs, mostMs] = process.argv.slice(1).map(Number);
const startMs = Date.now();
const turn = () => {
  const untilMs = Date.now() + busyMs;
  while (Date.now() < untilMs);
  if (Date.now() - startMs < mostMs) setTimeout(turn, periodMs - busyMs);
};
turn();`;

/** Starts the load, a program for each processor. @returns ends it */
export function startChangingLoad({ busyMs, periodMs, mostMs }: ChangingLoad): () => void {
  const args = ["-e", PROGRAM, ...[busyMs, periodMs, mostMs].map(String)];
  const programs = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, args, { stdio: "ignore", env: {} }),
  );
  return () => {
    for (const program of programs) program.kill("SIGKILL");
  };
}
