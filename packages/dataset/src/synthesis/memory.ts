/**
 * Memory that is used again. Fresh memory costs a page fault for every 4 KiB, which adds up to a tenth of all the time that
 * rendering takes.
 */
export class Memory {
  readonly #free: ArrayBuffer[] = [];

  /** A piece of at least `sizeBytes`, with whatever was in it. */
  take(sizeBytes: number): ArrayBuffer {
    let best = -1;
    for (const [index, piece] of this.#free.entries()) {
      const bestBytes = this.#free[best]?.byteLength ?? Number.POSITIVE_INFINITY;
      if (piece.byteLength >= sizeBytes && piece.byteLength < bestBytes) best = index;
    }
    const [found] = best < 0 ? [] : this.#free.splice(best, 1);
    return found ?? new ArrayBuffer(sizeBytes);
  }

  /** Gives a piece back. Few are kept, and no very large one: most images need little. */
  give(piece: ArrayBuffer): void {
    if (piece.byteLength <= MAX_PIECE_BYTES && this.#free.length < MAX_FREE_PIECES) this.#free.push(piece);
  }
}

const MAX_FREE_PIECES = 8;
const MAX_PIECE_BYTES = 16_000_000;
