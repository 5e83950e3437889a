import type { RawRun, RunContext } from "@forgebench/artifacts";
import { counted, InvariantError, OperationError } from "@forgebench/errors";
import { pipelineCellName } from "@forgebench/series";
import type { CellName } from "./cell-names.ts";
import { assertAgreement, mergeError } from "./shard-agreement.ts";
import { type LoggedRun, type ShardLog, wholeBlocks } from "./whole-blocks.ts";
import { listed } from "./words.ts";

/** How shards are merged. */
interface MergeOptions {
  /** All cells of the suite, in its order. */
  readonly suiteCells: readonly CellName[];
  readonly allowMissingShards: boolean;
}

/** Several shards as one measurement. */
export interface MergedShards {
  readonly context: RunContext;
  readonly runs: readonly RawRun[];
  /** The same runs as lines, without newlines; a line that says its shard is the one that was read. */
  readonly lines: readonly string[];
  /** Notes for a person about omitted and missing runs. */
  readonly notes: readonly string[];
}

/**
 * Puts the shards of one measurement together, as if they had been measured in one workspace.
 * @throws {ArtifactError} for shards that do not belong together, {OperationError} `unjudged` for missing ones.
 */
export function mergeShards(logs: readonly ShardLog[], options: MergeOptions): MergedShards {
  const shards = logs.toSorted((a, b) => a.context.shard.index - b.context.shard.index);
  assertAgreement(shards);
  assertEachOnce(shards);
  const missing = missingShards(shards);
  if (missing.length > 0 && !options.allowMissingShards) throw missingError(shards, missing);
  const wholeByShard = wholeBlocks(shards);
  const whole = inOrderOfShards(wholeByShard.flat());
  const runs = whole.map(({ run }) => run);
  if (runs.length === 0) throw nothingError(shards);
  return {
    context: mergeContexts(shards, runs, options.suiteCells),
    runs,
    lines: whole.map(({ line }) => line),
    notes: [
      ...missing.map((index) => `shard ${index} is missing: its cells are not judged`),
      ...shards.flatMap((shard, index) => notesOf(shard, wholeByShard[index]?.length ?? 0)),
    ],
  };
}

/** Shard after shard, as they come where a workspace that was merged before is among them. */
function inOrderOfShards(logged: readonly LoggedRun[]): LoggedRun[] {
  return logged.toSorted((a, b) => (a.run.shard?.index ?? 0) - (b.run.shard?.index ?? 0));
}

/** A shard of a log; a workspace that was merged before holds several. */
type Part = NonNullable<RunContext["shards"]>[number];

function partsOf({ shards, shard, orderSeed, machine, generatedAt }: RunContext): readonly Part[] {
  return shards ?? [{ index: shard.index, orderSeed, machine, generatedAt }];
}

function assertEachOnce(shards: readonly ShardLog[]): void {
  const files = new Map<number, string>();
  for (const { context, contextPath } of shards) {
    for (const { index } of partsOf(context)) {
      // The shards of a workspace that was merged before are numbered by an older count.
      const count = context.shards === undefined ? context.shard.count : Math.max(context.shard.count, index);
      if (index > count) throw mergeError(contextPath, [{ path: "shard", message: `is number ${index} of ${count}` }]);
      const before = files.get(index);
      files.set(index, contextPath);
      if (before === undefined) continue;
      throw mergeError(
        contextPath,
        [{ path: "shard", message: `is shard ${index} of ${count}, and so is "${before}"` }],
        [{ label: "try", text: `start each shard from 1 to ${count} once; the command or workflow names one twice` }],
      );
    }
  }
}

function missingShards(shards: readonly ShardLog[]): number[] {
  const there = new Set(shards.flatMap(({ context }) => partsOf(context).map(({ index }) => index)));
  const count = shards[0]?.context.shard.count ?? 0;
  return Array.from({ length: count }, (_, index) => index + 1).filter((index) => !there.has(index));
}

