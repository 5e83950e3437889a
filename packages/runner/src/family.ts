import type { RunContext, Suite } from "@forgebench/artifacts";
import { type Cell, cellId } from "./cells.ts";

/** They are compared exactly: no error is shared out for them. */
const EXACT: readonly string[] = ["output_bytes"];
/** The same thing as wall. */
const DERIVED: readonly string[] = ["throughput"];
/** What only a meter knows. */
const METERED: readonly string[] = ["cpu", "peak_memory"];

export interface FamilyChoice {
  readonly suite: Suite;
  /** All chosen cells, whatever the shard: the error is shared over the whole. */
  readonly chosenCells: readonly Cell[];
  readonly meter: RunContext["meter"];
}

/**
 * What the error of a night is shared over: the gating walls, and everything else that is noisy. With it stands what the
 * suite says about deciding, so that a verdict can be computed again without the suite.
 */
export function familyOf({ suite, chosenCells, meter }: FamilyChoice): NonNullable<RunContext["family"]> {
  const gating = new Set(suite.scenarios.filter((scenario) => scenario.gating).map(({ name }) => name));
  const isUnknown = (metric: string) =>
    (meter === "none" && METERED.includes(metric)) ||
    (metric === "reported_duration" && suite.subject.report?.durationMs === undefined);
  const metrics = [...new Set(suite.metrics)].filter((metric) => metric !== "wall" && !isUnknown(metric));
  const noisy = metrics.filter((metric) => !EXACT.includes(metric) && !DERIVED.includes(metric));
  return {
    primary: chosenCells.filter(({ scenario }) => gating.has(scenario)).map((cell) => `${cellId(cell)}/wall`),
    secondary: chosenCells.flatMap((cell) =>
      [...(gating.has(cell.scenario) ? [] : ["wall"]), ...noisy].map((metric) => `${cellId(cell)}/${metric}`),
    ),
    exactMetrics: metrics.filter((metric) => EXACT.includes(metric)),
    gateChanged: suite.gateChanged,
    margins: suite.margins,
  };
}
