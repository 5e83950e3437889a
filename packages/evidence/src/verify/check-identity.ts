import type { RawRun, RunContext } from "@forgebench/artifacts";
import { cellOfRun, pipelineCellName } from "@forgebench/series";
import { differenceOf, type EvidenceDifference } from "./difference.ts";
import { type LoggedRun, placeOf } from "./logged-run.ts";

/** The seed and the machine of a shard, as the context says them. */
export interface ShardFacts {
  readonly index: number;
  readonly orderSeed: string;
  readonly machineId: string;
}

/** The shards of a context; a workspace that was not merged has one. */
export function shardsOf({ shards, shard, orderSeed, machine }: RunContext): ShardFacts[] {
  if (shards === undefined) return [{ index: shard.index, orderSeed, machineId: machine.id }];
  return shards.map((own) => ({ index: own.index, orderSeed: own.orderSeed, machineId: own.machine.id }));
}

/** Runs whose dataset, machine, subject or cell differs from their context. */
export function checkIdentity(runs: readonly LoggedRun[], context: RunContext): EvidenceDifference[] {
  return runs.flatMap(identityCheck(context));
}

/** The same for one run after the other. */
export function identityCheck(context: RunContext): (logged: LoggedRun) => EvidenceDifference[] {
  const machines = new Map(shardsOf(context).map(({ index, machineId }) => [index, machineId]));
  const cells = context.cells === undefined ? undefined : new Set(context.cells);
  const { controls } = context;
  const controlCell = controls !== undefined && "cell" in controls ? controls.cell : undefined;
  const isOfContext = (run: RawRun, index: number) =>
    machines.has(index) &&
    isSaid(run.datasetSha256, context.dataset.sha256) &&
    isSaid(run.machineId, machines.get(index)) &&
    isSaid(run.subjectId, subjectOf(run, context)) &&
    run.runCount === context.runCount &&
    run.control === undefined &&
    (cells === undefined || cells.has(cellOfRun(run)));
  return (logged) => {
    const { run } = logged;
    const { index } = run.shard ?? context.shard;
    // Nearly every run: no list is made for it.
    if (isOfContext(run, index)) return NONE;
    const check = (field: string, stored: unknown, expected: unknown) =>
      stored === undefined || stored === expected ? [] : differenceOf({ ...placeOf(logged), field }, stored, expected);
    return [
      ...(machines.has(index) ? [] : [wrongShard(logged, index, [...machines.keys()])]),
      ...check("datasetSha256", run.datasetSha256, context.dataset.sha256),
      ...check("machineId", run.machineId, machines.get(index)),
      ...check("subjectId", run.subjectId, subjectOf(run, context)),
      // A measurement that went on had other limits before.
      ...(context.sampling?.earlier?.some(({ maxBlocks }) => maxBlocks === run.runCount)
        ? []
        : check("runCount", run.runCount, context.runCount)),
      ...(run.control === undefined ? [] : check("control", `on ${pipelineCellName(run)}`, `on ${controlCell}`)),
      ...(run.control !== undefined || cells === undefined || cells.has(cellOfRun(run))
        ? []
        : check("cell", cellOfRun(run), "one of those in run-context.json")),
    ];
  };
}

const NONE: EvidenceDifference[] = [];

/** A field that a run leaves out contradicts nothing. */
function isSaid(stored: string | undefined, expected: string | undefined): boolean {
  return stored === undefined || stored === expected;
}

function wrongShard(logged: LoggedRun, index: number, known: readonly number[]): EvidenceDifference {
  return { ...placeOf(logged), field: "shard.index", stored: String(index), recomputed: known.join(" or ") };
}

/** Both arms of a control are the base. */
function subjectOf({ arm, control }: RawRun, { subjects }: RunContext): string | undefined {
  return arm === "head" && control === undefined ? subjects.head.id : subjects.base?.id;
}
