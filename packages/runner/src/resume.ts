import type { RawRun, RunContext } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import { groupBy } from "./group.ts";
import type { ScheduleInput } from "./schedule.ts";

/**
 * The runs of whole blocks of the planned cells, in their order. What a kill left of a block is dropped: completed later,
 * its two halves would not have been back to back.
 */
export function runsOfWholeBlocks(
  runs: readonly RawRun[],
  { arms, cellPlans }: Pick<ScheduleInput, "arms" | "cellPlans">,
): RawRun[] {
  const limits = new Map(cellPlans.map(({ cell, blockCount }) => [cellId(cell), blockCount]));
  const whole = new Set<RawRun>();
  const blockCounts = new Map<string, number>();
  for (const own of groupBy(runs, (run) => `${cellId(run)}#${run.block}`).values()) {
    const [first] = own;
    if (first === undefined) continue;
    const id = cellId(first);
    const blockCount = blockCounts.get(id) ?? 0;
    const isWhole = own.length === arms.length && arms.every((arm) => own.some((run) => run.arm === arm));
    // The blocks of a cell follow one another: after a gap there is nothing that a schedule could have given.
    if (!isWhole || first.block !== blockCount || blockCount >= (limits.get(id) ?? 0)) continue;
    blockCounts.set(id, blockCount + 1);
    for (const run of own) whole.add(run);
  }
  return runs.filter((run) => whole.has(run));
}

/** What must be the same for a measurement to be continued, and how a person changes it. */
const SAME: readonly (readonly [name: string, of: (context: RunContext) => unknown])[] = [
  ["the suite", ({ suite }) => suite.sha256],
  ["the dataset", ({ dataset }) => dataset.sha256],
  ["the machine", ({ machine }) => machine.id],
  ["the build of --cli-path", ({ subjects }) => subjects.head.id],
  ["the build of --base-cli-path", ({ subjects }) => subjects.base?.id ?? "none"],
  ["the sampling (fixed by --run-count, or by evidence)", ({ sampling }) => sampling?.mode ?? "fixed"],
  ["--min-blocks", ({ sampling }) => sampling?.minBlocks],
  ["--max-blocks", ({ sampling }) => sampling?.maxBlocks],
  ["--time-budget-minutes", ({ sampling }) => sampling?.timeBudgetMinutes],
  ["--run-count", ({ runCount }) => runCount],
  ["--shard", ({ shard }) => `${shard.index}/${shard.count}`],
  ["the cells (--profiles, --scenarios, --cell)", ({ cells, profiles, scenarios }) => cells ?? [profiles, scenarios]],
  ["--seed", ({ orderSeed }) => orderSeed],
  ["the way the builds are placed", ({ slots }) => slots?.mode],
  ["the way CPU time and memory are found out", ({ meter }) => meter],
  ["--timeout-seconds", ({ timeoutMs }) => (timeoutMs === undefined ? undefined : timeoutMs / 1000)],
  ["the family that the error is shared over", ({ family }) => family],
  ["the controls", ({ controls }) => controls],
];

/**
 * Makes sure that runs made now can be put beside those made before.
 * @throws {UsageError} naming what differs, with both values.
 */
export function assertSameContext(earlier: RunContext, now: RunContext): void {
  for (const [name, of] of SAME) {
    const [was, is] = [JSON.stringify(of(earlier)), JSON.stringify(of(now))];
    if (was === is) continue;
    throw new UsageError(`Cannot resume: ${name} was ${was} and is now ${is}`, [
      { label: "try", text: "the same flags as before, or start anew without --resume" },
    ]);
  }
}
