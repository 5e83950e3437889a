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
  predecessors?: ReadonlyMap<RawRun, RawRun>,
): ControlsResult {
  const { controls, sampling } = context;
  const judged = [...groups].flatMap(([id, runs]) => judgeControl(id, runs, context, rules, predecessors) ?? []);
  if (controls === undefined || "absentBecause" in controls) {
    const because = controls === undefined ? "the measurement does not say" : controls.absentBecause;
    const isDisowned = judged.length > 0 || (controls === undefined && sampling?.mode === "evidence");
    if (isDisowned)
      return { status: "missed", reason: `the run context disowns its controls (${because})`, controls: judged };
    return { status: "absent", reason: `no controls were run: ${because}`, controls: [] };
  }
  const unplanted = "plantedBy" in controls ? undefined : String(controls.unplantedBecause);
  if (unplanted !== undefined && judged.some(({ plantedPct }) => plantedPct !== 0))
    return {
      status: "missed",
      reason: `the run context disowns its planted slowdowns (${unplanted})`,
      controls: judged,
    };
  const missing = expectedIds(context, unplanted === undefined).filter((id) => !judged.some((own) => own.id === id));
  return { ...statusOf(judged, missing, unplanted), controls: judged };
}

/** Every shard has all controls: each checks another machine, or another hour of it. Where nothing can be planted, the null. */
function expectedIds({ shard, shards }: Pick<RunContext, "shard" | "shards">, isPlanted: boolean): string[] {
  const ids = Object.entries(controlFactors).flatMap(([id, factor]) => (isPlanted || factor === 0 ? [id] : []));
  return (shards ?? [shard]).flatMap(({ index }) =>
    ids.map((id) => (index > 1 ? `control/${id}@${index}` : `control/${id}`)),
  );
}

function judgeControl(
  id: string,
  runs: readonly RawRun[],
  context: Pick<RunContext, "machine" | "sampling">,
  rules: Readonly<Record<RuleName, CellRule>>,
  predecessors: ReadonlyMap<RawRun, RawRun> | undefined,
): JudgedControl | undefined {
  const control = runs[0]?.control;
  const metric = findMetric("wall");
  if (control === undefined || metric === undefined) return undefined;
  const cell = judgeCell({
    ...{ id, runs, metric, family: "control", gating: false },
    rule: control === "null" ? rules.null : rules.planted,
    maxBlocks: context.sampling?.maxBlocks ?? 0,
    cpuCount: context.machine.cpuCount,
    predecessors,
  });
  const achieved = achievedPct(runs);
  const plantedPct = 100 * controlFactors[control];
  return {
    id,
    plantedPct,
    achievedPct: achieved,
    passed: objectionTo({ plantedPct, achievedPct: achieved, cell }) === undefined,
    // A slowdown that was put there is found, not alarming.
    cell: { ...cell, isAlert: false, severity: null },
  };
}

/** Fewer blocks could not have shown a difference, whatever they held: 2¹⁰ > 1,000. */
const MIN_NULL_BLOCKS = 10;
/** What was planted in truth may differ so much from what was meant, by factor: finding something larger proves little. */
const MAX_PLANTED_FACTOR = 1.6;

/** Why a control does not vouch for the night; undefined when it does. */
function objectionTo({
  plantedPct,
  achievedPct,
  cell,
}: Pick<JudgedControl, "plantedPct" | "achievedPct" | "cell">): string | undefined {
  if (plantedPct === 0) {
    if (!isQuiet(cell)) return "shows a difference";
    return cell.blockCount < MIN_NULL_BLOCKS
      ? `has only ${cell.blockCount} ${cell.blockCount === 1 ? "block" : "blocks"}`
      : undefined;
  }
  if (cell.verdict !== "regressed") return "was not found";
  // Without the subject's own account, the least that the interval allows speaks for it.
  const factor = (achievedPct ?? Math.max(plantedPct, cell.interval?.lowPct ?? 0)) / plantedPct;
  if (factor <= MAX_PLANTED_FACTOR && factor >= 1 / MAX_PLANTED_FACTOR) return undefined;
  return `slowed by ${(factor * plantedPct).toFixed(1)} % instead of ${plantedPct} %`;
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
  unplanted: string | undefined,
): Pick<ControlsResult, "status" | "reason"> {
  const red = judged.filter(({ id, cell }) => isNull(id) && !isQuiet(cell));
  if (red.length > 0) {
    return { status: "red", reason: `${red.map(describeRed).join("; ")}: the measurement itself is not to be trusted` };
  }
  const objections = [
    ...judged.flatMap((control) => {
      const objection = objectionTo(control);
      return objection === undefined ? [] : [`${control.id} ${objection}`];
    }),
    ...missing.map((id) => `${id} has no runs`),
  ];
  if (objections.length > 0) {
    return {
      status: "missed",
      reason: `${objections.join(", ")}: a real slowdown of that size might have been missed too`,
    };
  }
  if (unplanted !== undefined) return { status: "passed", reason: `the null was quiet; ${unplanted}` };
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
