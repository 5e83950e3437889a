import { plantedByOf, type RunContext, type Suite } from "@forgebench/artifacts";
import { differenceOf, type EvidenceDifference } from "./difference.ts";

/** Whether slowdowns were planted where the suite says by what, and nowhere else. */
export function checkPlanting(
  { controls }: Pick<RunContext, "controls">,
  suite: Pick<Suite, "subject" | "plantCommand">,
): EvidenceDifference[] {
  if (controls === undefined || "absentBecause" in controls) return [];
  const stored = "plantedBy" in controls ? controls.plantedBy : NOTHING;
  const field = { member: "run-context.json", about: "", field: "controls.plantedBy" };
  return differenceOf(field, stored, plantedByOf(suite) ?? NOTHING);
}

const NOTHING = "nothing";
