import type { RawRun } from "@forgebench/artifacts";
import { blocksOf, type Metric } from "@forgebench/series";
import { logRatio, type PairedValues, pairedValues, wholeBlocks } from "./cell-differences.ts";

/** Why a cell cannot be judged, and what would help. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
}

/** Up to this share of the blocks may have a failed run: they are left out, whichever arm failed. */
const MAX_FAILED_SHARE = 0.1;

/** The differences of a metric of a cell, block by block, and what stands against judging them. */
export function readDifferences({ runs, metric }: { readonly runs: readonly RawRun[]; readonly metric: Metric }): {
  readonly differences: readonly number[];
  readonly obstacle: Obstacle | undefined;
} {
  const { blocks, partialRuns } = blocksOf(runs);
  const whole = wholeBlocks(runs);
  const judged = pairedValues(whole, metric);
  const obstacle =
    findMissing(runs, blocks.length, partialRuns) ??
    findFailures(runs, blocks.length, whole.length) ??
    findUnknown(metric, whole.length, judged) ??
    findImpossible(metric, judged);
  return { differences: judged.map(logRatio), obstacle };
}

function findMissing(
  runs: readonly RawRun[],
  blockCount: number,
  partialRuns: readonly RawRun[],
): Obstacle | undefined {
  const remedy = "run bench:run --resume, which measures what is missing";
  if (blockCount === 0) {
    const missing = (["base", "head"] as const).filter((arm) => !runs.some((run) => run.arm === arm));
    const reason =
      missing.length === 0
        ? "there is no block with a run of each arm"
        : `${missing.join(" and ")} ${missing.length === 1 ? "has" : "have"} no run`;
    return { reason, remedy };
  }
  const partialCount = new Set(partialRuns.map(({ block }) => block)).size;
  const total = blockCount + partialCount;
  // Whoever sums up runs has dropped what a kill left: a finished measurement has whole blocks only.
  if (partialCount === 0) return undefined;
  return { reason: `${partialCount} of ${total} blocks do not hold exactly one run of each arm`, remedy };
}

/** So many failures of one arm, and none of the other, are looked at before anything is called the same. */
const MIN_ONE_SIDED_FAILURES = 2;

function findFailures(runs: readonly RawRun[], blockCount: number, wholeCount: number): Obstacle | undefined {
  const failedOf = (arm: "base" | "head") => runs.filter((run) => run.arm === arm && run.valid !== true).length;
  const [baseCount, headCount] = [failedOf("base"), failedOf("head")];
  if (runs.some(({ timedOut }) => timedOut === true)) {
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

function findUnknown(metric: Metric, wholeCount: number, judged: readonly PairedValues[]): Obstacle | undefined {
  if (judged.length === wholeCount) return undefined;
  return {
    reason: `${wholeCount - judged.length} of ${wholeCount} blocks have no ${metric.id}`,
    remedy: "measure where it is known (Linux with Perl for CPU time and memory), or take the metric out of the suite",
  };
}

/** What takes no time or no memory was not measured. */
const NEVER_ZERO = new Set(["wall", "cpu", "reported_duration", "peak_memory"]);

/** Whether no run can have this value. */
export function isImpossible(value: number): boolean {
  return !Number.isFinite(value) || value < 0;
}

function findImpossible(metric: Metric, judged: readonly PairedValues[]): Obstacle | undefined {
  const values = judged.flatMap(({ base, head }) => [base, head]);
  const wrong = values.find((value) => isImpossible(value) || (value === 0 && NEVER_ZERO.has(metric.id)));
  if (wrong !== undefined) {
    return { reason: `${wrong} ${metric.unit} is no possible ${metric.id}`, remedy: "check what wrote these runs" };
  }
  return metric.id === "wall" ? findCoarseClock(judged) : undefined;
}

/** A clock of nanoseconds hardly ever shows the same duration twice. */
function findCoarseClock(judged: readonly PairedValues[]): Obstacle | undefined {
  const values = judged.flatMap(({ base, head }) => [base, head]);
  const distinctCount = new Set(values).size;
  if (values.length < 6 || distinctCount > values.length / 4) return undefined;
  return {
    reason: `${values.length} runs have only ${distinctCount} different ${distinctCount === 1 ? "duration" : "durations"}: this clock does not tell runs apart`,
    remedy: "measure with a working monotonic clock",
  };
}
