import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { EXIT } from "@forgebench/io";
import { type Figures, figure, judged as judgedFigure } from "../shared/figures.ts";
import type { Drill } from "./drill-list.ts";
import { shownInterval, shownPct } from "./shown-change.ts";

/** How well what was planted is known: by the subject's own account, beside the wall times of its runs. */
const PLANT_TOLERANCE_PCT = 0.5;

/** What came of a drill. */
export interface DrillResult {
  readonly drill: Drill;
  readonly cells: readonly ComparedCell[];
  readonly controls: NonNullable<Comparison["controls"]>["status"];
  /** Of the comparison in strict mode. */
  readonly exitCode: number;
  /** What a subject that works longer has added to its runs, by its own account: the median. Null: it keeps no account. */
  readonly achievedPct: number | null;
  readonly durationMinutes: number;
  /** The mean of the load before and after. */
  readonly load: number;
}

/** What came of a drill, held against what it must be. */
export interface JudgedDrill extends DrillResult {
  /** What is wrong with the verdict; empty when it is one of those that it may be. */
  readonly faults: readonly string[];
  /** Allowed, and yet the change was not found. */
  readonly isMissed: boolean;
}

/** Holds what came of a drill against what it must be. */
export function judgeDrill(result: DrillResult): JudgedDrill {
  const { drill, controls, exitCode } = result;
  const judged = judgedCells(result);
  const faults = judged.flatMap((cell) => faultsOf(cell, result));
  if (judged.length === 0) faults.push(`${drill.metric ?? "every metric"} was not compared`);
  const isGated = exitCode === EXIT.gate;
  if (drill.metric === undefined && isGated) faults.push("the comparison said no to a build that is the same");
  // Controls that are not as they should be make a night invalid first.
  const isFound = judged.some(({ isAlert }) => isAlert);
  if (isFound && controls === "passed" && !isGated) faults.push(`an alert, and exit ${exitCode} instead of 2`);
  const isMissed = faults.length === 0 && judged.some(({ verdict }) => verdict !== drill.wanted);
  return { ...result, faults, isMissed };
}

/** The cells that decide: of the drill's metric, or all of them but what is constant. */
function judgedCells({ drill, cells }: DrillResult): readonly ComparedCell[] {
  return cells.filter(({ metric }) => drill.metric === undefined || metric === drill.metric);
}

function faultsOf({ metric, verdict, interval, reason, detectablePct }: ComparedCell, result: DrillResult): string[] {
  const { allowed } = result.drill;
  const truthPct = result.drill.isTruthAsked === true ? result.achievedPct : null;
  if (!allowed.includes(verdict)) {
    const why = reason === undefined ? "" : ` (${reason})`;
    // Of a noisy machine: more blocks or a quieter one would have found it.
    const isTooNoisy = verdict === "undecided" && detectablePct !== null;
    const limit = isTooNoisy ? `; only ${detectablePct.toFixed(1)} % could be found with this noise` : "";
    return [`${metric} is ${verdict}${why}, must be ${allowed.join(" or ")}${limit}`];
  }
  if (truthPct === null || interval === null) return [];
  const { lowPct, highPct } = interval;
  const isBelow = lowPct !== null && lowPct > truthPct + PLANT_TOLERANCE_PCT;
  const isAbove = highPct !== null && highPct < truthPct - PLANT_TOLERANCE_PCT;
  return isBelow || isAbove ? [`the interval ${shownInterval(interval)} does not contain ${shownPct(truthPct)}`] : [];
}

/** Judged drills as figures: how many are wrong, and the change of each metric. */
export function drillFigures(judged: readonly JudgedDrill[]): Figures {
  const wrong = judged.filter(({ faults }) => faults.length > 0).length;
  const changes = judged.flatMap(({ drill, cells, faults }) =>
    cells.flatMap(({ metric, changePct, interval }) => {
      if (changePct === null) return [];
      const ends = interval === null ? {} : { low: interval.lowPct, high: interval.highPct };
      const goal = { goal: drill.allowed.join(" or "), met: faults.length === 0 };
      const change = { ...figure(`${drill.id}: ${metric}, change`, changePct, "%"), ...ends };
      return [metric === drill.metric ? { ...change, ...goal } : change];
    }),
  );
  return [
    figure("drills", judged.length, "drills"),
    judgedFigure("verdicts that must not be", wrong, "drills", "0", wrong === 0),
    figure("changes not found", judged.filter(({ isMissed }) => isMissed).length, "drills"),
    ...changes,
  ];
}
