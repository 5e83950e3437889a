import { ArchiveProblem } from "./archive-problem.ts";
import { type FrameBound, type WalkLimits, type WalkStep, walkFrame } from "./zstd-walk.ts";

/** A whole frame, still packed. */
export interface PackedFrame extends FrameBound {
  readonly bytes: Buffer;
}

/**
 * Cuts a Zstandard stream that comes in pieces into its frames, each checked by {@link walkFrame} on the way. Pieces may
 * be used again once `push` has ended. @throws {ArchiveProblem} as {@link walkFrame}.
 */
export class FrameCutter {
  readonly #limits: WalkLimits;
  readonly #parts: Buffer[] = [];
  #walk: Walk | undefined;
  #wanted: WalkStep = { bytes: 0, isSeen: false };
  #seen = Buffer.alloc(0);
  #frameCount = 0;

  constructor(limits: WalkLimits) {
    this.#limits = limits;
  }

  /** The frames that end in this piece. */
  push(piece: Buffer): PackedFrame[] {
    const frames: PackedFrame[] = [];
    let start = 0;
    for (let offset = 0; offset < piece.length; ) {
      this.#walk ??= this.#begin();
      const bytes = piece.subarray(offset, offset + this.#wanted.bytes);
      offset += bytes.length;
      const bound = this.#step(bytes);
      if (bound === undefined) continue;
      frames.push({ ...bound, bytes: Buffer.concat([...this.#parts.splice(0), piece.subarray(start, offset)]) });
      start = offset;
    }
    if (start < piece.length) this.#parts.push(Buffer.from(piece.subarray(start)));
    return frames;
  }

  /** @throws {ArchiveProblem} when the stream is empty or ends within a frame. */
  finish(): void {
    if (this.#walk !== undefined) throw new ArchiveProblem("it is cut within a frame");
    if (this.#frameCount === 0) throw new ArchiveProblem("it is empty");
  }

  #begin(): Walk {
    const walk = walkFrame(this.#limits);
    const first = walk.next();
    if (first.done !== true) this.#wanted = first.value;
    return walk;
  }

  /** Takes bytes of the step under way; at the end of a frame returns what is known of it. */
  #step(bytes: Buffer): FrameBound | undefined {
    const { isSeen } = this.#wanted;
    this.#wanted = { isSeen, bytes: this.#wanted.bytes - bytes.length };
    if (isSeen) this.#seen = Buffer.concat([this.#seen, bytes]);
    while (this.#walk !== undefined && this.#wanted.bytes === 0) {
      const answer = this.#seen;
      this.#seen = Buffer.alloc(0);
      const next = this.#walk.next(answer);
      if (next.done === true) {
        this.#walk = undefined;
        this.#frameCount += 1;
        return next.value;
      }
      this.#wanted = next.value;
    }
    return undefined;
  }
}

type Walk = Generator<WalkStep, FrameBound, Buffer>;
