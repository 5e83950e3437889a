import { datasetOriginOf, type RawRun, type RunContext, rawRun } from "@forgebench/artifacts";
import { ArtifactError, groupBy, UsageError } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import type { MeasurementPlan } from "./make-schedule.ts";
import type { ScheduleInput } from "./schedule.ts";

/**
 * The runs of whole blocks of the planned cells, in their order. A part of a block that a kill left is removed: completed later,
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

/** The known facts about changed files; a context holds only their common hash. */
export interface ChangedFiles {
  /** The inputs that changed, one phrase. */
  readonly inputs?: string | undefined;
  /** The files beside the suite that its command names. */
  readonly besideSuite?: readonly string[];
}

interface Same {
  readonly name: string;
  readonly of: (context: RunContext) => unknown;
  /** For content: the change in words, because a hash means nothing to a person. */
  readonly told?: (earlier: RunContext, now: RunContext, changed: ChangedFiles) => string | undefined;
}

/** The values that must be the same to continue a measurement, and the flags that set them. */
const SAME: readonly Same[] = [
  { name: "the version of this tool", of: ({ toolVersion }) => toolVersion },
  { name: "the suite", of: ({ suite }) => suite.sha256, told: (_, { suite }) => `the suite file of "${suite.name}"` },
  { name: "the dataset", of: ({ dataset }) => dataset.sha256, told: changedDataset },
  {
    name: "the version and tier of the dataset",
    of: ({ dataset }) => [dataset.datasetVersion, dataset.tierId],
  },
  {
    name: "the origin of the dataset (release, local build, --dataset-fallback)",
    of: ({ dataset }) => datasetOriginOf(dataset),
  },
  { name: "the machine", of: ({ machine }) => machine.id },
  {
    name: "the head (the build of --cli-path, or its command)",
    of: ({ subjects }) => subjects.head.id,
    told: (earlier, now, changed) => changedSubject(earlier.subjects.head, now.subjects.head, changed),
  },
  {
    name: "the base (the build of --base-cli-path, or its command)",
    of: ({ subjects }) => subjects.base?.id ?? "none",
    told: (earlier, now, changed) => changedSubject(earlier.subjects.base, now.subjects.base, changed),
  },
  { name: "the sampling (fixed by --run-count, or by evidence)", of: ({ sampling }) => sampling?.mode ?? "fixed" },
  { name: "--min-blocks", of: ({ sampling }) => sampling?.minBlocks },
  { name: "--max-blocks", of: ({ sampling }) => sampling?.maxBlocks },
  { name: "--time-budget-minutes", of: ({ sampling }) => sampling?.timeBudgetMinutes },
  { name: "--run-count", of: ({ runCount }) => runCount },
  { name: "--cold-runs", of: ({ sampling }) => sampling?.coldRuns ?? 1 },
  { name: "--shard", of: ({ shard }) => `${shard.index}/${shard.count}` },
  {
    name: "the choice of cells (--profiles, --scenarios, --cell)",
    of: ({ cells, profiles, scenarios }) => cells ?? [profiles, scenarios],
  },
  { name: "--seed", of: ({ orderSeed }) => orderSeed },
  { name: "the way the builds are placed", of: ({ slots }) => slots?.mode },
  { name: "the way CPU time and memory are measured", of: ({ meter }) => meter },
  {
    name: "--timeout-seconds",
    of: ({ timeoutMs }) => (timeoutMs === undefined ? undefined : timeoutMs / 1000),
  },
  { name: "the family that the error is shared over", of: ({ family }) => family },
  { name: "the plan of the controls", of: ({ controls }) => controls },
];

function changedDataset(earlier: RunContext, now: RunContext, { inputs }: ChangedFiles): string | undefined {
  if (earlier.dataset.source !== "suite" || now.dataset.source !== "suite") return "the images of the tier";
  return inputs ?? `the inputs of ${now.suite.name} (of any of its scenarios)`;
}

type Subject = RunContext["subjects"]["head"];

