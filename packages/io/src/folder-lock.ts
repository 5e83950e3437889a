import { link, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf, OperationError } from "@forgebench/errors";
import { outputError, temporaryName } from "./files.ts";
import { sha256Of } from "./hash.ts";

/** A folder that belongs to this process until it is released. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone: a file in it names the process and when that process began, so that a lock left
 * by a killed process, or one whose number was given to another, is recognised and replaced.
 * @throws {OperationError} naming the process that holds the folder (exit 73).
 */
export async function lockFolder(folder: string, name = ".lock"): Promise<FolderLock> {
  const file = path.join(folder, name);
  const mine = `${process.pid} ${await startOf(process.pid)}\n`;
  const draft = temporaryName(file);
  try {
    // A link of a finished file: no other process ever sees a lock without its content.
    await writeFile(draft, mine, { flag: "wx" });
    for (;;) {
      if (await tryLink(draft, file)) break;
      await removeIfStale(file, folder, draft);
    }
  } catch (error) {
    throw outputError(`Cannot lock the folder "${folder}"`, error);
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => rm(file, { force: true }) };
}

async function tryLink(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** How long another process may take to remove a lock that nobody holds. */
const REMOVAL_PAUSE_MS = 2;

/**
 * Removes a lock whose process is gone. Of several processes that see it, the one whose mark stands beside the lock
 * removes it, and only while it is still that very lock: no lock of a living process is ever touched.
 */
async function removeIfStale(file: string, folder: string, draft: string): Promise<void> {
  const owner = await readFile(file, "utf8").catch(() => undefined);
  if (owner === undefined) return;
  if (await isHeld(owner)) {
    const pid = Number(owner.split(" ")[0]);
    throw new OperationError("output", `Cannot use the folder "${folder}": process ${pid} is writing to it`, {
      details: [{ label: "try", text: "wait until it has ended, or choose another folder" }],
    });
  }
  const marks = await markRemoval(`${file}.${sha256Of(owner).slice(0, 16)}`, draft);
  if (marks === undefined) {
    await delay(REMOVAL_PAUSE_MS);
    return;
  }
  try {
    if ((await readFile(file, "utf8").catch(() => undefined)) === owner) await rm(file, { force: true });
  } finally {
    for (const mark of marks) await rm(mark, { force: true });
  }
}

/** The marks of processes that remove a lock, one more for each that was killed meanwhile; none while a living one does. */
async function markRemoval(mark: string, draft: string): Promise<string[] | undefined> {
  const marks: string[] = [];
  for (let level = 1; ; level += 1) {
    marks.push(`${mark}.${level}`);
    if (await tryLink(draft, `${mark}.${level}`)) return marks;
    const other = await readFile(`${mark}.${level}`, "utf8").catch(() => undefined);
    if (other === undefined || (await isHeld(other))) return undefined;
  }
}

/** Whether the process that a lock names is alive, and still the one that made it. */
async function isHeld(owner: string): Promise<boolean> {
  const pid = Number(owner.split(" ")[0]);
  return owner === `${pid} ${await startOf(pid)}\n` && isAlive(pid);
}

function isAlive(pid: number): boolean {
  // 0 and negative numbers stand for groups of processes.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** When a process began, as the system counts it (field 22 of /proc/PID/stat); `?` where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "?";
}
