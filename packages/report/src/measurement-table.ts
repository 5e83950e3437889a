import type { Measurement } from "@forgebench/artifacts";
import { fittingTable } from "./fitting-table.ts";
import { type Column, tableCells } from "./report-document.ts";
import { SIGNS } from "./tone.ts";

const COLUMNS: readonly Column<Measurement["figures"][number]>[] = [
  { header: "figure", isLeft: true, text: ({ name }) => name },
  { header: "measured", text: ({ value, unit }) => `${formatFigure(value)} ${unit}`.trim() },
  { header: "asked", isLeft: true, text: ({ goal = "" }) => goal },
  { header: "", isLeft: true, text: ({ met }) => (met === undefined ? "" : met ? SIGNS.good : `${SIGNS.bad} missed`) },
];

/** The figures of a self-measurement as a table for a terminal of any width: each beside what was asked. */
export function formatMeasurement({ program, machine, figures }: Measurement): string {
  const { cpuModel, cpuCount, nodeVersion } = machine;
  const { lines } = fittingTable(tableCells(COLUMNS, figures), Number.POSITIVE_INFINITY);
  return `${program} on ${cpuCount} × ${cpuModel}, Node ${nodeVersion}\n${lines.join("\n")}\n`;
}

function formatFigure(value: number): string {
  // toPrecision would write 1234.5 as 1.23e+3.
  return Number.isInteger(value) || Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
