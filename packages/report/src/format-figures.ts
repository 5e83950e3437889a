/** How a missing figure is shown. */
export const NO_FIGURE = "–";

const TIME_UNITS = [
  { unit: "µs", sizeMs: 0.001 },
  { unit: "ms", sizeMs: 1 },
  { unit: "s", sizeMs: 1000 },
  { unit: "min", sizeMs: 60_000 },
  { unit: "h", sizeMs: 3_600_000 },
] as const;

/** A time with three significant figures in the unit that needs no more than three digits, for example `61.4 ms`. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null) return NO_FIGURE;
  if (durationMs === 0) return "0 ms";
  const size = Math.abs(durationMs);
  const fitting = TIME_UNITS.find(({ sizeMs }) => Number((size / sizeMs).toPrecision(3)) < 1000) ?? TIME_UNITS[4];
  return `${durationMs < 0 ? "−" : ""}${threeFigures(size / fitting.sizeMs)} ${fitting.unit}`;
}

/** A change in per cent with its sign and one decimal, for example `+6.8 %` or `−0.9 %`. */
export function formatChange(changePct: number | null): string {
  if (changePct === null) return NO_FIGURE;
  const digits = Math.abs(changePct).toFixed(1);
  const sign = Number(digits) === 0 ? "" : changePct < 0 ? "−" : "+";
  return `${sign}${digits} %`;
}

/** A threshold in per cent as it was given, for example `+15 %`. */
export function formatThreshold(thresholdPct: number): string {
  return `+${thresholdPct} %`;
}

/** A difference of times with its sign, for example `+7.30 ms`. */
export function formatDifference(deltaMs: number): string {
  return deltaMs > 0 ? `+${formatDuration(deltaMs)}` : formatDuration(deltaMs);
}

/** `1 pair`, `2 pairs`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A ratio with three significant figures, for example `23.2×`. */
export function formatRatio(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? NO_FIGURE : `${threeFigures(ratio)}×`;
}

function threeFigures(value: number): string {
  return Math.abs(value) >= 999.5 ? String(Math.round(value)) : value.toPrecision(3);
}
