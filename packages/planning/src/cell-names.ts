import type { RawRun } from "@forgebench/artifacts";

export type Phase = "cold" | "warm";

/** What is measured, as the runner has it. */
export interface CellName {
  readonly profileId: string;
  readonly scenario: string;
  readonly phase: Phase;
}

/** `PROFILE/SCENARIO/PHASE`. */
export function nameOf({ profileId, scenario, phase }: CellName): string {
  return `${profileId}/${scenario}/${phase}`;
}

/** The cell of a name, or none for a control. */
export function cellNamed(name: string): CellName[] {
  const [, profileId = "", scenario = "", phase] = /^([^/]+)\/([^/]+)\/(cold|warm)$/.exec(name) ?? [];
  return phase === "cold" || phase === "warm" ? [{ profileId, scenario, phase }] : [];
}

/** The cell that a run counts for: `PROFILE/SCENARIO/PHASE`, of a control `control/null` and so on. */
export function cellOfRun(run: RawRun): string {
  return run.control === undefined ? nameOf(run) : `control/${run.control}`;
}
