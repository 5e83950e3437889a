import type { Suite } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";

export type Arm = "head" | "base";
export type Phase = "cold" | "warm";
export type Slot = "A" | "B";

/** What is measured: one profile on one scenario in one phase. */
export interface Cell {
  readonly profileId: string;
  readonly scenario: string;
  readonly phase: Phase;
}

/** `PROFILE/SCENARIO/PHASE`. */
export function cellId({ profileId, scenario, phase }: Cell): string {
  return `${profileId}/${scenario}/${phase}`;
}

/** `PROFILE/SCENARIO`. */
export function pairId({ profileId, scenario }: Pick<Cell, "profileId" | "scenario">): string {
  return `${profileId}/${scenario}`;
}

/** What a person chose of a suite; what is left out means all of it. */
export interface CellChoice {
  readonly profiles?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  /** `PROFILE/SCENARIO/PHASE` or `PROFILE/SCENARIO/PHASE/METRIC`. */
  readonly cells?: readonly string[] | undefined;
}

/**
 * The chosen cells in the order of the suite.
 * @throws {UsageError} naming the flag, the unknown name and the names that there are.
 */
export function selectCells(suite: Suite, choice: CellChoice): Cell[] {
  const profileIds = suite.profiles.map(({ id }) => id);
  const scenarioNames = suite.scenarios.map(({ name }) => name);
  assertKnown("--profiles", choice.profiles ?? [], profileIds);
  assertKnown("--scenarios", choice.scenarios ?? [], scenarioNames);
  const chosen = cellsOf(suite).filter(
    ({ profileId, scenario }) =>
      (choice.profiles?.includes(profileId) ?? true) && (choice.scenarios?.includes(scenario) ?? true),
  );
  if (choice.cells === undefined) return chosen;
  const wanted = new Set(choice.cells.map((text) => cellOf(text, suite, chosen.map(cellId))));
  return chosen.filter((cell) => wanted.has(cellId(cell)));
}

function cellsOf(suite: Suite): Cell[] {
  return suite.profiles.flatMap(({ id }) =>
    suite.scenarios.flatMap(({ name, phases }) =>
      (["cold", "warm"] as const)
        .filter((phase) => phases.includes(phase))
        .map((phase) => ({ profileId: id, scenario: name, phase })),
    ),
  );
}

function assertKnown(flag: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`${flag}: ${JSON.stringify(name)} is not in the suite`, [
      { label: "expected", text: known.join(", ") },
    ]);
  }
}

/** The cell that a text names, its metric left out. */
function cellOf(text: string, suite: Suite, ids: readonly string[]): string {
  const parts = text.split("/");
  const id = parts.slice(0, 3).join("/");
  if (parts.length === 4) assertKnown("--cell", parts.slice(3), suite.metrics);
  if (parts.length <= 4 && ids.includes(id)) return id;
  throw new UsageError(`--cell: ${JSON.stringify(text)} is not one of the chosen cells`, [
    { label: "expected", text: `PROFILE/SCENARIO/PHASE or PROFILE/SCENARIO/PHASE/METRIC, for example ${ids[0] ?? ""}` },
    { label: "profiles", text: suite.profiles.map((profile) => profile.id).join(", ") },
    { label: "scenarios", text: suite.scenarios.map(({ name }) => name).join(", ") },
  ]);
}
