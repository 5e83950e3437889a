import type { Incomparable, RawRun, RunContext } from "@forgebench/artifacts";
import { metrics } from "@forgebench/series";
import { checkIdentity } from "../verify/check-identity.ts";
import { isImpossible } from "./cell-obstacles.ts";

/** A time service turns a clock by less than this; more, and nobody knows in which order the runs were made. */
const MAX_STEP_BACK_MS = 1000;
/** So lopsided a coin comes up once in a thousand million nights. */
const COIN_DEVIATIONS = 6;

/** What voids all verdicts of a log of runs: they are of something else, or not in the order that the coins drew. */
export function findLogProblems(runs: readonly RawRun[], context: RunContext): Incomparable[] {
  return [
    ...findForeignRuns(runs, context),
    ...findImpossibleValues(runs),
    ...findOrderProblems(runs),
    ...findStepsBack(runs),
  ];
}

function problem(reason: Incomparable["reason"], message: string, remedy: string): Incomparable {
  return { profileId: "", scenario: "", reason, message: `Cannot compare: ${message}`, remedy };
}

function findForeignRuns(runs: readonly RawRun[], context: RunContext): Incomparable[] {
  const differences = checkIdentity(
    runs.map((run, index) => ({ run, line: index + 1 })),
    context,
  );
  const [first] = differences;
  if (first === undefined) return [];
  const what = `${first.field} is ${first.stored} instead of ${first.recomputed}`;
  return [
    problem(
      "foreign-runs",
      `${differences.length} figures of raw-runs.jsonl are not those of its run context: in ${first.about}, ${what}`,
      "compare the runs of one measurement with the context that was written for it; bench:verify names every difference",
    ),
  ];
}

function findImpossibleValues(runs: readonly RawRun[]): Incomparable[] {
  const wrong = runs.flatMap((run, index) =>
    metrics.flatMap(({ id, valueOf: read }) => {
      const value = run.valid === true ? read(run) : null;
      return value !== null && isImpossible(value) ? [`line ${index + 1}: ${value} for ${id}`] : [];
    }),
  );
  if (wrong.length === 0) return [];
  return [problem("impossible-figure", `no run can have these values: ${wrong[0]}`, "check what wrote raw-runs.jsonl")];
}

/** Without the order seed: the runs of a block are neighbours in the log, from both slots, and head is first as often as base. */
function findOrderProblems(runs: readonly RawRun[]): Incomparable[] {
  const seconds = runs.map((run, index) => ({ run, before: runs[index - 1] })).filter(({ run }) => run.position === 1);
  const torn = seconds.filter(({ run, before }) => before === undefined || !isSameBlock(run, before));
  const sameSlot = seconds.filter(({ run, before }) => run.slot !== undefined && run.slot === before?.slot);
  const headFirst = seconds.filter(({ before }) => before?.arm === "head").length;
  const deviations = Math.abs(headFirst - seconds.length / 2) / Math.sqrt(Math.max(1, seconds.length) / 4);
  const remedy = "evidence rests on blocks in random order: measure with bench:run, and compare its log as it wrote it";
  if (torn.length > 0) {
    return [
      problem(
        "order-not-drawn",
        `the runs of ${torn.length} blocks do not stand one after the other in the log`,
        remedy,
      ),
    ];
  }
  if (deviations > COIN_DEVIATIONS) {
    return [
      problem(
        "order-not-drawn",
        `head came first in ${headFirst} of ${seconds.length} blocks, which no fair coin does`,
        remedy,
      ),
    ];
  }
  if (sameSlot.length > 0) {
    return [problem("order-not-drawn", `both runs of ${sameSlot.length} blocks came from one slot`, remedy)];
  }
  return [];
}

function isSameBlock(run: RawRun, before: RawRun): boolean {
  const keys = ["profileId", "scenario", "phase", "control", "block"] as const;
  return before.position === 0 && keys.every((key) => run[key] === before[key]);
}

function findStepsBack(runs: readonly RawRun[]): Incomparable[] {
  const steps = runs.flatMap((run, index) => {
    const before = runs[index - 1];
    if (before === undefined || before.shard?.index !== run.shard?.index) return [];
    const stepBackMs = Date.parse(before.timestamp) - Date.parse(run.timestamp);
    return stepBackMs > MAX_STEP_BACK_MS ? [{ line: index + 1, stepBackMs }] : [];
  });
  const [first] = steps;
  if (first === undefined) return [];
  const what = `the run of line ${first.line} began ${(first.stepBackMs / 1000).toFixed(1)} s before the one that stands before it`;
  return [problem("clock-went-back", what, "check the time service of the machine, and measure again")];
}
