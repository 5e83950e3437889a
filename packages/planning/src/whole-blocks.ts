import { type RawRun, rawRun } from "@forgebench/artifacts";
import { cellOfRun } from "./cell-names.ts";
import { mergeError, type NamedContext } from "./shard-agreement.ts";

/** A run as it is read, and the line that it stands in. */
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
  readonly machineId: string | undefined;
}

/**
 * The runs of whole blocks of each log, in the order in which they were made, each saying its shard.
 * @throws {ArtifactError} for a run without block or arm, a run that is there twice, a run of another shard than its
 *   file, and a cell that was measured in two places.
 */
export function wholeBlocks(shards: readonly ShardLog[]): LoggedRun[][] {
  const homes = new Map<string, Home>();
  return shards.map((shard) => {
    const blocks = new Map<string, LoggedRun[]>();
    for (const [index, logged] of shard.logged.entries()) {
      const objection = objectToRun(logged.run, shard) ?? objectToHome(logged.run, shard, homes);
      if (objection !== undefined) throw lineError(shard, index, objection);
      const key = blockKey(logged.run, shard);
      const own = blocks.get(key) ?? [];
      if (own.some(({ run }) => run.arm === logged.run.arm)) {
        throw lineError(shard, index, `${describe(logged.run)} is there twice`);
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

/** Every shard has controls of its own; any other cell has one home. */
function objectToHome(run: RawRun, { path, context }: ShardLog, homes: Map<string, Home>): string | undefined {
  const cell = cellOfRun(run);
  const key = run.control === undefined ? cell : `${shardIndexOf(run, context.shard.index)} ${cell}`;
  const home = homes.get(key);
  const machineId = run.machineId ?? (context.shards === undefined ? context.machine.id : undefined);
  if (home === undefined) {
    homes.set(key, { path, machineId });
    return undefined;
  }
  if (home.path !== path) return `${cell} was measured in "${home.path}" too; a cell is measured whole in one shard`;
  if (home.machineId === machineId) return undefined;
  return `${cell} was measured on machine ${machineId}, before on ${home.machineId}; a cell is measured whole on one`;
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
