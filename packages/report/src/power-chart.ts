import { drawMarker, styleOf } from "./chart-styles.ts";
import { coordinate, escapeSvg, svgLine, svgText } from "./svg-text.ts";

/** How often a slowdown of this size was found. */
export interface PowerPoint {
  readonly effectPct: number;
  /** A share from 0 to 1, and the ends of its confidence interval. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** One rule on one recording. */
export interface PowerSeries {
  readonly name: string;
  readonly points: readonly PowerPoint[];
}

/** One plot; the series of the same name look alike in all panels. */
export interface PowerPanel {
  readonly title: string;
  /** The label of the horizontal axis, for example `planted slowdown, %`. */
  readonly xLabel: string;
  readonly series: readonly PowerSeries[];
}

/** Several panels under one title and legend. */
export interface PowerChart {
  readonly title: string;
  readonly panels: readonly PowerPanel[];
}

const PLOT = { widthPx: 300, heightPx: 210, leftPx: 52, topPx: 34, bottomPx: 50 } as const;
const MAX_COLUMNS = 2;
/** Room for a name of so many characters beside a line; longer ones are cut. */
const MAX_NAME_LENGTH = 28;
const CHAR_PX = 6.4;
const LABEL_GAP_PX = 14;
const MAX_EFFECT_PCT = 100_000;

/**
 * Power curves as a self-contained SVG: the share of found slowdowns from 0 to 100 % over their size, with whiskers.
 * Lines differ in dashes and markers and are named at their ends, so that it can be read without colours.
 */
export function drawPowerChart({ title, panels }: PowerChart): string {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const columns = Math.max(1, Math.min(MAX_COLUMNS, panels.length));
  const longest = names.reduce((most, name) => Math.max(most, Math.min(name.length, MAX_NAME_LENGTH)), 0);
  const cellWidth = PLOT.leftPx + PLOT.widthPx + 30 + longest * CHAR_PX;
  const cellHeight = PLOT.topPx + PLOT.heightPx + PLOT.bottomPx;
  const legend = drawLegend(names, columns * cellWidth);
  const topPx = 40 + legend.heightPx;
  const [width, height] = [columns * cellWidth, topPx + Math.ceil(panels.length / columns) * cellHeight].map(Math.ceil);
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % columns) * cellWidth, topPx + Math.floor(index / columns) * cellHeight];
    return `<g transform="translate(${coordinate(x)} ${coordinate(y)})">${drawPanel(panel, names)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#111">`,
    `<title>${escapeSvg(title, 200)}</title>`,
    `<desc>${escapeSvg(describe(panels), 4000)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    svgText(16, 26, title, 'font-size="16" font-weight="600"'),
    legend.svg,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

/** The figures in words, for people who cannot see the picture. */
function describe(panels: readonly PowerPanel[]): string {
  const pointText = ({ effectPct, rate }: PowerPoint) => `${effectPct} %: ${(rate * 100).toFixed(1)} %`;
  const seriesText = ({ name, points }: PowerSeries) =>
    `${name} finds ${knownPoints(points).map(pointText).join(", ")}`;
  return panels.map(({ title, series }) => `${title}. ${series.map(seriesText).join("; ")}.`).join(" ");
}

function drawLegend(names: readonly string[], widthPx: number): { readonly svg: string; readonly heightPx: number } {
  const entryWidth = 54 + MAX_NAME_LENGTH * CHAR_PX;
  const perRow = Math.max(1, Math.floor((widthPx - 16) / entryWidth));
  const entries = names.map((name, index) => {
    const [x, y] = [16 + (index % perRow) * entryWidth, 46 + Math.floor(index / perRow) * 20];
    const { colour, dash } = styleOf(index);
    const line = svgLine([x, y], [x + 36, y], `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`);
    return `${line}${drawMarker(index, x + 18, y)}${svgText(x + 44, y + 4, shortName(name))}`;
  });
  return { svg: entries.join("\n"), heightPx: Math.ceil(names.length / perRow) * 20 };
}

function shortName(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
}

/** Where values lie in a panel, in pixels. */
interface Scale {
  x(effectPct: number): number;
  y(rate: number): number;
}

function scaleOf(effects: readonly number[]): Scale {
  const [least, most] = [effects[0] ?? 0, effects.at(-1) ?? 0];
  const span = most - least;
  return {
    x: (effectPct) => PLOT.leftPx + (span === 0 ? 0.5 : (effectPct - least) / span) * PLOT.widthPx,
    y: (rate) => PLOT.topPx + (1 - rate) * PLOT.heightPx,
  };
}

function drawPanel({ title, xLabel, series }: PowerPanel, names: readonly string[]): string {
  const known = series.map(({ name, points }) => ({ name, points: knownPoints(points) }));
  const effects = [...new Set(known.flatMap(({ points }) => points.map(({ effectPct }) => effectPct)))];
  const scale = scaleOf(effects.sort((a, b) => a - b));
  return [
    svgText(PLOT.leftPx, PLOT.topPx - 14, title, 'font-weight="600"'),
    ...drawAxes(effects, scale, xLabel),
    // The first series lies on top of the others.
    ...known.toReversed().map(({ name, points }) => drawSeries(points, names.indexOf(name), scale)),
    ...drawNames(known, names, scale),
  ].join("\n");
}

/** The points that can be drawn, in order of size: shares from 0 to 1, and effects that fit into a plot. */
function knownPoints(points: readonly PowerPoint[]): PowerPoint[] {
  const known = points.filter(
    ({ effectPct, rate, low, high }) =>
      Math.abs(effectPct) <= MAX_EFFECT_PCT && [rate, low, high].every((share) => share >= 0 && share <= 1),
  );
  return known.toSorted((a, b) => a.effectPct - b.effectPct);
}

function drawAxes(effects: readonly number[], scale: Scale, xLabel: string): string[] {
  const [right, bottom] = [PLOT.leftPx + PLOT.widthPx, PLOT.topPx + PLOT.heightPx];
  const rows = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((rate) => [
    svgLine([PLOT.leftPx, scale.y(rate)], [right, scale.y(rate)], `stroke="${rate === 0 ? "#333" : "#ddd"}"`),
    svgText(PLOT.leftPx - 8, scale.y(rate) + 4, `${Math.round(rate * 100)} %`, 'text-anchor="end" font-size="11"'),
  ]);
  let lastX = Number.NEGATIVE_INFINITY;
  const ticks = effects.flatMap((effectPct) => {
    const x = scale.x(effectPct);
    const tick = svgLine([x, bottom], [x, bottom + 5], 'stroke="#333"');
    const text = String(Number(effectPct.toPrecision(3)));
    if (x - lastX < 6 + text.length * CHAR_PX) return [tick];
    lastX = x;
    return [tick, svgText(x, bottom + 18, text, 'text-anchor="middle" font-size="11"')];
  });
  const middle = PLOT.leftPx + PLOT.widthPx / 2;
  return [...rows, ...ticks, svgText(middle, bottom + 36, xLabel, 'text-anchor="middle" font-size="11"')];
}

