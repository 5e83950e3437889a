import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { InvariantError } from "@forgebench/errors";

/** The variable in the environment of every process that is started; its value tells runs of different folders apart. */
export const MARKER_VARIABLE = "FORGEBENCH_RUN";

/** Processes of a run: those of its group, and those that left the group but still carry the marker. */
interface ProcessFamily {
  readonly groupId?: number;
  readonly marker: string;
}

/** Time for processes that are just ending by themselves. */
const GRACE_MS = 100;

/** Ends every process of the family that is still there; resolves to how many there were. */
export async function endLeftovers(family: ProcessFamily): Promise<number> {
  if (findFamily(family).length === 0) return 0;
  await delay(GRACE_MS);
  const found = new Set<number>();
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pids = findFamily(family);
    if (pids.length === 0) break;
    for (const pid of pids) {
      found.add(pid);
      sendSignal(pid, "SIGKILL");
    }
    await delay(10 * (attempt + 1));
  }
  return found.size;
}

/** Sends a signal to a process, or to a group when negative; one that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or not ours: either way there is nothing more to do.
  }
}

/** The living processes of a family; zombies do not count, since nobody may ever fetch them. */
export function findFamily({ groupId, marker }: ProcessFamily): number[] {
  if (!/^[\w-]{4,}$/.test(marker)) throw new InvariantError(`the marker ${JSON.stringify(marker)} could fit anything`);
  if (process.platform !== "linux") return groupId === undefined || !isAlive(-groupId) ? [] : [-groupId];
  const marked = Buffer.from(`${MARKER_VARIABLE}=${marker}\0`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const [state, , group] = fields;
        if (state === "Z" || state === "X") return false;
        return Number(group) === groupId || isMarked(pid, fields[STARTED] ?? "", marked);
      } catch {
        // It has ended meanwhile, or belongs to another user.
        return false;
      }
    })
    .map(Number);
}

/** Of the fields of a `stat` that follow the name: when the process began, in ticks since boot. */
const STARTED = 19;
/** Processes that are known to carry no marker of ours, by number and beginning: most of a machine, looked at after each run. */
const strangers = new Map<string, string>();
const MAX_STRANGERS = 10_000;

function isMarked(pid: string, started: string, marked: Buffer): boolean {
  const key = `${pid} ${marked.toString("latin1")}`;
  if (strangers.get(key) === started) return false;
  if (readFileSync(`/proc/${pid}/environ`).includes(marked)) return true;
  if (strangers.size >= MAX_STRANGERS) strangers.clear();
  strangers.set(key, started);
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
