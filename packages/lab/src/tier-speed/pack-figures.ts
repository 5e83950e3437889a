import type { TierManifest } from "@forgebench/artifacts";
import { atMost, type Figures, figure } from "../shared/figures.ts";
import { type InTurn, medianOf } from "../shared/in-turn.ts";
import type { Packing, TarZstd } from "./pack-speed-folder.ts";
import { pairs, peakFigures, ratioFigures } from "./tier-speed.ts";

const MAX_TIME_RATIO = 2;

/** How long packing takes, beside tar | zstd. */
export function packFigures(measured: InTurn<Packing, TarZstd>, manifest: TierManifest): Figures {
  const { own, reference } = measured;
  const sizeBytes = manifest.files.reduce((sum, file) => sum + (typeof file === "string" ? 0 : file.sizeBytes), 0);
  const ofPairs = (read: (pair: Packing & TarZstd) => number) => medianOf(pairs(measured), read);
  return [
    figure("size of the tier", sizeBytes / 1e6, "MB"),
    figure("files", manifest.files.length),
    figure(
      "packing, hashed and flushed",
      medianOf(own, ({ packMs }) => packMs),
      "ms",
    ),
    figure(
      "  speed",
      medianOf(own, ({ packMs }) => sizeBytes / 1e3 / packMs),
      "MB/s",
    ),
    figure(
      "  with the start of its process",
      medianOf(own, ({ processMs }) => processMs),
      "ms",
    ),
    figure(
      "tar | zstd -3 -T2",
      medianOf(reference, ({ tarMs }) => tarMs),
      "ms",
    ),
    figure(
      "  speed",
      medianOf(reference, ({ tarMs }) => sizeBytes / 1e3 / tarMs),
      "MB/s",
    ),
    figure(
      "  its flush",
      medianOf(reference, ({ flushMs }) => flushMs),
      "ms",
    ),
    ...ratioFigures(
      pairs(measured).map(({ packMs, tarMs }) => packMs / tarMs),
      (ratio) => atMost("time ratio", ratio, "", MAX_TIME_RATIO),
    ),
    figure(
      "  both flushed",
      ofPairs(({ packMs, tarMs, flushMs }) => packMs / (tarMs + flushMs)),
    ),
    figure(
      "  with the start of its process",
      ofPairs(({ processMs, tarMs }) => processMs / tarMs),
    ),
    ...peakFigures(own),
  ];
}
