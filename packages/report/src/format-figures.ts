/** How a missing figure is shown. */
export const NO_FIGURE = "–";

const TIME_UNITS = [
  { unit: "µs", sizeMs: 0.001 },
  { unit: "ms", sizeMs: 1 },
  { unit: "s", sizeMs: 1000 },
  { unit: "min", sizeMs: 60_000 },
  { unit: "h", sizeMs: 3_600_000 },
] as const;

/** A time with three significant figures, in a unit with at most three digits before the point: `61.4 ms`. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null) return NO_FIGURE;
  if (durationMs === 0) return "0 ms";
  const size = Math.abs(durationMs);
  const fitting = TIME_UNITS.find(({ sizeMs }) => Number((size / sizeMs).toPrecision(3)) < 1000) ?? TIME_UNITS[4];
  return `${durationMs < 0 ? "−" : ""}${threeFigures(size / fitting.sizeMs)} ${fitting.unit}`;
}

/** A change in per cent with its sign and one decimal, for example `+6.8 %` or `−0.9 %`. */
export function formatChange(changePct: number | null, unit: ChangeUnit = "%"): string {
  if (changePct === null) return NO_FIGURE;
  const digits = Math.abs(changePct).toFixed(1);
  const sign = Number(digits) === 0 ? "" : changePct < 0 ? "−" : "+";
  return `${sign}${digits} ${unit}`;
}

/** What changes are measured in: those of a proportion in percentage points. */
export type ChangeUnit = "%" | "points";

/** The unit in which the change of a cell of this kind is measured. */
export function changeUnitOf({ kind }: { readonly kind?: string | undefined }): ChangeUnit {
  return kind === "proportion" ? "points" : "%";
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

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size with three significant figures, for example `2.10 MB`; whole bytes below 1 kB. */
export function formatBytes(sizeBytes: number): string {
  const size = Math.abs(sizeBytes);
  const fits = (power: number) => Number((size / 1000 ** power).toPrecision(3)) < 1000;
  const found = BYTE_UNITS.findIndex((_, power) => fits(power));
  const power = found < 0 ? BYTE_UNITS.length - 1 : found;
  const digits = power === 0 && Number.isInteger(size) ? String(size) : threeFigures(size / 1000 ** power);
  return `${sizeBytes < 0 ? "−" : ""}${digits} ${BYTE_UNITS[power]}`;
}

/** The value of a metric in its own unit, scaled where the unit is known; the unit may be text from outside. */
export function formatFigure(value: number | null, unit: string): string {
  if (value === null) return NO_FIGURE;
  if (unit === "ms") return formatDuration(value);
  if (unit === "bytes" || unit === "B") return formatBytes(value);
  return `${value < 0 ? "−" : ""}${threeFigures(Math.abs(value))} ${unit}`.trimEnd();
}

/** A rate from 0 to 1 in per cent, for example `92.5 %`. */
export function formatRate(rate: number | null): string {
  return rate === null ? NO_FIGURE : `${(100 * rate).toFixed(1)} %`;
}

/** The value of a metric to the last digit, for differences that rounding would hide, for example `2,100,021 B`. */
export function formatExactly(value: number | null, unit: string): string {
  if (value === null) return NO_FIGURE;
  const digits = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 }).format(Math.abs(value));
  return `${value < 0 ? "−" : ""}${digits} ${unit === "bytes" ? "B" : unit}`.trimEnd();
}

/** A size in per cent without a sign for its direction and one decimal, for example `5.0 %`. */
export function formatPercent(valuePct: number | null, unit: ChangeUnit = "%"): string {
  return formatChange(valuePct, unit).replace(/^\+/, "");
}

/** The bounds of a change, in per cent: `[−0.9, +1.1]`; `[not yet]` while there are too few blocks, or `not yet` for one end. */
export function formatInterval(lowPct: number | null, highPct: number | null, signed = true): string {
  if (lowPct === null && highPct === null) return "[not yet]";
  const end = (valuePct: number | null) =>
    valuePct === null ? "not yet" : (signed ? formatChange(valuePct) : formatPercent(valuePct)).replace(/ %$/, "");
  return `[${end(lowPct)}, ${end(highPct)}]`;
}

/** A probability in per cent with up to three significant figures, for example `0.64 %`. */
export function formatShare(probability: number): string {
  return `${Number((probability * 100).toPrecision(3))} %`;
}

/** A factor of evidence with two significant figures, for example `7500` or `4.2e9`. */
export function formatEvidence(factor: number): string {
  if (factor < 10) return String(Number(factor.toPrecision(2)));
  return factor < 100_000 ? String(Math.round(factor)) : factor.toExponential(1).replace("+", "");
}

/** `8 cells`, or `6 of 8 cells` when not all. */
export function formatPart(count: number, total: number, noun: string): string {
  return `${count} of ${formatCount(total, noun)}`;
}
