import type { RawRun, RunContext } from "@forgebench/artifacts";
import { metricsDeclaredIn, onRuns } from "@forgebench/runner";
import { blocksNeeded } from "@forgebench/verdict";

/**
 * How many more blocks a cell is likely to need, of all runs of it so far: a schedule asks after every block, and
 * a verification asks again.
 */
export function neededBlocks(
  context: Pick<RunContext, "family" | "design"> & Partial<Pick<RunContext, "shard" | "shards" | "declaredMetrics">>,
): (runs: readonly RawRun[]) => number {
  return onRuns(blocksNeeded(context, metricsDeclaredIn(context)), context);
}
