import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { outputError } from "@forgebench/io";

const UNFINISHED = /^\.download-[0-9a-f]{32}\./;

/** A name beside `file` for its bytes so far; no other download uses it. */
export function unfinishedName(file: string): string {
  return path.join(path.dirname(file), `.download-${randomBytes(16).toString("hex")}.part`);
}

/**
 * Removes the files of killed downloads from a folder. Only for a caller that has locked the folder.
 * @throws {OperationError} exit 73.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (UNFINISHED.test(name)) await rm(path.join(folder, name), { force: true });
    }
  } catch (error) {
    throw outputError(`Cannot clean up the folder "${folder}"`, error);
  }
}
