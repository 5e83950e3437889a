import type { Canvas, Surface } from "./canvas.ts";
import { toFixed } from "./fixed.ts";
import { TILE_DEVIATION, TILE_SIDE } from "./noise.ts";
import type { Frame, Materials } from "./shade.ts";

/**
 * Whole numbers per surface: colour (3), mask of the backdrop, slope per pixel to the right and down and its start (16 bits
 * behind the point), strength of the texture in each colour (3), where it starts in the tile (2) and which tile.
 */
export const TABLE_FIELDS = 13;

/**
 * The surfaces of a canvas as whole numbers, {@link TABLE_FIELDS} each, by label: the shading reads them once a span.
 */
export function surfaceTable(canvas: Canvas, frame: Frame, materials: Materials): Int32Array {
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
