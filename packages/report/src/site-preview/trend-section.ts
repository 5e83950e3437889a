import type { SiteSnapshot } from "@forgebench/artifacts";
import { formatCount, formatDuration, formatFigure, formatPart, formatRatio } from "../format-figures.ts";
import { type Html, html, name, unbroken } from "./html.ts";
import { headlinePair, type Night } from "./nights.ts";
import { drawTrend } from "./trend-chart.ts";
import { legend, markOf } from "./trend-marks.ts";
import { type FigureOf, planTrend, type Trend } from "./trend-plot.ts";

/** More marks than this would overlap. */
const MAX_NIGHTS = 60;

interface Figure {
  readonly id: string;
  readonly title: string;
  readonly better: "lower" | "higher";
  readonly figureOf: FigureOf;
  readonly format: (value: number) => string;
}

const FIGURES: readonly Figure[] = [
  { id: "t-cold", title: "Cold wall time", better: "lower", figureOf: (m) => m.coldWallMs, format: formatDuration },
  { id: "t-warm", title: "Warm median", better: "lower", figureOf: (m) => m.warmP50Ms, format: formatDuration },
  { id: "t-speedup", title: "Speedup", better: "higher", figureOf: (m) => m.speedup, format: formatRatio },
  {
    id: "t-images",
    title: "Images per second, cold",
    better: "higher",
    figureOf: (m) => m.coldImagesPerSec,
    format: (value) => formatFigure(value, ""),
  },
];

/** The headline figures over the nights. */
export function trendSection(nights: readonly Night[], reference: SiteSnapshot): Html {
  const drawn = nights.slice(0, MAX_NIGHTS).toReversed();
  const trends = FIGURES.map((figure) => ({ figure, trend: planTrend(drawn, reference, figure.figureOf) }));
  const marks = new Set(trends.flatMap(({ trend }) => trend.points.map(markOf)));
  const hasBreaks = trends.some(({ trend }) => trend.breaks.length > 0);
  const counted =
    drawn.length < nights.length
      ? `the newest ${formatPart(drawn.length, nights.length, "night")}`
      : formatCount(nights.length, "night");
  return html`<section><h2>Trend</h2>
<p class="note">${name(headlinePair(reference))} on ${name(reference.source.tier)}, ${counted}, one mark each, the newest at the right. A scale spans at least ${unbroken("±5 %")} and does not start at 0.</p>
<div class="trends">${trends.map(({ figure, trend }) => figureChart(figure, trend))}</div>
${legend(marks, hasBreaks)}</section>`;
}

function figureChart({ id, title, better, format }: Figure, trend: Trend): Html {
  const hasValues = trend.points.some(({ value }) => value !== null);
  const chart = hasValues
    ? drawTrend({ id, title, description: describe(trend, format), trend, format })
    : html`<p>No figure.</p>`;
  return html`<figure><h3>${title} <span class="word">${better} is better</span></h3>${chart}</figure>`;
}

/** The chart in words; the list of nights has every figure. */
function describe({ points, segments, breaks }: Trend, format: (value: number) => string): string {
  const joined = segments.flat();
  const values = joined.flatMap(({ value }) => (value === null ? [] : [value]));
  const [newest, least, most] = [joined.at(-1)?.value ?? null, ...extremesOf(values)];
  const counted = (["not canonical", "invalid", "alert"] as const).flatMap((state) => {
    const count = points.filter(({ value, night }) => value !== null && night.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const otherCount = points.filter(({ value }) => value === null).length;
  return [
    `${formatCount(points.length, "night")}.`,
    newest === null ? "" : `Between ${format(least)} and ${format(most)}, the newest ${format(newest)}.`,
    counted.length === 0 ? "" : `${counted.join(", ")}.`,
    otherCount === 0 ? "" : `${otherCount} of another tier or pair, not on the scale.`,
    ...breaks.slice(0, 10).map(({ to }) => `The line is broken where the set-up becomes ${to}.`),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function extremesOf(values: readonly number[]): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return [least, values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)];
}
