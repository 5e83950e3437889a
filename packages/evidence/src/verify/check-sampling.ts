import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { cellOfRun } from "@forgebench/series";
import type { EvidenceDifference } from "./difference.ts";
import { type LoggedRun, RAW_RUNS } from "./logged-run.ts";

/** When a cell was to stop, computed again from the suite and the run context; see {@link checkSampling}. */
export interface SamplingRules {
  /** Whether a cell gets no further block, given its runs so far and how many blocks they are. */
  readonly isFinished: (runs: readonly RawRun[], blockCount: number) => boolean;
  /** Whether cells may end because the time is over. */
  readonly hasTimeBudget: boolean;
}

/**
 * Where a cell of one shard has more or fewer blocks than the rule for stopping gives it. A measurement that was killed
 * leaves all open cells within a block of one another, so that nothing is said of those.
 */
export function checkSampling(
  runs: readonly LoggedRun[],
  { isFinished, hasTimeBudget }: SamplingRules,
): EvidenceDifference[] {
  const cells = [...groupBy(runs, ({ run }) => cellOfRun(run))].map(([cell, own]) => {
    const blocks = [...groupBy(own, ({ run }) => run.block).values()].map((members) => members.map(({ run }) => run));
    return { cell, blocks };
  });
  const mostBlocks = cells.reduce((most, { blocks }) => Math.max(most, blocks.length), 0);
  return cells.flatMap(({ cell, blocks }) => {
    const needed = neededBlocks(blocks, isFinished);
    if (needed !== undefined && needed < blocks.length)
      return [difference(cell, blocks.length, `${needed}, then decided`)];
    const isCut = needed === undefined && mostBlocks > blocks.length + 1;
    return isCut && !hasTimeBudget ? [difference(cell, blocks.length, "more, since it is not decided")] : [];
  });
}

/** The number of last blocks that are checked: all of a real night, and a limited number of a hostile one. */
const LOOKED_BACK = 60;

/** After how many blocks the cell was finished; undefined when it never was. */
function neededBlocks(
  blocks: readonly (readonly RawRun[])[],
  isFinished: SamplingRules["isFinished"],
): number | undefined {
  const runs: RawRun[] = [];
  for (const [index, block] of blocks.entries()) {
    runs.push(...block);
    if (index + LOOKED_BACK >= blocks.length && isFinished(runs, index + 1)) return index + 1;
  }
  return undefined;
}

function difference(cell: string, blockCount: number, recomputed: string): EvidenceDifference {
  return { member: RAW_RUNS, about: cell, field: "number of blocks", stored: String(blockCount), recomputed };
}
