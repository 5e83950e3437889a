import type { NightPlan } from "@forgebench/artifacts";
import { counted } from "@forgebench/errors";
import { formatMinutes, listed, threeFigures } from "./words.ts";

/** The most rows on a terminal; the plan has the rest. */
const MAX_ROWS = 60;
const MAX_COMMANDS = 8;

/** The plan in one line: the judged cells, their time, and the cells that are not judged. */
export function planHeadline({ cells, shards, notJudged, budgetMinutes }: NightPlan): string {
  const times = shards.map(({ expectedMinutes }) => expectedMinutes);
  const [least, most] = [threeFigures(Math.min(...times)), threeFigures(Math.max(...times))];
  const each = shards.length === 1 ? "" : least === most ? " each" : " in a shard";
  const taken = least === most ? most : `${least} to ${most}`;
  const without = notJudged.map(({ id, expectedMinutes }) => `${id} (${formatMinutes(expectedMinutes)})`);
  const rest = without.length === 0 ? "" : `; not judged: ${listed(without)}`;
  return `${counted(cells.length, "cell")} in ${counted(shards.length, "shard")}, ${taken} of ${budgetMinutes} minutes${each}${rest}`;
}

/** The headline, the notes, every cell with its price, and the commands. */
export function formatNightPlan(plan: NightPlan): string {
  const { warnings, notJudged, shards, controls } = plan;
  const gating = notJudged.filter((cell) => cell.gating).map(({ id }) => id);
  const control = `controls   ${counted(controls.cellsPerShard, "cell")} of ${controls.expectedBlocks} blocks in each shard, ${formatMinutes(controls.expectedMinutesPerShard)}`;
  return [
    planHeadline(plan),
    ...(gating.length === 0
      ? []
      : [
          `warning: ${counted(gating.length, "gating cell")} not judged tonight: ${listed(gating, 10)}; green will not include ${gating.length === 1 ? "it" : "them"}`,
        ]),
    ...warnings.map((text) => `warning: ${text}`),
    "",
    ...table(plan),
    ...shedLines(plan),
    "",
    control,
    ...shards.slice(0, MAX_COMMANDS).map(({ index, command }) => `shard ${String(index).padEnd(4)} ${command}`),
    ...(shards.length > MAX_COMMANDS ? [`and ${shards.length - MAX_COMMANDS} more shards in the plan`] : []),
    "",
  ].join("\n");
}

function table({ cells }: NightPlan): string[] {
  const head = ["cell", "gating", "block", "blocks", "expected", "shard", "priced from"];
  const rows = cells
    .slice(0, MAX_ROWS)
    .map((cell) => [
      cell.id,
      cell.gating ? "yes" : "no",
      `${threeFigures(cell.blockMs / 1000)} s`,
      String(cell.expectedBlocks),
      formatMinutes(cell.expectedMinutes),
      String(cell.shard),
      cell.pricedFrom,
    ]);
  const more = cells.length > MAX_ROWS ? [`  and ${cells.length - MAX_ROWS} more in the plan`] : [];
  return [...aligned([head, ...rows], ["cell", "gating", "priced from"]), ...more];
}

/** Columns of equal width, two spaces between them, numbers to the right. */
function aligned(rows: readonly (readonly string[])[], leftColumns: readonly string[]): string[] {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => {
    const texts = row.map((text, column) =>
      leftColumns.includes(head[column] ?? "") ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    return `  ${texts.join("  ")}`.trimEnd();
  });
}

function shedLines({ notJudged }: NightPlan): string[] {
  if (notJudged.length === 0) return [];
  const shown = notJudged
    .slice(0, MAX_ROWS)
    .map(
      ({ id, gating, expectedMinutes, reason }) =>
        `  ${id}  ${formatMinutes(expectedMinutes)}${gating ? ", gating" : ""}: ${reason}`,
    );
  const more = notJudged.length > MAX_ROWS ? [`  and ${notJudged.length - MAX_ROWS} more in the plan`] : [];
  return ["", "not judged tonight", ...shown, ...more];
}
