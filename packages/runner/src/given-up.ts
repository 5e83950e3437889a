import type { RawRun } from "@forgebench/artifacts";

/** A cell gets no more blocks after this many in a row with a failed run; after one if a run hit the time limit. */
const MAX_FAILED_BLOCKS = 3;

/**
 * Whether the runs of a cell failed so often in a row that a further block would tell nothing new. It holds for both arms
 * alike, without looking at which arm failed.
 * @param runs of this cell alone, in their order
 */
export function isGivenUp(runs: readonly RawRun[]): boolean {
  const lastBlocks = [...new Set(runs.map(({ block }) => block))].slice(-MAX_FAILED_BLOCKS);
  const inBlock = (block: number | undefined) => runs.filter((run) => run.block === block);
  if (inBlock(lastBlocks.at(-1)).some(({ timedOut }) => timedOut === true)) return true;
  return (
    lastBlocks.length === MAX_FAILED_BLOCKS &&
    lastBlocks.every((block) => inBlock(block).some(({ valid }) => valid === false))
  );
}
