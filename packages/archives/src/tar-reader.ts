import { ArchiveProblem } from "./archive-problem.ts";
import { type ArchiveEntry, BLOCK_BYTES, decodeHeader, paddingBytes } from "./tar-header.ts";

/** Takes the entries of a tar stream, in order. An error that it throws ends the reading. */
export interface TarSink {
  begin(entry: ArchiveEntry): void;
  /** The next bytes of the entry that has begun; they are part of the piece that was pushed. */
  content(bytes: Buffer): void;
  /** All content of the entry has come; of a folder or an empty file at once. */
  end(): void;
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Reads a tar stream that comes in pieces, without trust: nothing but folders and files as `tarFrames` writes them, zeros
 * between, two empty blocks at the end and nothing after them. It holds one header and no content; names and sizes are
 * for the sink to judge. @throws {ArchiveProblem}
 */
export class TarReader {
  readonly #sink: TarSink;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #blockBytes = 0;
  #path = "";
  #contentBytes = 0;
  #paddingBytes = 0;
  #endBlocks = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  push(piece: Buffer): void {
    for (let offset = 0; offset < piece.length; ) offset += this.#take(piece, offset);
  }

  /** @throws {ArchiveProblem} when the stream is not at its end. */
  finish(): void {
    if (this.#contentBytes > 0 || this.#paddingBytes > 0)
      throw new ArchiveProblem(`${JSON.stringify(this.#path)} is cut`);
    if (this.#blockBytes > 0 || this.#endBlocks < 2) throw new ArchiveProblem("the tar stream is cut");
  }

  #take(piece: Buffer, offset: number): number {
    if (this.#contentBytes > 0) {
      const bytes = piece.subarray(offset, offset + this.#contentBytes);
      this.#contentBytes -= bytes.length;
      this.#sink.content(bytes);
      if (this.#contentBytes === 0) this.#sink.end();
      return bytes.length;
    }
    if (this.#paddingBytes > 0) return this.#takePadding(piece.subarray(offset, offset + this.#paddingBytes));
    if (this.#endBlocks === 2) throw afterEnd();
    const missing = BLOCK_BYTES - this.#blockBytes;
    const count = piece.copy(this.#block, this.#blockBytes, offset, offset + missing);
    this.#blockBytes += count;
    if (count === missing) this.#takeBlock();
    return count;
  }

  #takePadding(bytes: Buffer): number {
    if (!bytes.equals(ZEROS.subarray(0, bytes.length))) {
      throw new ArchiveProblem(`there is data between ${JSON.stringify(this.#path)} and the next entry`);
    }
    this.#paddingBytes -= bytes.length;
    return bytes.length;
  }

  #takeBlock(): void {
    this.#blockBytes = 0;
    if (this.#block.equals(ZEROS)) {
      this.#endBlocks += 1;
      return;
    }
    if (this.#endBlocks > 0) throw afterEnd();
    const entry = decodeHeader(this.#block);
    this.#path = entry.path;
    this.#contentBytes = entry.sizeBytes;
    this.#paddingBytes = paddingBytes(entry.sizeBytes);
    this.#sink.begin(entry);
    if (entry.sizeBytes === 0) this.#sink.end();
  }
}

function afterEnd(): ArchiveProblem {
  return new ArchiveProblem("there is data after the end of the tar stream");
}
