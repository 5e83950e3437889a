import { type RawRun, type RunContext, rawRun } from "@forgebench/artifacts";
import { cellOfRun, pipelineCellName } from "@forgebench/series";
import { mergeError, type NamedContext } from "./shard-agreement.ts";

/** A run as it is read, and its line. */
export interface LoggedRun {
  readonly run: RawRun;
  /** Without its newline. */
  readonly line: string;
}

/** The log of one shard. */
export interface ShardLog extends NamedContext {
  readonly path: string;
  readonly logged: readonly LoggedRun[];
  /** Whether its last line was cut by a kill. */
  readonly truncated: boolean;
}

/** Where a cell was measured. */
interface Home {
  readonly path: string;
  readonly shardIndex: number;
}

/**
 * The runs of whole blocks of each log, in the order in which they were made, each saying its shard.
 * @throws {ArtifactError} for a run without block or arm, one that is there twice, that took no time, or that is of another
 *   shard, machine, dataset, subject or cell than its context says, and a cell that was measured in two places.
 */
export function wholeBlocks(shards: readonly ShardLog[]): LoggedRun[][] {
  const homes = new Map<string, Home>();
  return shards.map((shard) => {
    const known = knownOf(shard.context);
    const blocks = new Map<string, LoggedRun[]>();
    for (const [index, logged] of shard.logged.entries()) {
      const objection =
        objectToRun(logged.run, shard) ?? objectToOrigin(logged.run, known) ?? objectToHome(logged.run, shard, homes);
      if (objection !== undefined) throw lineError(shard, index, objection);
      const key = blockKey(logged.run, shard);
      const own = blocks.get(key) ?? [];
      if (own.some(({ run }) => run.arm === logged.run.arm)) {
        throw lineError(shard, index, `${describe(logged.run)} occurs twice`);
      }
      blocks.set(key, [...own, logged]);
    }
    const armCount = shard.context.subjects.base === undefined ? 1 : 2;
    return shard.logged
      .filter(({ run }) => blocks.get(blockKey(run, shard))?.length === armCount)
      .map((logged) => labelled(logged, shard));
  });
}

function labelled({ run, line }: LoggedRun, { context }: ShardLog): LoggedRun {
  if (run.shard !== undefined) return { run, line };
  const saying = { ...run, shard: context.shard };
  return { run: saying, line: JSON.stringify(saying) };
}

function lineError(shard: ShardLog, index: number, message: string) {
  return mergeError(shard.path, [{ path: `line ${index + 1}`, message }], [], rawRun.kind);
}

function objectToRun(run: RawRun, { context }: ShardLog): string | undefined {
  if (run.arm === undefined || run.block === undefined) {
    return `has no ${run.arm === undefined ? "arm" : "block"}; only logs of run-benchmark with blocks can be merged`;
  }
  if (run.arm === "base" && context.subjects.base === undefined)
    return "is of the base, which the context does not have";
  // A workspace that was merged before holds the runs of several shards.
  if (context.shards !== undefined || run.shard === undefined || run.shard.index === context.shard.index)
    return undefined;
  return `is of shard ${run.shard.index}, the context says ${context.shard.index}`;
}

/** The values that the runs of a context may have. */
interface Known {
  readonly context: RunContext;
  /** By the index of the shard. */
  readonly machineIds: ReadonlyMap<number, string>;
  readonly cells: ReadonlySet<string> | undefined;
}

function knownOf(context: RunContext): Known {
  const { shards = [{ ...context.shard, machine: context.machine }], cells } = context;
  const machineIds = new Map(shards.map(({ index, machine }) => [index, machine.id]));
  return { context, machineIds, cells: cells && new Set(cells) };
}

/** The fields in which a run contradicts its own context; fields that it leaves out are accepted. */
function objectToOrigin(run: RawRun, { context, machineIds, cells }: Known): string | undefined {
  const { dataset, subjects, shard } = context;
  const machineId = machineIds.get(shardIndexOf(run, shard.index));
  if (machineId === undefined) return `is of shard ${run.shard?.index}, which the context does not have`;
  // Both arms of a control are the base.
  const subject = run.arm === "head" && run.control === undefined ? subjects.head : subjects.base;
  const facts = [
    ["dataset", run.datasetSha256, dataset.sha256],
    ["machine", run.machineId, machineId],
    ["subject", run.subjectId, subject?.id],
  ] as const;
  for (const [what, said, expected] of facts) {
    if (said !== undefined && said !== expected) return `is of the ${what} ${said}, the context says ${expected}`;
  }
  if (run.control === undefined && cells?.has(pipelineCellName(run)) === false)
    return `is of ${pipelineCellName(run)}, which is none of the cells of the context`;
  return run.valid === true && run.wallMs === 0 ? "took 0 ms, which is impossible" : undefined;
}

/** Every shard has controls of its own; any other cell has one home. */
function objectToHome(run: RawRun, { path, context }: ShardLog, homes: Map<string, Home>): string | undefined {
  const cell = cellOfRun(run);
  const shardIndex = shardIndexOf(run, context.shard.index);
  const key = run.control === undefined ? cell : `${shardIndex} ${cell}`;
  const home = homes.get(key);
  if (home === undefined) {
    homes.set(key, { path, shardIndex });
    return undefined;
  }
  if (home.path !== path) return `${cell} was measured in "${home.path}" too; a cell is measured whole in one shard`;
  if (home.shardIndex === shardIndex) return undefined;
  return `${cell} was measured in shard ${shardIndex}, before in ${home.shardIndex}; a cell is measured whole in one`;
}

function blockKey(run: RawRun, { context }: ShardLog): string {
  return `${shardIndexOf(run, context.shard.index)} ${cellOfRun(run)} ${run.block}`;
}

function shardIndexOf(run: RawRun, fallback: number): number {
  return run.shard?.index ?? fallback;
}

function describe(run: RawRun): string {
  return `${cellOfRun(run)}, block ${run.block}, ${run.arm}`;
}
