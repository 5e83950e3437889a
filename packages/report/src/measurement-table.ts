import type { Measurement } from "@forgebench/artifacts";
import Table from "cli-table3";

/** The figures of a self-measurement as a table for a terminal: each beside what was asked. */
export function formatMeasurement(measurement: Measurement): string {
  const table = new Table({ head: ["figure", "measured", "asked", ""], style: { head: [], border: [] } });
  for (const { name, value, unit, goal, met } of measurement.figures) {
    table.push([
      name,
      `${formatFigure(value)} ${unit}`.trim(),
      goal ?? "",
      met === undefined ? "" : met ? "✓" : "✗ missed",
    ]);
  }
  const { cpuModel, cpuCount, nodeVersion } = measurement.machine;
  return `${measurement.program} on ${cpuCount} × ${cpuModel}, Node ${nodeVersion}\n${table.toString()}\n`;
}

function formatFigure(value: number): string {
  // toPrecision would write 1234.5 as 1.23e+3.
  return Number.isInteger(value) || Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
