import type { Block, Metric, Sample, Series, SeriesPair } from "@forgebench/series";
import { blocksOf, findMetric, wholeBlocks } from "@forgebench/series";
import { differingFacts, shownFact } from "../facts.ts";
import { type PairedValues, pairedValues } from "./paired-values.ts";

/** Why a cell cannot be judged, and the remedy. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
}

/** A checked pair: its samples in blocks, and the obstacles against judging them. */
interface ReadPair {
  /** All blocks, and those whose samples are both valid. */
  readonly blocks: readonly Block[];
  readonly whole: readonly Block[];
  /** The values of the whole blocks that have them. */
  readonly values: readonly PairedValues[];
  readonly obstacle: Obstacle | undefined;
}

/** Up to this share of the blocks may have a failed run: they are left out, whichever arm failed. */
const MAX_FAILED_SHARE = 0.1;

/** Checks a pair whose runs were made in blocks. */
export function readBlocks(pair: SeriesPair, metric: Metric): ReadPair {
  const { blocks, partialCount } = blocksOf(pair);
  const whole = wholeBlocks(blocks);
  const values = pairedValues(whole);
  const obstacle =
    findMismatch(pair) ??
    findMissing(pair, blocks.length, partialCount) ??
    findFailures(pair, blocks.length, whole.length) ??
    findUnknown(metric, whole) ??
    findImpossible(
      metric,
      values.flatMap(({ base, head }) => [base, head]),
    );
  return { blocks, whole, values, obstacle };
}

/** The obstacles against judging a pair whose samples are not in blocks. */
export function findUnpairedObstacle(pair: SeriesPair, metric: Metric): Obstacle | undefined {
  const values = [pair.base, pair.head].flatMap((series) => validValues(series?.samples ?? []));
  return findMismatch(pair) ?? findSideWithout(pair) ?? findWrongValue(metric, values);
}

/** The values of valid samples that have one. */
export function validValues(samples: readonly Sample[]): number[] {
  return samples.flatMap(({ status, value }) => (status === "valid" && value !== null ? [value] : []));
}

/** The facts that two series must have in common before any of their samples is used. */
function findMismatch({ base, head }: SeriesPair): Obstacle | undefined {
  if (base === undefined || head === undefined) return undefined;
  const measured = [
    ["benchmark", nameOf(base), nameOf(head)],
    ["metric", base.metric.id, head.metric.id],
    ["unit", base.metric.unit, head.metric.unit],
    ["direction", base.metric.better, head.metric.better],
    ["design", base.design, head.design],
  ] as const;
  for (const [what, ofBase, ofHead] of measured) {
    if (ofBase === ofHead) continue;
    return {
      reason: `base has the ${what} ${JSON.stringify(ofBase)}, head ${JSON.stringify(ofHead)}`,
      remedy: `compare series of one ${what}`,
    };
  }
  const [difference] = differingFacts(base.facts ?? [], head.facts ?? []);
  if (difference === undefined) return undefined;
  const { what, base: ofBase, head: ofHead } = difference;
  return {
    reason: `base has another ${what} (${shownFact(ofBase)}) than head (${shownFact(ofHead)})`,
    remedy: ofBase.remedy ?? `measure both sides with one ${what}`,
  };
}

function nameOf({ benchmark, params, phase }: Series): string {
  return JSON.stringify([benchmark, Object.entries(params).toSorted(), phase ?? null]);
}

const armNames = ["base", "head"] as const;

function findMissing(pair: SeriesPair, blockCount: number, partialCount: number): Obstacle | undefined {
  const remedy = "run bench:run --resume, which measures what is missing";
  if (blockCount === 0) {
    const missing = armNames.filter((arm) => (pair[arm]?.samples.length ?? 0) === 0);
    const reason =
      missing.length === 0
        ? "there is no block with a run of each arm"
        : `${missing.join(" and ")} ${missing.length === 1 ? "has" : "have"} no run`;
    return { reason, remedy };
  }
  // The caller has removed cut blocks: a finished measurement has whole blocks only.
  if (partialCount === 0) return undefined;
  const total = blockCount + partialCount;
  return { reason: `${partialCount} of ${total} blocks do not hold exactly one run of each arm`, remedy };
}

/** With this many failures of one arm, and none of the other, nothing is called the same. */
const MIN_ONE_SIDED_FAILURES = 2;

