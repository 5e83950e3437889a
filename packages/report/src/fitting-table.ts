import { textColumns, wrapLine } from "@forgebench/errors";
import type { ColumnHead, TableCells } from "./report-document.ts";

/** Between columns, and before the first. */
const GAP = "  ";
/** The share of names that must fit beside the figures; else a column is left out for them. */
const FITTING_SHARE = 0.9;
/** With less room than this for names, every row takes lines of its own. */
const MIN_NAME_ROOM = 12;

/** The lines of a table, none without rows, and the columns that there was room for. */
export interface FittedTable {
  readonly lines: readonly string[];
  readonly shown: readonly ColumnHead[];
}

/**
 * A table of at most so many columns of a terminal. Optional columns are left out until nine names in ten fit; a longer
 * name stands on a line of its own above its figures. If not even that fits, every row becomes a name and a line of
 * figures that wraps.
 */
export function fittingTable(table: TableCells, terminalColumns: number): FittedTable {
  if (table.rows.length === 0) return { lines: [], shown: [] };
  const kept = chooseColumns(table, terminalColumns);
  const room = nameRoom(kept, terminalColumns);
  return {
    lines: room < MIN_NAME_ROOM ? stacked(kept, terminalColumns) : aligned(kept, room),
    shown: kept.columns,
  };
}

function chooseColumns(table: TableCells, terminalColumns: number): TableCells {
  const ranks = [...new Set(table.columns.flatMap(({ leaveOutRank }) => leaveOutRank ?? []))].toSorted((a, b) => b - a);
  const choices = [table, ...ranks.map((rank) => withoutRank(table, rank))];
  const fits = (choice: TableCells) => {
    const room = nameRoom(choice, terminalColumns);
    return choice.rows.filter(([name = ""]) => textColumns(name) <= room).length >= FITTING_SHARE * table.rows.length;
  };
  return choices.find(fits) ?? choices.at(-1) ?? table;
}

/** Without the columns of this rank and of larger ones. */
function withoutRank({ columns, rows }: TableCells, rank: number): TableCells {
  const isKept = columns.map(({ leaveOutRank = 0 }) => leaveOutRank < rank);
  return {
    columns: columns.filter((_, index) => isKept[index]),
    rows: rows.map((row) => row.filter((_, index) => isKept[index])),
  };
}

/** The width of each column. */
function widthsOf({ columns, rows }: TableCells): number[] {
  return columns.map(({ header }, index) =>
    rows.reduce((most, row) => Math.max(most, textColumns(row[index] ?? "")), textColumns(header)),
  );
}

/** The width that the figures leave for the names. */
function nameRoom(table: TableCells, terminalColumns: number): number {
  const [, ...figures] = widthsOf(table);
  return terminalColumns - GAP.length - figures.reduce((sum, width) => sum + GAP.length + width, 0);
}

function aligned({ columns, rows }: TableCells, room: number): string[] {
  const isLong = ([name = ""]: readonly string[]) => textColumns(name) > room;
  const besides = rows.map((row) => (isLong(row) ? ["", ...row.slice(1)] : row));
  const widths = widthsOf({ columns, rows: besides });
  const lineOf = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) => {
      const gap = " ".repeat((widths[index] ?? 0) - textColumns(cell));
      return columns[index]?.isLeft === true ? `${cell}${gap}` : `${gap}${cell}`;
    });
    return `${GAP}${padded.join(GAP)}`.trimEnd();
  };
  const lines = rows.flatMap((row, index) => [
    ...(isLong(row) ? [`${GAP}${row[0]}`] : []),
    lineOf(besides[index] ?? []),
  ]);
  return [lineOf(columns.map(({ header }) => header)), ...lines];
}

/** No headers: they would stand above nothing. */
function stacked({ rows }: TableCells, terminalColumns: number): string[] {
  return rows.flatMap(([name = "", ...figures]) => [
    `${GAP}${name}`,
    ...wrapLine(`${GAP}${GAP}${figures.join(GAP)}`, terminalColumns, 2 * GAP.length),
  ]);
}
