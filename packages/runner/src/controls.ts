import path from "node:path";
import { type ControlId, controlFactors, type RunContext, type Suite } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { type Cell, cellId } from "./cells.ts";
import type { PlantedBy } from "./plant.ts";
import type { Sampling } from "./sampling.ts";

/** What the controls run and who slows them, or why there are none. */
export type ControlPlan =
  | { readonly cell: Cell; readonly plantedBy: PlantedBy }
  | { readonly cell?: never; readonly plantedBy?: never; readonly absentBecause: string };

export interface ControlChoice {
  readonly suite: Suite;
  readonly suitePath: string;
  /** All chosen cells, in the order of the suite, whatever the shard. */
  readonly chosenCells: readonly Cell[];
  readonly sampling: Sampling;
  readonly areWanted: boolean;
}

/** Whether and on what a night checks itself. @throws {ArtifactError} for a `plantCommand` that cannot plant anything. */
export function planControls({ suite, suitePath, chosenCells, sampling, areWanted }: ControlChoice): ControlPlan {
  if (suite.plantCommand !== undefined) assertPlants(suite.plantCommand, suitePath);
  if (sampling.mode === "fixed") return { absentBecause: "the number of runs was fixed" };
  if (!areWanted) return { absentBecause: "--no-controls was given" };
  const cell = cheapestCell(suite, chosenCells);
  if (cell === undefined) return { absentBecause: "there is no cell to run them on" };
  const isNode = path.basename(suite.subject.argv[0] ?? "") === "node";
  if (isNode) return { cell, plantedBy: "node-preload" };
  if (suite.plantCommand !== undefined) return { cell, plantedBy: "plant-command" };
  return { absentBecause: "the subject is not a Node program and its suite has no plantCommand" };
}

/** A warm run on one small file, of the first chosen profile; else the first chosen cell. */
function cheapestCell(suite: Suite, chosenCells: readonly Cell[]): Cell | undefined {
  const [first] = chosenCells;
  const small = suite.scenarios.find(({ files, phases }) => files === "small" && phases.includes("warm"));
  if (first === undefined || small === undefined) return first;
  return { profileId: first.profileId, scenario: small.name, phase: "warm" };
}

function assertPlants(plantCommand: readonly string[], suitePath: string): void {
  const hasCommand = plantCommand.includes("{command}");
  if (hasCommand && plantCommand.some((argument) => argument.includes("{factor}"))) return;
  const missing = hasCommand ? "no {factor}" : 'no argument that is exactly "{command}"';
  const message = `${JSON.stringify(plantCommand)} has ${missing}; for example [slow-by, "{factor}", "{command}"]`;
  throw new ArtifactError({ path: suitePath, kind: "suite", issues: [{ path: "plantCommand", message }] });
}

/** The three control cells, or none. */
export function controlCells({ cell }: ControlPlan): Cell[] {
  if (cell === undefined) return [];
  return (Object.keys(controlFactors) as ControlId[]).map((control) => ({ ...cell, control }));
}

/** The plan as the context records it. */
export function describeControls(plan: ControlPlan): NonNullable<RunContext["controls"]> {
  if (plan.cell === undefined) return { absentBecause: plan.absentBecause };
  return { cell: cellId(plan.cell), plantedBy: plan.plantedBy };
}
