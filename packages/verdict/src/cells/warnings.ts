import type { CellWarning } from "@forgebench/artifacts";
import type { Arm, Block, Metric, Sample, SeriesPair } from "@forgebench/series";
import { mannWhitneyPValue, mean, median, SignBet, sampleStandardDeviation } from "@forgebench/stats";
import { alternativesOf, SAME_MIN_BLOCKS } from "../rules.ts";

/** The input of the warnings. */
interface WarningInput {
  readonly pair: SeriesPair;
  readonly metric: Metric;
  /** All blocks of the cell, and those whose samples are all valid. */
  readonly blocks: readonly Block[];
  readonly whole: readonly Block[];
  readonly cpuCount?: number | undefined;
}

/** A warning needs this much evidence, so that a hundred cells without a problem rarely show one. */
const LOG_EVIDENCE = Math.log(2 / 0.001);
const MAX_VARIATION_PCT = 20;
const MAX_GROWTH_PCT = 10;
const MIN_FOR_SHAPE = 10;

/** The facts that a reader should know before using the verdict of a cell; they do not change the verdict. */
export function findCellWarnings(input: WarningInput): CellWarning[] {
  const { whole, metric, blocks } = input;
  const arms = (["base", "head"] as const).map((arm) => ({
    arm,
    values: whole.flatMap((block) => block[arm].value ?? []),
  }));
  const perArm = arms.flatMap(({ arm, values }) =>
    values.length < MIN_FOR_SHAPE ? [] : warnOfShape(arm, values, metric),
  );
  const all = [
    whole.length < SAME_MIN_BLOCKS
      ? warn(
          "too-few-samples",
          `${whole.length} whole blocks; at least ${SAME_MIN_BLOCKS} are needed to be called same`,
          "run more blocks: bench:run --resume, without --run-count",
        )
      : undefined,
    blocks.length > whole.length
      ? warn(
          "failure-rate",
          `${blocks.length - whole.length} of ${blocks.length} blocks have a failed run and are left out`,
          "look at failures and stderr of these lines of raw-runs.jsonl",
        )
      : undefined,
    ...perArm,
    ...(metric.readBy === "clock" ? warnOfRuns(input) : []),
  ];
  return all.filter((warning) => warning !== undefined);
}

/** The warnings about the times of the runs, found once for all metrics. */
function warnOfRuns({ pair, whole, cpuCount }: WarningInput): (CellWarning | undefined)[] {
  return [
    warnOfOrder(whole),
    warnOfSlots(whole),
    warnOfCarryOver(whole),
    warnOfLoad(whole, cpuCount),
    warnOfClock(pair),
  ];
}

function warn(code: CellWarning["code"], message: string, remedy: string): CellWarning {
  return { code, message, remedy };
}

function warnOfShape(arm: string, values: readonly number[], metric: Metric): CellWarning[] {
  const variationPct = (100 * sampleStandardDeviation(values)) / mean(values);
  const outlierCount = countOutliers(values);
  const grownPct = isMemory(metric) ? growthPct(values) : 0;
  const found = [
    variationPct > MAX_VARIATION_PCT &&
      warn(
        "high-variation",
        `the coefficient of variation of ${arm} is ${variationPct.toFixed(1)} %; up to ${MAX_VARIATION_PCT} % is usual`,
        "measure on a quieter machine, or allow more blocks",
      ),
    outlierCount > values.length / 10 &&
      warn(
        "outliers",
        `${outlierCount} of ${values.length} runs of ${arm} lie far from the rest; up to one in ten is usual`,
        "look for what else runs on the machine; the verdict counts directions and is not misled by a few",
      ),
    isBimodal(values) &&
      warn(
        "bimodal",
        `the runs of ${arm} fall into two groups`,
        "look for a cache, a clock speed or a code path that is taken by chance",
      ),
    grownPct > MAX_GROWTH_PCT &&
      warn(
        "memory-growth",
        `the peak memory of ${arm} grew by ${grownPct.toFixed(0)} % from the first to the last third of its runs`,
        "look for what the subject keeps from run to run: caches, logs, temporary files",
      ),
  ];
  return found.filter((warning) => warning !== false);
}

function isMemory({ kind, readBy }: Metric): boolean {
  return kind === "size" && readBy === "meter";
}

/** Values beyond the quartiles by more than three interquartile ranges (Tukey 1977: "far out"). */
function countOutliers(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  const [low, high] = [at(0.25), at(0.75)];
  const reach = 3 * Math.max(high - low, 0.01 * Math.abs(median(values)));
  return values.filter((value) => value < low - reach || value > high + reach).length;
}

/** Whether the largest gap splits the values into two groups of a fifth or more, each far narrower than the gap between their medians. */
function isBimodal(values: readonly number[]): boolean {
  const sorted = values.toSorted((a, b) => a - b);
  const smallest = Math.ceil(sorted.length / 5);
  let [split, widest] = [0, 0];
  for (let index = smallest; index <= sorted.length - smallest; index += 1) {
    const gap = (sorted[index] ?? 0) - (sorted[index - 1] ?? 0);
    if (gap > widest) [split, widest] = [index, gap];
  }
  if (split === 0) return false;
  const [low, high] = [sorted.slice(0, split), sorted.slice(split)];
  const between = median(high) - median(low);
  const spread = Math.max(medianDeviation(low), medianDeviation(high));
  return between > 8 * spread && between > 0.05 * Math.abs(median(low));
}