/** The changed part of a subject; undefined if there was or is none: then the flag is named. */
function changedSubject(
  earlier: Subject | undefined,
  now: Subject | undefined,
  { besideSuite = [] }: ChangedFiles,
): string | undefined {
  if (earlier === undefined || now === undefined) return undefined;
  if (earlier.cliSha256 === now.cliSha256 && earlier.filesSha256 !== now.filesSha256) {
    const names = besideSuite.map((name) => JSON.stringify(name)).join(", ");
    return names === ""
      ? "a file beside the suite that the command names"
      : `${besideSuite.length > 1 ? "one of " : ""}${names}, which the command names,`;
  }
  if (earlier.buildSha256 !== now.buildSha256 || earlier.cliSha256 === now.cliSha256) return undefined;
  return "the program that the command starts";
}

/**
 * Makes sure that runs made now can be put beside those made before.
 * @throws {UsageError} naming what differs, of what a person set with both values.
 */
export function assertSameContext(earlier: RunContext, now: RunContext, changed: ChangedFiles = {}): void {
  for (const { name, of, told } of SAME) {
    const [was, is] = [JSON.stringify(of(earlier)), JSON.stringify(of(now))];
    if (was === is) continue;
    const what = told?.(earlier, now, changed);
    if (what !== undefined) {
      throw new UsageError(`Cannot resume: ${what} changed since the earlier runs`, [
        { label: "try", text: "undo the change, or start anew without --resume" },
      ]);
    }
    throw new UsageError(`Cannot resume: ${name} was ${shortened(was)} and is now ${shortened(is)}`, [
      { label: "try", text: "the same flags as before, or start anew without --resume" },
    ]);
  }
}

/** Hashes by their first digits, which are enough for a person. */
function shortened(json: string | undefined): string {
  return (json ?? "not known").replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

/**
 * Makes sure that the runs of a workspace are of the dataset that its context says; old runs do not record it and are accepted.
 * @throws {ArtifactError} naming the first line that is of another one.
 */
export function assertRunsOfDataset(runs: readonly RawRun[], { dataset }: RunContext, path: string): void {
  const index = runs.findIndex(({ datasetSha256 = dataset.sha256 }) => datasetSha256 !== dataset.sha256);
  if (index < 0) return;
  const message = `is of the dataset ${runs[index]?.datasetSha256}, the run context says ${dataset.sha256}`;
  throw new ArtifactError({
    path,
    kind: rawRun.kind,
    action: "Cannot resume",
    issues: [{ path: `line ${index + 1}`, message }],
    details: [{ label: "try", text: "start anew without --resume: runs of two datasets cannot be combined" }],
  });
}

/** The request to continue a measurement. */
interface Continuation {
  /** As it would be for a measurement that begins now. */
  readonly now: RunContext;
  /** Values that are not given stay as they were. */
  readonly isSeedGiven: boolean;
  readonly isMaxBlocksGiven: boolean;
  readonly changed?: ChangedFiles | undefined;
}

/**
 * The context with which a measurement goes on: the earlier one, with the most blocks and the time budget of now. Evidence
 * holds at every number of blocks, so that both may be changed after a look at it; their old values are recorded.
 * @throws {UsageError} naming what else differs, or a most that is lower than it was.
 */
export function continuedContext(earlier: RunContext, { now, ...given }: Continuation): RunContext {
  const orderSeed = given.isSeedGiven ? now.orderSeed : earlier.orderSeed;
  const [was, is] = [earlier.sampling, now.sampling];
  if (was?.mode !== "evidence" || is?.mode !== "evidence" || was.maxBlocks === undefined) {
    assertSameContext(earlier, { ...now, orderSeed }, given.changed);
    return earlier;
  }
  const maxBlocks = given.isMaxBlocksGiven ? (is.maxBlocks ?? was.maxBlocks) : was.maxBlocks;
  const { sampling: _, runCount: __, ...rest } = now;
  // All but the two that may change.
  const sampling = { ...was, ...(is.minBlocks === undefined ? {} : { minBlocks: is.minBlocks }) };
  assertSameContext(earlier, { ...rest, orderSeed, runCount: earlier.runCount, sampling }, given.changed);
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

/** The changed limits, for a person: a line, or none. */
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
