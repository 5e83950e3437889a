import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlPlan } from "./controls.ts";
import { PERL } from "./meter-process.ts";
import type { WorkspaceStageOptions } from "./workspace-folder.ts";

const PRELOAD = fileURLToPath(new URL("plant-preload.cjs", import.meta.url));
const HELPER = fileURLToPath(new URL("plant-helper.pl", import.meta.url));

/** The program that slows the controls, for the stage and for commands. */
export interface Planter {
  readonly forStage: Pick<WorkspaceStageOptions, "plantPreload" | "hasPlantHelper">;
  /** Stands before the command of a control. */
  readonly prefix?: readonly string[];
}

/** Copies the program that slows the controls beside the runs, to a path without special characters; nothing if the suite has its own command. */
export async function placePlanter(plan: ControlPlan, folder: string): Promise<Planter> {
  const source = plan.plantedBy === "plant-helper" ? HELPER : PRELOAD;
  if (plan.plantedBy === undefined || plan.plantedBy === "plant-command") return { forStage: {} };
  const placed = path.join(folder, path.basename(source));
  await mkdir(folder, { recursive: true });
  await copyFile(source, placed);
  if (plan.plantedBy === "node-preload") return { forStage: { plantPreload: placed } };
  return { forStage: { hasPlantHelper: true }, prefix: [PERL, placed, process.arch] };
}
