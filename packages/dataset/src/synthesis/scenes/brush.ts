import type { SeededRandom } from "@forgebench/stats";
import { cosineOfTurn, power, sineOfTurn } from "../arithmetic.ts";
import type { Canvas, Colour } from "../canvas.ts";
import { fractalNoise, smoothStep, valueNoise } from "../noise.ts";
import { hsl, mix } from "../palette.ts";

/** What every scene paints with. */
export interface Brush {
  readonly canvas: Canvas;
  readonly random: SeededRandom;
  /** For noise that belongs to this picture. */
  readonly seed: number;
  /** The long side in pixels: sizes of things are shares of it. */
  readonly long: number;
  /** Deviation of a usual texture in levels. */
  readonly roughness: number;
  /** Where in an animation this frame is, 0 up to 1. */
  readonly phase: number;
}

/** Colours of a sky from top to horizon, and its clouds. */
interface Sky {
  readonly top: Colour;
  readonly low: Colour;
  readonly cloud: Colour;
  /** How much of it is covered, 0 to 1. */
  readonly cover: number;
  readonly seed: number;
}

/** Draws a sky: more often blue than one at dusk, and that more often than an overcast one. */
export function skyOf(random: SeededRandom): Sky {
  const rest = { cover: random.between(0, 0.9), seed: random.integer(0, 1_000_000) };
  const kind = random.uniform();
  if (kind < 0.55) {
    const hue = random.between(200, 222);
    return {
      top: hsl(hue, 0.55, random.between(0.4, 0.55)),
      low: hsl(hue - 8, 0.5, 0.8),
      cloud: [243, 243, 245],
      ...rest,
    };
  }
  if (kind < 0.8) {
    const hue = random.between(12, 42);
    return {
      top: hsl(230, 0.3, random.between(0.25, 0.45)),
      low: hsl(hue, 0.75, 0.68),
      cloud: hsl(hue - 10, 0.5, 0.6),
      ...rest,
    };
  }
  return { top: hsl(212, 0.1, 0.62), low: hsl(212, 0.08, 0.82), cloud: hsl(212, 0.07, 0.5), ...rest };
}

/** The sky's colour; `across` in shares of the long side, `down` 0 at the top and 1 at the horizon. */
export function skyAt(sky: Sky, across: number, down: number): Colour {
  if (down > 1.2) return sky.low;
  const clear = mix(sky.top, sky.low, power(Math.sqrt(Math.min(1, down)), 3));
  // Clouds grow flatter towards the horizon.
  const density = fractalNoise(across * 4, down * (1.5 + 3 * down), 5, sky.seed);
  const cloud = smoothStep(0.25 - sky.cover * 0.5, 0.62 - sky.cover * 0.4, density);
  return mix(clear, sky.cloud, cloud * 0.9);
}

/** The same backdrop everywhere with soft light of the given reach in levels; all in focus. */
export function focusEverywhere(brush: Brush, backdrop: Colour, reach: number, focus = 1): void {
  const { long, seed } = brush;
  brush.canvas.setAmbience((x, y) => ({
    backdrop,
    light: reach * fractalNoise((x / long) * 2.5, (y / long) * 2.5, 4, seed + 3) * 1.6,
    focus: focus * (0.72 + 0.28 * valueNoise((x / long) * 4, (y / long) * 4, seed + 9)),
  }));
}

/** Light on the ground, in levels: noise as wide as the given shares of the long side, nothing above the horizon. */
export function groundLight(brush: Brush, horizon: number, reach: number, wide: number, high: number) {
  const { long, seed } = brush;
  return (x: number, y: number): number => {
    const strength = reach * smoothStep(0.9, 1.05, y / horizon);
    return strength === 0 ? 0 : strength * fractalNoise(x / (long * wide), y / (long * high), 4, seed + 5);
  };
}

/** A line of hills: a height per column around `base`, reaching about `reach` up and down. */
export function ridge(canvas: Canvas, base: number, reach: number, seed: number): Float32Array {
  const heights = new Float32Array(canvas.width);
  const scale = 4 / Math.max(canvas.width, canvas.height);
  for (let x = 0; x < heights.length; x += 1) heights[x] = base - reach * 1.6 * fractalNoise(x * scale, 0.5, 5, seed);
  return heights;
}

/** How many small things a picture has room for, as a share of those that a large one shows. */
export function roomFor({ long }: Brush): number {
  return Math.min(1, Math.max(0.25, long / 1200));
}

/** A roundish outline. */
interface Outline {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** How far the outline strays from a circle, as a share of the radius. */
  readonly wobble: number;
  readonly corners: number;
  /** Height divided by width. */
  readonly tallness?: number;
}

/** Paints a roundish shape with an uneven outline. */
export function addOutline({ canvas, random }: Brush, outline: Outline, label: number): void {
  const { x, y, radius, wobble, corners, tallness = 1 } = outline;
  const turn = random.uniform();
  const points = Array.from({ length: corners }, (_, index) => {
    const angle = turn + index / corners;
    const reach = radius * (1 + random.between(-wobble, wobble));
    return [x + cosineOfTurn(angle) * reach, y + sineOfTurn(angle) * reach * tallness] as const;
  });
  canvas.polygon(points, label);
}
