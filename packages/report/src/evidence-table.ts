import type { ComparedCell } from "@forgebench/artifacts";
import { PRIMARY_METRIC } from "@forgebench/series";
import { DETECTABLE_NOTE, DETECTABLE_SHORT_HEADER, detectableText, figuresOf, verdictText } from "./evidence-rows.ts";
import { changeText } from "./evidence-sentences.ts";
import { type FittingColumn, fittingTable } from "./fitting-table.ts";
import { formatCount } from "./format-figures.ts";
import { plainMarkup as markup } from "./markup.ts";
import { lowered } from "./sections.ts";
import type { TerminalLayout } from "./terminal-options.ts";

/** More rows than this push the answer out of any terminal. */
const MAX_ROWS = 60;

const CELL_COLUMNS: readonly FittingColumn<ComparedCell>[] = [
  { header: "cell", text: ({ id }) => markup.name(id), isLeft: true },
  { header: "base", text: (cell) => figuresOf(cell, markup)[0], leaveOutRank: 1 },
  { header: "head", text: (cell) => figuresOf(cell, markup)[1], leaveOutRank: 1 },
  { header: "change", text: changeText },
  { header: "verdict", text: (cell) => `${sign(cell)} ${verdictText(cell)}`, isLeft: true },
  { header: DETECTABLE_SHORT_HEADER, text: detectableText, leaveOutRank: 2 },
];

/** The figures of the cells, the worst first, and a line for those that are only counted; no lines without cells. */
export function cellSection(cells: readonly ComparedCell[], { columns, allCells }: TerminalLayout): string[] {
  if (cells.length === 0) return [];
  const asking = allCells ? cells : cells.filter(isShown);
  const counted = allCells ? [] : cells.filter((cell) => !isShown(cell));
  const { text, shown } = fittingTable(CELL_COLUMNS, asking.slice(0, MAX_ROWS), columns);
  const hiddenCount = asking.length - MAX_ROWS;
  const isDetectableShown =
    shown.has(DETECTABLE_SHORT_HEADER) && asking.some(({ detectablePct }) => detectablePct !== null);
  return [
    ...(asking.length === 0 ? [] : [text]),
    ...(hiddenCount > 0 ? [`  … ${formatCount(hiddenCount, "more cell")} in compare.json`] : []),
    ...(counted.length === 0 ? [] : [`  ${countedText(counted)}`]),
    ...(isDetectableShown ? ["", `${DETECTABLE_SHORT_HEADER} is the ${lowered(DETECTABLE_NOTE)}`] : []),
  ];
}

/** What the outcome rests on, wall times, and what was found; the rest is `same` or `undecided`, and withholds nothing. */
function isShown({ gating, metric, verdict, isAlert }: ComparedCell): boolean {
  return gating || metric === PRIMARY_METRIC || isAlert || (verdict !== "same" && verdict !== "undecided");
}

function countedText(cells: readonly ComparedCell[]): string {
  const undecidedCount = cells.filter(({ verdict }) => verdict === "undecided").length;
  const others = formatCount(cells.length, "other cell");
  if (cells.length === 1) return `${others}, ${cells[0]?.verdict}; the Markdown report lists it`;
  const counts =
    undecidedCount === 0 ? ", all same" : `: ${cells.length - undecidedCount} same, ${undecidedCount} undecided`;
  return `${others}${counts}; the Markdown report lists them`;
}

/** A sign beside the word, for the eye that runs down a column; alerts and what could not be judged ask for something. */
function sign({ verdict, isAlert }: ComparedCell): string {
  if (isAlert || verdict === "regressed" || verdict === "incomparable") return "✗";
  return verdict === "same" || verdict === "improved" ? "✓" : "~";
}
