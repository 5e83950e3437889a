import { isLocalRun } from "@forgebench/artifacts";
import { formatCount, formatDuration, formatFigure, formatRatio, NO_FIGURE } from "../format-figures.ts";
import { badge, badges } from "./answer-section.ts";
import { type Html, html, joinHtml, NOTHING, name, scrollingTable } from "./html.ts";
import { datasetText, headlineMetrics, headlinePair, type Night, runLink, setUpDifferences } from "./nights.ts";

/** Older nights are counted, not listed. */
const MAX_NIGHTS = 120;

/** The nights, newest first, with their outcome and why each is not the latest. */
export function nightsSection(nights: readonly Night[], shown: Night): Html {
  const listed = nights.slice(0, MAX_NIGHTS);
  const hiddenCount = nights.length - listed.length;
  const more = hiddenCount === 0 ? NOTHING : html`; ${hiddenCount} older ones not listed`;
  const head = html`<thead><tr><th scope="col">Night</th><th scope="col">Run</th><th scope="col">Outcome</th><th scope="col">Latest?</th><th scope="col" class="num">Cold</th><th scope="col" class="num">Warm median</th><th scope="col" class="num">Speedup</th><th scope="col" class="num">Images/s</th><th scope="col">Pair and set-up</th></tr></thead>
`;
  return html`<section><h2>Nights</h2>
${scrollingTable("nights", html`${formatCount(nights.length, "night")}, newest first${more}`, html`${head}<tbody>${listed.map((night) => nightRow(night, shown))}</tbody>`)}</section>`;
}

function nightRow(night: Night, shown: Night): Html {
  const { snapshot, isLatest } = night;
  const metrics = headlineMetrics(snapshot);
  const figures = [
    metrics === undefined ? NO_FIGURE : formatDuration(metrics.coldWallMs),
    metrics === undefined ? NO_FIGURE : formatDuration(metrics.warmP50Ms),
    formatRatio(metrics?.speedup),
    metrics === undefined ? NO_FIGURE : formatFigure(metrics.coldImagesPerSec, ""),
  ].map((text) => html`<td class="num">${text}</td>`);
  return html`<tr${isLatest ? html` class="headline"` : NOTHING}><th scope="row" class="night">${name(snapshot.asOfDate)}</th><td>${runLink(snapshot)}</td>
<td>${badges(night)}</td><td class="why">${latestText(night, shown)}</td>${figures}<td class="setup">${setUp(night, shown)}</td></tr>`;
}

/** Whether it is the latest, or why not; the reasons of the night that the page shows are at its top. */
function latestText(night: Night, shown: Night): Html {
  const { isLatest, snapshot, whyNotLatest } = night;
  if (isLatest) return badge("good", "latest");
  if (isLocalRun(snapshot)) return html`measured on a person’s own machine`;
  if (night === shown) return html`no, see above`;
  return joinHtml(
    whyNotLatest.map((reason) => html`${reason}`),
    "<br>",
  );
}

/** The set-up in full for the night that the page shows; for the others only the differences. */
function setUp({ snapshot }: Night, shown: Night): Html {
  const { tier, runner, nodeVersion } = snapshot.source;
  const all = [headlinePair(snapshot), tier, datasetText(snapshot), runner, `Node ${nodeVersion}`];
  const parts = snapshot === shown.snapshot ? all : setUpDifferences(shown.snapshot, snapshot);
  return parts.length === 0 ? html`the same` : joinHtml(parts.map(name), ", ");
}
