import { OperationError } from "@forgebench/errors";
import { type ArchiveEntry, BLOCK_BYTES, encodeHeader, paddingBytes } from "./tar-header.ts";

/** The content of one entry, read from its beginning to its end. */
export interface EntryContent {
  /** Fills the beginning of `target` and resolves to the number of bytes; 0 at the end. */
  read(target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

interface TarOptions {
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
  const filler = new FrameFiller(options.nextFrame);
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    yield* filler.put(encodeHeader(entry, options.mtimeSeconds));
    if (entry.path.endsWith("/")) continue;
    const content = await options.openEntry(entry);
    try {
      yield* filler.copy(entry, content);
    } finally {
      await content.close();
    }
    yield* filler.put(new Uint8Array(paddingBytes(entry.sizeBytes)));
  }
  // Two empty blocks end a tar stream.
  yield* filler.put(new Uint8Array(2 * BLOCK_BYTES));
  yield* filler.rest();
}

/** Fills one frame after the other. */
class FrameFiller {
  readonly #nextFrame: () => Buffer;
  #frame: Buffer;
  #filledBytes = 0;

  constructor(nextFrame: () => Buffer) {
    this.#nextFrame = nextFrame;
    this.#frame = nextFrame();
  }

  *put(bytes: Uint8Array): Generator<Buffer> {
    for (let from = 0; from < bytes.length; ) {
      const length = Math.min(bytes.length - from, this.#frame.length - this.#filledBytes);
      this.#frame.set(bytes.subarray(from, from + length), this.#filledBytes);
      from += length;
      yield* this.#advance(length);
    }
  }

  async *copy(entry: ArchiveEntry, content: EntryContent): AsyncGenerator<Buffer> {
    for (let missing = entry.sizeBytes; missing > 0; ) {
      const end = Math.min(this.#frame.length, this.#filledBytes + missing);
      const count = await content.read(this.#frame.subarray(this.#filledBytes, end));
      if (count === 0) throw sizeError(entry, "shorter");
      missing -= count;
      yield* this.#advance(count);
    }
    if ((await content.read(new Uint8Array(1))) > 0) throw sizeError(entry, "longer");
  }

  *rest(): Generator<Buffer> {
    if (this.#filledBytes > 0) yield this.#frame.subarray(0, this.#filledBytes);
  }

  *#advance(count: number): Generator<Buffer> {
    this.#filledBytes += count;
    if (this.#filledBytes < this.#frame.length) return;
    const full = this.#frame;
    this.#frame = this.#nextFrame();
    this.#filledBytes = 0;
    yield full;
  }
}

function sizeError({ path, sizeBytes }: ArchiveEntry, how: string): OperationError {
  return new OperationError(
    "data",
    `Cannot pack "${path}": it is ${how} than the ${sizeBytes} bytes it had when it was read`,
  );
}
