import type { Block, Metric } from "@forgebench/series";

/** The value of each arm of a block. */
export interface PairedValues {
  readonly base: number;
  readonly head: number;
}

/** The values of blocks; a block in which one is not known is left out. */
export function pairedValues(blocks: readonly Block[]): PairedValues[] {
  return blocks.flatMap(({ base, head }) =>
    base.value === null || head.value === null ? [] : [{ base: base.value, head: head.value }],
  );
}

/** The statistic of a block: ln(head / base); two zeros are a tie, one zero is infinite, of which only the sign counts. */
function logRatio({ base, head }: PairedValues): number {
  return base === head ? 0 : Math.log(head / base);
}

/** The statistic of a block for what a metric calls a change. */
export function differenceOf({ effect }: Pick<Metric, "effect">, values: PairedValues): number {
  return effect === "ratio" ? logRatio(values) : values.head - values.base;
}
