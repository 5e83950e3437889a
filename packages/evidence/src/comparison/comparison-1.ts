import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { compareByThreshold, type ThresholdComparisonRequest } from "./compare-by-threshold.ts";
import { alertsOf, groupByPair } from "./pair-export.ts";

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
  const byPair = groupByPair(cells);
  return {
    ...made,
    version: "1.0",
    pairs: pairs.map((pair) => ({ ...pair, alerts: alertsOf(byPair.get(pairName(pair)) ?? [], evidence) })),
    cells: cells.map(asCell1),
    controls: { ...controls, controls: controls.controls.map(asControl1) },
  };
}

function asControl1(control: ControlsResult["controls"][number]): ControlsResult["controls"][number] {
  return { ...control, cell: asCell1(control.cell) };
}

function asCell1({ benchmark: _b, params: _p, kind: _k, way: _w, ...cell }: ComparedCell): ComparedCell {
  return {
    ...cell,
    phase: cell.phase === "warm" ? "warm" : "cold",
    warnings: cell.warnings.filter(({ code }) => code !== "levels-disagree"),
  };
}
