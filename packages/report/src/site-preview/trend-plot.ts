import type { SiteSnapshot } from "@forgebench/artifacts";
import { headlineMetrics, type Night, setUpDifferences } from "./nights.ts";

/** A night in a trend; its place is counted from the oldest. */
export interface TrendPoint {
  readonly index: number;
  readonly night: Night;
  /** Null: another tier or pair than the reference, or no figure; its value has no place on the scale. */
  readonly value: number | null;
}

/** One figure over the nights, the oldest first. */
export interface Trend {
  readonly points: readonly TrendPoint[];
  /** Runs of points that can be compared; only within one is there a line. */
  readonly segments: readonly (readonly TrendPoint[])[];
  /** Where the set-up changes: before which point, and to which set-up. */
  readonly breaks: readonly { readonly index: number; readonly to: string }[];
}

/** Takes the figure of a chart out of the metrics of the headline pair. */
export type FigureOf = (metrics: NonNullable<ReturnType<typeof headlineMetrics>>) => number;

/** The plot of one figure over the nights, oldest first; `reference` gives the tier and pair of the scale. */
export function planTrend(nights: readonly Night[], reference: SiteSnapshot, figureOf: FigureOf): Trend {
  const points = nights.map((night, index) => ({ index, night, value: figureIn(night.snapshot, reference, figureOf) }));
  return { points, segments: segmentsOf(points), breaks: breaksOf(points) };
}

function figureIn(snapshot: SiteSnapshot, reference: SiteSnapshot, figureOf: FigureOf): number | null {
  const [a, b] = [snapshot, reference].map(({ source, benchmark }) =>
    JSON.stringify([source.tier, benchmark.headline.profileId, benchmark.headline.scenario]),
  );
  const metrics = headlineMetrics(snapshot);
  const value = a === b && metrics !== undefined ? figureOf(metrics) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A night that is not canonical, or invalid, stands beside the line; one that differs in its set-up ends it. */
function segmentsOf(points: readonly TrendPoint[]): TrendPoint[][] {
  const segments: TrendPoint[][] = [];
  let isOpen = false;
  for (const point of points) {
    const current = segments.at(-1);
    const previous = current?.at(-1);
    if (previous === undefined || setUpDifferences(previous.night.snapshot, point.night.snapshot).length > 0) {
      isOpen = false;
    }
    if (!isJoined(point)) continue;
    if (isOpen && current !== undefined) current.push(point);
    else segments.push([point]);
    isOpen = true;
  }
  return segments;
}

/** Whether the figure belongs to the line: on its scale, valid and canonical. */
function isJoined({ value, night }: TrendPoint): boolean {
  return value !== null && night.state !== "invalid" && night.state !== "not canonical";
}

function breaksOf(points: readonly TrendPoint[]): { index: number; to: string }[] {
  const onScale = points.filter(isJoined);
  return onScale.flatMap((point, position) => {
    const previous = onScale[position - 1];
    const differences = previous === undefined ? [] : setUpDifferences(previous.night.snapshot, point.night.snapshot);
    return differences.length === 0 ? [] : [{ index: point.index, to: differences.join(", ") }];
  });
}

/** The values that a scale must reach: an invalid one may be anything, unless there is no other. */
export function valuesInScale({ points }: Trend): number[] {
  const known = points.filter(({ value }) => value !== null);
  const valid = known.filter(({ night }) => night.state !== "invalid");
  return (valid.length > 0 ? valid : known).flatMap(({ value }) => value ?? []);
}

/** The ends of a scale and the values that are written beside it. */
export interface ValueScale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** A share of the middle: on a narrower scale, noise would look like a change. */
const LEAST_SPAN = 0.1;

/** A scale around values, from round values and never narrower than ±5 %. */
export function scaleAround(values: readonly number[]): ValueScale {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const middle = least / 2 + most / 2;
  const half = Math.max(most / 2 - least / 2, (Math.abs(middle) * LEAST_SPAN) / 2, Number.MIN_VALUE * 1e9);
  const step = roundStep(half / 1.6);
  const first = Math.floor((middle - half * 1.02) / step);
  const last = Math.ceil((middle + half * 1.02) / step);
  const isUsable = last - first <= 12 && [first, last].every((count) => Number.isFinite(count * step));
  if (!isUsable) return { low: middle - half, high: middle + half, ticks: [middle] };
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { low: first * step, high: last * step, ticks };
}

function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= size) ?? 10;
  return factor * power;
}
