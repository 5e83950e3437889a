import { AMBIENCE_CHANNELS, type Canvas, type Surface } from "./canvas.ts";
import { type Grain, type TextureTiles, TILE_DEVIATION, TILE_SIDE } from "./noise.ts";
import type { Placement } from "./placement.ts";

/** What the shading of one picture needs besides the canvas. */
export interface Materials {
  readonly tiles: TextureTiles;
  readonly grain: Grain;
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
 * Shades a canvas into red, green and blue bytes.
 * The inner loop is most of the cost of the whole generator. Hence whole numbers with 8 bits behind the point, and runs of
 * pixels that share a surface and a cell of the grid: along a run everything but texture and grain is a straight line.
 */
export function shade(canvas: Canvas, frame: Frame, materials: Materials, pixels: Uint8ClampedArray): void {
  const { width, height, labelShift } = frame;
  const { labels, gridWidth, cellShift } = canvas;
  const { start: origin, across, down } = frame.placement;
  const stepAcross = across * 3;
  const stepDown = down * 3;
  const pixelCellShift = cellShift + labelShift;
  const labelWidth = canvas.width;
  const tiles = materials.tiles.values;
  const grain = materials.grain.scaled(canvas.grain);
  const table = surfaceTable(canvas, frame, materials);
  // A constant of another module would be fetched again for every pixel.
  const tileMask = TILE_SIDE - 1;
  const ambience = toFixedAll(canvas.ambience);
  const points = new Int32Array(gridWidth * AMBIENCE_CHANNELS);

  for (let y = 0; y < height; y += 1) {
    interpolateRow(ambience, points, y, pixelCellShift);
    const grainStart = Math.imul(y + materials.seed, 0x9e3779b1) >>> 16;
    const start = (y >> labelShift) * labelWidth;
    const above = y === 0 ? start : ((y - 1) >> labelShift) * labelWidth;
    let from = 0;
    while (from < labelWidth) {
      const label = labels[start + from] as number;
      const isUnderOther = labels[above + from] !== label;
      const cell = from >> cellShift;
      const end = Math.min(labelWidth, (cell + 1) << cellShift);
      let to = from + 1;
      while (to < end && labels[start + to] === label && (labels[above + to] !== label) === isUnderOther) to += 1;
      let x = from << labelShift;
      const stop = Math.min(width, to << labelShift);
      const run = startRun(table, label * TABLE_FIELDS, points, cell * AMBIENCE_CHANNELS, x, y, pixelCellShift);
      const { column, tileRow, roughRed, roughGreen, roughBlue, stepRed, stepGreen, stepBlue } = run;
      let { red, green, blue } = run;
      const first = (origin + x * across + y * down) * 3;
      let at = first;
      for (; x < stop; x += 1, at += stepAcross) {
        const bump = tiles[tileRow + ((x + column) & tileMask)] as number;
        const speck = grain[grainStart + x] as number;
        pixels[at] = (red + speck + Math.imul(bump, roughRed)) >> 8;
        pixels[at + 1] = (green + speck + Math.imul(bump, roughGreen)) >> 8;
        pixels[at + 2] = (blue + speck + Math.imul(bump, roughBlue)) >> 8;
        red += stepRed;
        green += stepGreen;
        blue += stepBlue;
      }
      if (isUnderOther) for (let edge = first; edge !== at; edge += stepAcross) soften(pixels, edge, stepDown);
      if (from > 0 && labels[start + from - 1] !== label) soften(pixels, first, stepAcross);
      from = to;
    }
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

/** How a run of pixels starts and goes on; levels have 8 bits behind the point. */
interface Run {
  red: number;
  green: number;
  blue: number;
  stepRed: number;
  stepGreen: number;
  stepBlue: number;
  roughRed: number;
  roughGreen: number;
  roughBlue: number;
  tileRow: number;
  column: number;
}

/** One object for all runs: a run lasts some ten pixels, and making an object for each would cost more than the run. */
const RUN: Run = {
  red: 0,
  green: 0,
  blue: 0,
  stepRed: 0,
  stepGreen: 0,
  stepBlue: 0,
  roughRed: 0,
  roughGreen: 0,
  roughBlue: 0,
  tileRow: 0,
  column: 0,
};

function startRun(
  table: Int32Array,
  entry: number,
  points: Int32Array,
  point: number,
  x: number,
  y: number,
  cellShift: number,
): Run {
  const into = x & ((1 << cellShift) - 1);
  const mask = table[entry + 3] as number;
  const slope = table[entry + 4] as number;
  const bright = ((table[entry + 6] as number) + Math.imul(slope, x) + Math.imul(table[entry + 5] as number, y)) >> 8;
  const light = points[point + 3] as number;
  const lightStep = ((points[point + 8] as number) - light) >> cellShift;
  const common = bright + light + lightStep * into;
  const commonStep = (slope >> 8) + lightStep;
  const focus = points[point + 4] as number;
  const run = RUN;
  run.stepRed = backdropStep(points, point, cellShift) & mask;
  run.stepGreen = backdropStep(points, point + 1, cellShift) & mask;
  run.stepBlue = backdropStep(points, point + 2, cellShift) & mask;
  run.red = (table[entry] as number) + ((points[point] as number) & mask) + run.stepRed * into + common;
  run.green = (table[entry + 1] as number) + ((points[point + 1] as number) & mask) + run.stepGreen * into + common;
  run.blue = (table[entry + 2] as number) + ((points[point + 2] as number) & mask) + run.stepBlue * into + common;
  run.stepRed += commonStep;
  run.stepGreen += commonStep;
  run.stepBlue += commonStep;
  run.roughRed = ((table[entry + 7] as number) * focus) >> 8;
  run.roughGreen = ((table[entry + 8] as number) * focus) >> 8;
  run.roughBlue = ((table[entry + 9] as number) * focus) >> 8;
  run.column = table[entry + 10] as number;
  run.tileRow = (table[entry + 12] as number) + ((y + (table[entry + 11] as number)) & (TILE_SIDE - 1)) * TILE_SIDE;
  return run;
}

function backdropStep(points: Int32Array, point: number, cellShift: number): number {
  return ((points[point + AMBIENCE_CHANNELS] as number) - (points[point] as number)) >> cellShift;
}

/** Interpolates the grid's points down to row `y`. */
function interpolateRow(ambience: Int32Array, points: Int32Array, y: number, cellShift: number): void {
  const length = points.length;
  const above = (y >> cellShift) * length;
  const part = y & ((1 << cellShift) - 1);
  for (let index = 0; index < length; index += 1) {
    const top = ambience[above + index] as number;
    points[index] = top + ((((ambience[above + length + index] as number) - top) * part) >> cellShift);
  }
}

function toFixed(value: number): number {
  return Math.round(value * 256);
}

/** A loop, since `Int32Array.from` calls back for each of some ten thousand values. */
function toFixedAll(values: Float32Array): Int32Array {
  const fixed = new Int32Array(values.length);
  for (let index = 0; index < fixed.length; index += 1) fixed[index] = toFixed(values[index] as number);
  return fixed;
}

/**
 * Whole numbers per surface: colour (3), mask of the backdrop, slope per pixel to the right and down and its start (16 bits
 * behind the point), strength of the texture in each colour (3), where it starts in the tile (2) and which tile.
 */
const TABLE_FIELDS = 13;

function surfaceTable(canvas: Canvas, frame: Frame, materials: Materials): Int32Array {
  const table = new Int32Array(canvas.surfaces.length * TABLE_FIELDS);
  for (const [index, surface] of canvas.surfaces.entries()) {
    table.set(surfaceFields(surface, index, frame, materials, canvas.soft), index * TABLE_FIELDS);
  }
  return table;
}

function surfaceFields(surface: Surface, index: number, frame: Frame, materials: Materials, soft: boolean): number[] {
  const { colour, slope, tint = [1, 1, 1], roughness = 0, texture = "rough" } = surface;
  const slopeX = slope === undefined ? 0 : Math.round((slope.x * 65_536) / frame.width);
  const slopeY = slope === undefined ? 0 : Math.round((slope.y * 65_536) / frame.height);
  const start =
    slope === undefined ? 0 : -slopeX * toPixels(slope.around[0], frame) - slopeY * toPixels(slope.around[1], frame);
  const scatter = Math.imul(index + materials.seed, 0x85ebca6b) >>> 8;
  const strength = roughness / TILE_DEVIATION;
  return [
    toFixed(colour[0]),
    toFixed(colour[1]),
    toFixed(colour[2]),
    surface.seeThrough === true ? -1 : 0,
    slopeX,
    slopeY,
    start,
    toFixed(strength * tint[0]),
    toFixed(strength * tint[1]),
    toFixed(strength * tint[2]),
    scatter & (TILE_SIDE - 1),
    (scatter >>> 10) & (TILE_SIDE - 1),
    materials.tiles.offsetOf(texture, soft),
  ];
}

function toPixels(canvasUnits: number, frame: Frame): number {
  return Math.round(canvasUnits) << frame.labelShift;
}
