import type { ReportExtras } from "./reproduce.ts";

/** How a report is laid out for a terminal. */
export interface TerminalOptions extends ReportExtras {
  /** How wide the terminal is; 80 when nobody says so. */
  readonly columns?: number | undefined;
  /** Shows the cells that only confirm the rest, too, instead of counting them. */
  readonly allCells?: boolean | undefined;
}

/** The same, with what was left open filled in. */
export interface TerminalLayout extends ReportExtras {
  readonly columns: number;
  readonly allCells: boolean;
}
