import { SeededRandom } from "@forgebench/stats";
import { Canvas } from "./canvas.ts";
import { makeGrain, makeTiles, type TextureTiles } from "./noise.ts";
import type { Content, ImagePlan } from "./plan.ts";
import { type ChannelCount, channelsOf, type Samples, toSamples } from "./raster.ts";
import type { Brush } from "./scenes/brush.ts";
import { paintCutOut, paintDocument, paintGraphic, paintScreenshot } from "./scenes/flat.ts";
import { paintObjects, paintPortrait, paintTexture } from "./scenes/indoors.ts";
import { paintFoliage, paintLandscape, paintWater } from "./scenes/outdoors.ts";
import { paintCity, paintNight } from "./scenes/town.ts";
import { shade } from "./shade.ts";

/** Pixels of an image, frames below one another. */
export interface Raster {
  readonly width: number;
  /** Of one frame. */
  readonly height: number;
  readonly frames: number;
  readonly channels: ChannelCount;
  readonly samples: Samples;
}

const SCENES = {
  landscape: paintLandscape,
  foliage: paintFoliage,
  city: paintCity,
  objects: paintObjects,
  portrait: paintPortrait,
  night: paintNight,
  texture: paintTexture,
  water: paintWater,
  document: paintDocument,
  screenshot: paintScreenshot,
  graphic: paintGraphic,
  "cut-out": paintCutOut,
} as const satisfies Readonly<Record<Content, (brush: Brush) => void>>;

/** Contents that no lens and no sensor made: no grain. */
const CLEAN: ReadonlySet<Content> = new Set(["screenshot", "graphic"]);

/** Renders plans of one seed. Pure but for speed: textures that all images share are made once. */
export class Renderer {
  readonly #tiles: TextureTiles;
  readonly #grain: Int8Array;

  constructor(seed: number) {
    this.#tiles = makeTiles(seed);
    this.#grain = makeGrain(seed);
  }

  /** The pixels of an image. The same plan gives the same pixels on every machine. */
  render(plan: ImagePlan): Raster {
    const frames = Array.from({ length: plan.frames }, (_, frame) => this.#renderFrame(plan, frame / plan.frames));
    const shape = { width: plan.width, height: plan.height, frames: plan.frames, channels: channelsOf(plan) };
    const [only] = frames;
    return { ...shape, samples: frames.length === 1 && only !== undefined ? only : stacked(frames) };
  }

  #renderFrame(plan: ImagePlan, phase: number): Samples {
    const random = new SeededRandom(plan.label);
    const seed = random.integer(0, 1_000_000);
    // From orientation 5 on the picture lies on its side in the file: it is painted upright and stored turned.
    const onSide = plan.orientation >= 5;
    const canvas = new Canvas(onSide ? plan.height : plan.width, onSide ? plan.width : plan.height);
    canvas.grain = CLEAN.has(plan.content) ? 0 : 1.2 + 2.2 * random.uniform() * plan.detail;
    canvas.soft = plan.detail < 0.35;
    const long = Math.max(plan.width, plan.height);
    SCENES[plan.content]({ canvas, random, seed, long, roughness: 3 + 14 * plan.detail, phase });
    const pixels = shade(canvas, { tiles: this.#tiles, grain: this.#grain, seed });
    return toSamples(pixels, canvas, plan, this.#grain);
  }
}

function stacked(frames: readonly Samples[]): Uint8ClampedArray {
  const samples = new Uint8ClampedArray(frames.reduce((sum, frame) => sum + frame.length, 0));
  for (const [index, frame] of frames.entries()) samples.set(frame, index * frame.length);
  return samples;
}
