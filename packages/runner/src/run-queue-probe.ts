import { readFileSync } from "node:fs";

/**
 * How many programs, this one left out, run or want to run at this moment (`procs_running` of Linux, proc_stat(5)); null
 * where the system does not say. A load average would still tell of what ended a minute ago.
 */
export function othersRunning(): number | null {
  try {
    const found = /^procs_running (\d+)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1];
    return found === undefined ? null : Math.max(0, Number(found) - 1);
  } catch {
    return null;
  }
}
