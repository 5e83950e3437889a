import { type ScriptIo, startProgress } from "@forgebench/io";
import { median } from "@forgebench/stats";
import { below, type Figure, type Figures, figure } from "../shared/figures.ts";

const MAX_PEAK_MB = 350;

/** How large a tier is, and how often it is worked on. */
export interface TierSpeedOptions {
  readonly sizeMb: number;
  readonly pairs: number;
  /** Made anew, and removed at the end. */
  readonly workspace: string;
}

/** Makes files with a progress in megabytes. */
export async function showingMegabytes<Result>(
  io: ScriptIo,
  sizeBytes: number,
  make: (onProgress: (madeBytes: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress(io, "files MB", Math.round(sizeBytes / 1e6));
  try {
    return await make((madeBytes) => progress.update(Math.round(madeBytes / 1e6)));
  } finally {
    progress.stop();
  }
}

/** The median of the ratios of pairs with its goal, and the ends. */
export function ratioFigures(ratios: readonly number[], judge: (ratio: number) => Figure): Figures {
  return [
    judge(median(ratios)),
    figure("  smallest of a pair", Math.min(...ratios)),
    figure("  largest of a pair", Math.max(...ratios)),
  ];
}

/** The largest peak memory; nothing where one is not known. */
export function peakFigures(costs: readonly { readonly peakMb: number | null }[]): Figures {
  const peakMb = Math.max(...costs.map((cost) => cost.peakMb ?? Number.NaN));
  return Number.isNaN(peakMb) ? [] : [below("peak memory", peakMb, "MB", MAX_PEAK_MB)];
}