function medianDeviation(values: readonly number[]): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center)));
}

function growthPct(values: readonly number[]): number {
  const third = Math.floor(values.length / 3);
  return 100 * (median(values.slice(-third)) / median(values.slice(0, third)) - 1);
}

/** The larger of the two wealths of betting that the differences lean to one side. */
function logEvidenceOfLean(differences: readonly number[]): number {
  const [up, down] = [new SignBet(alternativesOf(0.05)), new SignBet(alternativesOf(0.05))];
  for (const difference of differences) {
    up.add(difference);
    down.add(-difference);
  }
  return Math.max(up.maxLogWealth, down.maxLogWealth);
}

function logRatios(blocks: readonly Block[], isUpper: (sample: Sample) => boolean): number[] {
  return blocks.flatMap(({ base, head }) => {
    const [upper, lower] = isUpper(head) ? [head, base] : [base, head];
    const ratio = Math.log((upper.value ?? Number.NaN) / (lower.value ?? Number.NaN));
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

const percent = (differences: readonly number[]) => `${(100 * Math.expm1(median(differences))).toFixed(1)} %`;

function warnOfOrder(blocks: readonly Block[]): CellWarning | undefined {
  const ordered = blocks.filter(({ base, head }) => base.position !== head.position);
  const differences = logRatios(ordered, ({ position }) => position === 1);
  if (logEvidenceOfLean(differences) < LOG_EVIDENCE) return undefined;
  return warn(
    "order-effect",
    `the second run of a block takes ${percent(differences)} more than the first, whichever arm it is`,
    "the random order keeps this out of the verdict; look for what a run leaves to the next",
  );
}

function warnOfSlots(blocks: readonly Block[]): CellWarning | undefined {
  const placed = blocks.filter(({ base, head }) => base.slot !== undefined && base.slot !== head.slot);
  const differences = logRatios(placed, ({ slot }) => slot === "B");
  if (logEvidenceOfLean(differences) < LOG_EVIDENCE) return undefined;
  return warn(
    "slot-effect",
    `a run from slot B takes ${percent(differences)} more than one from slot A, whichever arm it is`,
    "the random slots keep this out of the verdict; look at the file system of the workspace",
  );
}

/** Does the first run of a block take another time when the run before it, of whichever cell, was one of head? */
function warnOfCarryOver(blocks: readonly Block[]): CellWarning | undefined {
  const center = median(blocks.flatMap(({ base, head }) => [base.value ?? 0, head.value ?? 0]));
  const firsts = blocks.map(({ base, head }) => {
    const first = head.position === 0 ? head : base;
    return { last: first.run?.after, value: (first.value ?? 0) / center };
  });
  const after = (arm: Arm) => firsts.filter(({ last }) => last === arm).map(({ value }) => value);
  const [afterBase, afterHead] = [after("base"), after("head")];
  const isEnough = Math.min(afterBase.length, afterHead.length) >= 6;
  if (!isEnough || !(mannWhitneyPValue(afterBase, afterHead) <= 0.001)) return undefined;
  const change = 100 * (median(afterHead) / median(afterBase) - 1);
  return warn(
    "carry-over",
    `a run that follows one of head takes ${change.toFixed(1)} % ${change < 0 ? "less" : "more"} than one that follows base`,
    "an arm leaves something behind; let the machine settle longer, or clean what it leaves",
  );
}

function warnOfLoad(blocks: readonly Block[], cpuCount: number | undefined): CellWarning | undefined {
  const runs = blocks.flatMap(({ base, head }) => [base.run ?? [], head.run ?? []].flat());
  const stolenShare = mean(runs.map(({ stolenMs, durationMs }) => (stolenMs ?? 0) / Math.max(durationMs, 1)));
  const load = median(runs.map(({ loadAverage1m }) => loadAverage1m ?? 0));
  const isLoaded = cpuCount !== undefined && load > cpuCount;
  if (runs.length === 0 || (stolenShare < 0.02 && !isLoaded)) return undefined;
  const what = isLoaded
    ? `a load of ${load.toFixed(1)} on ${cpuCount} processors`
    : `${(100 * stolenShare).toFixed(1)} % of the time taken away by the hypervisor`;
  return warn("background-load", `while this was measured there was ${what}`, "measure while nothing else runs");
}

function warnOfClock({ base, head }: SeriesPair): CellWarning | undefined {
  const samples = [...(base?.samples ?? []), ...(head?.samples ?? [])].toSorted(
    (a, b) => (a.run?.number ?? 0) - (b.run?.number ?? 0),
  );
  const backwards = samples.filter((sample, index) => {
    const previousMs = samples[index - 1]?.startedAtMs;
    return previousMs !== undefined && sample.startedAtMs !== undefined && sample.startedAtMs < previousMs;
  });
  if (backwards.length === 0) return undefined;
  return warn(
    "clock-went-back",
    `${backwards.length} runs began, by the calendar clock, before the run that came before them`,
    "durations come from the monotonic clock and are not touched; check the time service of the machine",
  );
}