function drawSeries(points: readonly PowerPoint[], index: number, scale: Scale): string {
  const { colour, dash } = styleOf(index);
  const path = points.map(({ effectPct, rate }) => `${coordinate(scale.x(effectPct))},${coordinate(scale.y(rate))}`);
  const marks = points.map(({ effectPct, rate, low, high }) => {
    const x = scale.x(effectPct);
    const stroke = `stroke="${colour}" stroke-width="1"`;
    const caps = [low, high].map((end) => svgLine([x - 3, scale.y(end)], [x + 3, scale.y(end)], stroke));
    return [svgLine([x, scale.y(low)], [x, scale.y(high)], stroke), ...caps, drawMarker(index, x, scale.y(rate))].join(
      "",
    );
  });
  const line = `<polyline points="${path.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  return `${line}${marks.join("")}`;
}

/** The name of each line at its end; names that would lie on each other are moved apart, with a thin line to the end. */
function drawNames(series: readonly PowerSeries[], names: readonly string[], scale: Scale): string[] {
  const ends = series.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [{ name, x: scale.x(last.effectPct), y: scale.y(last.rate) }];
  });
  const ordered = ends.toSorted((a, b) => a.y - b.y);
  const places = moveApart(ordered.map(({ y }) => y));
  const textX = PLOT.leftPx + PLOT.widthPx + 20;
  return ordered.flatMap(({ name, x, y }, index) => {
    const place = places[index] ?? y;
    const { colour } = styleOf(names.indexOf(name));
    return [
      svgLine([x + 5, y], [textX - 3, place], `stroke="${colour}" stroke-width="0.7"`),
      svgText(textX, place + 4, shortName(name), `fill="${colour}"`),
    ];
  });
}

/** Heights in rising order, at least a line of text apart and as near to the given ones as the plot's bottom allows. */
function moveApart(heights: readonly number[]): number[] {
  const places: number[] = [];
  for (const height of heights)
    places.push(Math.max(height, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + LABEL_GAP_PX));
  const excess = Math.max(0, (places.at(-1) ?? 0) - (PLOT.topPx + PLOT.heightPx));
  return places.map((place, index) => Math.max(place - excess, PLOT.topPx + index * LABEL_GAP_PX));
}
