import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "@forgebench/errors";
import { outputError } from "@forgebench/io";
import { partialNames, type Wanted } from "./partial-names.ts";

const LEFTOVER = /^\.download-[0-9a-f]{32}\.(part|from|lock)$/;
/** The draft of a lock, named by the process that wrote it. */
const DRAFT = /^\.(\.download-[0-9a-f]{32}\.lock)\.(\d+)\.[0-9a-f]+\.tmp$/;

/**
 * Removes what killed downloads left in a folder, except the parts that a download of `wanted` will continue. Only for a
 * caller that keeps other processes away from the folder. @throws {OperationError} exit 73.
 */
export async function removeLeftovers(folder: string, wanted: readonly Wanted[]): Promise<void> {
  const keep = new Set(
    wanted.flatMap((request) => {
      const { partial, validator } = partialNames(request);
      return [path.basename(partial), path.basename(validator)];
    }),
  );
  try {
    for (const name of await readdir(folder)) {
      const isLeft = (LEFTOVER.test(name) && !keep.has(name)) || DRAFT.test(name);
      if (isLeft) await rm(path.join(folder, name), { force: true });
    }
  } catch (error) {
    throw outputError(`Cannot clean up the folder "${folder}"`, error);
  }
}

/** Removes drafts of one lock whose writers were killed before they could. */
export async function removeDrafts(folder: string, lockName: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, lock, pid] = DRAFT.exec(name) ?? [];
    if (lock === lockName && !isRunning(Number(pid))) await rm(path.join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
