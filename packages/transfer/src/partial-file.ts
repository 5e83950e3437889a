import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { outputError } from "@forgebench/io";
import { HashedPart } from "./hashed-part.ts";
import type { PartialNames } from "./partial-names.ts";

const READ_BYTES = 1 << 20;
/** So much is written before the system is asked to bring it to the disk, so that little is left to flush at the end. */
const FLUSH_BYTES = 32 << 20;

/** Of a download request: what decides how its partial file is kept. */
interface Opening {
  readonly sha256?: string;
  readonly isTransient?: boolean;
  readonly signal: AbortSignal;
}

/**
 * What has come of a file, under a name of its own, hashed as far as it goes. It can be continued when the expected hash
 * is known, which decides in the end, or when a side file says which version of the file the bytes are of.
 */
export class PartialFile extends HashedPart {
  readonly #handle: FileHandle;
  readonly #names: PartialNames;
  readonly #isTransient: boolean;
  #isOpen = true;
  #unflushedBytes = 0;
  #flushing: Promise<unknown> | undefined;
  #flushFailure: unknown;

  private constructor(handle: FileHandle, names: PartialNames, { sha256, isTransient }: Opening) {
    super(sha256 !== undefined);
    this.#handle = handle;
    this.#names = names;
    this.#isTransient = isTransient === true;
  }

  /** Opens what an earlier attempt or run left, hashed again, or an empty one. @throws {OperationError} exit 73. */
  static async open(names: PartialNames, opening: Opening): Promise<PartialFile> {
    // No link is followed: the name can be foreseen.
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
    const handle = await open(names.partial, flags).catch((error: unknown) => {
      throw outputError(`Cannot write "${names.partial}"`, error);
    });
    const partial = new PartialFile(handle, names, opening);
    try {
      await partial.#takeUp(await readValidator(names.validator), opening.signal);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return partial;
  }

  /** Empties it for bytes that `validator` will stand for. The side file never speaks of bytes of another version. */
  override async restart(validator: string | undefined): Promise<void> {
    try {
      await this.#handle.truncate(0);
      await rm(this.#names.validator, { force: true });
      if (validator !== undefined) await writeFile(this.#names.validator, JSON.stringify(validator));
    } catch (error) {
      throw this.#failure(error);
    }
    await super.restart(validator);
  }

  override async append(chunks: readonly Uint8Array[]): Promise<void> {
    const before = this.sizeBytes;
    const writing = writeAll(this.#handle, chunks, before);
    // Hashed while the system writes.
    await super.append(chunks);
    try {
      await writing;
    } catch (error) {
      throw this.#failure(error);
    }
    this.#unflushedBytes += this.sizeBytes - before;
    if (this.#unflushedBytes >= FLUSH_BYTES && !this.#isTransient) this.#flushBehind();
  }

  /** Flushes it, unless it is transient, and gives it its final name. @throws {OperationError} exit 73; then nothing has that name. */
  async place(file: string): Promise<void> {
    try {
      await this.#flushing;
      // The system says once that it could not write, and perhaps not to the call below.
      if (this.#flushFailure !== undefined) throw this.#flushFailure;
      if (!this.#isTransient) await this.#handle.sync();
      await this.#close();
      await rm(this.#names.validator, { force: true });
      await rename(this.#names.partial, file);
    } catch (error) {
      throw outputError(`Cannot write "${file}"`, error);
    }
  }

  /** Closes it; it stays if it can be continued. */
  async leave(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#close();
    if (!this.isResumable || this.sizeBytes === 0) await removePartial(this.#names);
  }

  /** Closes and removes it. */
  async discard(): Promise<void> {
    if (this.#isOpen) await this.#close();
    await removePartial(this.#names);
  }

  /** Flushes while more comes, once at a time. */
  #flushBehind(): void {
    if (this.#flushing !== undefined) return;
    this.#unflushedBytes = 0;
    this.#flushing = this.#handle
      .datasync()
      .catch((error: unknown) => {
        this.#flushFailure = error;
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    await this.#flushing;
    await this.#handle.close();
  }

  /** Goes on with what an earlier attempt or run left, where it is known of which version it is. */
  async #takeUp(validator: string | undefined, signal: AbortSignal): Promise<void> {
    await super.restart(validator);
    if (!this.isResumable) return this.restart(undefined);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#handle.read(buffer, 0, READ_BYTES, this.sizeBytes);
      if (bytesRead === 0) return;
      await super.append([buffer.subarray(0, bytesRead)]);
    }
  }

  #failure(error: unknown): Error {
    return outputError(`Cannot write "${path.resolve(this.#names.partial)}"`, error);
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  const totalBytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { bytesWritten } = await handle.writev(chunks, position);
  if (bytesWritten === totalBytes) return;
  // The system may take a part, as on a disk that is nearly full; then what is missing is written piece by piece.
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  for (let done = 0; done < rest.byteLength; ) {
    const { bytesWritten: more } = await handle.write(
      rest,
      done,
      rest.byteLength - done,
      position + bytesWritten + done,
    );
    done += more;
  }
}

/** A side file that a kill has cut is no JSON, and then nothing is known. */
async function readValidator(file: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what a download has left beside its file. */
export async function removePartial(names: PartialNames): Promise<void> {
  await rm(names.partial, { force: true });
  await rm(names.validator, { force: true });
}
