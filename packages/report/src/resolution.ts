import type { ComparedCell } from "@forgebench/artifacts";
import type { CellGroups } from "./evidence-cells.ts";
import { formatDuration, formatPart, formatPercent } from "./format-figures.ts";

/** The slowdown that people usually want to find. */
const WANTED_PCT = 5;
/** `bench:run --max-blocks` takes more, but nobody waits for them. */
const MOST_BLOCKS = 1000;

/**
 * Which slowdown would have been found in every gating cell, with the usual chance of 95 %, and how to find one of 5 %.
 * @param maxBlocks that a cell could have; undefined where nobody knows
 */
export function resolutionText({ all }: Pick<CellGroups, "all">, maxBlocks: number | undefined): string {
  const gating = all.filter((cell) => cell.gating && cell.family === "primary");
  const known = gating.flatMap(({ detectablePct }) => detectablePct ?? []);
  if (known.length === 0) return "";
  const [least, most] = [Math.min(...known), Math.max(...known)].map((size) => formatPercent(size));
  if (known.length < gating.length) {
    return `a slowdown of ${most} would have been found in ${formatPart(known.length, gating.length, "gating cell")}`;
  }
  const found = `a slowdown of ${most} or more would have been found`;
  const where = least === most || gating.length === 1 ? "" : ` in every gating cell, of ${least} in the quietest`;
  return `${found}${where}${sharperText(gating, maxBlocks)}`;
}

/** How a slowdown of 5 % would be found; nothing where it would have been. */
function sharperText(gating: readonly ComparedCell[], maxBlocks: number | undefined): string {
  const coarse = gating.filter(({ detectablePct }) => (detectablePct ?? 0) > WANTED_PCT);
  if (coarse.length === 0 || maxBlocks === undefined) return "";
  // The error of a mean falls with the root of the number of blocks.
  const blocksOf = ({ detectablePct }: ComparedCell) => Math.ceil(maxBlocks * ((detectablePct ?? 0) / WANTED_PCT) ** 2);
  const needed = Math.max(...coarse.map(blocksOf));
  if (needed > MOST_BLOCKS) return ` (for ${formatPercent(WANTED_PCT)}: close other programs)`;
  const moreMs = coarse.reduce((sum, cell) => sum + (blocksOf(cell) - cell.blockCount) * blockMs(cell), 0);
  const time = moreMs > 0 ? `up to ${formatDuration(moreMs)} more with ` : "";
  return ` (for ${formatPercent(WANTED_PCT)}: ${time}--max-blocks ${needed}, or close other programs)`;
}

/** How long a block of a cell takes; 0 where its metric is no time. */
function blockMs({ unit, base, head }: ComparedCell): number {
  return unit === "ms" ? (base.median ?? 0) + (head.median ?? 0) : 0;
}
