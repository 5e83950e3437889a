import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { PRIMARY_METRIC } from "@forgebench/series";
import { type CellGroups, worstFirst } from "./evidence-cells.ts";
import { decidedText, decisionText, detectableText, figureText, intervalNotes, verdictText } from "./evidence-rows.ts";
import { changeText } from "./evidence-sentences.ts";
import { changeUnitOf, formatChange, formatCount, formatInterval } from "./format-figures.ts";
import type { Markup } from "./markup.ts";
import { type Column, type TableSection, tableOf } from "./report-document.ts";
import { SIGNS, type Tone } from "./tone.ts";

/** This prevents that `detectablePct` beside a verdict is read as a doubt about it. */
const DETECTABLE_MEANING =
  "the slowdown that 95 % of nights with this cell's noise would find within their limit of blocks. It shows how precise the measurement is, and does not weaken a verdict that was reached.";
const CHANGE_NOTE =
  "Change: the median over the blocks, in which both arms ran in turn; the figures are the medians of all runs.";

/** Every column that a cell may have in a table. */
function columnsOf(markup: Markup) {
  const strongChange = ({ changePct, interval, kind }: ComparedCell) => {
    const bounds = interval === null ? "" : ` ${formatInterval(interval.lowPct, interval.highPct)}`;
    return `${markup.strong(formatChange(changePct, changeUnitOf({ kind })))}${bounds}`;
  };
  return {
    cell: { header: "cell", isLeft: true, text: ({ id }) => markup.name(id) },
    base: { header: "base", leaveOutRank: 1, text: (cell) => figureText(cell, "base", markup) },
    head: { header: "head", leaveOutRank: 1, text: (cell) => figureText(cell, "head", markup) },
    change: { header: "change", text: changeText },
    strongChange: { header: "change", text: strongChange },
    blocks: { header: "blocks", text: ({ blockCount }) => String(blockCount) },
    severity: { header: "severity", isLeft: true, text: ({ severity, verdict }) => severity ?? verdict },
    verdict: { header: "verdict", isLeft: true, text: verdictText },
    signedVerdict: { header: "verdict", isLeft: true, text: (cell) => `${SIGNS[toneOf(cell)]} ${verdictText(cell)}` },
    decided: { header: "decided after", text: decidedText },
    detectable: {
      header: "smallest detectable slowdown",
      text: detectableText,
      note: `Smallest detectable slowdown: ${DETECTABLE_MEANING}`,
    },
    shortDetectable: { header: "detects ≥", leaveOutRank: 2, text: detectableText },
    decision: { header: "by", isLeft: true, text: (cell) => decisionText(cell, markup) },
  } as const satisfies Record<string, Column<ComparedCell>>;
}

/** The cells that raise an alert, for a page. */
export function alertTable({ alerts }: CellGroups, markup: Markup): TableSection {
  const { cell, base, head, strongChange, blocks, severity } = columnsOf(markup);
  const columns = [cell, base, head, strongChange, blocks, severity];
  return tableOf(columns, alerts, { noun: "alert", source: "compare.json", maxChars: 11_000 });
}

/** All that is known of every cell, the worst first, for a page. */
export function pageTable(comparison: Comparison, groups: CellGroups, markup: Markup): TableSection {
  const { cell, verdict, base, head, change, blocks, decided, detectable, decision } = columnsOf(markup);
  const noted = { ...change, note: CHANGE_NOTE };
  const columns = [cell, verdict, base, head, noted, blocks, decided, detectable, decision];
  const notes = intervalNotes(comparison);
  const about = { noun: "verdict", source: "compare.json", maxChars: 11_000, isFolded: true, notes };
  return tableOf(columns, worstFirst(groups), about);
}

/** The figures of the cells for a terminal, the worst first; cells that only confirm the rest are counted, unless all are wanted. */
export function terminalTable(
  comparison: Comparison,
  groups: CellGroups,
  isComplete: boolean,
  markup: Markup,
): TableSection {
  const cells = worstFirst(groups);
  const listed = cells.filter((cell) => isComplete || isListed(cell));
  const counted = cells.filter((cell) => !isComplete && !isListed(cell));
  const { cell, base, head, change, signedVerdict, shortDetectable } = columnsOf(markup);
  const isDetectableKnown = listed.some(({ detectablePct }) => detectablePct !== null);
  const note = isDetectableKnown ? `detects ≥ is the smallest detectable slowdown: ${DETECTABLE_MEANING}` : undefined;
  return tableOf([cell, base, head, change, signedVerdict, { ...shortDetectable, note }], listed, {
    noun: "verdict",
    source: "compare.json",
    maxChars: 11_000,
    below: counted.length === 0 ? undefined : countedText(counted),
    notes: intervalNotes(comparison),
  });
}

/** The cells of the outcome, wall times, and findings; the rest is `same` or `undecided`, and does not affect the outcome. */
function isListed({ gating, metric, verdict, isAlert }: ComparedCell): boolean {
  return gating || metric === PRIMARY_METRIC || isAlert || (verdict !== "same" && verdict !== "undecided");
}

function countedText(cells: readonly ComparedCell[]): string {
  const undecidedCount = cells.filter(({ verdict }) => verdict === "undecided").length;
  const others = formatCount(cells.length, "other verdict");
  if (cells.length === 1) return `${others}, ${cells[0]?.verdict}; the Markdown report lists it`;
  const counts =
    undecidedCount === 0 ? ", all same" : `: ${cells.length - undecidedCount} same, ${undecidedCount} undecided`;
  return `${others}${counts}; the Markdown report lists them`;
}

/** Alerts, and cells that could not be judged, need action. */
function toneOf({ verdict, isAlert }: ComparedCell): Tone {
  if (isAlert || verdict === "regressed" || verdict === "incomparable") return "bad";
  return verdict === "same" || verdict === "improved" ? "good" : "open";
}
