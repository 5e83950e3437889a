import Table from "cli-table3";

const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((name) => [name, ""]),
);

/** A table for a terminal: columns aligned, no borders, no colours; the first column to the left, the named ones too. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns: readonly string[] = [],
): string {
  const table = new Table({
    head: [...head],
    chars: { ...NO_BORDERS, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((name, index) => (index === 0 || leftColumns.includes(name) ? "left" : "right")),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}
