import type { CellWarning, ComparedCell, Comparison } from "@forgebench/artifacts";
import { PRIMARY_METRIC, pairName } from "@forgebench/series";
import { undecidedCause } from "./undecided-causes.ts";

/** The cells of a comparison by evidence, grouped by their meaning for a reader, the worst first in each list. */
export interface CellGroups {
  /** All but the controls. */
  readonly all: readonly ComparedCell[];
  /** Cells that gate come first: they are the purpose of the suite. */
  readonly alerts: readonly ComparedCell[];
  /** `regressed` by less than the least effect: no alerts. */
  readonly belowLeastEffect: readonly ComparedCell[];
  /** `regressed` by whatever size, in scenarios that do not gate: no alerts. */
  readonly regressedUngated: readonly ComparedCell[];
  readonly incomparable: readonly ComparedCell[];
  /** Undecided cells that withhold green. */
  readonly undecidedGating: readonly ComparedCell[];
  readonly undecidedOther: readonly ComparedCell[];
  readonly improved: readonly ComparedCell[];
  /** Exact metrics that differ, those that raise an alert left out. */
  readonly changed: readonly ComparedCell[];
  /** In the order of the suite, in which a reader finds a cell more easily. */
  readonly same: readonly ComparedCell[];
}

/** Sorts the cells; each is in exactly one list besides `all`. */
export function groupCells({ cells = [] }: Comparison): CellGroups {
  const judged = cells.filter(({ family }) => family !== "control");
  const all = judged.toSorted(byBadness);
  const quiet = all.filter(({ isAlert }) => !isAlert);
  const of = (verdict: ComparedCell["verdict"]) => quiet.filter((cell) => cell.verdict === verdict);
  const undecided = of("undecided");
  const ungated = new Set(judged.filter(isUngatedWall).map(cellName));
  const isUngated = (cell: ComparedCell) => ungated.has(cellName(cell));
  return {
    all,
    alerts: all.filter(({ isAlert }) => isAlert).toSorted((a, b) => Number(b.gating) - Number(a.gating)),
    belowLeastEffect: of("regressed").filter((cell) => !isUngated(cell)),
    regressedUngated: of("regressed").filter(isUngated),
    incomparable: of("incomparable"),
    undecidedGating: undecided.filter(({ gating }) => gating),
    undecidedOther: undecided.filter(({ gating }) => !gating),
    improved: of("improved").toReversed(),
    changed: of("changed"),
    same: judged.filter(({ verdict, isAlert }) => verdict === "same" && !isAlert),
  };
}

/** Where a scenario does not gate, its wall time is a secondary metric. */
function isUngatedWall({ metric, family }: ComparedCell): boolean {
  return metric === PRIMARY_METRIC && family === "secondary";
}

function cellName({ profileId, scenario, phase }: ComparedCell): string {
  return JSON.stringify([profileId, scenario, phase]);
}

/** All cells in the order in which a reader needs them: problems first. */
export function worstFirst(groups: CellGroups): ComparedCell[] {
  const { alerts, belowLeastEffect, regressedUngated, incomparable, undecidedGating, undecidedOther } = groups;
  const { improved, changed, same } = groups;
  const asking = [alerts, belowLeastEffect, regressedUngated, incomparable, undecidedGating];
  return [...asking, changed, undecidedOther, improved, same].flat();
}

/** How much worse head is, in per cent; cells without a change are last. */
function badness({ changePct, better }: ComparedCell): number {
  if (changePct === null) return Number.NEGATIVE_INFINITY;
  return better === "lower" ? changePct : -changePct;
}

function byBadness(a: ComparedCell, b: ComparedCell): number {
  const [badnessOfA, badnessOfB] = [badness(a), badness(b)];
  return badnessOfA === badnessOfB ? 0 : badnessOfB - badnessOfA;
}

/** Warnings with the same code: the message of the first one, and the cells that have it. */
export interface WarningGroup {
  readonly code: string;
  readonly message: string;
  /** Whether other messages, with other figures, are left out. */
  readonly isExample: boolean;
  readonly remedy: string;
  /** Empty when it is about the whole comparison. */
  readonly cells: readonly string[];
}

