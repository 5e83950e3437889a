import type { RawRun } from "@forgebench/artifacts";
import { cellOfRun } from "@forgebench/series";
import type { EvidenceDifference } from "./difference.ts";

export const RAW_RUNS = "raw-runs.jsonl";

/** A run and the line of `raw-runs.jsonl` that it stands in, counted from 1. */
export interface LoggedRun {
  readonly run: RawRun;
  readonly line: number;
}

/** How a difference names a run. */
export function placeOf({ run, line }: LoggedRun): Pick<EvidenceDifference, "member" | "about"> {
  const { block = "?", arm = "?" } = run;
  return { member: RAW_RUNS, about: `line ${line} (${cellOfRun(run)}, block ${block}, ${arm})` };
}

/** The runs by the shard that made them, in their order; those that do not say it are of the given one. */
export function byShard(runs: readonly RawRun[], shardIndex: number): Map<number, LoggedRun[]> {
  return groupBy(
    runs.map((run, index) => ({ run, line: index + 1 })),
    ({ run }) => run.shard?.index ?? shardIndex,
  );
}

/** The items by the key that each has, in the order of their first ones. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
