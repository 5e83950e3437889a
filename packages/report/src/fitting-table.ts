import { textColumns, wrapLine } from "@forgebench/errors";
import { plainTable } from "./plain-table.ts";

/** A column of a table that fits the terminal; the first one holds names. */
export interface FittingColumn<Row> {
  readonly header: string;
  text(row: Row): string;
  readonly isLeft?: boolean;
  /** Left out where there is no room, those with the largest number first; always there without. */
  readonly leaveOutRank?: number;
}

/** Between columns, and before the first. */
const GAP = 2;
/** So much of the names must fit beside the figures before a column is left out for them. */
const FITTING_SHARE = 0.9;
/** With less room for names every row takes lines of its own. */
const MIN_NAME_ROOM = 12;

/**
 * A table of at most so many columns of a terminal. Columns that may be left out are, until nine names in ten fit; a longer
 * name stands on a line of its own above its figures. Where not even that fits, every row becomes a name and a line of
 * figures that wraps.
 */
export function fittingTable<Row>(
  columns: readonly FittingColumn<Row>[],
  rows: readonly Row[],
  terminalColumns: number,
): { readonly text: string; readonly shown: ReadonlySet<string> } {
  const kept = chooseColumns(columns, rows, terminalColumns);
  const shown = new Set(kept.map(({ header }) => header));
  const room = nameRoom(kept, rows, terminalColumns);
  return { text: room < MIN_NAME_ROOM ? stacked(kept, rows, terminalColumns) : aligned(kept, rows, room), shown };
}

function chooseColumns<Row>(
  columns: readonly FittingColumn<Row>[],
  rows: readonly Row[],
  terminalColumns: number,
): readonly FittingColumn<Row>[] {
  const ranks = [...new Set(columns.flatMap(({ leaveOutRank }) => leaveOutRank ?? []))].toSorted((a, b) => b - a);
  const choices = [[], ...ranks.map((_, index) => ranks.slice(0, index + 1))].map((gone) =>
    columns.filter(({ leaveOutRank }) => leaveOutRank === undefined || !gone.includes(leaveOutRank)),
  );
  const fits = (kept: readonly FittingColumn<Row>[]) => {
    const room = nameRoom(kept, rows, terminalColumns);
    return rows.filter((row) => textColumns(nameOf(kept, row)) <= room).length >= FITTING_SHARE * rows.length;
  };
  return choices.find(fits) ?? choices.at(-1) ?? columns;
}

function nameOf<Row>([first]: readonly FittingColumn<Row>[], row: Row): string {
  return first?.text(row) ?? "";
}

/** What the figures leave for the names. */
function nameRoom<Row>(
  [, ...figures]: readonly FittingColumn<Row>[],
  rows: readonly Row[],
  terminalColumns: number,
): number {
  const widths = figures.map(({ header, text }) =>
    rows.reduce((most, row) => Math.max(most, textColumns(text(row))), textColumns(header)),
  );
  return terminalColumns - GAP - widths.reduce((sum, width) => sum + GAP + width, 0);
}

function aligned<Row>(columns: readonly FittingColumn<Row>[], rows: readonly Row[], room: number): string {
  const cells = rows.map((row) => {
    const [name = "", ...figures] = columns.map(({ text }) => text(row));
    return textColumns(name) <= room ? { name, figures, above: undefined } : { name: "", figures, above: name };
  });
  const table = plainTable(
    columns.map(({ header }) => header),
    cells.map(({ name, figures }) => [name, ...figures]),
    columns.filter(({ isLeft }) => isLeft === true).map(({ header }) => header),
  );
  const [head = "", ...lines] = table.split("\n");
  const withNames = lines.flatMap((line, index) => {
    const above = cells[index]?.above;
    return above === undefined ? [line] : [`  ${above}`, line];
  });
  return [head, ...withNames].join("\n");
}

/** No columns: the headers would stand above nothing. */
function stacked<Row>(columns: readonly FittingColumn<Row>[], rows: readonly Row[], terminalColumns: number): string {
  return rows
    .flatMap((row) => {
      const [name = "", ...figures] = columns.map(({ text }) => text(row));
      return [`  ${name}`, ...wrapLine(`    ${figures.join("  ")}`, terminalColumns, 4)];
    })
    .join("\n");
}
