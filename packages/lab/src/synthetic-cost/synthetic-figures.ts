import type { SyntheticManifest } from "@forgebench/artifacts";
import type { Timings } from "@forgebench/dataset";
import { mean, median } from "@forgebench/stats";
import { atMost, below, type Figures, figure, judged } from "../shared/figures.ts";
import type { ProcessCost } from "../shared/measured-process.ts";

const MAX_CPU_RATIO = 1.6;
const MAX_WALL_SECONDS_PER_600 = 90;
const MAX_PEAK_MB = 700;
/** Bytes per pixel of photographs as JPEG of quality 85, and how many of ours must lie there. */
const PHOTO_BYTES_PER_PIXEL = { min: 0.15, max: 0.6, share: 0.95 } as const;

/** Below so many images the start of the process is most of the time, and no goal is set for it. */
const MIN_COUNT_FOR_GOALS = 100;

/** What a pool of images is like, and what their weight is held against. */
export function poolFigures({ files }: SyntheticManifest): Figures {
  const { min, max, share } = PHOTO_BYTES_PER_PIXEL;
  const weights = files
    .filter(({ format }) => format === "jpg")
    .map(({ sizeBytes, width, height }) => sizeBytes / (width * height));
  const within = weights.filter((weight) => weight >= min && weight <= max).length / weights.length;
  const name = `JPEGs of ${min} to ${max} bytes/pixel`;
  return [
    figure("images", files.length),
    figure("size of the pool", files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6, "MB"),
    figure("mean size of an image", mean(files.map(({ width, height }) => (width * height) / 1e6)), "MP"),
    figure("JPEG, lightest", Math.min(...weights), "bytes/pixel"),
    figure("JPEG, median", median(weights), "bytes/pixel"),
    figure("JPEG, heaviest", Math.max(...weights), "bytes/pixel"),
    judged(name, within * 100, "%", `≥ ${share * 100}`, within >= share),
  ];
}

/** What a run of the generator cost, beside rendering and encoding the same images one after the other. */
export function generatorFigures({ wallMs, cpuMs, peakMb }: ProcessCost, timings: Timings, count: number): Figures {
  const others = timings.of(["jpg", "png", "tiff"]);
  const gif = timings.of(["gif"]);
  const hasGoals = count >= MIN_COUNT_FOR_GOALS;
  const maxWallSeconds = (MAX_WALL_SECONDS_PER_600 * count) / 600;
  const figures: Figures = [
    atMost("wall time", wallMs / 1000, "s", hasGoals ? maxWallSeconds : undefined),
    figure("encoding the same pixels, CPU, without GIF", others.encodeMs / 1000, "s"),
    figure("rendering alone, CPU, without GIF", others.renderMs / 1000, "s"),
    figure("GIF, CPU of rendering and encoding", (gif.renderMs + gif.encodeMs) / 1000, "s"),
  ];
  if (cpuMs === null || peakMb === null) return figures;
  const ratio = (cpuMs - gif.renderMs - gif.encodeMs) / others.encodeMs;
  return [
    ...figures,
    figure("generator, CPU of the whole process", cpuMs / 1000, "s"),
    atMost("CPU ratio to encoding, without GIF", ratio, "", hasGoals ? MAX_CPU_RATIO : undefined),
    below("peak memory", peakMb, "MB", MAX_PEAK_MB),
  ];
}
