import { access, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ArtifactError, codeOf } from "@forgebench/errors";
import { type FolderLock, inputError, lockFolder, makeFolder, writeFileAtomic } from "@forgebench/io";
import { isPartPath, MAX_PART_BYTES, type StoredPart } from "./history-lines.ts";

/** How long a writer waits for another one, whose work takes milliseconds. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 50;

/** The parts in a folder; none when it is empty. @throws {ArtifactError} when there is no such folder (exit 65). */
export async function readFolderParts(folder: string): Promise<StoredPart[]> {
  await checkFolder(folder);
  const names = await readdir(path.join(folder, "nights")).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw inputError(path.join(folder, "nights"), "history", error);
  });
  const parts = names.map((name) => `nights/${name}`).filter(isPartPath);
  return Promise.all(parts.map(async (part) => ({ path: part, bytes: await readPart(path.join(folder, part)) })));
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw inputError(folder, "history", error);
    throw wrongPart(folder, "there is no such folder; an empty one is a history that has not begun");
  });
  if (!found.isDirectory()) throw wrongPart(folder, "is a file, not a folder");
}

async function readPart(file: string): Promise<Buffer> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw wrongPart(file, "is no file");
    if (found.size > MAX_PART_BYTES) {
      throw wrongPart(file, `it has ${found.size} bytes; at most ${MAX_PART_BYTES} are allowed`);
    }
    return await readFile(file);
  } catch (error) {
    throw error instanceof ArtifactError ? error : inputError(file, "history", error);
  }
}

function wrongPart(file: string, message: string): ArtifactError {
  return new ArtifactError({ path: file, kind: "history", issues: [{ path: "", message }] });
}

/** Makes the folder where there is none, and holds it for this process while `work` reads and writes it. */
export async function withFolder<T>(folder: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const lock = await lockSoon(folder, signal);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function lockSoon(folder: string, signal: AbortSignal): Promise<FolderLock> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      // Without a lock in it, the folder was refused for another reason.
      if (tries === LOCK_TRIES || !(await isThere(path.join(folder, ".lock")))) throw error;
      await sleep(LOCK_PAUSE_MS, undefined, { signal });
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Writes parts, each whole or not at all, in their order. @throws {OperationError} naming the file (exit 73). */
export async function writeFolderParts(folder: string, parts: readonly StoredPart[]): Promise<void> {
  for (const { path: part, bytes } of parts) await writeFileAtomic(path.join(folder, part), bytes);
}