function missingError(shards: readonly ShardLog[], missing: readonly number[]): OperationError {
  const count = shards[0]?.context.shard.count ?? 0;
  const which = `shard${missing.length === 1 ? "" : "s"} ${missing.join(", ")} of ${count}`;
  return new OperationError("unjudged", `Cannot merge: ${which} ${missing.length === 1 ? "is" : "are"} missing`, {
    details: [
      { label: "there", text: shards.map(({ path, context }) => `${context.shard.index}: ${path}`).join(", ") },
      {
        label: "try",
        text: "the workspaces of all shards in --workspaces, or --allow-missing-shards: their cells are not judged",
      },
    ],
  });
}

function nothingError(shards: readonly ShardLog[]): OperationError {
  return new OperationError("unjudged", "Cannot merge: there is no whole block in any of the workspaces", {
    details: [
      {
        label: "there",
        text: shards.map(({ path, logged }) => `${path} (${counted(logged.length, "run")})`).join(", "),
      },
      { label: "try", text: "bench:run with --resume in each of them" },
    ],
  });
}

function notesOf({ path, logged, truncated }: ShardLog, keptCount: number): string[] {
  const droppedCount = logged.length - keptCount;
  return [
    ...(truncated ? [`the cut last line of "${path}" is left out`] : []),
    ...(droppedCount > 0 ? [`${counted(droppedCount, "run")} of cut blocks left out of "${path}"`] : []),
    ...(logged.length === 0 ? [`"${path}" holds no runs`] : []),
  ];
}

function mergeContexts(
  shards: readonly ShardLog[],
  runs: readonly RawRun[],
  suiteCells: readonly CellName[],
): RunContext {
  const contexts = shards.map(({ context }) => context);
  const parts = contexts.flatMap(partsOf).toSorted((a, b) => a.index - b.index);
  const [[first], [firstPart]] = [contexts, parts];
  if (first === undefined || firstPart === undefined) throw new InvariantError("no shard is merged");
  const { count } = first.shard;
  if (count === 1) return first;
  const measured = new Set([
    ...contexts.flatMap(({ cells = [] }) => cells),
    ...runs.filter(isJudged).map(pipelineCellName),
  ]);
  const cells = suiteCells.filter((cell) => measured.has(pipelineCellName(cell)));
  assertInSuite(measured, cells, shards);
  return {
    ...first,
    orderSeed: firstPart.orderSeed,
    machine: firstPart.machine,
    ...(first.sampling === undefined ? {} : { sampling: mergeSamplings(first.sampling, contexts) }),
    generatedAt: contexts.map(({ generatedAt }) => generatedAt).reduce(earliest),
    profiles: [...new Set(cells.map(({ profileId }) => profileId))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    cells: cells.map(pipelineCellName),
    // With shards missing, the controls still have what the whole gives each of them of the error.
    shard: parts.length < count ? { index: firstPart.index, count } : { index: 1, count: 1 },
    shards: parts,
  };
}

type RecordedSampling = NonNullable<RunContext["sampling"]>;

/** The sampling that the shards share, with the time budgets and earlier limits of all of them. */
function mergeSamplings(shared: RecordedSampling, contexts: readonly RunContext[]): RecordedSampling {
  const { timeBudgetMinutes: _, earlier: __, ...rest } = shared;
  const budgets = contexts.flatMap(({ sampling }) => sampling?.timeBudgetMinutes ?? []);
  const limits = contexts.flatMap(({ sampling }) => sampling?.earlier ?? []);
  const earlier = [...new Map(limits.map((own) => [JSON.stringify(own), own])).values()];
  return {
    ...rest,
    ...(budgets.length === 0 ? {} : { timeBudgetMinutes: Math.max(...budgets) }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

function assertInSuite(measured: ReadonlySet<string>, cells: readonly CellName[], [first]: readonly ShardLog[]): void {
  const known = new Set(cells.map(pipelineCellName));
  const unknown = [...measured].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw mergeError(first?.path ?? "", [{ path: "cells", message: `${listed(unknown)}: not in the suite` }]);
}

function isJudged({ control }: RawRun): boolean {
  return control === undefined;
}

function earliest(a: string, b: string): string {
  return Date.parse(b) < Date.parse(a) ? b : a;
}
