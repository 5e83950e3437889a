import type { Canvas } from "./canvas.ts";
import { CELL_FIELDS, Cells, FOCUS } from "./cells.ts";
import { type Fill, fillRun, RUN_FIELDS } from "./fill-run.ts";
import { toFixed } from "./fixed.ts";
import { type TextureTiles, TILE_DEVIATION, TILE_SIDE } from "./noise.ts";
import type { Placement } from "./placement.ts";
import { findSpans, LEFT_EDGE, SPAN_FIELDS, UPPER_EDGE } from "./spans.ts";
import { surfaceTable, TABLE_FIELDS } from "./surface-table.ts";

/** What the shading of one picture needs besides the canvas. */
export interface Materials {
  readonly tiles: TextureTiles;
  readonly grain: Int8Array;
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
 * Shades a canvas into `pixels`, the red, green and blue bytes of the whole frame.
 * It works on runs of pixels that share a surface and a cell of the grid, with whole numbers of 8 bits behind the point: along
 * a run everything but texture and grain is a straight line.
 */
export function shade(pixels: Uint8ClampedArray, canvas: Canvas, frame: Frame, materials: Materials): void {
  const { width, height, labelShift, placement } = frame;
  const { tiles, grain, seed } = materials;
  const grainStrength = toFixed(canvas.grain / TILE_DEVIATION);
  const fill: Fill = { pixels, toStep: placement.across * 3, tiles: tiles.values, grain, grainStrength };
  const table = surfaceTable(canvas, frame, materials);
  const cells = new Cells(canvas, canvas.cellShift + labelShift);
  const spans = new Int32Array(canvas.width * SPAN_FIELDS);
  const run = new Int32Array(RUN_FIELDS);
  let spansEnd = 0;

  for (let y = 0; y < height; y += 1) {
    const isFirstOfLabel = (y & ((1 << labelShift) - 1)) === 0;
    if (isFirstOfLabel) spansEnd = findSpans(canvas, y >> labelShift, spans);
    cells.goToRow(y);
    const rowStart = (placement.start + y * placement.down) * 3;
    const grainStart = Math.imul(y + seed, 0x9e3779b1) >>> 16;
    for (let span = 0; span < spansEnd; span += SPAN_FIELDS) {
      const x = (spans[span] as number) << labelShift;
      const end = (spans[span + 1] as number) << labelShift;
      run[9] = rowStart + x * fill.toStep;
      run[10] = Math.min(end, width) - x;
      run[13] = grainStart + x;
      writeRun(run, table, (spans[span + 2] as number) * TABLE_FIELDS, cells, x, y);
      fillRun(fill, run);
    }
    softenEdges(pixels, spans, spansEnd, frame, y, isFirstOfLabel ? LEFT_EDGE | UPPER_EDGE : LEFT_EDGE);
  }
}

/** Writes the levels of a run, their steps and its texture, as {@link fillRun} takes them. */
function writeRun(
  run: Int32Array,
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
    run[channel] = (table[entry + channel] as number) + backdrop + step * into + common;
    run[3 + channel] = step + commonStep;
    run[6 + channel] = ((table[entry + 7 + channel] as number) * focus) >> 8;
  }
  run[11] = (table[entry + 12] as number) + ((y + (table[entry + 11] as number)) & (TILE_SIDE - 1)) * TILE_SIDE;
  run[12] = x + (table[entry + 10] as number);
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
