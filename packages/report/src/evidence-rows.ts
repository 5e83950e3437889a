import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import {
  changeUnitOf,
  formatEvidence,
  formatExactly,
  formatFigure,
  formatPercent,
  formatRate,
  NO_FIGURE,
} from "./format-figures.ts";
import type { Markup } from "./markup.ts";

/** The median of one arm in the unit of the cell, of a proportion its rate; to the last digit where an exact metric differs. */
export function figureText(cell: ComparedCell, side: "base" | "head", markup: Markup): string {
  const { median } = cell[side];
  if (cell.kind === "proportion") return formatRate(median);
  return markup.prose((cell.verdict === "changed" ? formatExactly : formatFigure)(median, cell.unit));
}

/** The verdict as a word, with what it means for the gate. */
export function verdictText({ verdict, isAlert, severity }: ComparedCell): string {
  if (!isAlert) return verdict;
  return severity === null ? `${verdict}, alert` : `${verdict}, ${severity} alert`;
}

/** The method of a verdict, with its reason if there is one. */
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

/** Blocks that an interval needs at the default margin: with fewer, no bet of an interval can win enough. */
const INTERVAL_MIN_BLOCKS = { marginPct: 5, blockCount: 12 };

/** The meaning of `not yet`, if an interval is shown so; else nothing. */
export function intervalNotes({ cells = [], controls, evidence }: Comparison): string[] {
  const all = [...cells, ...(controls?.controls ?? []).map(({ cell }) => cell)];
  if (!all.some(({ interval }) => interval !== null && (interval.lowPct === null || interval.highPct === null)))
    return [];
  const isKnown =
    evidence?.margins.equivalencePct === INTERVAL_MIN_BLOCKS.marginPct &&
    all.every(({ interval }) => interval === null || interval.kind === "sequence");
  const least = isKnown ? `, at least ${INTERVAL_MIN_BLOCKS.blockCount} of a cell` : "";
  return [`Not yet: the interval needs more blocks${least}.`];
}

/** The smallest slowdown that would have been found, in per cent or points. */
export function detectableText({ detectablePct, kind }: ComparedCell): string {
  return formatPercent(detectablePct, changeUnitOf({ kind }));
}
