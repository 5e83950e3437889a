import { readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";

/** All of it takes at most three minutes, under any load that a machine is likely to have. */
const TOTAL_MS = 170_000;
/** For the steps after the measurement, on an idle machine: twice the time that they take. */
const REPORTING_MS = 4_000;
const LEAST_MEASURING_MS = 20_000;

/** The minutes that a measurement may take so that all ends within three, after so much time has passed. */
export async function measuringMinutes(passedMs: number): Promise<number> {
  const leftMs = TOTAL_MS - passedMs - REPORTING_MS * (await queueLength());
  return Math.round(Math.max(LEAST_MEASURING_MS, leftMs) / 600) / 100;
}

/** How many programs want each processor, this one among them: by so much everything takes longer. */
async function queueLength(): Promise<number> {
  // The fourth figure counts those that run or wait at this moment; the first is a mean, which lags behind.
  const text = await readFile("/proc/loadavg", "utf8").catch(() => "");
  const running = Number(/ (\d+)\/\d+ /.exec(text)?.[1] ?? 0);
  return Math.max(1, Math.max(running, loadavg()[0] ?? 0) / availableParallelism());
}
