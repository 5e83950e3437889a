import { escapeTerminal } from "./escape.ts";

/** Text from outside inside SVG or HTML, or in an attribute there: one line of limited length, without markup. */
export function escapeSvg(text: string, maxLength = 80): string {
  return escapeTerminal(text, maxLength)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;")
    .replace(/[\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
}

/** A coordinate with at most one decimal. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text at a place; `text` is escaped here. */
export function svgText(x: number, y: number, text: string, attributes = ""): string {
  const more = attributes === "" ? "" : ` ${attributes}`;
  return `<text x="${coordinate(x)}" y="${coordinate(y)}"${more}>${escapeSvg(text)}</text>`;
}

/** A straight line. */
export function svgLine(from: readonly [number, number], to: readonly [number, number], attributes: string): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(coordinate);
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${attributes}/>`;
}
