import type { TierManifest } from "@forgebench/artifacts";
import { atMost, type Figures, figure } from "../shared/figures.ts";
import { type InTurn, medianOf, pairs } from "../shared/in-turn.ts";
import type { Packing, TarZstd } from "./pack-speed-folder.ts";
import { peakFigures, ratioFigures } from "./tier-speed.ts";

const MAX_TIME_RATIO = 2;

/** How long packing takes, beside tar | zstd. */
export function packFigures(measured: InTurn<Packing, TarZstd>, manifest: TierManifest): Figures {
  const sizeBytes = manifest.files.reduce((sum, file) => sum + (typeof file === "string" ? 0 : file.sizeBytes), 0);
  const all = pairs(measured);
  const medianFigure = (name: string, unit: string, read: (pair: Packing & TarZstd) => number) =>
    figure(name, medianOf(all, read), unit);
  const ratios = all.map(({ packMs, tarMs }) => packMs / tarMs);
  return [
    figure("size of the tier", sizeBytes / 1e6, "MB"),
    figure("files", manifest.files.length),
    medianFigure("packing, hashed and flushed", "ms", ({ packMs }) => packMs),
    medianFigure("  speed", "MB/s", ({ packMs }) => sizeBytes / 1e3 / packMs),
    medianFigure("  with the start of its process", "ms", ({ processMs }) => processMs),
    medianFigure("tar | zstd -3 -T2", "ms", ({ tarMs }) => tarMs),
    medianFigure("  speed", "MB/s", ({ tarMs }) => sizeBytes / 1e3 / tarMs),
    medianFigure("  its flush", "ms", ({ flushMs }) => flushMs),
    ...ratioFigures(ratios, (ratio) => atMost("time ratio", ratio, "", MAX_TIME_RATIO)),
    medianFigure("  both flushed", "", ({ packMs, tarMs, flushMs }) => packMs / (tarMs + flushMs)),
    medianFigure("  with the start of its process", "", ({ processMs, tarMs }) => processMs / tarMs),
    ...peakFigures(measured.own),
  ];
}
