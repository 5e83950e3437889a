import type { RunContext, Suite } from "@forgebench/artifacts";
import { type Cell, cellId } from "./cells.ts";

/** They are not judged by evidence: exact, or the same thing as wall. */
const OUTSIDE = new Set(["output_bytes", "throughput"]);
/** What only a meter knows. */
const METERED = new Set(["cpu", "peak_memory"]);

export interface FamilyChoice {
  readonly suite: Suite;
  /** All chosen cells, whatever the shard: the error is shared over the whole. */
  readonly chosenCells: readonly Cell[];
  readonly meter: RunContext["meter"];
}

/** What the error of a night is shared over: the gating walls, and everything else that is noisy. */
export function familyOf({ suite, chosenCells, meter }: FamilyChoice): NonNullable<RunContext["family"]> {
  const gating = new Set(suite.scenarios.filter((scenario) => scenario.gating).map(({ name }) => name));
  const isKnown = (metric: string) =>
    !OUTSIDE.has(metric) &&
    !(METERED.has(metric) && meter === "none") &&
    !(metric === "reported_duration" && suite.subject.report.durationMs === undefined);
  const noisy = [...new Set(suite.metrics)].filter((metric) => metric !== "wall" && isKnown(metric));
  return {
    primary: chosenCells.filter(({ scenario }) => gating.has(scenario)).map((cell) => `${cellId(cell)}/wall`),
    secondary: chosenCells.flatMap((cell) =>
      [...(gating.has(cell.scenario) ? [] : ["wall"]), ...noisy].map((metric) => `${cellId(cell)}/${metric}`),
    ),
  };
}
