import type { PartShape, Shape } from "./measure-shape.ts";

const HEAD = ["", "files", "code", "tokens", "tests", "functions", "median", "90 %", "exports", "docs"];

/** A table of at most 80 columns for usual names, and the longest functions with their places. */
export function formatShape({ groups, total, longest }: Shape): string {
  const rows = groups.map((group) => [group.name, ...cellsOf(group)]);
  return [
    ...alignRight([HEAD, ...rows, ["all", ...cellsOf(total)]]),
    "",
    `${total.functions.count} functions: half have at most ${total.functions.median} lines, 90 % at most ${total.functions.p90}; the longest:`,
    ...longest.map(({ file, line, name, lines }) => `${String(lines).padStart(4)}  ${file}:${line}  ${name}`),
    "",
  ].join("\n");
}

function cellsOf(part: PartShape) {
  const { fileCount, productionLines, productionTokens, testLines, functions, exportCount, documentedCount } = part;
  const { count, median, p90 } = functions;
  const share = exportCount === 0 ? "–" : `${Math.floor((100 * documentedCount) / exportCount)} %`;
  const counts = [fileCount, productionLines, productionTokens, testLines, count, median, p90, exportCount];
  return [...counts.map(String), share];
}

/** Columns side by side, the first to the left. */
function alignRight(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(" "),
  );
}
