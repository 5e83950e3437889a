import type { RawRun } from "@forgebench/artifacts";

/** One run of each arm, back to back. */
export interface Block {
  readonly base: RawRun;
  readonly head: RawRun;
}

/** The runs of one cell, put in order. */
export interface CellBlocks {
  /** Whole blocks, in the order in which they were run. */
  readonly blocks: readonly Block[];
  /** The runs of blocks that lack an arm: what a kill left. */
  readonly partialRuns: readonly RawRun[];
}

/** The id of the cell of a run: `PROFILE/SCENARIO/PHASE`, of a control `control/null` and so on. */
export function cellIdOf({ control, profileId, scenario, phase }: RawRun): string {
  return control === undefined ? `${profileId}/${scenario}/${phase}` : `control/${control}`;
}

/** Runs by cell, in order of first appearance; controls of other shards are other cells: `control/null@2`. */
export function groupByCell(runs: readonly RawRun[]): Map<string, RawRun[]> {
  const groups = new Map<string, RawRun[]>();
  for (const run of runs) {
    const shard = run.shard?.index ?? 1;
    const id = run.control !== undefined && shard > 1 ? `${cellIdOf(run)}@${shard}` : cellIdOf(run);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [run]);
    else group.push(run);
  }
  return groups;
}

/** The blocks of one cell; two runs of one arm in one block are not a block. */
export function blocksOf(runs: readonly RawRun[]): CellBlocks {
  const byBlock = new Map<number, RawRun[]>();
  for (const run of runs) {
    const group = byBlock.get(run.block ?? 0);
    if (group === undefined) byBlock.set(run.block ?? 0, [run]);
    else group.push(run);
  }
  const blocks: Block[] = [];
  const partialRuns: RawRun[] = [];
  for (const [, group] of [...byBlock].sort(([a], [b]) => a - b)) {
    const base = group.find(({ arm }) => arm === "base");
    const head = group.find(({ arm }) => arm === "head");
    if (base === undefined || head === undefined || group.length !== 2) partialRuns.push(...group);
    else blocks.push({ base, head });
  }
  return { blocks, partialRuns };
}
