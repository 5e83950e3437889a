const LISTED = 3;

/** A few names and how many more there are. */
export function listed(names: readonly string[], shownCount = LISTED): string {
  const more = names.length - shownCount;
  return `${names.slice(0, shownCount).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Minutes with three significant figures, for example `38.0 min`. */
export function formatMinutes(minutes: number | null): string {
  return minutes === null ? "no price" : `${threeFigures(minutes)} min`;
}

/**
 * A number that is not negative, for people: three significant figures, none behind the point from 100 on, and at most
 * three decimals below 0.01.
 */
export function threeFigures(value: number): string {
  if (value === 0) return "0";
  return value >= 99.95 ? String(Math.round(value)) : value >= 0.01 ? value.toPrecision(3) : value.toFixed(3);
}
