import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { pairName } from "@forgebench/series";
import { evidenceOutcome } from "@forgebench/verdict";
import { compareByThreshold, type ThresholdComparisonRequest } from "./compare-by-threshold.ts";
import { alertsOf } from "./pair-export.ts";

/**
 * A comparison as version 1.0 wrote it, to the byte. Frozen: bundles of that time are verified against it, and it changes
 * only when a later version would write other values where 1.0 wrote these.
 *
 * 1.0 had the change of the summaries' levels in `pairs`, whatever the outcome, and less to say of each cell.
 */
export function asComparison1(made: Comparison, request: ThresholdComparisonRequest): Comparison {
  const { evidence, cells, controls } = made;
  const { pairs } = compareByThreshold(request);
  if (evidence === undefined || cells === undefined || controls === undefined)
    return { ...made, version: "1.0", pairs };
  const byPair = groupBy(cells, pairName);
  const cells1 = cells.map(asCell1);
  return {
    ...made,
    version: "1.0",
    // An exact metric that could not be judged made no night of 1.0 invalid.
    outcome: (made.incomparable ?? []).length > 0 ? "invalid" : evidenceOutcome(cells1, controls),
    pairs: pairs.map((pair) => ({ ...pair, alerts: alertsOf(byPair.get(pairName(pair)) ?? [], evidence) })),
    cells: cells1,
    controls: { ...controls, controls: controls.controls.map(asControl1) },
  };
}

function asControl1(control: ControlsResult["controls"][number]): ControlsResult["controls"][number] {
  return { ...control, cell: asCell1(control.cell) };
}

function asCell1({ benchmark: _b, params: _p, kind: _k, way: _w, ...cell }: ComparedCell): ComparedCell {
  return {
    ...cell,
    gating: cell.gating && cell.family !== "exact",
    phase: cell.phase === "warm" ? "warm" : "cold",
    warnings: cell.warnings.filter(({ code }) => code !== "levels-disagree"),
  };
}
