import type { RunContext, Suite } from "@forgebench/artifacts";
import { findMetric, PRIMARY_METRIC, REPORTED_DURATION, seriesName } from "@forgebench/series";
import { type Cell, cellId } from "./cells.ts";
import { declaredMetricsOf } from "./own-metrics.ts";

interface FamilyChoice {
  readonly suite: Suite;
  /** All chosen cells, whatever the shard: the error is shared over the whole. */
  readonly chosenCells: readonly Cell[];
  readonly meter: RunContext["meter"];
}

/**
 * The family that shares the error of a night: the gating walls, and everything else that is noisy. It includes the
 * suite's rules for deciding, so that a verdict can be computed again without the suite.
 */
export function familyOf({ suite, chosenCells, meter }: FamilyChoice): NonNullable<RunContext["family"]> {
  const gating = new Set(suite.scenarios.filter((scenario) => scenario.gating).map(({ name }) => name));
  const declared = declaredMetricsOf(suite);
  const isUnknown = (id: string) =>
    // What only a meter knows, and what only the subject says.
    (meter === "none" && findMetric(id)?.readBy === "meter") ||
    (id === REPORTED_DURATION && suite.subject.report?.durationMs === undefined);
  const metrics = [...new Set(suite.metrics)].filter((id) => id !== PRIMARY_METRIC && !isUnknown(id));
  const ofNoise = (noise: string) => metrics.filter((id) => (findMetric(id, declared)?.noise ?? "noisy") === noise);
  const noisy = ofNoise("noisy");
  const primaryOf = (cell: Cell) => seriesName(cellId(cell), PRIMARY_METRIC);
  return {
    primary: chosenCells.filter(({ scenario }) => gating.has(scenario)).map(primaryOf),
    secondary: chosenCells.flatMap((cell) => [
      ...(gating.has(cell.scenario) ? [] : [primaryOf(cell)]),
      ...noisy.map((metric) => seriesName(cellId(cell), metric)),
    ]),
    exactMetrics: ofNoise("exact"),
    gateChanged: suite.gateChanged,
    margins: suite.margins,
  };
}
