import type { RawRun, RunContext } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { blockKey } from "./measure.ts";
import type { PlannedBlock } from "./schedule.ts";

/**
 * The runs of whole blocks, in their order. What a kill left of a block is dropped: completed later, its two halves
 * would not have been back to back.
 */
export function runsOfWholeBlocks(runs: readonly RawRun[], plan: readonly PlannedBlock[]): RawRun[] {
  const planned = new Map(plan.map(({ cell, block, runs: own }) => [blockKey(cell, block), own.length]));
  const found = new Map<string, number>();
  for (const run of runs) {
    const key = blockKey(run, run.block ?? 0);
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return runs.filter((run) => {
    const key = blockKey(run, run.block ?? 0);
    return planned.has(key) && planned.get(key) === found.get(key);
  });
}

/** What must be the same for a measurement to be continued, and how a person changes it. */
const SAME: readonly (readonly [name: string, of: (context: RunContext) => unknown])[] = [
  ["the suite", ({ suite }) => suite.sha256],
  ["the dataset", ({ dataset }) => dataset.sha256],
  ["the machine", ({ machine }) => machine.id],
  ["the build of --cli-path", ({ subjects }) => subjects.head.id],
  ["the build of --base-cli-path", ({ subjects }) => subjects.base?.id ?? "none"],
  ["--run-count", ({ runCount }) => runCount],
  ["the cells (--profiles, --scenarios, --cell)", ({ cells, profiles, scenarios }) => cells ?? [profiles, scenarios]],
  ["--seed", ({ orderSeed }) => orderSeed],
  ["the way the builds are placed", ({ slots }) => slots?.mode],
  ["the way CPU time and memory are found out", ({ meter }) => meter],
  ["--timeout-seconds", ({ timeoutMs }) => (timeoutMs === undefined ? undefined : timeoutMs / 1000)],
];

/**
 * Makes sure that runs made now can be put beside those made before.
 * @throws {UsageError} naming what differs, with both values.
 */
export function assertSameContext(earlier: RunContext, now: RunContext): void {
  for (const [name, of] of SAME) {
    const [was, is] = [JSON.stringify(of(earlier)), JSON.stringify(of(now))];
    if (was === is) continue;
    throw new UsageError(`Cannot resume: ${name} was ${was} and is now ${is}`, [
      { label: "try", text: "the same flags as before, or start anew without --resume" },
    ]);
  }
}
