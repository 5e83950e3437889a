import type { ComparedCell } from "@forgebench/artifacts";

/** A change for a person: `+3.1 %`, `?` where it is unknown. */
export function shownPct(pct: number | null): string {
  return pct === null ? "?" : `${pct > 0 ? "+" : ""}${pct.toFixed(1)} %`;
}

/** Both ends of an interval for a person. */
export function shownInterval(interval: ComparedCell["interval"]): string {
  return interval === null ? "" : `${shownPct(interval.lowPct)} to ${shownPct(interval.highPct)}`;
}