function findFailures(pair: SeriesPair, blockCount: number, wholeCount: number): Obstacle | undefined {
  const [baseCount = 0, headCount = 0] = armNames.map((arm) => failedCount(pair[arm]?.samples ?? []));
  if (armNames.some((arm) => pair[arm]?.samples.some(({ status }) => status === "timed-out"))) {
    return {
      reason: `a run hit its time limit (${baseCount} of base failed, ${headCount} of head)`,
      remedy: "look at its stderr in raw-runs.jsonl, mend the cause or give more --timeout-seconds, and measure again",
    };
  }
  // Failures that hit one arm alone are a difference between the arms, however few blocks they are.
  const isOneSided = Math.max(baseCount, headCount) >= MIN_ONE_SIDED_FAILURES && Math.min(baseCount, headCount) === 0;
  if (blockCount - wholeCount <= MAX_FAILED_SHARE * blockCount && !isOneSided) return undefined;
  const failedCounts = [`${baseCount} of base`, `${headCount} of head`];
  return {
    reason: `runs failed in ${blockCount - wholeCount} of ${blockCount} blocks (${failedCounts.join(", ")})`,
    remedy: "look at failures and stderr of these lines of raw-runs.jsonl, mend the cause and measure again",
  };
}

/** How many samples are of runs that are not valid. */
export function failedCount(samples: readonly Sample[]): number {
  return samples.reduce((count, { status }) => (status === "valid" ? count : count + 1), 0);
}

function findSideWithout(pair: SeriesPair): Obstacle | undefined {
  for (const arm of armNames) {
    const samples = pair[arm]?.samples ?? [];
    if (validValues(samples).length > 0) continue;
    if (samples.length === 0)
      return { reason: `${arm} has no samples`, remedy: `measure ${arm}, or name a file that has it` };
    const reason = `none of the ${samples.length} samples of ${arm} is valid`;
    return { reason, remedy: "mend what made them fail, and measure again" };
  }
  return undefined;
}

function findUnknown(metric: Metric, whole: readonly Block[]): Obstacle | undefined {
  const [ofBase = 0, ofHead = 0] = armNames.map((arm) => whole.filter((block) => block[arm].value === null).length);
  const unknownCount = whole.filter(({ base, head }) => base.value === null || head.value === null).length;
  if (unknownCount === 0) return undefined;
  const reason = `${unknownCount} of ${whole.length} blocks have no ${metric.id}`;
  if (findMetric(metric.id) === undefined) {
    const remedy = "make the subject print it in every run, or take the metric out of the suite";
    return { reason: `${reason}: ${ofBase} runs of base and ${ofHead} of head lack it`, remedy };
  }
  return {
    reason,
    remedy: "measure where it is known (Linux with Perl for CPU time and memory), or take the metric out of the suite",
  };
}

/** Whether no run can have this value, whatever it measures. */
export function isImpossible(value: number): boolean {
  return !Number.isFinite(value) || value < 0;
}

function isWrong(value: number, { effect, kind, allowsZero }: Metric): boolean {
  if (!Number.isFinite(value) || (value === 0 && !allowsZero)) return true;
  if (kind === "proportion") return value < 0 || value > 1;
  // A ratio of negative values has no logarithm; a plain difference has no need of one.
  return effect === "ratio" && value < 0;
}

function findWrongValue(metric: Metric, values: readonly number[]): Obstacle | undefined {
  const wrong = values.find((value) => isWrong(value, metric));
  if (wrong === undefined) return undefined;
  const unit = metric.unit === "" ? "" : ` ${metric.unit}`;
  return { reason: `${wrong}${unit} is no possible ${metric.id}`, remedy: "check what wrote these runs" };
}

function findImpossible(metric: Metric, values: readonly number[]): Obstacle | undefined {
  return findWrongValue(metric, values) ?? (metric.readBy === "clock" ? findCoarseClock(values) : undefined);
}

/** A clock of nanoseconds hardly ever shows the same duration twice. */
function findCoarseClock(values: readonly number[]): Obstacle | undefined {
  const distinctCount = new Set(values).size;
  if (values.length < 6 || distinctCount > values.length / 4) return undefined;
  return {
    reason: `${values.length} runs have only ${distinctCount} different ${distinctCount === 1 ? "duration" : "durations"}: this clock does not tell runs apart`,
    remedy: "measure with a working monotonic clock",
  };
}
