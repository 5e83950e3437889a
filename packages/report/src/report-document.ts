import type { Comparison } from "@forgebench/artifacts";
import { formatCount } from "./format-figures.ts";
import type { ReportedSummaries } from "./summary-rows.ts";
import type { Tone } from "./tone.ts";

/**
 * A report as data: its parts in their order. It is built once for each markup, in which its texts are written; the
 * renderers lay it out.
 */
export interface ReportDocument {
  readonly sections: readonly Section[];
  readonly verdict: Verdict;
}

/** Names for a report besides its artifacts. */
export interface ReportExtras {
  /** The file name of the evidence bundle. */
  readonly evidenceBundle?: string | undefined;
}

/** The data of the report of a comparison. */
export interface ComparisonReport extends ReportExtras {
  readonly comparison: Comparison;
  readonly summaries: ReportedSummaries;
  /** Whether a terminal also lists the cells that only confirm the rest, instead of counting them. */
  readonly allCells?: boolean | undefined;
}

/** The parts of a verdict: always the lead, then the name that it is about, then the others if they fit. Plain text. */
export interface Verdict {
  /** Undefined where nothing was judged. */
  readonly tone?: Tone | undefined;
  readonly lead: string;
  /** The cell that is named, cut if there is no room, and its phrase. */
  readonly named?: { readonly name: string; readonly phrase: string } | undefined;
  /** How many cells got which answer; may be empty. */
  readonly counts: string;
  /** Whether the measurement checked itself; may be empty. */
  readonly check: string;
}

/** One part of a report. A section with nothing to say is left out. */
export type Section = (AnswerSection | TextSection | ListSection | TableSection) & {
  /** Where the section is shown; on pages (which fold and scroll, such as Markdown) and in terminals when it does not say. */
  readonly only?: "page" | "terminal";
};

/** The answer in a few sentences, how it was found, and who accepts a regression; the last two may be empty. */
export interface AnswerSection {
  readonly kind: "answer";
  readonly tone: Tone | undefined;
  /** Begins with the lead, a few words up to a dot or a colon. */
  readonly verdict: string;
  readonly design: string;
  readonly acceptance: string;
}

/** Prose, in one line. */
export interface TextSection {
  readonly kind: "text";
  /** For pages: a terminal shows the text alone. */
  readonly title?: string;
  readonly text: string;
}

/** One entry of a list, in one line, with its remedy. */
export interface ListItem {
  readonly text: string;
  /** The text without the parts that a terminal shows in its table already. */
  readonly brief?: string;
  readonly remedy?: string;
}

/** A titled list of single lines. */
export interface ListSection {
  readonly kind: "list";
  readonly title: string;
  readonly items: readonly ListItem[];
  /** The remedy for all of them. */
  readonly remedy?: string | undefined;
  /** How many characters the items may take on a page. */
  readonly maxChars: number;
}

/** A column of a table; the first one holds names. */
export interface ColumnHead {
  readonly header: string;
  readonly isLeft?: boolean;
  /** In terminals: left out if there is no room, the largest number first, from 1; without a number always shown. */
  readonly leaveOutRank?: number;
  /** The meaning of the column, written below a table that shows it. */
  readonly note?: string | undefined;
}

/** A column, and the text of its cell in a row. */
export interface Column<Row> extends ColumnHead {
  text(row: Row): string;
}

/** The cells of a table, row by row: each row has one for each column. */
export interface TableCells {
  readonly columns: readonly ColumnHead[];
  readonly rows: readonly (readonly string[])[];
}

/** A table, with the text for rows that do not fit. */
export interface TableSection extends TableCells {
  readonly kind: "table";
  /** What a row is. */
  readonly noun: string;
  /** Where the rows are that do not fit. */
  readonly source: string;
  /** How many characters the rows may take on a page. */
  readonly maxChars: number;
  readonly isFolded?: boolean;
  /** The text directly below the rows of a terminal. */
  readonly below?: string | undefined;
  /** The text below the table, besides the notes of its columns. */
  readonly notes?: readonly string[];
}

/** The cells that these columns make of the rows. */
export function tableCells<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): TableCells {
  return { columns, rows: rows.map((row) => columns.map(({ text }) => text(row))) };
}

/** The same as a section. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  about: Omit<TableSection, "kind" | "columns" | "rows">,
): TableSection {
  return { kind: "table", ...about, ...tableCells(columns, rows) };
}

/** The text for the hidden rows of a table: `3 more cells in compare.json`. */
export function hiddenRowsText({ noun, source }: TableSection, hiddenCount: number): string {
  return `${formatCount(hiddenCount, `more ${noun}`)} in ${source}`;
}
