import type { RawRun } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { cellOfRun } from "@forgebench/series";
import type { EvidenceDifference } from "./difference.ts";

/** The log in a bundle; with the number of a line it is the place of a difference. */
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
