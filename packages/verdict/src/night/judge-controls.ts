import {
  type ControlFacts,
  type ControlId,
  type ControlsResult,
  controlFactors,
  type RunContext,
} from "@forgebench/artifacts";
import { controlName, findMetric, PRIMARY_METRIC, readControlName, type SeriesPair } from "@forgebench/series";
import { median } from "@forgebench/stats";
import type { CellSeries } from "../cells/blocks-needed.ts";
import { type JudgedCell, judgeCell } from "../cells/judge-cell.ts";
import type { CellRule, RuleName } from "../rules.ts";

/** A control and its result. */
type JudgedControl = ControlFacts & { readonly cell: JudgedCell };

/** How a night checked itself, without the names that a pipeline adds when it records it. */
export type JudgedControls = Pick<ControlsResult, "status" | "reason"> & {
  readonly controls: readonly JudgedControl[];
};

/** Judges the cells by which a night checks itself; `cells` holds their series by name, `control/ID` or `control/ID@SHARD`. */
export function judgeControls(
  cells: ReadonlyMap<string, CellSeries>,
  context: Pick<RunContext, "controls" | "machine" | "sampling" | "shard" | "shards">,
  rules: Readonly<Record<RuleName, CellRule>>,
): JudgedControls {
  const { controls, sampling } = context;
  const judged = [...cells.values()].flatMap((cell) => judgeControl(cell, context, rules) ?? []);
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
  return (shards ?? [shard]).flatMap(({ index }) => ids.map((id) => controlName(id, index)));
}

function judgeControl(
  { name: id, pairOf }: CellSeries,
  context: Pick<RunContext, "machine" | "sampling">,
  rules: Readonly<Record<RuleName, CellRule>>,
): JudgedControl | undefined {
  const control = controlOf(id);
  const metric = findMetric(PRIMARY_METRIC);
  if (control === undefined || metric === undefined) return undefined;
  const pair = pairOf(metric);
  const cell = judgeCell({
    id,
    pair,
    metric,
    family: "control",
    gating: false,
    rule: control === "null" ? rules.null : rules.planted,
    maxBlocks: context.sampling?.maxBlocks ?? 0,
    cpuCount: context.machine.cpuCount,
  });
  const achieved = achievedPct(pair);
  const plantedPct = 100 * controlFactors[control];
  return {
    id,
    plantedPct,
    achievedPct: achieved,
    passed: objectionTo({ plantedPct, achievedPct: achieved, cell }) === undefined,
    // A planted slowdown that is found is no alert.
    cell: { ...cell, isAlert: false, severity: null },
  };
}

function controlOf(name: string): ControlId | undefined {
  const control = readControlName(name);
  return (Object.keys(controlFactors) as ControlId[]).find((id) => id === control);
}

/** Fewer blocks could not have shown a difference, whatever they held: 2¹⁰ > 1,000. */
const MIN_NULL_BLOCKS = 10;
/** The allowed factor between the real and the planned slowdown: finding a much larger one proves little. */
const MAX_PLANTED_FACTOR = 1.6;

/** Why a control did not pass; undefined if it did. */
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

function isQuiet({ verdict }: Pick<JudgedCell, "verdict">): boolean {
  return verdict === "same" || verdict === "undecided";
}

/** The time that the head runs burned, relative to the rest of each run. */
function achievedPct({ head }: SeriesPair): number | null {
  const shares = (head?.samples ?? []).flatMap(({ status, run }) => {
    const { plantedMs, durationMs = 0 } = run ?? {};
    if (status !== "valid" || typeof plantedMs !== "number" || durationMs <= plantedMs) return [];
    return [(100 * plantedMs) / (durationMs - plantedMs)];
  });
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

function isNull(name: string): boolean {
  return controlOf(name) === "null";
}

function describeRed({ id, cell }: JudgedControl): string {
  return cell.verdict === "incomparable"
    ? `${id} could not be judged (${cell.reason ?? ""})`
    : `${id} shows ${cell.changePct?.toFixed(1)} % between two copies of one build`;
}
