import { plantedByOf, type RunContext, type Suite } from "@forgebench/artifacts";
import { differenceOf, type EvidenceDifference } from "./difference.ts";

/** What versions without a helper for any command said where the suite named no command of its own. */
const WITHOUT_HELPER = /: add plantCommand to its suite$/;

/** Whether slowdowns were planted exactly if the suite names a way to plant them. */
export function checkPlanting(
  { controls, meter }: Pick<RunContext, "controls" | "meter">,
  suite: Pick<Suite, "subject" | "plantCommand">,
): EvidenceDifference[] {
  if (controls === undefined || "absentBecause" in controls) return [];
  const expected = plantedByOf(suite);
  const stored = "plantedBy" in controls ? controls.plantedBy : NOTHING;
  // The helper runs where the meter does.
  const isHelpless =
    meter !== "wait4" || ("unplantedBecause" in controls && WITHOUT_HELPER.test(String(controls.unplantedBecause)));
  if (stored === NOTHING && expected === "plant-helper" && isHelpless) return [];
  return differenceOf({ member: "run-context.json", about: "", field: "controls.plantedBy" }, stored, expected);
}

const NOTHING = "nothing";
