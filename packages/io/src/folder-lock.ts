import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { codeOf, OperationError } from "@forgebench/errors";
import { outputError, temporaryName } from "./files.ts";

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
      await removeIfStale(file, folder);
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

async function removeIfStale(file: string, folder: string): Promise<void> {
  const owner = await readFile(file, "utf8").catch(() => undefined);
  if (owner === undefined) return;
  const pid = Number(owner.split(" ")[0]);
  if (owner === `${pid} ${await startOf(pid)}\n` && isAlive(pid)) {
    throw new OperationError("output", `Cannot use the folder "${folder}": process ${pid} is writing to it`, {
      details: [{ label: "try", text: "wait until it has ended, or choose another folder" }],
    });
  }
  const taken = temporaryName(file);
  await rename(file, taken).catch(() => undefined);
  const found = await readFile(taken, "utf8").catch(() => owner);
  // Between reading and taking, another process may have replaced the stale lock by its own: that one goes back.
  if (found !== owner) await link(taken, file).catch(() => undefined);
  await rm(taken, { force: true });
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
