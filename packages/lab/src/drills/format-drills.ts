import type { JudgedDrill } from "./judge-drill.ts";
import { shownInterval, shownPct } from "./shown-change.ts";

const COLUMNS = ["drill", "must be", "metric", "verdict", "change", "95 % interval", "blocks", "detectable"];
const MORE_COLUMNS = ["planted", "exit", "controls", "minutes", "load", ""];

/** A line for each drill and metric; what concerns the whole drill stands in its first line. */
export function formatDrills(judged: readonly JudgedDrill[]): string {
  const rows = [[...COLUMNS, ...MORE_COLUMNS], ...judged.flatMap(rowsOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  "));
  const faults = judged.flatMap(({ drill, faults: own }) => own.map((fault) => `✗ ${drill.id}: ${fault}`));
  return `${[...lines, ...faults].map((line) => line.trimEnd()).join("\n")}\n`;
}

function rowsOf({ drill, cells, faults, isMissed, ...result }: JudgedDrill): string[][] {
  const answer = faults.length > 0 ? "✗" : isMissed ? "not found" : "✓";
  // The metric that the drill is about comes first.
  const shown = cells.toSorted((a, b) => Number(b.metric === drill.metric) - Number(a.metric === drill.metric));
  return shown.map((cell, index) => {
    const isFirst = index === 0;
    const planted = result.achievedPct === null ? "" : shownPct(result.achievedPct);
    const times = [result.durationMinutes.toFixed(1), result.load.toFixed(1)];
    const whole = [planted, String(result.exitCode), result.controls, ...times];
    return [
      ...(isFirst ? [drill.id, drill.allowed.join(" or ")] : ["", ""]),
      ...[cell.metric, cell.verdict, shownPct(cell.changePct), shownInterval(cell.interval)],
      ...[String(cell.blockCount), cell.detectablePct === null ? "" : `${cell.detectablePct.toFixed(1)} %`],
      ...(isFirst ? [...whole, answer] : []),
    ];
  });
}
