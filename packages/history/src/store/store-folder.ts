import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { ArtifactError, codeOf } from "@forgebench/errors";
import {
  type FolderLock,
  inputError,
  lockFolder,
  makeFolder,
  outputError,
  retry,
  writeFileAtomic,
} from "@forgebench/io";
import { isPartPath, MAX_PART_BYTES, type StoredPart } from "./history-lines.ts";
import { isSnapshotPath, MAX_SNAPSHOT_BYTES } from "./plan-snapshot.ts";

/** How long a writer waits for another one, whose work takes milliseconds. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 50;
const REFUSALS = 3;

/** The parts in a folder; none when it is empty. @throws {ArtifactError} when there is no such folder (exit 65). */
export async function readFolderParts(folder: string): Promise<StoredPart[]> {
  await checkFolder(folder);
  return readFilesIn(folder, "nights", isPartPath, MAX_PART_BYTES);
}

/** As {@link readFolderParts}, of the snapshots that are kept beside the parts. */
export async function readFolderSnapshots(folder: string): Promise<StoredPart[]> {
  await checkFolder(folder);
  return readFilesIn(folder, "snapshots", isSnapshotPath, MAX_SNAPSHOT_BYTES);
}

async function readFilesIn(
  folder: string,
  part: string,
  isWanted: (path: string) => boolean,
  maxBytes: number,
): Promise<StoredPart[]> {
  const names = await readdir(path.join(folder, part)).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw inputError(path.join(folder, part), "history", error);
  });
  const files = names.map((name) => `${part}/${name}`).filter(isWanted);
  return Promise.all(
    files.map(async (file) => ({ path: file, bytes: await readPart(path.join(folder, file), maxBytes) })),
  );
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw inputError(folder, "history", error);
    throw wrongPart(folder, "there is no such folder; make an empty one to start a history");
  });
  if (!found.isDirectory()) throw wrongPart(folder, "is a file, not a folder");
}

async function readPart(file: string, maxBytes: number): Promise<Buffer> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw wrongPart(file, "is no file");
    if (found.size > maxBytes) throw wrongPart(file, `it has ${found.size} bytes; at most ${maxBytes} are allowed`);
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
  let refusals = 0;
  return retry(
    signal,
    () => lockFolder(folder),
    async (error, tries) => {
      // Without a lock in it, the folder was refused for another reason, or the other writer has just released it.
      const lock = await stat(path.join(folder, ".lock")).catch(() => undefined);
      refusals = lock === undefined ? refusals + 1 : 0;
      if (tries === LOCK_TRIES || refusals === REFUSALS) throw error;
      return LOCK_PAUSE_MS;
    },
  );
}

/** Writes parts, each whole or not at all, in their order. @throws {OperationError} naming the file (exit 73). */
export async function writeFolderParts(folder: string, parts: readonly StoredPart[]): Promise<void> {
  for (const { path: part, bytes } of parts) await writeFileAtomic(path.join(folder, part), bytes);
}

/** Removes files of the store; one that is gone already is no error. @throws {OperationError} naming the file (exit 73). */
export async function removeFolderFiles(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await rm(path.join(folder, file), { force: true }).catch((error: unknown) => {
      throw outputError(`Cannot remove "${path.join(folder, file)}"`, error);
    });
  }
}
