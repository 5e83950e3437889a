import { type ControlId, controlFactors, plantedByOf, type RunContext, type Suite } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { type Cell, cellId } from "./cells.ts";
import type { PlantedBy } from "./plant.ts";
import type { Sampling } from "./sampling.ts";
import { usesTier } from "./subject-command.ts";

/** The cell of the controls and how they are slowed; or why no slowdown is planted; or why there are no controls. */
export type ControlPlan =
  | { readonly cell: Cell; readonly plantedBy: PlantedBy }
  | { readonly cell: Cell; readonly plantedBy?: never; readonly unplantedBecause: string }
  | { readonly cell?: never; readonly plantedBy?: never; readonly absentBecause: string };

const UNPLANTED =
  "no slowdown could be planted into this subject, which is no Node program: the helper for that needs Linux and /usr/bin/perl; install it, or add plantCommand to the suite";

interface ControlChoice {
  readonly suite: Suite;
  readonly suitePath: string;
  /** All chosen cells, in the order of the suite, whatever the shard. */
  readonly chosenCells: readonly Cell[];
  readonly sampling: Sampling;
  readonly areWanted: boolean;
  /** Whether our helper runs here: it needs what the meter `wait4` needs. */
  readonly hasHelper?: boolean;
}

/** Whether and on what a night checks itself. @throws {ArtifactError} for a `plantCommand` that cannot plant anything. */
export function planControls(choice: ControlChoice): ControlPlan {
  const { suite, suitePath, chosenCells, sampling, areWanted, hasHelper = true } = choice;
  if (suite.plantCommand !== undefined) assertPlants(suite.plantCommand, suitePath);
  if (sampling.mode === "fixed") return { absentBecause: "the number of runs was fixed" };
  if (!areWanted) return { absentBecause: "--no-controls was given" };
  if (suite.controls === "none") return { absentBecause: "the suite asks for none" };
  const cell = cheapestCell(suite, chosenCells);
  if (cell === undefined) return { absentBecause: "there is no cell to run them on" };
  const plantedBy = plantedByOf(suite);
  return plantedBy === "plant-helper" && !hasHelper ? { cell, unplantedBecause: UNPLANTED } : { cell, plantedBy };
}

/** A warm run on one small file, of the first chosen profile; else the first chosen cell, warm if the sizes are not known. */
function cheapestCell(suite: Suite, chosenCells: readonly Cell[]): Cell | undefined {
  const [first] = chosenCells;
  if (!usesTier(suite)) return chosenCells.find(({ phase }) => phase === "warm") ?? first;
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

/** The three control cells; only the null, which needs no slowdown; or none. */
export function controlCells({ cell, plantedBy }: ControlPlan): Cell[] {
  if (cell === undefined) return [];
  const controls = Object.keys(controlFactors) as ControlId[];
  return controls
    .filter((control) => plantedBy !== undefined || controlFactors[control] === 0)
    .map((control) => ({ ...cell, control }));
}

/** The plan as the context records it. */
export function describeControls(plan: ControlPlan): NonNullable<RunContext["controls"]> {
  if (plan.cell === undefined) return { absentBecause: plan.absentBecause };
  const cell = cellId(plan.cell);
  return plan.plantedBy === undefined
    ? { cell, unplantedBecause: plan.unplantedBecause }
    : { cell, plantedBy: plan.plantedBy };
}
