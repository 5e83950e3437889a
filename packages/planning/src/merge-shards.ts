import type { RawRun, RunContext } from "@forgebench/artifacts";
import { InvariantError, OperationError } from "@forgebench/errors";
import { type CellName, nameOf } from "./cell-names.ts";
import { assertAgreement, mergeError } from "./shard-agreement.ts";
import { type ShardLog, wholeBlocks } from "./whole-blocks.ts";
import { counted, listed } from "./words.ts";

/** How shards are merged. */
export interface MergeOptions {
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
  /** What was left out and what is missing, for a person. */
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
  const whole = wholeByShard.flat();
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

function assertEachOnce(shards: readonly ShardLog[]): void {
  for (const [position, { context, contextPath }] of shards.entries()) {
    const { index, count } = context.shard;
    if (index > count) throw mergeError(contextPath, [{ path: "shard", message: `is number ${index} of ${count}` }]);
    const before = shards[position - 1];
    if (before?.context.shard.index !== index) continue;
    const message = `is shard ${index} of ${count}, and so is "${before.contextPath}"`;
    throw mergeError(contextPath, [{ path: "shard", message }]);
  }
}

function missingShards(shards: readonly ShardLog[]): number[] {
  const there = new Set(shards.map(({ context }) => context.shard.index));
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
    ...(truncated ? [`the cut last line of "${path}" is dropped`] : []),
    ...(droppedCount > 0 ? [`${counted(droppedCount, "run")} of cut blocks dropped from "${path}"`] : []),
    ...(logged.length === 0 ? [`"${path}" holds no runs`] : []),
  ];
}

function mergeContexts(
  shards: readonly ShardLog[],
  runs: readonly RawRun[],
  suiteCells: readonly CellName[],
): RunContext {
  const contexts = shards.map(({ context }) => context);
  const [first] = contexts;
  if (first === undefined) throw new InvariantError("no shard is merged");
  if (first.shard.count === 1) return first;
  const measured = new Set([...contexts.flatMap(({ cells = [] }) => cells), ...runs.filter(isJudged).map(nameOf)]);
  const cells = suiteCells.filter((cell) => measured.has(nameOf(cell)));
  assertInSuite(measured, cells, shards);
  return {
    ...first,
    generatedAt: contexts.map(({ generatedAt }) => generatedAt).reduce(earlier),
    profiles: [...new Set(cells.map(({ profileId }) => profileId))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    cells: cells.map(nameOf),
    shard: { index: 1, count: 1 },
    shards: contexts.map(({ shard, orderSeed, machine, generatedAt }) => ({
      ...{ index: shard.index, orderSeed, machine, generatedAt },
    })),
  };
}

function assertInSuite(measured: ReadonlySet<string>, cells: readonly CellName[], [first]: readonly ShardLog[]): void {
  const known = new Set(cells.map(nameOf));
  const unknown = [...measured].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw mergeError(first?.path ?? "", [{ path: "cells", message: `${listed(unknown)}: not in the suite` }]);
}

function isJudged({ control }: RawRun): boolean {
  return control === undefined;
}

function earlier(a: string, b: string): string {
  return Date.parse(b) < Date.parse(a) ? b : a;
}
