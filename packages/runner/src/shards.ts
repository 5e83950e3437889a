import type { RunContext } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { type Cell, cellId } from "./cells.ts";

/** Which part of the cells this machine measures: `index` from 1 to `count`. */
export type Shard = RunContext["shard"];

/** Reads `2/3`; undefined is the whole. @throws {UsageError} naming the flag and what it allows. */
export function parseShard(text: string | undefined, shardCells: readonly string[] = []): Shard {
  if (text === undefined && shardCells.length > 0) {
    throw new UsageError("--shard-cells: needs --shard, which names the shard of these cells", [
      { label: "try", text: "--shard i/n, or --cell to measure only these cells" },
    ]);
  }
  if (text === undefined) return { index: 1, count: 1 };
  const [, index = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count) return { index, count };
  throw new UsageError(`--shard: ${JSON.stringify(text)} is not a part of a whole`, [
    { label: "expected", text: "i/n with i from 1 to n, for example 2/3" },
  ]);
}

/**
 * The cells of a shard: those that are given, else its part of all. They are dealt forwards and backwards in turn, so that no shard gets
 * all cold ones, or all batches, of a suite.
 * @throws {UsageError} when nothing is left for it, or a given cell is not one of the chosen ones.
 */
export function cellsOfShard(cells: readonly Cell[], shard: Shard, given: readonly string[] = []): Cell[] {
  if (given.length > 0) return namedCells(cells, given);
  const { index, count } = shard;
  const own = cells.filter((_, position) => {
    const place = position % count;
    const isBackwards = Math.floor(position / count) % 2 === 1;
    return (isBackwards ? count - 1 - place : place) === index - 1;
  });
  if (own.length > 0) return own;
  throw new UsageError(`--shard: ${index}/${count} has no cell, there are only ${cells.length}`, [
    { label: "expected", text: `at most ${cells.length} shards of the chosen cells` },
  ]);
}

function namedCells(cells: readonly Cell[], given: readonly string[]): Cell[] {
  const ids = new Set(cells.map(cellId));
  const unknown = given.find((id) => !ids.has(id));
  if (unknown === undefined) return cells.filter((cell) => given.includes(cellId(cell)));
  throw new UsageError(`--shard-cells: ${JSON.stringify(unknown)} is not one of the chosen cells`, [
    { label: "expected", text: `PROFILE/SCENARIO/PHASE, for example ${[...ids][0] ?? ""}` },
  ]);
}
