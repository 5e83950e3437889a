import { ArchiveProblem } from "./archive-problem.ts";
import { type FrameBound, type WalkLimits, type WalkStep, walkFrame } from "./zstd-walk.ts";

/** A whole frame, still packed. */
export interface PackedFrame extends FrameBound {
  readonly bytes: Buffer;
}

const FIRST_BUFFER_BYTES = 64 << 10;

/**
 * Cuts a Zstandard stream that comes in pieces into its frames, each checked by {@link walkFrame} on the way. Pieces may
 * be used again once `push` has ended; the bytes of a frame are good until `bufferCount - 1` further ones were taken.
 * @throws {ArchiveProblem} as {@link walkFrame}.
 */
export class FrameCutter {
  readonly #limits: WalkLimits;
  readonly #buffers: Buffer[];
  #frame: Buffer = Buffer.alloc(0);
  #frameBytes = 0;
  #walk: Walk | undefined;
  #wanted: WalkStep = { bytes: 0, isSeen: false };
  #seenFrom = 0;
  #frameCount = 0;

  constructor(limits: WalkLimits, bufferCount: number) {
    this.#limits = limits;
    this.#buffers = Array.from({ length: bufferCount }, () => Buffer.alloc(0));
  }

  /** The frames that end in this piece. */
  *push(piece: Buffer): Generator<PackedFrame> {
    for (let offset = 0; offset < piece.length; ) {
      this.#walk ??= this.#begin();
      const bytes = piece.subarray(offset, offset + this.#wanted.bytes);
      offset += bytes.length;
      const bound = this.#step(bytes);
      if (bound !== undefined) yield { ...bound, bytes: this.#frame.subarray(0, this.#frameBytes) };
    }
  }

  /** @throws {ArchiveProblem} when the stream is empty or ends within a frame. */
  finish(): void {
    if (this.#walk !== undefined) throw new ArchiveProblem("it is cut within a frame");
    if (this.#frameCount === 0) throw new ArchiveProblem("it is empty");
  }

  #begin(): Walk {
    this.#frame = this.#buffers[this.#frameCount % this.#buffers.length] ?? this.#frame;
    this.#frameBytes = 0;
    const walk = walkFrame(this.#limits);
    const first = walk.next();
    if (first.done !== true) this.#want(first.value);
    return walk;
  }

  #want(step: WalkStep): void {
    this.#wanted = step;
    this.#seenFrom = this.#frameBytes;
  }

  /** Takes bytes of the step under way; at the end of a frame returns what is known of it. */
  #step(bytes: Buffer): FrameBound | undefined {
    this.#keep(bytes);
    this.#wanted = { isSeen: this.#wanted.isSeen, bytes: this.#wanted.bytes - bytes.length };
    while (this.#walk !== undefined && this.#wanted.bytes === 0) {
      const next = this.#walk.next(this.#frame.subarray(this.#seenFrom, this.#frameBytes));
      if (next.done === true) {
        this.#walk = undefined;
        this.#frameCount += 1;
        return next.value;
      }
      this.#want(next.value);
    }
    return undefined;
  }

  #keep(bytes: Buffer): void {
    const neededBytes = this.#frameBytes + bytes.length;
    if (neededBytes > this.#frame.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BUFFER_BYTES, 2 * this.#frame.length, neededBytes));
      this.#frame.copy(larger, 0, 0, this.#frameBytes);
      this.#buffers[this.#frameCount % this.#buffers.length] = larger;
      this.#frame = larger;
    }
    bytes.copy(this.#frame, this.#frameBytes);
    this.#frameBytes = neededBytes;
  }
}

type Walk = Generator<WalkStep, FrameBound, Buffer>;
