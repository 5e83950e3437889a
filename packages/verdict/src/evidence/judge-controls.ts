import {
  type ComparedCell,
  type ControlId,
  type ControlsResult,
  controlFactors,
  type RawRun,
  type RunContext,
} from "@forgebench/artifacts";
import { findMetric } from "@forgebench/series";
import { median } from "@forgebench/stats";
import { judgeCell } from "./judge-cell.ts";
import type { CellRule, RuleName } from "./rules.ts";

type JudgedControl = ControlsResult["controls"][number];

/** Judges the cells by which a night checks itself; `groups` holds their runs by `control/ID`, or `control/ID@SHARD`. */
export function judgeControls(
  groups: ReadonlyMap<string, readonly RawRun[]>,
  context: Pick<RunContext, "controls" | "machine" | "sampling" | "shard" | "shards">,
  rules: Readonly<Record<RuleName, CellRule>>,
): ControlsResult {
  const { controls } = context;
  if (controls === undefined || "absentBecause" in controls) {
    const because = controls === undefined ? "the measurement does not say" : controls.absentBecause;
    return { status: "absent", reason: `no controls were run: ${because}`, controls: [] };
  }
  const judged = [...groups].flatMap(([id, runs]) => judgeControl(id, runs, context, rules) ?? []);
  const missing = expectedIds(context).filter((id) => !judged.some((control) => control.id === id));
  return { ...statusOf(judged, missing), controls: judged };
}

/** Every shard has all controls: each checks another machine, or another hour of it. */
function expectedIds({ shard, shards }: Pick<RunContext, "shard" | "shards">): string[] {
  return (shards ?? [shard]).flatMap(({ index }) =>
    Object.keys(controlFactors).map((id) => (index > 1 ? `control/${id}@${index}` : `control/${id}`)),
  );
}

function judgeControl(
  id: string,
  runs: readonly RawRun[],
  context: Pick<RunContext, "machine" | "sampling">,
  rules: Readonly<Record<RuleName, CellRule>>,
): JudgedControl | undefined {
  const control = runs[0]?.control;
  const metric = findMetric("wall");
  if (control === undefined || metric === undefined) return undefined;
  const cell = judgeCell({
    ...{ id, runs, metric, family: "control", gating: false },
    rule: control === "null" ? rules.null : rules.planted,
    maxBlocks: context.sampling?.maxBlocks ?? 0,
    cpuCount: context.machine.cpuCount,
  });
  const passed = control === "null" ? isQuiet(cell) : cell.verdict === "regressed";
  return {
    id,
    plantedPct: 100 * controlFactors[control],
    achievedPct: achievedPct(runs),
    passed,
    // A slowdown that was put there is found, not alarming.
    cell: { ...cell, isAlert: false, severity: null },
  };
}

function isQuiet({ verdict }: ComparedCell): boolean {
  return verdict === "same" || verdict === "undecided";
}

/** What the head runs burned, relative to the rest of each run. */
function achievedPct(runs: readonly RawRun[]): number | null {
  const shares = runs.flatMap(({ arm, valid, plantedMs, wallMs }) =>
    arm === "head" && valid === true && typeof plantedMs === "number" && wallMs > plantedMs
      ? [(100 * plantedMs) / (wallMs - plantedMs)]
      : [],
  );
  return shares.length === 0 ? null : Math.round(median(shares) * 1000) / 1000;
}

function statusOf(
  judged: readonly JudgedControl[],
  missing: readonly string[],
): Pick<ControlsResult, "status" | "reason"> {
  const red = judged.filter(({ id, passed }) => isNull(id) && !passed);
  if (red.length > 0) {
    return { status: "red", reason: `${red.map(describeRed).join("; ")}: the measurement itself is not to be trusted` };
  }
  const missed = judged.filter(({ id, passed }) => !isNull(id) && !passed).map(({ id }) => id);
  if (missed.length > 0 || missing.length > 0) {
    const parts = [
      missed.length > 0 ? `${missed.join(" and ")} was not found` : "",
      missing.length > 0 ? `${missing.join(" and ")} has no runs` : "",
    ];
    const what = parts.filter((part) => part !== "").join(", ");
    return { status: "missed", reason: `${what}: a real slowdown of that size might have been missed too` };
  }
  return { status: "passed", reason: "the null showed no difference and every planted slowdown was found" };
}

function isNull(id: string): boolean {
  return id.split("@")[0] === (`control/null` satisfies `control/${ControlId}`);
}

function describeRed({ id, cell }: JudgedControl): string {
  return cell.verdict === "incomparable"
    ? `${id} could not be judged (${cell.reason ?? ""})`
    : `${id} shows ${cell.changePct?.toFixed(1)} % between two copies of one build`;
}
