import { DEFAULT_COLUMNS, MIN_COLUMNS, textColumns } from "@forgebench/errors";
import type { Verdict } from "./report-document.ts";

/** A name that is cut further than this no longer identifies the cell. */
const MIN_NAME_COLUMNS = 12;

/**
 * A verdict in one line of at most `columns`, never more than 80: the last line of a report, so that it is on the last
 * screen of any terminal. Parts that do not fit are left out from the end; long names are cut.
 */
export function verdictLine({ lead, named, counts, check }: Verdict, columns: number = DEFAULT_COLUMNS): string {
  const room = Math.max(MIN_COLUMNS, Math.min(columns, DEFAULT_COLUMNS));
  const [short = ""] = lead.split(",");
  const counted = counts === "" ? "" : `, ${counts}`;
  const checked = check === "" ? "" : `; ${check}`;
  const tails = [counted + checked, counted, checked, ""];
  const candidates = [
    ...(named === undefined
      ? []
      : tails.map((tail) => withName(`Verdict: ${lead}, `, named, tail, room)).filter((text) => text !== undefined)),
    ...tails.map((tail) => `Verdict: ${lead}${tail}`),
    ...tails.map((tail) => `Verdict: ${short}${tail}`),
  ];
  return candidates.find((text) => textColumns(text) <= room) ?? short;
}

/** With as much of the name as fits; undefined if that is too little. */
function withName(
  before: string,
  { name, phrase }: NonNullable<Verdict["named"]>,
  tail: string,
  room: number,
): string | undefined {
  const left = room - textColumns(`${before} ${phrase}${tail}`);
  if (textColumns(name) <= left) return `${before}${name} ${phrase}${tail}`;
  return tail === "" && left >= MIN_NAME_COLUMNS ? `${before}${cutMiddle(name, left)} ${phrase}` : undefined;
}

/** The beginning and the end of a name: the end tells phase and metric. */
function cutMiddle(name: string, columns: number): string {
  const kept = [...name];
  while (textColumns(kept.join("")) + 1 > columns) kept.splice(kept.length >> 1, 1);
  const half = (kept.length + 1) >> 1;
  return `${kept.slice(0, half).join("")}…${kept.slice(half).join("")}`;
}
