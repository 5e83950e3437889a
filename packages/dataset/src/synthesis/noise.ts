/** Noise from a seed: smooth value noise for what varies slowly, and repeating tiles for fine texture. */

/** A whole number below 2³² that looks random, from three others (a mix as in murmur3's finaliser). */
function hash(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The value at a lattice point, −1 to 1. */
function latticeValue(x: number, y: number, seed: number): number {
  return hash(x, y, seed) / 2_147_483_648 - 1;
}

/** Smooth value noise, −1 to 1, varying over a distance of 1. */
export function valueNoise(x: number, y: number, seed: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const u = smooth(x - left);
  const v = smooth(y - top);
  const above = latticeValue(left, top, seed) * (1 - u) + latticeValue(left + 1, top, seed) * u;
  const below = latticeValue(left, top + 1, seed) * (1 - u) + latticeValue(left + 1, top + 1, seed) * u;
  return above * (1 - v) + below * v;
}

/** Octaves of {@link valueNoise}, each twice as fine and half as strong; about −1 to 1. */
export function fractalNoise(x: number, y: number, octaves: number, seed: number): number {
  let sum = 0;
  let strength = 0.5;
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += strength * valueNoise(x, y, seed + octave * 101);
    x *= 2.03;
    y *= 2.03;
    strength *= 0.5;
  }
  return sum;
}

/** The cubic that goes from 0 to 1 with level ends. */
function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, value: number): number {
  return smooth(Math.min(1, Math.max(0, (value - low) / (high - low))));
}

/** Side of a texture tile in pixels, a power of two. */
export const TILE_SIDE = 512;
const TILE_AREA = TILE_SIDE * TILE_SIDE;

/** The spectrum of a texture: octaves by their lattice (columns × rows over a tile) and strength. */
interface TileRecipe {
  readonly octaves: readonly (readonly [columns: number, rows: number, strength: number])[];
  /** Folds the noise at zero, which makes creases: leaves, bark, rock. */
  readonly creased?: boolean;
}

/** 1/f-like spectra, as photographs have; the last octaves are left out in the soft half of the tiles. */
const RECIPES = {
  rough: {
    octaves: [
      [8, 8, 1],
      [16, 16, 1],
      [32, 32, 1],
      [64, 64, 0.9],
      [128, 128, 0.8],
      [256, 256, 0.7],
    ],
  },
  leaves: {
    octaves: [
      [32, 32, 0.7],
      [64, 64, 1],
      [128, 128, 1],
      [256, 256, 0.6],
    ],
    creased: true,
  },
  upright: {
    octaves: [
      [32, 4, 0.6],
      [64, 8, 0.8],
      [128, 16, 1],
      [256, 32, 0.9],
    ],
  },
  level: {
    octaves: [
      [4, 32, 0.8],
      [8, 64, 1],
      [16, 128, 1],
      [32, 256, 0.7],
    ],
  },
  fine: {
    octaves: [
      [128, 128, 0.6],
      [256, 256, 1],
      [512, 512, 0.6],
    ],
  },
} as const satisfies Readonly<Record<string, TileRecipe>>;

/** The name of a tile of noise, which surfaces are given their roughness from. */
export type Texture = keyof typeof RECIPES;

/** Standard deviation of a tile's values. */
export const TILE_DEVIATION = 36;

/** Ready-made textures: signed values of mean 0, tile after tile. */
export interface TextureTiles {
  readonly values: Int8Array;
  /** Where a texture's tile starts in `values`. */
  offsetOf(texture: Texture, soft: boolean): number;
}

/** Makes the texture tiles of a seed: 2.6 MB; they are shared by all images of a pool. */
export function makeTiles(seed: number): TextureTiles {
  const names = Object.keys(RECIPES) as Texture[];
  const values = new Int8Array(names.length * 2 * TILE_AREA);
  for (const [index, name] of names.entries()) {
    const recipe: TileRecipe = RECIPES[name];
    const sum = new Float32Array(TILE_AREA);
    const at = index * 2 * TILE_AREA;
    for (const [number, [columns, rows, strength]] of recipe.octaves.entries()) {
      addOctave(sum, columns, rows, strength, seed + index * 1009 + columns * 31 + rows);
      const place = at + (number === recipe.octaves.length - 2 ? TILE_AREA : 0);
      if (number >= recipe.octaves.length - 2) finishTile(sum, recipe.creased === true, values, place);
    }
  }
  return { values, offsetOf: (texture, soft) => (names.indexOf(texture) * 2 + (soft ? 1 : 0)) * TILE_AREA };
}

/** Writes a sum of octaves as a tile of mean 0 and {@link TILE_DEVIATION}. */
function finishTile(sum: Float32Array, creased: boolean, values: Int8Array, at: number): void {
  const folded = creased ? sum.map(Math.abs) : sum;
  let total = 0;
  let squares = 0;
  for (let index = 0; index < TILE_AREA; index += 1) {
    const value = folded[index] as number;
    total += value;
    squares += value * value;
  }
  const mean = total / TILE_AREA;
  const scale = TILE_DEVIATION / Math.sqrt(squares / TILE_AREA - mean * mean);
  for (let index = 0; index < TILE_AREA; index += 1) {
    values[at + index] = Math.max(-127, Math.min(127, Math.round(((folded[index] as number) - mean) * scale)));
  }
}

/** Adds one octave of bilinear noise that repeats at the tile's edge. */
function addOctave(sum: Float32Array, columns: number, rows: number, strength: number, seed: number): void {
  const lattice = new Float32Array(columns * rows);
  for (let index = 0; index < lattice.length; index += 1)
    lattice[index] = latticeValue(index, columns, seed) * strength;
  const stepX = TILE_SIDE / columns;
  const stepY = TILE_SIDE / rows;
  for (let y = 0; y < TILE_SIDE; y += 1) {
    const row = Math.floor(y / stepY);
    const v = y / stepY - row;
    const above = row * columns;
    const below = ((row + 1) % rows) * columns;
    for (let column = 0; column < columns; column += 1) {
      const next = (column + 1) % columns;
      const left = (lattice[above + column] as number) * (1 - v) + (lattice[below + column] as number) * v;
      const right = (lattice[above + next] as number) * (1 - v) + (lattice[below + next] as number) * v;
      const slope = (right - left) / stepX;
      const at = y * TILE_SIDE + column * stepX;
      for (let step = 0; step < stepX; step += 1) sum[at + step] = (sum[at + step] as number) + left + slope * step;
    }
  }
}

/** A row's grain starts anywhere in the first 65,536 values of the strip and goes on for the row's width. */
const GRAIN_LENGTH = 65_536 + 8192;

/** Grain of a sensor: a strip of independent values near a bell curve, of mean 0 and {@link TILE_DEVIATION}, −127 to 127. */
export function makeGrain(seed: number): Int8Array {
  const grain = new Int8Array(GRAIN_LENGTH);
  for (let index = 0; index < GRAIN_LENGTH; index += 1) {
    const bits = hash(index, 7, seed);
    // The sum of four bytes is near normal; its deviation, 148, is brought to TILE_DEVIATION.
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510;
    grain[index] = Math.max(-127, Math.min(127, Math.round((sum * TILE_DEVIATION) / 148)));
  }
  return grain;
}
