/**
 * Memory that is used again. Fresh memory costs a page fault for every 4 KiB, which adds up to a tenth of all the time that
 * rendering takes.
 */
export class Memory {
  readonly #free: ArrayBuffer[] = [];

  /** A piece of at least `sizeBytes`, with whatever was in it. */
  take(sizeBytes: number): ArrayBuffer {
    // From small to large: the first that fits is the smallest.
    const index = this.#free.findIndex((piece) => piece.byteLength >= sizeBytes);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    return found ?? new ArrayBuffer(roundUp(sizeBytes));
  }

  /** Gives a piece back. Few are kept, and none of the very large ones: hardly any image needs them. */
  give(piece: ArrayBuffer): void {
    if (piece.byteLength > MAX_PIECE_BYTES) return;
    this.#free.push(piece);
    this.#free.sort((a, b) => a.byteLength - b.byteLength);
    if (this.#free.length > MAX_FREE_PIECES) this.#free.shift();
  }
}

const MAX_FREE_PIECES = 6;
const MAX_PIECE_BYTES = 1 << 24;

/** To the next power of two, so that pieces fit many images; beyond what is kept there is no need. */
function roundUp(sizeBytes: number): number {
  return sizeBytes > MAX_PIECE_BYTES ? sizeBytes : Math.max(1 << 16, 2 ** Math.ceil(Math.log2(sizeBytes)));
}
