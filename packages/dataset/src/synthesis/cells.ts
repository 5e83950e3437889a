import { AMBIENCE_CHANNELS, type Canvas } from "./canvas.ts";
import { toFixed } from "./fixed.ts";

/** Numbers per cell in {@link Cells}' `values`. */
export const CELL_FIELDS = 9;

/** Where the focus stands among them; it has no step, since it is the same over a cell. */
export const FOCUS = 4;

/** The grid of what varies slowly, brought down to one row of pixels: values and steps per pixel, cell by cell. */
export class Cells {
  readonly shift: number;
  /** Per cell: backdrop (3), light and focus at its left edge, then the steps of the first four. */
  readonly values: Int32Array;
  readonly #points: Int32Array;
  readonly #pointsInRow: number;

  constructor(canvas: Canvas, shift: number) {
    this.shift = shift;
    this.#points = toFixedAll(canvas.ambience);
    this.#pointsInRow = canvas.gridWidth;
    this.values = new Int32Array((canvas.gridWidth - 1) * CELL_FIELDS);
  }

  goToRow(y: number): void {
    const { values, shift } = this;
    const points = this.#points;
    const rowLength = this.#pointsInRow * AMBIENCE_CHANNELS;
    const part = y & ((1 << shift) - 1);
    let at = (y >> shift) * rowLength;
    for (let cell = 0; cell < values.length; cell += CELL_FIELDS, at += AMBIENCE_CHANNELS) {
      for (let channel = 0; channel < AMBIENCE_CHANNELS; channel += 1) {
        const left = between(points, at + channel, rowLength, part, shift);
        values[cell + channel] = left;
        if (channel === FOCUS) continue;
        const right = between(points, at + channel + AMBIENCE_CHANNELS, rowLength, part, shift);
        values[cell + AMBIENCE_CHANNELS + channel] = (right - left) >> shift;
      }
    }
  }
}

/** The value between a point of the grid and the one below it. */
function between(points: Int32Array, at: number, rowLength: number, part: number, shift: number): number {
  const top = points[at] as number;
  return top + ((((points[at + rowLength] as number) - top) * part) >> shift);
}

/** A loop, since `Int32Array.from` calls back for each of some ten thousand values. */
function toFixedAll(values: Float32Array): Int32Array {
  const fixed = new Int32Array(values.length);
  for (let index = 0; index < fixed.length; index += 1) fixed[index] = toFixed(values[index] as number);
  return fixed;
}
