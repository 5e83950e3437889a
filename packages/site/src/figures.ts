/** A time with three significant figures, for example `61.4 ms` or `85.0 s`. */
export function formatDuration(durationMs: number): string {
  if (Number(durationMs.toPrecision(3)) < 1000) return `${durationMs.toPrecision(3)} ms`;
  return `${threeFigures(durationMs / 1000)} s`;
}

/** A ratio with three significant figures, for example `23.2×`. */
export function formatRatio(ratio: number): string {
  return `${threeFigures(ratio)}×`;
}

/** A change in per cent with its sign, for example `+6.8 %` or `−0.9 %`. */
export function formatChange(changePct: number): string {
  const digits = Math.abs(changePct).toFixed(1);
  return `${Number(digits) === 0 ? "" : changePct < 0 ? "−" : "+"}${digits} %`;
}

function threeFigures(value: number): string {
  return Math.abs(value) >= 999.5 ? String(Math.round(value)) : value.toPrecision(3);
}
