import type { RawRun, RunContext } from "@forgebench/artifacts";
import { groupBy, printableLine } from "@forgebench/errors";
import { type Cell, cellId, pairId } from "./cells.ts";
import { announceDataset } from "./dataset-origin.ts";
import type { MeasurementPlan } from "./make-schedule.ts";
import type { Sampling } from "./sampling.ts";
import type { ScheduleProgress } from "./schedule.ts";

/** The measurement that begins, in lines for a person. */
export function announce(context: RunContext, plan: MeasurementPlan): string[] {
  const { slots, design, profiles, scenarios, shard, controls } = context;
  const isInPlace = slots?.reason !== undefined;
  const against = design === "blocked" ? ", head against base" : "";
  const what = `${profiles.join(",")} × ${count(scenarios.length, "scenario")}${against}, ${amountOf(plan)}`;
  return [
    ...announceDataset(context),
    ...(isInPlace ? [`warning: the builds are run where they are, not from equal copies: ${slots.reason}`] : []),
    ...(controls !== undefined && "unplantedBecause" in controls ? [`note: ${controls.unplantedBecause}`] : []),
    `measure    ${what}${shard.count === 1 ? "" : `, shard ${shard.index} of ${shard.count}`}`,
  ];
}

/** The parts of a fixed number of runs, in lines for a person: `--run-count` does not say how many are cold. */
export function announceFixed(sampling: Sampling, chosenCells: readonly Cell[]): string[] {
  if (sampling.mode === "evidence") return [];
  const { runCount, coldRuns = 1 } = sampling;
  const pairs = [...groupBy(chosenCells, pairId)].map(([id, cells]) => ({
    id,
    phases: cells.map(({ phase }) => phase),
  }));
  const isMixed = pairs.some(({ phases }) => phases.includes("cold") && phases.includes("warm"));
  const onlyCold = pairs.filter(({ phases }) => phases.every((phase) => phase === "cold")).map(({ id }) => id);
  const remedy = coldRuns === 1 ? "; --cold-runs N makes more cold ones" : "";
  const shown =
    onlyCold.length > 3 ? `${onlyCold.slice(0, 3).join(", ")} and ${onlyCold.length - 3} more` : onlyCold.join(", ");
  const what = `${count(coldRuns, "run")} of each arm, whatever --run-count says`;
  return [
    ...(isMixed ? [`note: each arm of a pair gets ${coldRuns} cold and ${runCount - 1} warm runs${remedy}`] : []),
    ...(onlyCold.length > 0 && coldRuns < runCount
      ? [
          `note: ${shown} ${onlyCold.length === 1 ? "is" : "are"} only cold: ${what}; --cold-runs ${runCount} makes ${runCount}`,
        ]
      : []),
  ];
}

function amountOf({ sampling, arms, cellPlans }: MeasurementPlan): string {
  if (sampling.mode === "fixed") {
    return count(arms.length * cellPlans.reduce((sum, { blockCount }) => sum + blockCount, 0), "run");
  }
  const controlCount = cellPlans.filter(({ cell }) => cell.control !== undefined).length;
  const controls = controlCount === 0 ? "" : `, ${count(controlCount, "control")}`;
  const { minBlocks, maxBlocks } = sampling;
  return `${minBlocks === maxBlocks ? "" : `${minBlocks}–`}${maxBlocks} blocks a cell${controls}`;
}

/** Shorter waits are not mentioned. */
const WORTH_SAYING_MS = 500;

/** The most cells that a message names. */
const SHOWN_CELLS = 24;

/** Notes for a person about a measurement that has ended: a line each. */
export function describeEnd(cutCells: readonly string[], runs: readonly RawRun[]): string[] {
  const shown = cutCells.slice(0, SHOWN_CELLS).join(", ");
  const more = cutCells.length > SHOWN_CELLS ? `, and ${cutCells.length - SHOWN_CELLS} more` : "";
  const badControls = runs.filter(({ control, valid }) => control !== undefined && valid !== true);
  const reason = printableLine(badControls[0]?.failures?.[0] ?? "", 200);
  const waitedMs = runs.reduce((sum, run) => sum + (run.waitedMs ?? 0), 0);
  return [
    ...(waitedMs < WORTH_SAYING_MS
      ? []
      : [`note: ${(waitedMs / 1000).toFixed(1)} s were spent waiting while other programs used the machine`]),
    ...(cutCells.length === 0
      ? []
      : [`note: the time is over, ${count(cutCells.length, "cell")} cut short: ${shown}${more}; --resume continues`]),
    ...(badControls.length === 0
      ? []
      : [
          `warning: ${count(badControls.length, "run")} of controls ${badControls.length === 1 ? "is" : "are"} not valid; the first: ${reason}`,
        ]),
    ...describeMissingValues(runs),
  ];
}

/** The metrics of the suite's own that valid runs have no value of: a line each. */
function describeMissingValues(runs: readonly RawRun[]): string[] {
  const missing = runs.flatMap((run) =>
    run.valid === true ? Object.entries(run.metricProblems ?? {}).map(([id, problem]) => ({ id, problem, run })) : [],
  );
  return [...groupBy(missing, ({ id }) => id)].map(([id, [first, ...others]]) => {
    const where = first === undefined ? "" : `${cellId(first.run)}, run ${first.run.run}`;
    const counted = `${count(others.length + 1, "valid run")} ${others.length === 0 ? "has" : "have"} no ${id}`;
    return `note: ${counted}; the first, ${where}: ${printableLine(first?.problem ?? "", 200)}`;
  });
}

/** The part of an interrupted measurement that is kept. */
export function describeKept({ note, total }: ScheduleProgress, keptCount: number): string {
  return note === "" ? `${keptCount} of ${count(total, "run")}` : `${count(keptCount, "run")}, ${note}`;
}

/** `1 run`, `2 runs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
