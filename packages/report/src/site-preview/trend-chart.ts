import { coordinate, escapeSvg, svgLine, svgText } from "../svg-text.ts";
import { Html } from "./html.ts";
import { drawMark, type MarkKind } from "./trend-marks.ts";
import { scaleAround, type Trend, type TrendPoint } from "./trend-plot.ts";

const PLOT = { leftPx: 66, rightPx: 434, topPx: 24, bottomPx: 150, laneY: 170, dateY: 192 } as const;
/** Of a small screen, where the text is drawn larger. */
const CHAR_PX = 8.4;

export interface TrendChart {
  /** For ids; ours. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly trend: Trend;
  readonly format: (value: number) => string;
}

interface Places {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

/** One figure over the nights as SVG, the newest at the right; it takes its colours from the page. */
export function drawTrend({ id, title, description, trend, format }: TrendChart): Html {
  const values = trend.points.flatMap(({ value }) => (value === null ? [] : [value]));
  const scale = scaleAround(values);
  const places: Places = {
    x: placeOf(trend.points.length),
    y: (value) => PLOT.bottomPx - ((value - scale.low) / (scale.high - scale.low || 1)) * (PLOT.bottomPx - PLOT.topPx),
  };
  return new Html(
    [
      `<svg class="chart" role="img" viewBox="0 0 440 200" aria-labelledby="${id}-title ${id}-desc">`,
      `<title id="${id}-title">${escapeSvg(title, 200)}</title><desc id="${id}-desc">${escapeSvg(description, 1500)}</desc>`,
      ...scale.ticks.map((tick) => drawTick(tick, places, format)),
      ...drawBreaks(trend, places),
      ...trend.segments.map((segment) => drawSegment(segment, places)),
      ...trend.points.map((point) => drawPoint(point, places)),
      ...drawWords(trend.points, places),
      ...drawDates(trend.points, places),
      "</svg>",
    ].join("\n"),
  );
}

function placeOf(count: number): (index: number) => number {
  const [from, to] = [PLOT.leftPx + 10, PLOT.rightPx - 8];
  // A few nights lie at the right, not spread over the whole width.
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

function shortText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

function drawSegment(segment: readonly TrendPoint[], { x, y }: Places): string {
  if (segment.length < 2) return "";
  const path = segment.map(({ index, value }) => `${coordinate(x(index))},${coordinate(y(value ?? 0))}`);
  return `<polyline class="line" points="${path.join(" ")}"/>`;
}

/** What a point is drawn as. */
export function markOf({ night, value }: TrendPoint): MarkKind {
  return value === null ? "other" : night.state;
}

function drawPoint(point: TrendPoint, { x, y }: Places): string {
  const [atX, atY] = [x(point.index), point.value === null ? PLOT.laneY : y(point.value)];
  const ring = `<circle class="m-latest" cx="${coordinate(atX)}" cy="${coordinate(atY)}" r="6.5"/>`;
  return `${drawMark(markOf(point), atX, atY)}${point.night.isLatest ? ring : ""}`;
}

/** The word beside each mark that is not an ordinary night, where there is room; the legend has all of them. */
function drawWords(points: readonly TrendPoint[], { x, y }: Places): string[] {
  const inLane = points.filter(({ value }) => value === null).map(({ index }) => [x(index) - 6, x(index) + 6] as const);
  const taken = { lane: [...inLane], plot: [] as (readonly [number, number])[] };
  return points.flatMap((point, position) => {
    const kind = markOf(point);
    if (kind === "shown") return [];
    const row = kind === "other" ? "lane" : "plot";
    const word = kind === "other" ? shortText(point.night.snapshot.source.tier, 14) : kind;
    const place = freePlace(x(point.index), word.length * CHAR_PX, taken[row]);
    if (place === undefined) return [];
    taken[row].push(place);
    return [svgText(place[0], wordY(point, points[position - 1], y), word, 'class="axis halo"')];
  });
}

/** Right of a mark, else left of it, else nowhere. */
function freePlace(atX: number, widthPx: number, taken: readonly (readonly [number, number])[]) {
  const places = [[atX + 8, atX + 8 + widthPx] as const, [atX - 8 - widthPx, atX - 8] as const];
  return places.find(
    ([from, to]) => from >= 4 && to <= PLOT.rightPx + 6 && taken.every(([start, end]) => to < start || from > end),
  );
}

/** Away from the line: above a peak, below a dip. */
function wordY({ value }: TrendPoint, previous: TrendPoint | undefined, y: Places["y"]): number {
  if (value === null) return PLOT.laneY + 4;
  const isDip = previous !== undefined && previous.value !== null && value < previous.value;
  return isDip ? Math.min(PLOT.bottomPx - 2, y(value) + 14) : Math.max(PLOT.topPx + 4, y(value) - 7);
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
