import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import type { CellGroups, UnjudgedGroup, WarningGroup } from "./evidence-cells.ts";
import { changeText, exactText, nameList, undecidedText } from "./evidence-sentences.ts";
import {
  changeUnitOf,
  formatChange,
  formatCount,
  formatEvidence,
  formatExactly,
  formatFigure,
  formatPercent,
  formatRate,
  NO_FIGURE,
} from "./format-figures.ts";
import type { Markup } from "./markup.ts";
import { blocksMade, undecidedCause } from "./undecided-causes.ts";

/** How many cells a line names before it counts the rest. */
const MAX_NAMES = 3;

/** Both medians of a cell in its unit, of a proportion both rates; to the last digit where an exact metric differs. */
export function figuresOf(
  { base, head, unit, verdict, kind }: ComparedCell,
  markup: Markup,
): [base: string, head: string] {
  if (kind === "proportion") return [formatRate(base.median), formatRate(head.median)];
  const format = verdict === "changed" ? formatExactly : formatFigure;
  return [markup.prose(format(base.median, unit)), markup.prose(format(head.median, unit))];
}

/** The verdict as a word, with what it means for the gate. */
export function verdictText({ verdict, isAlert, severity }: ComparedCell): string {
  if (!isAlert) return verdict;
  return severity === null ? `${verdict}, alert` : `${verdict}, ${severity} alert`;
}

/** By what a verdict was reached, and what else a reader should know of it. */
export function decisionText(cell: ComparedCell, markup: Markup): string {
  const { reason } = cell;
  const by = decidedBy(cell);
  if (reason === undefined) return by ?? (cell.family === "exact" ? "exact values" : NO_FIGURE);
  return by === undefined ? markup.prose(reason) : `${by}; ${markup.prose(reason)}`;
}

function decidedBy({ verdict, evidence, interval }: ComparedCell): string | undefined {
  if (evidence === null) return undefined;
  if (verdict === "same") return interval?.kind === "fixed-n" ? "within the margin, fixed n" : "within the margin";
  const found = formatEvidence(Math.max(evidence.higher, evidence.lower));
  return `evidence ${found}, needed ${formatEvidence(evidence.needed)}`;
}

/** After how many blocks a cell was decided. */
export function decidedText({ evidence, verdict }: ComparedCell): string {
  return evidence === null || verdict === "undecided" ? NO_FIGURE : String(evidence.decidedAfterBlocks ?? NO_FIGURE);
}

/** What `detectablePct` is called, in a narrow table too, and what it means: beside a verdict it would be read as a doubt of it. */
export const DETECTABLE_HEADER = "smallest detectable slowdown";
export const DETECTABLE_SHORT_HEADER = "detects ≥";
export const DETECTABLE_NOTE =
  "Smallest detectable slowdown: the slowdown that 95 % of nights with noise like this cell's would find, in as many blocks as they may have. It tells how sharp the measurement is, and takes nothing from a verdict that was reached.";

/** Blocks that an interval needs at the default margin: with fewer, no bet of an interval can have won enough. */
const INTERVAL_MIN_BLOCKS = { marginPct: 5, blockCount: 12 };

/** What `not yet` means, where an interval is shown so; empty where none is. */
export function intervalNote({ cells = [], controls, evidence }: Comparison): string {
  const all = [...cells, ...(controls?.controls ?? []).map(({ cell }) => cell)];
  if (!all.some(({ interval }) => interval !== null && (interval.lowPct === null || interval.highPct === null)))
    return "";
  const isKnown =
    evidence?.margins.equivalencePct === INTERVAL_MIN_BLOCKS.marginPct &&
    all.every(({ interval }) => interval === null || interval.kind === "sequence");
  const least = isKnown ? `, at least ${INTERVAL_MIN_BLOCKS.blockCount} of a cell` : "";
  return `Not yet: the interval needs more blocks${least}.`;
}

export function detectableText({ detectablePct, kind }: ComparedCell): string {
  return formatPercent(detectablePct, changeUnitOf({ kind }));
}

/** A titled list of a report; the texts are escaped. */
export interface ReportList {
  readonly title: string;
  readonly texts: readonly string[];
}

