import type { ControlId, Suite } from "@forgebench/artifacts";
import { nearestName, UsageError } from "@forgebench/errors";
import { type Arm, cellOfRun as cellId, pairName as pairId } from "@forgebench/series";

export { type Arm, cellId, pairId };

/** The state that a run starts from: `cold`, `warm`, or a phase that the suite declares. */
export type Phase = string;

/** The phases that every suite has. */
export const PHASES_OF_ALL: readonly Phase[] = ["cold", "warm"];

/**
 * One of two folders with paths of equal length; the builds of head and base change between them from block to block.
 */
export type Slot = "A" | "B";

/** The unit of measurement: one profile on one scenario in one phase. */
export interface Cell {
  readonly profileId: string;
  readonly scenario: string;
  readonly phase: Phase;
  /** Of a cell by which the night checks itself: which; both arms are the base then. */
  readonly control?: ControlId | undefined;
}

/** The chosen part of a suite; a missing or empty list means all. */
interface CellChoice {
  readonly profiles?: readonly string[] | undefined;
  readonly scenarios?: readonly string[] | undefined;
  /** `PROFILE/SCENARIO/PHASE` or `PROFILE/SCENARIO/PHASE/METRIC`. */
  readonly cells?: readonly string[] | undefined;
}

/**
 * The chosen cells in the order of the suite.
 * @throws {UsageError} naming the flag, the unknown name and the names that there are.
 */
export function selectCells(suite: Suite, { profiles, scenarios, cells }: CellChoice): Cell[] {
  const profileIds = suite.profiles.map(({ id }) => id);
  const scenarioNames = suite.scenarios.map(({ name }) => name);
  assertKnown("--profiles", profiles ?? [], profileIds);
  assertKnown("--scenarios", scenarios ?? [], scenarioNames);
  const chosen = cellsOf(suite).filter(
    ({ profileId, scenario }) => isChosen(profiles, profileId) && isChosen(scenarios, scenario),
  );
  if (cells === undefined || cells.length === 0) return chosen;
  const wanted = new Set(cells.map((text) => cellOf(text, suite, chosen.map(cellId))));
  return chosen.filter((cell) => wanted.has(cellId(cell)));
}

function isChosen(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

function cellsOf(suite: Suite): Cell[] {
  return suite.profiles.flatMap(({ id }) =>
    suite.scenarios.flatMap(({ name, phases }) =>
      [
        ...PHASES_OF_ALL.filter((phase) => phases.includes(phase)),
        ...phases.filter((phase) => !PHASES_OF_ALL.includes(phase)),
      ].map((phase) => ({ profileId: id, scenario: name, phase })),
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
  const nearest = nearestName(id, ids);
  throw new UsageError(`--cell: ${JSON.stringify(text)} is not one of the chosen cells`, [
    ...(nearest === undefined ? [] : [{ label: "meant", text: `${[nearest, ...parts.slice(3, 4)].join("/")}?` }]),
    { label: "expected", text: `PROFILE/SCENARIO/PHASE or PROFILE/SCENARIO/PHASE/METRIC, for example ${ids[0] ?? ""}` },
    { label: "profiles", text: suite.profiles.map((profile) => profile.id).join(", ") },
    {
      label: "scenarios",
      text: suite.scenarios.map(({ name, phases }) => `${name} (${phases.join(", ")})`).join(", "),
    },
  ]);
}
