import { coordinate } from "../svg-text.ts";
import { Html } from "./html.ts";
import type { Night } from "./nights.ts";
import type { TrendPoint } from "./trend-plot.ts";

/** How a night looks in a chart: each differs in shape, and is named in words. */
const MARKS = {
  shown: { path: "M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0z", className: "m-shown", words: "valid night" },
  alert: { path: "M0 -4.6l4.6 8h-9.2z", className: "m-alert", words: "night with an alert" },
  "not canonical": {
    path: "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0z",
    className: "m-canonical",
    words: "not canonical: beside the line",
  },
  invalid: { path: "M-3.6 -3.6l7.2 7.2M3.6 -3.6l-7.2 7.2", className: "m-invalid", words: "invalid: beside the line" },
  other: { path: "M-3 -3h6v6h-6z", className: "m-other", words: "another tier or pair: not on this scale" },
} as const satisfies Record<Night["state"] | "other", { path: string; className: string; words: string }>;

/** The kinds of marks, by the state of the night. */
export type MarkKind = keyof typeof MARKS;

/** The mark of a point. */
export function markOf({ night, value }: TrendPoint): MarkKind {
  return value === null ? "other" : night.state;
}

/** A mark as SVG at a place, in pixels. */
export function drawMark(kind: MarkKind, x: number, y: number): string {
  const { path, className } = MARKS[kind];
  return `<path class="${className}" transform="translate(${coordinate(x)} ${coordinate(y)})" d="${path}"/>`;
}

/** The legend of the marks that occur, in the order of the table above. */
export function legend(kinds: ReadonlySet<MarkKind>, hasBreaks: boolean): Html {
  const entries = (Object.keys(MARKS) as MarkKind[]).filter((kind) => kinds.has(kind));
  const items = entries.map((kind) => item(drawMark(kind, 7, 7), MARKS[kind].words));
  const broken = item('<path class="break" d="M7 0v14"/>', "the set-up changes: no line across");
  const ring = item('<circle class="m-latest" cx="7" cy="7" r="5"/>', "the latest");
  return new Html(`<ul class="legend">${[...items, ring, ...(hasBreaks ? [broken] : [])].join("")}</ul>`);
}

function item(drawing: string, words: string): string {
  return `<li><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${drawing}</svg>${words}</li>`;
}
