import { InvariantError } from "@forgebench/errors";
import type { Texture } from "./noise.ts";

/** A colour: red, green and blue from 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** How everything with one label looks. */
export interface Surface {
  /** Added to the backdrop where `seeThrough` is set. */
  readonly colour: Colour;
  readonly seeThrough?: boolean;
  /** Brightness that is gained from the left edge of the canvas to the right, and from top to bottom, around a point. */
  readonly slope?: { readonly x: number; readonly y: number; readonly around: readonly [x: number, y: number] };
  readonly texture?: Texture;
  /** Standard deviation of the texture in levels of 255. */
  readonly roughness?: number;
  /** How strongly the texture acts on red, green and blue; 1 is the full strength. */
  readonly tint?: Colour;
  readonly alpha?: number;
}

/** What varies slowly over the picture, at one of the grid's points. */
interface Ambience {
  /** Colour of the backdrop: sky, wall, blurred background. */
  readonly backdrop: Colour;
  /** Added to the brightness of everything, in levels. */
  readonly light: number;
  /** How sharp textures appear, 0 (out of focus) to 1. */
  readonly focus: number;
}

/** Values per grid point: backdrop red, green, blue, light, focus. */
export const AMBIENCE_CHANNELS = 5;

const MAX_SURFACES = 65_535;

/**
 * A picture before shading: a label per pixel, a surface per label, and a coarse grid of what varies slowly.
 * Painting labels costs little more than clearing memory, so that shapes may cover one another freely.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly labels: Uint16Array;
  readonly surfaces: Surface[] = [];
  /** Distance of grid points in pixels is 2 to the power of this. */
  readonly cellShift: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** Row by row, {@link AMBIENCE_CHANNELS} values a point: levels of 255, focus from 0 to 1. */
  readonly ambience: Float32Array;
  /** Deviation of the sensor's grain in levels. */
  grain = 0;
  /** Leaves out the finest octave of textures, as a soft lens does. */
  soft = false;

  /** `labels` is the canvas's memory: width × height values, all 0. */
  constructor(width: number, height: number, labels: Uint16Array) {
    this.width = width;
    this.height = height;
    this.labels = labels;
    const long = Math.max(width, height);
    this.cellShift = long <= 600 ? 4 : long <= 1300 ? 5 : 6;
    this.gridWidth = ((width - 1) >> this.cellShift) + 2;
    this.gridHeight = ((height - 1) >> this.cellShift) + 2;
    this.ambience = new Float32Array(this.gridWidth * this.gridHeight * AMBIENCE_CHANNELS);
  }

  /** Adds a surface and gives its label. */
  add(surface: Surface): number {
    if (this.surfaces.length >= MAX_SURFACES) throw new InvariantError("a canvas has more surfaces than labels");
    this.surfaces.push(surface);
    return this.surfaces.length - 1;
  }

  /** Sets what varies slowly, as a function of the position in pixels. */
  setAmbience(at: (x: number, y: number) => Ambience): void {
    let index = 0;
    for (let row = 0; row < this.gridHeight; row += 1) {
      for (let column = 0; column < this.gridWidth; column += 1) {
        const { backdrop, light, focus } = at(column << this.cellShift, row << this.cellShift);
        this.ambience.set(backdrop, index);
        this.ambience[index + 3] = light;
        this.ambience[index + 4] = focus;
        index += AMBIENCE_CHANNELS;
      }
    }
  }

  /** Paints pixels `from` up to but without `to` of a row; what lies outside is cut off. */
  span(y: number, from: number, to: number, label: number): void {
    if (y < 0 || y >= this.height) return;
    const start = Math.max(0, Math.round(from));
    const end = Math.min(this.width, Math.round(to));
    if (start < end) this.labels.fill(label, y * this.width + start, y * this.width + end);
  }

  rectangle(x: number, y: number, width: number, height: number, label: number): void {
    const top = Math.max(0, Math.round(y));
    const bottom = Math.min(this.height, Math.round(y + height));
    for (let row = top; row < bottom; row += 1) this.span(row, x, x + width, label);
  }

  ellipse(centerX: number, centerY: number, radiusX: number, radiusY: number, label: number): void {
    const top = Math.max(0, Math.ceil(centerY - radiusY));
    const bottom = Math.min(this.height - 1, Math.floor(centerY + radiusY));
    for (let y = top; y <= bottom; y += 1) {
      const dy = (y - centerY) / radiusY;
      const half = radiusX * Math.sqrt(Math.max(0, 1 - dy * dy));
      this.span(y, centerX - half, centerX + half, label);
    }
  }

  /** Paints a polygon, even-odd. */
  polygon(points: readonly (readonly [x: number, y: number])[], label: number): void {
    const ys = points.map(([, y]) => y);
    const top = Math.max(0, Math.ceil(Math.min(...ys)));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(...ys)));
    for (let y = top; y <= bottom; y += 1) {
      const count = findCrossings(points, y);
      for (let pair = 0; pair + 1 < count; pair += 2) {
        this.span(y, CROSSINGS[pair] as number, CROSSINGS[pair + 1] as number, label);
      }
    }
  }

  /** Paints everything from a line downwards: one height per column. */
  below(heights: Float32Array, label: number): void {
    let highest = this.height;
    let lowest = 0;
    for (const value of heights) {
      highest = Math.min(highest, value);
      lowest = Math.max(lowest, value);
    }
    const top = Math.max(0, Math.floor(highest));
    const solid = Math.min(this.height, Math.max(top, Math.ceil(lowest)));
    for (let y = top; y < solid; y += 1) {
      const at = y * this.width;
      for (let x = 0; x < this.width; x += 1) if ((heights[x] ?? 0) <= y) this.labels[at + x] = label;
    }
    this.labels.fill(label, solid * this.width);
  }
}

/** Where a polygon crosses a row, in order: one list for all rows, of which there are millions. */
const CROSSINGS = new Float64Array(256);

/** Fills {@link CROSSINGS} and gives their number. */
function findCrossings(points: readonly (readonly [x: number, y: number])[], y: number): number {
  let count = 0;
  let [previousX, previousY] = points[points.length - 1] ?? [0, 0];
  for (const [x, pointY] of points) {
    if (previousY <= y !== pointY <= y) {
      insertSorted(previousX + ((y - previousY) * (x - previousX)) / (pointY - previousY), count);
      count += 1;
    }
    previousX = x;
    previousY = pointY;
  }
  return count;
}

function insertSorted(value: number, count: number): void {
  let place = count;
  while (place > 0 && (CROSSINGS[place - 1] as number) > value) {
    CROSSINGS[place] = CROSSINGS[place - 1] as number;
    place -= 1;
  }
  CROSSINGS[place] = value;
}
