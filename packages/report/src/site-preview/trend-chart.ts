import { coordinate, escapeSvg, svgLine, svgText } from "../svg-text.ts";
import { Html } from "./html.ts";
import { drawMark, markOf } from "./trend-marks.ts";
import { PLOT, type Places } from "./trend-places.ts";
import { scaleAround, type Trend, type TrendPoint, valuesInScale } from "./trend-plot.ts";
import { CHAR_PX, drawWords, shortText } from "./trend-words.ts";

/** A chart of one figure, and how its values are written. */
export interface TrendChart {
  /** For ids; ours. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly trend: Trend;
  readonly format: (value: number) => string;
}

/** One figure over the nights as SVG, the newest at the right; it takes its colours from the page. */
export function drawTrend({ id, title, description, trend, format }: TrendChart): Html {
  const scale = scaleAround(valuesInScale(trend));
  const places: Places = {
    x: placeOf(trend.points.length),
    y: (value) => {
      // Only invalid values can be outside; they are drawn at the edge.
      const share = Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low || 1)));
      return PLOT.bottomPx - share * (PLOT.bottomPx - PLOT.topPx);
    },
  };
  return new Html(
    [
      `<svg class="chart" role="img" viewBox="0 0 440 200" aria-labelledby="${id}-title ${id}-desc">`,
      `<title id="${id}-title">${escapeSvg(title, 200)}</title><desc id="${id}-desc">${escapeSvg(description, 1500)}</desc>`,
      ...scale.ticks.map((tick) => drawTick(tick, places, format)),
      ...drawBreaks(trend, places),
      ...trend.segments.map((segment) => drawSegment(segment, places)),
      ...trend.points.map((point) => drawPoint(point, places)),
      ...drawWords(trend, places),
      ...drawDates(trend.points, places),
      "</svg>",
    ].join("\n"),
  );
}

function placeOf(count: number): (index: number) => number {
  const [from, to] = [PLOT.leftPx + 10, PLOT.rightPx - 8];
  // A few nights are at the right, not spread over the whole width.
  const stepPx = count < 2 ? 0 : Math.min((to - from) / (count - 1), 60);
  return (index) => to - (count - 1 - index) * stepPx;
}

function drawTick(tick: number, { y }: Places, format: (value: number) => string): string {
  const line = svgLine([PLOT.leftPx, y(tick)], [PLOT.rightPx, y(tick)], 'class="grid"');
  return `${line}${svgText(PLOT.leftPx - 6, y(tick) + 4, format(tick), 'class="axis" text-anchor="end"')}`;
}

function drawBreaks({ breaks }: Trend, { x }: Places): string[] {
  let lastX = Number.NEGATIVE_INFINITY;
  return breaks.flatMap(({ index, to }) => {
    const at = (x(index) + x(index - 1)) / 2;
    const line = svgLine([at, PLOT.topPx - 8], [at, PLOT.bottomPx], 'class="break"');
    const text = shortText(to, 24);
    const widthPx = text.length * CHAR_PX;
    const isLeft = at + widthPx + 4 > PLOT.rightPx;
    const startX = isLeft ? at - widthPx - 4 : at;
    if (startX < lastX || startX < 0) return [line];
    lastX = startX + widthPx + 8;
    const anchor = isLeft ? 'text-anchor="end"' : "";
    return [line, svgText(isLeft ? at - 4 : at + 4, PLOT.topPx - 10, text, `class="axis" ${anchor}`)];
  });
}

function drawSegment(segment: readonly TrendPoint[], { x, y }: Places): string {
  if (segment.length < 2) return "";
  const path = segment.map(({ index, value }) => `${coordinate(x(index))},${coordinate(y(value ?? 0))}`);
  return `<polyline class="line" points="${path.join(" ")}"/>`;
}

function drawPoint(point: TrendPoint, { x, y }: Places): string {
  const [atX, atY] = [x(point.index), point.value === null ? PLOT.laneY : y(point.value)];
  const ring = `<circle class="m-latest" cx="${coordinate(atX)}" cy="${coordinate(atY)}" r="6.5"/>`;
  return `${drawMark(markOf(point), atX, atY)}${point.night.isLatest ? ring : ""}`;
}

/** The days of the first, a middle and the last night. */
function drawDates(points: readonly TrendPoint[], { x }: Places): string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const isWide = x(last.index) - x(first.index) > 150;
  const middle = points.length > 8 ? points[Math.floor(points.length / 2)] : undefined;
  const label = (point: TrendPoint, anchor: string) =>
    svgText(x(point.index), PLOT.dateY, dayOf(point), `class="axis" text-anchor="${anchor}"`);
  return [
    ...(isWide ? [label(first, "start")] : []),
    ...(isWide && middle !== undefined ? [label(middle, "middle")] : []),
    label(last, "end"),
  ];
}

/** The day as `2026-02-15`, in UTC. */
function dayOf({ night }: TrendPoint): string {
  return new Date(night.snapshot.generatedAt).toISOString().slice(0, 10);
}
