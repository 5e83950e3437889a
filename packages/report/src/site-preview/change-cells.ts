import { formatChange, formatInterval } from "../format-figures.ts";
import type { Change } from "./changes.ts";
import { type Html, html, joinHtml, NOTHING } from "./html.ts";

/** A change with its bounds, its verdict, and whether it raised an alert: all in signs and words. */
export function changeText({ changePct, interval, verdict, isAlert }: Change): Html {
  const found = [
    ...(interval === undefined
      ? []
      : [html`<span class="fig">${formatInterval(interval.lowPct, interval.highPct)}</span>`]),
    ...(verdict === undefined ? [] : [html`<span class="word">${verdict}</span>`]),
  ];
  const bounds = found.length === 0 ? NOTHING : html` <span class="bounds">${joinHtml(found, " ")}</span>`;
  const alert = isAlert ? html` <strong class="alert">alert</strong>` : NOTHING;
  return html`<span class="fig">${formatChange(changePct)}</span>${bounds}${alert}`;
}
