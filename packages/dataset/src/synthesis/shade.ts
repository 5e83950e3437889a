import type { Canvas } from "./canvas.ts";
import { CELL_FIELDS, Cells, FOCUS } from "./cells.ts";
import { toFixed } from "./fixed.ts";
import { type Kernel, RUN_FIELDS } from "./kernel.ts";
import { type TextureTiles, TILE_DEVIATION, TILE_SIDE } from "./noise.ts";
import type { Placement } from "./placement.ts";
import { findSpans, LEFT_EDGE, SPAN_FIELDS, UPPER_EDGE } from "./spans.ts";
import { surfaceTable, TABLE_FIELDS } from "./surface-table.ts";

/** What the shading of one picture needs besides the canvas. */
export interface Materials {
  readonly tiles: TextureTiles;
  readonly kernel: Kernel;
  /** Seed of the picture: where it cuts its textures and its grain. */
  readonly seed: number;
}

/**
 * The picture to shade: its upright size in pixels, how many of them share a label (2 to the power of `labelShift` each way)
 * and where they are stored.
 */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly labelShift: 0 | 1;
  readonly placement: Placement;
}

/**
 * Shades a canvas into red, green and blue bytes, which are valid until the next picture is shaded.
 * It works on runs of pixels that share a surface and a cell of the grid, with whole numbers of 8 bits behind the point: along
 * a run everything but texture and grain is a straight line.
 */
export function shade(canvas: Canvas, frame: Frame, materials: Materials): Uint8ClampedArray {
  const { width, height, labelShift, placement } = frame;
  const { kernel, seed } = materials;
  const { pixels, runs, pixelStart } = kernel.room(width * height * 3);
  const grainStrength = toFixed(canvas.grain / TILE_DEVIATION);
  const table = surfaceTable(canvas, frame, materials);
  const cells = new Cells(canvas, canvas.cellShift + labelShift);
  const spans = new Int32Array(canvas.width * SPAN_FIELDS);
  let spansEnd = 0;

  for (let y = 0; y < height; y += 1) {
    const isFirstOfLabel = (y & ((1 << labelShift) - 1)) === 0;
    if (isFirstOfLabel) spansEnd = findSpans(canvas, y >> labelShift, spans);
    cells.goToRow(y);
    const rowStart = pixelStart + (placement.start + y * placement.down) * 3;
    const grainStart = kernel.grainStart + (Math.imul(y + seed, 0x9e3779b1) >>> 16);
    let run = 0;
    for (let span = 0; span < spansEnd; span += SPAN_FIELDS, run += RUN_FIELDS) {
      const x = (spans[span] as number) << labelShift;
      const end = (spans[span + 1] as number) << labelShift;
      runs[run + 12] = rowStart + x * placement.across * 3;
      runs[run + 13] = Math.min(end, width) - x;
      runs[run + 16] = grainStart + x;
      writeRun(runs, run, table, (spans[span + 2] as number) * TABLE_FIELDS, cells, x, y);
    }
    kernel.fillRow(run / RUN_FIELDS, placement.across * 3, grainStrength);
    softenEdges(pixels, spans, spansEnd, frame, y, isFirstOfLabel ? LEFT_EDGE | UPPER_EDGE : LEFT_EDGE);
  }
  return pixels;
}

/** Writes the levels of a run, their steps and its texture, as {@link Kernel.fillRow} takes them. */
function writeRun(
  runs: Int32Array,
  run: number,
  table: Int32Array,
  entry: number,
  { values, shift }: Cells,
  x: number,
  y: number,
): void {
  const cell = (x >> shift) * CELL_FIELDS;
  const into = x & ((1 << shift) - 1);
  const mask = table[entry + 3] as number;
  const slope = table[entry + 4] as number;
  const bright = ((table[entry + 6] as number) + Math.imul(slope, x) + Math.imul(table[entry + 5] as number, y)) >> 8;
  const lightStep = values[cell + 8] as number;
  const common = bright + (values[cell + 3] as number) + lightStep * into;
  const commonStep = (slope >> 8) + lightStep;
  const focus = values[cell + FOCUS] as number;
  for (let channel = 0; channel < 3; channel += 1) {
    const step = (values[cell + 5 + channel] as number) & mask;
    const backdrop = (values[cell + channel] as number) & mask;
    runs[run + channel] = (table[entry + channel] as number) + backdrop + step * into + common;
    runs[run + 4 + channel] = step + commonStep;
    runs[run + 8 + channel] = ((table[entry + 7 + channel] as number) * focus) >> 8;
  }
  runs[run + 14] = (table[entry + 12] as number) + ((y + (table[entry + 11] as number)) & (TILE_SIDE - 1)) * TILE_SIDE;
  runs[run + 15] = x + (table[entry + 10] as number);
}

/** Softens the edges of a row of spans that are of the given sides. */
function softenEdges(
  pixels: Uint8ClampedArray,
  spans: Int32Array,
  spansEnd: number,
  { width, labelShift, placement }: Frame,
  y: number,
  sides: number,
): void {
  const across = placement.across * 3;
  for (let span = 0; span < spansEnd; span += SPAN_FIELDS) {
    const edges = (spans[span + 3] as number) & sides;
    if (edges === 0) continue;
    const x = (spans[span] as number) << labelShift;
    const at = (placement.start + y * placement.down) * 3 + x * across;
    if ((edges & UPPER_EDGE) !== 0) {
      const count = Math.min(width, (spans[span + 1] as number) << labelShift) - x;
      for (let pixel = 0; pixel < count; pixel += 1) soften(pixels, at + pixel * across, placement.down * 3);
    }
    if ((edges & LEFT_EDGE) !== 0) soften(pixels, at, across);
  }
}

/**
 * Mixes a pixel with the one `back` values before. Edges are softened over two pixels, as a lens does: without it they ring
 * and weigh more than photographs do.
 */
function soften(pixels: Uint8ClampedArray, at: number, back: number): void {
  const neighbour = at - back;
  pixels[at] = ((pixels[at] as number) + (pixels[neighbour] as number)) >> 1;
  pixels[at + 1] = ((pixels[at + 1] as number) + (pixels[neighbour + 1] as number)) >> 1;
  pixels[at + 2] = ((pixels[at + 2] as number) + (pixels[neighbour + 2] as number)) >> 1;
}
