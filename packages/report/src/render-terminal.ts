import { DEFAULT_COLUMNS, MIN_COLUMNS, wrapText } from "@forgebench/errors";
import { joinTexts } from "./blocks.ts";
import { fittingTable } from "./fitting-table.ts";
import {
  hiddenRowsText,
  type ListItem,
  type ListSection,
  type ReportDocument,
  type Section,
  type TableSection,
} from "./report-document.ts";
import { colourLead, colourSigns, inColour } from "./tone.ts";
import { verdictLine } from "./verdict-line.ts";

/** With more rows than this the answer would scroll out of most terminals. */
const MAX_ROWS = 60;
/** The same limit for the items of a list. */
const MAX_ITEMS = 10;

/** How a terminal shows a document. */
export interface TerminalLayout {
  /** How wide the terminal is; default: 80. */
  readonly columns?: number | undefined;
  /** Whether signs and verdicts get colours, which only repeat the words; default: no. */
  readonly colors?: boolean | undefined;
}

/** A document that was built with plain markup, for a terminal; its last line is the verdict. */
export function renderTerminal({ sections, verdict }: ReportDocument, layout: TerminalLayout): string {
  const columns = Math.max(MIN_COLUMNS, layout.columns ?? DEFAULT_COLUMNS);
  const isColoured = layout.colors === true;
  const texts = sections
    .filter(({ only }) => only !== "page")
    .flatMap((section) => {
      const blocks = blocksOf(section, columns).filter((lines) => lines.length > 0);
      const laidOut = blocks.map((lines) => wrapText(lines.join("\n"), columns));
      return isColoured ? laidOut.map((text) => coloured(text, section)) : laidOut;
    });
  const last = verdictLine(verdict, columns);
  return `${[...texts, isColoured ? inColour(last, verdict.tone) : last].join("\n\n")}\n`;
}

function coloured(text: string, section: Section): string {
  if (section.kind === "answer") return colourLead(text, section.tone);
  return section.kind === "table" ? colourSigns(text) : text;
}

function blocksOf(section: Section, columns: number): string[][] {
  switch (section.kind) {
    case "answer":
      return [[joinTexts([section.verdict, section.acceptance, section.design], "\n")]];
    case "text":
      return section.text === "" ? [] : [[section.text]];
    case "list":
      return [listLines(section)];
    case "table":
      return tableBlocks(section, columns);
  }
}

function listLines({ title, items, remedy }: ListSection): string[] {
  if (items.length === 0) return [];
  const hiddenCount = items.length - MAX_ITEMS;
  return [
    `${title.slice(0, 1).toLowerCase()}${title.slice(1)}`,
    ...items.slice(0, MAX_ITEMS).flatMap(itemLines),
    ...(hiddenCount > 0 ? [`  … ${hiddenCount} more in the JSON file`] : []),
    ...(remedy === undefined ? [] : [`  try  ${remedy}`]),
  ];
}

function itemLines({ text, brief = text, remedy }: ListItem): string[] {
  return [`  ${brief}`, ...(remedy === undefined ? [] : [`    try  ${remedy}`])];
}

function tableBlocks(table: TableSection, terminalColumns: number): string[][] {
  const { columns, rows, below, notes = [] } = table;
  const { lines, shown } = fittingTable({ columns, rows: rows.slice(0, MAX_ROWS) }, terminalColumns);
  const hiddenCount = rows.length - MAX_ROWS;
  return [
    [
      ...lines,
      ...(hiddenCount > 0 ? [`  … ${hiddenRowsText(table, hiddenCount)}`] : []),
      ...(below === undefined ? [] : [`  ${below}`]),
    ],
    ...[...shown.flatMap(({ note }) => note ?? []), ...notes].map((note) => [note]),
  ];
}