/** All warnings by code: of the whole comparison first, then those of cells, the most frequent first. */
export function groupWarnings(comparison: Comparison, groups: CellGroups): WarningGroup[] {
  const { warnings = [], controls } = comparison;
  const byCode = new Map<string, { readonly first: CellWarning; readonly cells: string[]; isExample: boolean }>();
  const ofControls = controls?.controls.map(({ cell }) => cell) ?? [];
  for (const cell of [...worstFirst(groups), ...ofControls]) {
    for (const warning of cell.warnings) {
      const group = byCode.get(warning.code) ?? {
        first: withOwnRemedy(warning, cell, comparison),
        cells: [],
        isExample: false,
      };
      if (group.cells.at(-1) !== cell.id) group.cells.push(cell.id);
      group.isExample ||= warning.message !== group.first.message;
      byCode.set(warning.code, group);
    }
  }
  const ofCells = [...byCode.values()].map(({ first, ...group }) => ({ ...first, ...group }));
  return [
    ...warnings.map((warning) => ({ ...warning, cells: [], isExample: false })),
    ...ofCells.toSorted((a, b) => b.cells.length - a.cells.length),
  ];
}

/** The flag for more blocks depends on the limit that ended them; older comparisons do not record it. */
function withOwnRemedy(warning: CellWarning, cell: ComparedCell, comparison: Comparison): CellWarning {
  if (warning.code !== "too-few-samples" || comparison.sampling === undefined) return warning;
  return { ...warning, remedy: undecidedCause(cell, comparison).remedy };
}

/** A reason why something could not be judged, with all cells or pairs that it applies to. */
export interface UnjudgedGroup {
  /** Names of cells or pairs; empty for the whole comparison. */
  readonly names: readonly string[];
  readonly reason: string;
  readonly remedy: string;
}

/** Reason and remedy of a cell that names none. */
const NO_REASON = "no reason is recorded";
const NO_REMEDY = "read the runs of the cell in raw-runs.jsonl, and measure it again";

/** A cell that could not be judged, with why and what to do. */
export interface UnjudgedCell {
  readonly cell: ComparedCell;
  readonly reason: string;
  readonly remedy: string;
}

/** Reasons and remedies of all cells that could not be judged, each once; a cell without a reason takes that of its pair. */
export function groupUnjudged(comparison: Comparison, groups: CellGroups): UnjudgedGroup[] {
  const { incomparable = [] } = comparison;
  const ofCells = explainUnjudged(comparison, groups.incomparable);
  return groupByReason([
    ...incomparable.map(({ profileId, scenario, message, remedy }) => ({
      reason: message,
      remedy,
      name: profileId === "" ? "" : pairName({ profileId, scenario }),
    })),
    ...ofCells
      .filter(({ isOfPair }) => !isOfPair)
      .map(({ cell, reason, remedy }) => ({ name: cell.id, reason, remedy })),
  ]);
}

/** Why each of these cells could not be judged; `isOfPair` if only the reason of its pair is known. */
export function explainUnjudged(
  { incomparable = [] }: Comparison,
  cells: readonly ComparedCell[],
): (UnjudgedCell & { readonly isOfPair: boolean })[] {
  const pairReasons = new Map(incomparable.map((entry) => [pairName(entry), entry]));
  return cells.map((cell) => {
    const ofPair = pairReasons.get(pairName(cell)) ?? pairReasons.get("/");
    return {
      cell,
      reason: cell.reason ?? ofPair?.message ?? NO_REASON,
      remedy: cell.remedy ?? ofPair?.remedy ?? cell.warnings[0]?.remedy ?? NO_REMEDY,
      isOfPair: cell.reason === undefined && ofPair !== undefined,
    };
  });
}

/** All names to which the same reason and remedy apply; an empty name stands for the whole comparison. */
export function groupByReason(
  entries: readonly { readonly name: string; readonly reason: string; readonly remedy: string }[],
): UnjudgedGroup[] {
  const found = new Map<string, UnjudgedGroup & { readonly names: string[] }>();
  for (const { name, reason, remedy } of entries) {
    const key = JSON.stringify([reason, remedy]);
    const group = found.get(key) ?? { names: [], reason, remedy };
    if (name !== "") group.names.push(name);
    found.set(key, group);
  }
  return [...found.values()];
}
