import type { Sample, SeriesPair } from "./model.ts";

/** One sample of each arm, taken back to back. */
export interface Block {
  readonly base: Sample;
  readonly head: Sample;
}

/** The samples of a pair, put in order. */
interface PairBlocks {
  /** Blocks with one sample of each arm, in the order of their numbers. */
  readonly blocks: readonly Block[];
  /** How many blocks lack an arm, or have two samples of one: what a kill left. */
  readonly partialCount: number;
}

/** The blocks of a pair; two samples of one arm in one block are not a block. */
export function blocksOf({ base, head }: SeriesPair): PairBlocks {
  const [ofBase, ofHead] = [byBlock(base?.samples ?? []), byBlock(head?.samples ?? [])];
  const blocks: Block[] = [];
  let partialCount = 0;
  for (const number of [...new Set([...ofBase.keys(), ...ofHead.keys()])].sort((a, b) => a - b)) {
    const [own, other] = [ofBase.get(number), ofHead.get(number)];
    if (own === undefined || other === undefined || own === TWICE || other === TWICE) partialCount += 1;
    else blocks.push({ base: own, head: other });
  }
  return { blocks, partialCount };
}

/** Stands where one arm has several samples in one block. */
const TWICE: Sample = { value: null, status: "failed" };

function byBlock(samples: readonly Sample[]): Map<number, Sample> {
  const found = new Map<number, Sample>();
  for (const sample of samples) {
    const number = sample.block ?? 0;
    found.set(number, found.has(number) ? TWICE : sample);
  }
  return found;
}

/** The blocks of which both samples are valid: whichever arm failed, the whole block is left out. */
export function wholeBlocks(blocks: readonly Block[]): Block[] {
  return blocks.filter(({ base, head }) => base.status === "valid" && head.status === "valid");
}