/** `regressed` cells that raise no alert, since the change is too small to matter. */
export function belowLeastEffectList({ evidence }: Comparison, groups: CellGroups, markup: Markup): ReportList {
  const least = evidence === undefined ? "the least effect" : `${evidence.margins.minEffectPct} %`;
  return {
    title: `Regressed without alert, below ${least}`,
    texts: groups.belowLeastEffect.map(
      (cell) => `${markup.name(cell.id)}: ${changeText(cell)} in ${cell.blockCount} blocks`,
    ),
  };
}

/** `regressed` cells that raise no alert, since the suite does not let their scenarios gate. */
export function regressedUngatedList({ regressedUngated }: CellGroups, markup: Markup): ReportList {
  return {
    title: "Regressed, in scenarios that do not gate",
    texts: regressedUngated.map((cell) => `${markup.name(cell.id)}: ${changeText(cell)} in ${cell.blockCount} blocks`),
  };
}

/** What could not be judged, why, and what to do. */
export function unjudgedTexts(unjudged: readonly UnjudgedGroup[], markup: Markup): { text: string; remedy: string }[] {
  return unjudged.map(({ names, reason, remedy }) => {
    const what = names.length === 0 ? "" : `${nameList(names, markup, MAX_NAMES)}: `;
    return { text: `${what}${markup.prose(reason)}`, remedy: markup.prose(remedy) };
  });
}

/** More causes come only from cells that name remedies of their own. */
const MAX_CAUSES = 4;

/** Undecided gating cells with the same cause, and what would settle them. */
export interface UndecidedList extends ReportList {
  readonly remedy: string;
}

/** Undecided gating cells by what ended their blocks; a cell that names its own remedy is in a list of its own kind. */
export function undecidedLists(
  comparison: Comparison,
  groups: CellGroups,
  markup: Markup,
  textOf: (cell: ComparedCell, markup: Markup) => string = undecidedText,
): UndecidedList[] {
  const lists = new Map<string, UndecidedList & { readonly texts: string[] }>();
  for (const cell of groups.undecidedGating) {
    const found = undecidedCause(cell, comparison);
    const remedy = cell.remedy === undefined ? found.remedy : markup.prose(cell.remedy);
    const key = JSON.stringify([found.cause, remedy]);
    const list = lists.get(key) ?? { title: `Undecided: ${found.cause}`, texts: [], remedy };
    list.texts.push(`${markup.name(cell.id)}: ${textOf(cell, markup)}${leftOutText(cell)}`);
    lists.set(key, list);
  }
  const all = [...lists.values()];
  if (all.length <= MAX_CAUSES) return all;
  const rest = { title: "Undecided, for other reasons", remedy: "do what compare.json says of each of them" };
  return [...all.slice(0, MAX_CAUSES), { ...rest, texts: all.slice(MAX_CAUSES).flatMap(({ texts }) => texts) }];
}

/** Blocks that the number of judged ones does not tell of. */
function leftOutText(cell: ComparedCell): string {
  const leftOutCount = blocksMade(cell) - cell.blockCount;
  return leftOutCount === 0 ? "" : `; ${formatCount(leftOutCount, "further block")} left out because a run failed`;
}

/** Improved cells with their size. */
export function improvedList({ improved }: CellGroups, markup: Markup): ReportList {
  return { title: "Improved", texts: improved.map((cell) => `${markup.name(cell.id)}: ${changeText(cell)}`) };
}

/** Exact metrics that differ and that the suite accepts; those that it gates are alerts. */
export function changedList({ changed }: CellGroups, markup: Markup): ReportList {
  return {
    title: "Changed, accepted by the suite",
    texts: changed.map(
      (cell) => `${markup.name(cell.id)}: ${exactText(cell, markup)} (${formatChange(cell.changePct)})`,
    ),
  };
}

/** Warnings by code, each with the cells that it concerns, an example and the remedy. */
export function warningTexts(warnings: readonly WarningGroup[], markup: Markup): { text: string; remedy: string }[] {
  return warnings.map(({ code, cells, message, remedy, isExample }) => {
    const where = cells.length === 0 ? "" : ` (${nameList(cells, markup, MAX_NAMES)})`;
    const what = `${isExample ? "for example, " : ""}${markup.prose(message)}`;
    return { text: `${markup.name(code)}${where}: ${what}`, remedy: markup.prose(remedy) };
  });
}
