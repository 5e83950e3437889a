import type { Canvas } from "./canvas.ts";

/** Numbers per span: where it starts and ends on the canvas, its label, and which of its sides are edges. */
export const SPAN_FIELDS = 4;

/** Bit of a span's last number: its left neighbour has another label. */
export const LEFT_EDGE = 1;

/** Bit of a span's last number: what lies above it has another label. */
export const UPPER_EDGE = 2;

/**
 * Divides a row of labels into spans: neighbours in one cell of the grid with one label, all of them or none below another
 * label. It reads every label of every picture, hence no objects.
 * @returns where the numbers of the last span end
 */
export function findSpans({ labels, width, cellShift }: Canvas, y: number, spans: Int32Array): number {
  const row = y * width;
  const above = y === 0 ? 0 : row - width;
  let at = 0;
  let previous = -1;
  let from = 0;
  while (from < width) {
    const label = labels[row + from] as number;
    const isUnderOther = labels[above + from] !== label;
    const cellEnd = ((from >> cellShift) + 1) << cellShift;
    const end = cellEnd < width ? cellEnd : width;
    let to = from + 1;
    if (isUnderOther) while (to < end && labels[row + to] === label && labels[above + to] !== label) to += 1;
    else while (to < end && labels[row + to] === label && labels[above + to] === label) to += 1;
    spans[at] = from;
    spans[at + 1] = to;
    spans[at + 2] = label;
    spans[at + 3] = (from > 0 && previous !== label ? LEFT_EDGE : 0) | (isUnderOther ? UPPER_EDGE : 0);
    at += SPAN_FIELDS;
    previous = label;
    from = to;
  }
  return at;
}
