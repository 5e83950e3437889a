import type { RawRun } from "@forgebench/artifacts";
import { type Block, blocksOf, type Metric } from "@forgebench/series";

/** The value of each arm of a block. */
export interface PairedValues {
  readonly base: number;
  readonly head: number;
}

/** The blocks of a cell whose runs are both valid: whichever arm failed, the whole block is left out. */
export function wholeBlocks(runs: readonly RawRun[]): Block[] {
  return blocksOf(runs).blocks.filter(({ base, head }) => base.valid === true && head.valid === true);
}

/** The values of a metric, block by block; a block in which it is not known is left out. */
export function pairedValues(blocks: readonly Block[], metric: Metric): PairedValues[] {
  return blocks.flatMap((block) => {
    const [base, head] = [metric.valueOf(block.base), metric.valueOf(block.head)];
    return base === null || head === null ? [] : [{ base, head }];
  });
}

/** The statistic of a block: ln(head / base); two zeros are a tie, one zero is infinite, of which only the sign counts. */
export function logRatio({ base, head }: PairedValues): number {
  return base === head ? 0 : Math.log(head / base);
}
