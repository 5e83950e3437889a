import { blocksOf, type Sample, type Series, type SeriesPair, wholeBlocks } from "@forgebench/series";

/** Success rates of the tasks of a pair, each rate from 0 to 1. */
export interface Outcomes {
  /** Tasks that both sides tried. */
  readonly shared: readonly SharedTask[];
  /** The rates of all tasks of a side; a sample without a task is one of its own. */
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** True when a value is no success rate. */
  readonly isForeign: boolean;
}

/** The results of both sides for one task. */
export interface SharedTask {
  readonly baseTries: number;
  readonly headTries: number;
  /** Rate of head − rate of base. */
  readonly difference: number;
}

interface Tally {
  sum: number;
  tries: number;
}

/** The outcomes of a pair by task; failed runs and those without a value count as not tried. */
export function outcomesOf({ base, head }: SeriesPair): Outcomes {
  const [ofBase, ofHead] = [talliesOf(base), talliesOf(head)];
  const shared: SharedTask[] = [];
  for (const [task, own] of ofBase.tasks) {
    const other = ofHead.tasks.get(task);
    if (other === undefined) continue;
    const difference = other.sum / other.tries - own.sum / own.tries;
    shared.push({ baseTries: own.tries, headTries: other.tries, difference });
  }
  return { shared, base: ofBase.rates, head: ofHead.rates, isForeign: ofBase.isForeign || ofHead.isForeign };
}

function talliesOf(series: Series | undefined): { tasks: Map<string, Tally>; rates: number[]; isForeign: boolean } {
  const tasks = new Map<string, Tally>();
  const rates: number[] = [];
  let isForeign = false;
  for (const sample of series?.samples ?? []) {
    if (!isTried(sample)) continue;
    if (!(sample.value >= 0 && sample.value <= 1)) isForeign = true;
    if (sample.task === undefined) rates.push(sample.value);
    else {
      const tally = tasks.get(sample.task) ?? { sum: 0, tries: 0 };
      tasks.set(sample.task, { sum: tally.sum + sample.value, tries: tally.tries + 1 });
    }
  }
  for (const { sum, tries } of tasks.values()) rates.push(sum / tries);
  return { tasks, rates, isForeign };
}

function isTried(sample: Sample): sample is Sample & { readonly value: number } {
  return sample.status === "valid" && sample.value !== null;
}

/** One try of each side. */
export interface BlockedOutcome {
  readonly difference: number;
  readonly task: string | undefined;
}

/**
 * Whole blocks in their order. Null where not both sides were measured in blocks. A block whose samples are of two tasks is
 * none.
 */
export function blockedOutcomes(pair: SeriesPair): readonly BlockedOutcome[] | null {
  if (pair.base?.design !== "blocked" || pair.head?.design !== "blocked") return null;
  const outcomes: BlockedOutcome[] = [];
  for (const { base, head } of wholeBlocks(blocksOf(pair).blocks)) {
    if (!isTried(base) || !isTried(head) || base.task !== head.task) continue;
    outcomes.push({ difference: head.value - base.value, task: base.task });
  }
  return outcomes.length === 0 ? null : outcomes;
}
