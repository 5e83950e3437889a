import { InvariantError, OperationError } from "@forgebench/errors";
import { Header } from "tar";

const BLOCK_BYTES = 512;

/** A folder or a file of an archive. */
export interface ArchiveEntry {
  /** With `/`; a folder ends in one. */
  readonly path: string;
  /** 0 for a folder. */
  readonly sizeBytes: number;
}

/** The content of one entry, read from its beginning to its end. */
export interface EntryContent {
  /** Fills the beginning of `target` and resolves to the number of bytes; 0 at the end. */
  read(target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

export interface TarOptions {
  /** The time that every entry bears, in whole seconds since 1970. */
  readonly mtimeSeconds: number;
  readonly openEntry: (entry: ArchiveEntry) => Promise<EntryContent>;
  /** An empty buffer for the next frame; may be one that was yielded earlier and is no longer in use. */
  readonly nextFrame: () => Buffer;
}

/**
 * A tar stream (ustar) in pieces of the size that `nextFrame` gives, the last one shorter. The same entries and contents
 * give the same bytes: entries are sorted, folders are 0755, files 0644, owner and group 0 without names. Content is read
 * straight into the frames and never held as a whole.
 * @throws {OperationError} when a content is shorter or longer than its entry says (exit 65)
 */
export async function* tarFrames(entries: readonly ArchiveEntry[], options: TarOptions): AsyncGenerator<Buffer> {
  let frame = options.nextFrame();
  let filled = 0;
  const take = (): Buffer => {
    const full = frame.subarray(0, filled);
    frame = options.nextFrame();
    filled = 0;
    return full;
  };
  function* put(bytes: Uint8Array): Generator<Buffer> {
    for (let from = 0; from < bytes.length; ) {
      const length = Math.min(bytes.length - from, frame.length - filled);
      frame.set(bytes.subarray(from, from + length), filled);
      filled += length;
      from += length;
      if (filled === frame.length) yield take();
    }
  }
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    yield* put(headerOf(entry, options.mtimeSeconds));
    if (entry.path.endsWith("/")) continue;
    const content = await options.openEntry(entry);
    try {
      let missing = entry.sizeBytes;
      while (missing > 0) {
        const count = await content.read(frame.subarray(filled, Math.min(frame.length, filled + missing)));
        if (count === 0) throw sizeError(entry, "shorter");
        missing -= count;
        filled += count;
        if (filled === frame.length) yield take();
      }
      if ((await content.read(new Uint8Array(1))) > 0) throw sizeError(entry, "longer");
    } finally {
      await content.close();
    }
    yield* put(new Uint8Array(-entry.sizeBytes & (BLOCK_BYTES - 1)));
  }
  // Two empty blocks end a tar stream.
  yield* put(new Uint8Array(2 * BLOCK_BYTES));
  if (filled > 0) yield frame.subarray(0, filled);
}

/** The length of the tar stream of these entries. */
export function tarSizeBytes(entries: readonly ArchiveEntry[]): number {
  const blocks = entries.reduce((sum, { sizeBytes }) => sum + 1 + Math.ceil(sizeBytes / BLOCK_BYTES), 2);
  return blocks * BLOCK_BYTES;
}

function headerOf({ path, sizeBytes }: ArchiveEntry, mtimeSeconds: number): Buffer {
  const isFolder = path.endsWith("/");
  const block = Buffer.alloc(BLOCK_BYTES);
  const header = new Header({
    path,
    mode: isFolder ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: sizeBytes,
    mtime: new Date(1000 * mtimeSeconds),
    type: isFolder ? "Directory" : "File",
  });
  // Our names are short and our files below 8 GiB; anything else would need an extended header.
  if (header.encode(block)) throw new InvariantError(`"${path}" (${sizeBytes} bytes) does not fit a plain tar header`);
  return block;
}

function sizeError({ path, sizeBytes }: ArchiveEntry, how: string): OperationError {
  return new OperationError(
    "data",
    `Cannot pack "${path}": it is ${how} than the ${sizeBytes} bytes it had when it was read`,
  );
}
