import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { ArtifactError, codeOf, messageOf, OperationError } from "@forgebench/errors";

/** Makes a folder and its parents. @throws {OperationError} naming the folder (exit 73). */
export async function makeFolder(folder: string): Promise<string> {
  try {
    await makeWithParents(path.resolve(folder));
  } catch (error) {
    throw outputError(`Cannot make the folder "${folder}"`, error);
  }
  return folder;
}

/** Not mkdir's own `recursive`: that hides why the system refuses, and never returns below `/proc`. */
async function makeWithParents(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || path.dirname(folder) === folder) throw error;
    await makeWithParents(path.dirname(folder));
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const isFolder = codeOf(error) === "EEXIST" && (await stat(folder)).isDirectory();
    if (!isFolder) throw error;
  }
}

/** Whether a file or folder exists. True also if that cannot be checked: the next reader reports why. */
export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR",
  );
}

/**
 * Writes a file so that a reader, or a kill at any moment, sees the old content or the new one and nothing between:
 * a temporary file beside it is written, flushed and renamed. Parents are made. `mode` sets the permissions whatever the
 * umask; without it the umask decides.
 * @throws {OperationError} naming the file (exit 73); nothing is left behind.
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  await makeFolder(path.dirname(file));
  await refuseSpecial(file);
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      if (options.mode !== undefined) await handle.chmod(options.mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw outputError(`Cannot write "${file}"`, error);
  }
}

/** A rename would put a plain file in the place of a device or a pipe that others use. */
async function refuseSpecial(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new OperationError(
    "output",
    `Cannot write "${file}": that is a device or a pipe, not a file; choose another name`,
  );
}

/** A name beside `file` that no other process uses: same folder, so that a rename is atomic. */
export function temporaryName(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
}

/**
 * Moves a finished folder to its place. An existing folder is moved aside first, since a rename cannot replace it,
 * and removed afterwards; a kill between leaves no folder there, never a half one.
 * @throws {OperationError} naming the folder (exit 73).
 */
export async function replaceFolder(finished: string, place: string): Promise<void> {
  const aside = temporaryName(place);
  try {
    await rename(place, aside).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw error;
    });
    await rename(finished, place);
    await rm(aside, { recursive: true, force: true });
  } catch (error) {
    throw outputError(`Cannot write "${place}"`, error);
  }
}

/** An {@link OperationError} for an output that cannot be made, with the system's reason and the remedy. */
export function outputError(action: string, cause: unknown): OperationError {
  if (cause instanceof OperationError) return cause;
  const remedy = REMEDIES[codeOf(cause) ?? ""] ?? messageOf(cause);
  return new OperationError("output", `${action}: ${remedy}`, { cause });
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device; free some or choose another folder",
  EDQUOT: "the disk quota is used up; free some space or choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  EACCES: "permission denied; choose a folder that you may write to",
  EPERM: "not permitted; choose a folder that you may write to",
  EISDIR: "a folder has that name; choose another name",
  ENOTDIR: "a part of the path is a file, not a folder; choose another path",
  ENOENT: "a part of the path cannot be made, or is a link that leads nowhere; choose another path",
  EEXIST: "a file has that name, but a folder is needed; choose another path",
};

/**
 * Reads a text file that is an input.
 * @throws {ArtifactError} naming the file and the kind (exit 65).
 */
export async function readInputText(file: string, kind: string): Promise<string> {
  return (await readInputBytes(file, kind)).toString("utf8");
}

/** Reads an input's bytes. @throws {ArtifactError} as {@link readInputText}. */
export async function readInputBytes(file: string, kind: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw inputError(file, kind, error);
  }
}

/** Bytes as text, refusing what is not UTF-8 instead of replacing it. @throws {ArtifactError} naming file and kind. */
export function decodeUtf8(bytes: Uint8Array, file: string, kind: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ArtifactError({ path: file, kind, issues: [{ path: "", message: "not UTF-8 text" }] });
  }
}

/** An {@link ArtifactError} for an input file that cannot be read. */
export function inputError(file: string, kind: string, cause: unknown): ArtifactError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EISDIR: "is a folder, not a file",
    EACCES: "permission denied",
  };
  return new ArtifactError({
    path: file,
    kind,
    issues: [{ path: "", message: reasons[codeOf(cause) ?? ""] ?? messageOf(cause) }],
  });
}

/** An append-only file of lines; each line is on the disk before `append` resolves. */
export class LineLog {
  readonly #handle: FileHandle;
  readonly #file: string;

  private constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  /** Opens the file for appending, made with its parents if it is not there. */
  static async open(file: string): Promise<LineLog> {
    await makeFolder(path.dirname(file));
    try {
      return new LineLog(await open(file, "a"), file);
    } catch (error) {
      throw outputError(`Cannot append to "${file}"`, error);
    }
  }

  /** Appends one line (without its newline) and flushes it. */
  async append(line: string): Promise<void> {
    try {
      await this.#handle.appendFile(`${line}\n`);
      await this.#handle.datasync();
    } catch (error) {
      throw outputError(`Cannot append to "${this.#file}"`, error);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
