import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { controlLines, controlsRemedy } from "./control-sentences.ts";
import type { CellGroups, UnjudgedGroup, WarningGroup } from "./evidence-cells.ts";
import { changeText, exactText, nameList, openText, undecidedText } from "./evidence-sentences.ts";
import { formatChange, formatCount } from "./format-figures.ts";
import type { Markup } from "./markup.ts";
import type { ListItem, ListSection } from "./report-document.ts";
import { blocksMade, undecidedCause } from "./undecided-causes.ts";

/** How many cells a line names before it counts the rest. */
const MAX_NAMES = 3;

function cellItems(cells: readonly ComparedCell[], markup: Markup, textOf: (cell: ComparedCell) => string): ListItem[] {
  return cells.map((cell) => ({ text: `${markup.name(cell.id)}: ${textOf(cell)}` }));
}

function changeInBlocks(cell: ComparedCell): string {
  return `${changeText(cell)} in ${formatCount(cell.blockCount, "block")}`;
}

/** `regressed` cells that raise no alert, since the change is too small to matter. */
export function belowLeastEffectList({ evidence }: Comparison, groups: CellGroups, markup: Markup): ListSection {
  const least = evidence === undefined ? "the least effect" : `${evidence.margins.minEffectPct} %`;
  const items = cellItems(groups.belowLeastEffect, markup, changeInBlocks);
  return { kind: "list", title: `Regressed without alert, below ${least}`, items, maxChars: 1500 };
}

/** `regressed` cells that raise no alert, since the suite does not let their scenarios gate. */
export function regressedUngatedList({ regressedUngated }: CellGroups, markup: Markup): ListSection {
  const items = cellItems(regressedUngated, markup, changeInBlocks);
  return { kind: "list", title: "Regressed, in scenarios that do not gate", items, maxChars: 1500 };
}

/** Improved cells with their size. */
export function improvedList({ improved }: CellGroups, markup: Markup): ListSection {
  return { kind: "list", title: "Improved", items: cellItems(improved, markup, changeText), maxChars: 3000 };
}

/** Exact metrics that differ and that the suite accepts; those that it gates are alerts. */
export function changedList({ changed }: CellGroups, markup: Markup): ListSection {
  const items = cellItems(changed, markup, (cell) => `${exactText(cell, markup)} (${formatChange(cell.changePct)})`);
  return { kind: "list", title: "Changed, accepted by the suite", items, maxChars: 3000 };
}

/** A text with what to do about it. */
type RemedyItem = ListItem & Required<Pick<ListItem, "remedy">>;

/** What could not be judged, why, and what to do. */
export function unjudgedItems(unjudged: readonly UnjudgedGroup[], markup: Markup): RemedyItem[] {
  return unjudged.map(({ names, reason, remedy }) => {
    const what = names.length === 0 ? "" : `${nameList(names, markup, MAX_NAMES)}: `;
    return { text: `${what}${markup.prose(reason)}`, remedy: markup.prose(remedy) };
  });
}

/** Warnings by code, each with the cells that it concerns, an example and the remedy. */
export function warningItems(warnings: readonly WarningGroup[], markup: Markup): RemedyItem[] {
  return warnings.map(({ code, cells, message, remedy, isExample }) => {
    const where = cells.length === 0 ? "" : ` (${nameList(cells, markup, MAX_NAMES)})`;
    const what = `${isExample ? "for example, " : ""}${markup.prose(message)}`;
    return { text: `${markup.name(code)}${where}: ${what}`, remedy: markup.prose(remedy) };
  });
}

/** There are more causes only if cells name remedies of their own. */
const MAX_CAUSES = 4;
/** How many characters the lists of all causes take together. */
const MAX_UNDECIDED_CHARS = 5000;

/** Undecided gating cells by what ended their blocks; a cell that names its own remedy is in a list of its own kind. */
export function undecidedLists(comparison: Comparison, groups: CellGroups, markup: Markup): ListSection[] {
  const causes = new Map<string, { readonly title: string; readonly items: ListItem[]; readonly remedy: string }>();
  for (const cell of groups.undecidedGating) {
    const found = undecidedCause(cell, comparison);
    const remedy = cell.remedy === undefined ? found.remedy : markup.prose(cell.remedy);
    const key = JSON.stringify([found.cause, remedy]);
    const cause = causes.get(key) ?? { title: `Undecided: ${found.cause}`, items: [], remedy };
    cause.items.push(undecidedItem(cell, markup));
    causes.set(key, cause);
  }
  const all = [...causes.values()];
  const rest = {
    title: "Undecided, for other reasons",
    items: all.slice(MAX_CAUSES).flatMap(({ items }) => items),
    remedy: "see the remedy of each cell in compare.json",
  };
  const lists = all.length <= MAX_CAUSES ? all : [...all.slice(0, MAX_CAUSES), rest];
  return lists.map((list) => ({ kind: "list", ...list, maxChars: MAX_UNDECIDED_CHARS / lists.length }));
}

function undecidedItem(cell: ComparedCell, markup: Markup): ListItem {
  const name = markup.name(cell.id);
  const leftOutCount = blocksMade(cell) - cell.blockCount;
  // The number of judged blocks does not include these.
  const leftOut =
    leftOutCount === 0 ? "" : `; ${formatCount(leftOutCount, "further block")} left out because a run failed`;
  return {
    text: `${name}: ${undecidedText(cell, markup)}${leftOut}`,
    brief: `${name}: ${openText(cell, markup)}${leftOut}`,
  };
}

/** How the night checked itself, and what to do if that failed. */
export function controlList(comparison: Comparison, markup: Markup): ListSection {
  const { controls } = comparison;
  const items = controlLines(controls, markup).map((text) => ({ text }));
  const hasFailed = controls?.status === "red" || controls?.status === "missed";
  const remedy = hasFailed ? controlsRemedy(comparison, controls, markup) : undefined;
  return { kind: "list", title: "How the night checked itself", items, remedy, maxChars: 2500 };
}
