import { SeededRandom } from "@forgebench/stats";
import { Canvas } from "./canvas.ts";
import { Memory } from "./memory.ts";
import { makeGrain, makeTiles, type TextureTiles } from "./noise.ts";
import { placementOf } from "./placement.ts";
import type { Content, ImagePlan } from "./plan.ts";
import { type ChannelCount, channelsOf, type Samples, toSamples } from "./raster.ts";
import type { Brush } from "./scenes/brush.ts";
import { paintCutOut, paintDocument, paintGraphic, paintScreenshot } from "./scenes/flat.ts";
import { paintObjects, paintPortrait, paintTexture } from "./scenes/indoors.ts";
import { paintFoliage, paintLandscape, paintWater } from "./scenes/outdoors.ts";
import { paintCity, paintNight } from "./scenes/town.ts";
import { type Frame, shade } from "./shade.ts";

/** Pixels of an image, frames below one another. */
export interface Raster {
  readonly width: number;
  /** Of one frame. */
  readonly height: number;
  readonly frames: number;
  readonly channels: ChannelCount;
  readonly samples: Samples;
  /** Says that the samples are not needed any more: their memory will hold another image's. */
  release(): void;
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

/** Renders plans of one seed. Pure but for speed: textures that all images share are made once, memory is used again. */
export class Renderer {
  readonly #tiles: TextureTiles;
  readonly #grain: Int8Array;
  readonly #memory = new Memory();

  constructor(seed: number) {
    this.#tiles = makeTiles(seed);
    this.#grain = makeGrain(seed);
  }

  /** The pixels of an image. The same plan gives the same pixels on every machine. */
  render(plan: ImagePlan): Raster {
    const memory = this.#memory;
    const { width, height, frames } = plan;
    const shape = { width, height, frames, channels: channelsOf(plan) };
    const samples = frames === 1 ? this.#renderFrame(plan, 0) : this.#renderFrames(plan, shape.channels);
    return { ...shape, samples, release: () => memory.give(samples.buffer as ArrayBuffer) };
  }

  #renderFrames(plan: ImagePlan, channels: ChannelCount): Uint8ClampedArray {
    const frameLength = plan.width * plan.height * channels;
    const all = new Uint8ClampedArray(this.#memory.take(frameLength * plan.frames), 0, frameLength * plan.frames);
    for (let frame = 0; frame < plan.frames; frame += 1) {
      const samples = this.#renderFrame(plan, frame / plan.frames);
      all.set(samples, frame * frameLength);
      this.#memory.give(samples.buffer as ArrayBuffer);
    }
    return all;
  }

  #renderFrame(plan: ImagePlan, phase: number): Samples {
    const random = new SeededRandom(plan.label);
    const seed = random.integer(0, 1_000_000);
    // From orientation 5 on the picture lies on its side in the file: it is painted upright and stored turned.
    const onSide = plan.orientation >= 5;
    const frame: Frame = {
      width: onSide ? plan.height : plan.width,
      height: onSide ? plan.width : plan.height,
      labelShift: isCoarse(plan) ? 1 : 0,
      placement: placementOf(plan),
    };
    const width = (frame.width + frame.labelShift) >> frame.labelShift;
    const height = (frame.height + frame.labelShift) >> frame.labelShift;
    const labels = new Uint16Array(this.#memory.take(width * height * 2), 0, width * height).fill(0);
    const canvas = new Canvas(width, height, labels);
    canvas.grain = plan.grain;
    canvas.soft = plan.detail < 0.35;
    SCENES[plan.content]({
      canvas,
      random,
      seed,
      long: Math.max(width, height),
      roughness: 5 + 34 * plan.detail,
      phase,
    });
    const length = frame.width * frame.height * 3;
    const pixels = new Uint8ClampedArray(this.#memory.take(length), 0, length);
    shade(pixels, canvas, frame, { tiles: this.#tiles, grain: this.#grain, seed });
    const samples = toSamples(pixels, canvas, plan, { grain: this.#grain, memory: this.#memory });
    this.#memory.give(labels.buffer as ArrayBuffer);
    return samples;
  }
}

/**
 * Whether outlines are drawn at half the resolution: large photographs are not sharp to the pixel, and their texture and
 * grain, which are, do not depend on it. It saves a third of their time.
 */
function isCoarse({ bucket, content, encoding }: ImagePlan): boolean {
  const large = bucket === "large" || bucket === "very-large";
  return large && !encoding.hasAlpha && content !== "document" && content !== "screenshot" && content !== "graphic";
}
