import { formatChange, formatInterval } from "../format-figures.ts";
import type { Change } from "./changes.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** A change with what bounds it, what was decided, and whether it raised an alert: all in signs and words. */
export function changeText({ changePct, interval, verdict, isAlert }: Change): Html {
  const bounds =
    interval === undefined
      ? NOTHING
      : html` <span class="fig">${formatInterval(interval.lowPct, interval.highPct)}</span>`;
  const decided = verdict === undefined ? NOTHING : html` <span class="word">${verdict}</span>`;
  const alert = isAlert ? html` <strong class="alert">alert</strong>` : NOTHING;
  return html`<span class="fig">${formatChange(changePct)}</span>${bounds}${decided}${alert}`;
}
