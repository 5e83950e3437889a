import { coordinate } from "./svg-text.ts";

/** How a line looks: each differs in dashes and marker too, because colours alone must not carry meaning. */
const STYLES = [
  { colour: "#000000", dash: "none", marker: "circle" },
  { colour: "#0060a8", dash: "8 4", marker: "square" },
  { colour: "#b34700", dash: "2 3", marker: "triangle" },
  { colour: "#00704f", dash: "10 3 2 3", marker: "diamond" },
  { colour: "#8e3b78", dash: "5 2", marker: "cross" },
  { colour: "#6b5500", dash: "14 4", marker: "ring" },
] as const;

/** How one line of a chart looks. */
export type ChartStyle = (typeof STYLES)[number];

/** The style of the line with this number; they repeat. */
export function styleOf(index: number): ChartStyle {
  return STYLES[Math.max(0, index) % STYLES.length] ?? STYLES[0];
}

/** The marker of a line at a place. */
export function drawMarker(index: number, x: number, y: number): string {
  const { marker, colour } = styleOf(index);
  const path = (text: string, isFilled = true) =>
    `<path transform="translate(${coordinate(x)} ${coordinate(y)})" d="${text}" fill="${isFilled ? colour : "none"}" stroke="${colour}" stroke-width="1.5"/>`;
  const circle = "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z";
  const markers = {
    circle: () => path(circle),
    square: () => path("M-3.2 -3.2h6.4v6.4h-6.4z"),
    triangle: () => path("M0 -4l4 7h-8z"),
    diamond: () => path("M0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z"),
    cross: () => path("M-3.5 -3.5l7 7M3.5 -3.5l-7 7", false),
    ring: () => path(circle, false),
  } as const satisfies Record<ChartStyle["marker"], () => string>;
  return markers[marker]();
}
