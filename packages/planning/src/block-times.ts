import type { RawRun } from "@forgebench/artifacts";
import { cellOfRun } from "@forgebench/series";

/** The time of one block of an earlier measurement. */
export interface BlockTime {
  /** As {@link cellOfRun} names it. */
  readonly cell: string;
  /** Of a run of each arm; where only one arm was run, twice that. */
  readonly wallMs: number;
  /** The time around those runs until the next block began; null if it is not known. */
  readonly overheadMs: number | null;
  /** Every run valid, with a time above zero. */
  readonly isUsable: boolean;
}

/** Both arms are priced, whatever was run. */
const ARM_COUNT = 2;

/** A gap this long between two blocks is a pause (a measurement that was continued later), not preparation. */
const PAUSE_MS = 30_000;
const PAUSE_PER_WALL = 2;

interface Block {
  readonly cell: string;
  readonly phase: RawRun["phase"];
  readonly runs: RawRun[];
}

/** The blocks of one raw-runs file, its runs in the order in which they were made. */
export function blockTimes(runs: readonly RawRun[]): BlockTime[] {
  const blocks = groupBlocks(runs);
  const filled = new Set<string>();
  const fillsBefore = blocks.map(
    ({ cell, phase }) => phase !== "cold" && !filled.has(cell) && filled.add(cell) !== null,
  );
  return blocks.map((block, index) => {
    const next = fillsBefore[index + 1] === true ? undefined : blocks[index + 1];
    return timeOf(block, next);
  });
}

function groupBlocks(runs: readonly RawRun[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const run of runs) {
    const cell = cellOfRun(run);
    // Merged workspaces have the controls of every shard; logs from before there were blocks count runs alone.
    const key = `${run.shard?.index ?? 1} ${cell} ${run.block ?? `run ${run.run}`}`;
    const block = blocks.get(key) ?? { cell, phase: run.phase, runs: [] };
    blocks.set(key, block);
    block.runs.push(run);
  }
  return [...blocks.values()];
}

function timeOf({ cell, runs }: Block, next: Block | undefined): BlockTime {
  const spentMs = runs.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const scale = ARM_COUNT / runs.length;
  const overheadMs = overheadOf(runs, next?.runs[0], spentMs);
  return {
    cell,
    wallMs: spentMs * scale,
    overheadMs: overheadMs === null ? null : overheadMs * scale,
    isUsable: runs.every(({ valid, wallMs }) => valid !== false && wallMs > 0),
  };
}

function overheadOf(runs: readonly RawRun[], next: RawRun | undefined, spentMs: number): number | null {
  const [first] = runs;
  if (first === undefined || next === undefined || first.shard?.index !== next.shard?.index) return null;
  const overheadMs = Date.parse(next.timestamp) - Date.parse(first.timestamp) - spentMs;
  // A clock that was set back gives no time either.
  return overheadMs < 0 || overheadMs > PAUSE_MS + PAUSE_PER_WALL * spentMs ? null : overheadMs;
}
