import { kernelModule, RUN_BYTES } from "./kernel-code.ts";
import { type TextureTiles, TILE_SIDE } from "./noise.ts";

/**
 * Numbers per run of pixels: level of red, green, blue and an unused one, then so for the level's step and the strength of the
 * texture; where the first pixel goes, how many there are, where the row of the texture starts, at which column of it the run
 * starts, and where the grain does; three unused. Levels are of 255 with 8 bits behind the point; places are addresses.
 */
export const RUN_FIELDS = RUN_BYTES / 4;

/** The most pixels a row can have. */
const MAX_RUNS = 8192;

/** Room for a picture, with whatever was in it. */
export interface Room {
  readonly pixels: Uint8ClampedArray;
  /** Address of the first pixel. */
  readonly pixelStart: number;
  readonly runs: Int32Array;
}

/** The part of the WebAssembly interface that is used here; the type library has it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): void };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const PAGE_BYTES = 65_536;

/** Fills rows of pixels with levels, texture and grain. Holds the memory in which it does so: textures from address 0 on. */
export class Kernel {
  /** Address of the grain. */
  readonly grainStart: number;
  readonly #memory: InstanceType<typeof WebAssembly.Memory>;
  readonly #fillRow: (...values: number[]) => void;
  readonly #runsStart: number;
  readonly #pixelStart: number;

  constructor({ values }: TextureTiles, grain: Int8Array) {
    this.grainStart = values.length;
    this.#runsStart = Math.ceil((values.length + grain.length) / 16) * 16;
    this.#pixelStart = this.#runsStart + MAX_RUNS * RUN_BYTES;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#pixelStart / PAGE_BYTES) });
    const bytes = new Int8Array(this.#memory.buffer);
    bytes.set(values);
    bytes.set(grain, this.grainStart);
    const module = new WebAssembly.Module(kernelModule(TILE_SIDE - 1));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#fillRow = exports.fillRow as (...values: number[]) => void;
  }

  /** Room for a picture of `length` bytes; it is valid until the next call. */
  room(length: number): Room {
    const missing = this.#pixelStart + length - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    const { buffer } = this.#memory;
    return {
      pixels: new Uint8ClampedArray(buffer, this.#pixelStart, length),
      pixelStart: this.#pixelStart,
      runs: new Int32Array(buffer, this.#runsStart, MAX_RUNS * RUN_FIELDS),
    };
  }

  /**
   * Fills the pixels of the first `count` runs, at least one; neighbours of a run are `toStep` bytes apart. A pixel becomes
   * (level + grain · grainStrength + texture · strength) >> 8, limited to 0 … 255; then the level grows by its step.
   */
  fillRow(count: number, toStep: number, grainStrength: number): void {
    this.#fillRow(this.#runsStart, this.#runsStart + count * RUN_BYTES, toStep, grainStrength);
  }
}
