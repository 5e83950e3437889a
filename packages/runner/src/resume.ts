import { datasetOriginOf, type RawRun, type RunContext, rawRun } from "@forgebench/artifacts";
import { ArtifactError, UsageError } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import { groupBy } from "./group.ts";
import type { MeasurementPlan } from "./make-schedule.ts";
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
  ["the version of this tool", ({ toolVersion }) => toolVersion],
  ["the suite", ({ suite }) => suite.sha256],
  ["the dataset", ({ dataset }) => dataset.sha256],
  ["the version and tier of the dataset", ({ dataset }) => [dataset.datasetVersion, dataset.tierId]],
  ["where the dataset came from (release, local build, --dataset-fallback)", ({ dataset }) => datasetOriginOf(dataset)],
  ["the machine", ({ machine }) => machine.id],
  ["the head (the build of --cli-path, or its command)", ({ subjects }) => subjects.head.id],
  ["the base (the build of --base-cli-path, or its command)", ({ subjects }) => subjects.base?.id ?? "none"],
  ["the sampling (fixed by --run-count, or by evidence)", ({ sampling }) => sampling?.mode ?? "fixed"],
  ["--min-blocks", ({ sampling }) => sampling?.minBlocks],
  ["--max-blocks", ({ sampling }) => sampling?.maxBlocks],
  ["--time-budget-minutes", ({ sampling }) => sampling?.timeBudgetMinutes],
  ["--run-count", ({ runCount }) => runCount],
  ["--cold-runs", ({ sampling }) => sampling?.coldRuns ?? 1],
  ["--shard", ({ shard }) => `${shard.index}/${shard.count}`],
  [
    "the choice of cells (--profiles, --scenarios, --cell)",
    ({ cells, profiles, scenarios }) => cells ?? [profiles, scenarios],
  ],
  ["--seed", ({ orderSeed }) => orderSeed],
  ["the way the builds are placed", ({ slots }) => slots?.mode],
  ["the way CPU time and memory are found out", ({ meter }) => meter],
  ["--timeout-seconds", ({ timeoutMs }) => (timeoutMs === undefined ? undefined : timeoutMs / 1000)],
  ["the family that the error is shared over", ({ family }) => family],
  ["the plan of the controls", ({ controls }) => controls],
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

/**
 * Makes sure that the runs of a workspace are of the dataset that its context says; old runs do not say it and are believed.
 * @throws {ArtifactError} naming the first line that is of another one.
 */
export function assertRunsOfDataset(runs: readonly RawRun[], { dataset }: RunContext, path: string): void {
  const index = runs.findIndex(({ datasetSha256 = dataset.sha256 }) => datasetSha256 !== dataset.sha256);
  if (index < 0) return;
  const message = `is of the dataset ${runs[index]?.datasetSha256}, the run context says ${dataset.sha256}`;
  throw new ArtifactError({
    ...{ path, kind: rawRun.kind, action: "Cannot resume", issues: [{ path: `line ${index + 1}`, message }] },
    details: [{ label: "try", text: "start anew without --resume: runs of two datasets do not go together" }],
  });
}

/** What a person asks of a measurement that is to go on. */
export interface Continuation {
  /** As it would be for a measurement that begins now. */
  readonly now: RunContext;
  /** What is not given stays as it was. */
  readonly isSeedGiven: boolean;
  readonly isMaxBlocksGiven: boolean;
}

/**
 * The context with which a measurement goes on: the earlier one, with the most blocks and the time budget of now. Evidence
 * holds at every number of blocks, so that both may be changed by somebody who has seen it; what they were is kept.
 * @throws {UsageError} naming what else differs, or a most that is lower than it was.
 */
export function continuedContext(earlier: RunContext, { now, ...given }: Continuation): RunContext {
  const orderSeed = given.isSeedGiven ? now.orderSeed : earlier.orderSeed;
  const [was, is] = [earlier.sampling, now.sampling];
  if (was?.mode !== "evidence" || is?.mode !== "evidence" || was.maxBlocks === undefined) {
    assertSameContext(earlier, { ...now, orderSeed });
    return earlier;
  }
  const maxBlocks = given.isMaxBlocksGiven ? (is.maxBlocks ?? was.maxBlocks) : was.maxBlocks;
  const { sampling: _, runCount: __, ...rest } = now;
  // All but the two that may change.
  assertSameContext(earlier, {
    ...{ ...rest, orderSeed, runCount: earlier.runCount },
    sampling: { ...was, ...(is.minBlocks === undefined ? {} : { minBlocks: is.minBlocks }) },
  });
  if (maxBlocks < was.maxBlocks) {
    throw new UsageError(`Cannot resume: --max-blocks was ${was.maxBlocks} and is now ${maxBlocks}`, [
      { label: "expected", text: `at least ${was.maxBlocks}: it can only be raised` },
    ]);
  }
  return withLimits(earlier, was, { maxBlocks, ...timeBudgetOf(is) });
}

type RecordedSampling = NonNullable<RunContext["sampling"]>;
type Limits = NonNullable<RecordedSampling["earlier"]>[number];

function withLimits(context: RunContext, was: RecordedSampling, limits: Limits): RunContext {
  const { maxBlocks = limits.maxBlocks, timeBudgetMinutes, earlier = [], ...rest } = was;
  if (maxBlocks === limits.maxBlocks && timeBudgetMinutes === limits.timeBudgetMinutes) return context;
  const before = [...earlier, { maxBlocks, ...timeBudgetOf(was) }];
  return { ...context, runCount: limits.maxBlocks, sampling: { ...rest, ...limits, earlier: before } };
}

function timeBudgetOf({ timeBudgetMinutes }: { readonly timeBudgetMinutes?: number | undefined }): {
  readonly timeBudgetMinutes?: number;
} {
  return timeBudgetMinutes === undefined ? {} : { timeBudgetMinutes };
}

/** What changed of the limits, for a person: a line, or none. */
export function describeLimits(earlier: RunContext, now: RunContext): string[] {
  const [was, is] = [earlier.sampling, now.sampling];
  const changes = [
    ...(was?.maxBlocks === is?.maxBlocks
      ? []
      : [`at most ${is?.maxBlocks} blocks a cell instead of ${was?.maxBlocks}`]),
    ...(was?.timeBudgetMinutes === is?.timeBudgetMinutes
      ? []
      : [`${budget(is?.timeBudgetMinutes)} instead of ${budget(was?.timeBudgetMinutes)}`]),
  ];
  return changes.length === 0 ? [] : [`note: ${changes.join(", ")}`];
}

function budget(minutes: number | undefined): string {
  return minutes === undefined ? "no time budget" : `${minutes} minutes`;
}

/** A plan with the most blocks that a context gives each cell. */
export function planWithin(plan: MeasurementPlan, { sampling }: RunContext): MeasurementPlan {
  const maxBlocks = sampling?.maxBlocks;
  if (plan.sampling.mode === "fixed" || maxBlocks === undefined) return plan;
  return {
    ...plan,
    sampling: { ...plan.sampling, maxBlocks },
    cellPlans: plan.cellPlans.map((own) => ({ ...own, blockCount: maxBlocks })),
  };
}
