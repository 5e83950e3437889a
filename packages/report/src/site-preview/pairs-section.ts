import type { SiteSnapshot, SiteSnapshotMetrics } from "@forgebench/artifacts";
import { formatCount, formatDuration, formatFigure, formatRatio, NO_FIGURE } from "../format-figures.ts";
import { changeText } from "./change-cells.ts";
import { type Change, changesOf } from "./changes.ts";
import { type Html, html, NOTHING, name, scrollingTable } from "./html.ts";

/** More rows than any suite has; the page must stay small enough to open. */
const MAX_PAIRS = 200;

/** Every profile × scenario with its figures and changes. */
export function pairsSection(snapshot: SiteSnapshot): Html {
  const profileIds = Object.keys(snapshot.profileScenarioMetrics);
  const order = snapshot.benchmark.profiles.map(({ id }) => id);
  const groups = inOrder(profileIds, order).map((id) => profileGroup(snapshot, id));
  const pairCount = Object.values(snapshot.profileScenarioMetrics).reduce(
    (count, scenarios) => count + Object.keys(scenarios).length,
    0,
  );
  return html`<section><h2>All profiles and scenarios</h2>
${scrollingTable("pairs", html`${formatCount(pairCount, "pair")} of ${name(snapshot.asOfDate)}; changes are against base, positive is slower`, html`${HEAD}${groups}`)}
${profileList(snapshot)}</section>`;
}

const HEAD = html`<colgroup span="3"></colgroup><colgroup span="2"></colgroup><colgroup span="2"></colgroup><colgroup span="2"></colgroup><colgroup></colgroup><colgroup span="2"></colgroup>
<thead>
<tr><th scope="col" rowspan="2">Profile</th><th scope="col" rowspan="2">Scenario</th><th scope="col" rowspan="2" class="num">Images</th><th scope="colgroup" colspan="2">Cold wall time</th><th scope="colgroup" colspan="2">Warm median</th><th scope="colgroup" colspan="2">Warm p95</th><th scope="col" rowspan="2" class="num">Speedup</th><th scope="colgroup" colspan="2">Images per second</th></tr>
<tr><th scope="col" class="num">head</th><th scope="col" class="num">change</th><th scope="col" class="num">head</th><th scope="col" class="num">change</th><th scope="col" class="num">head</th><th scope="col" class="num">change</th><th scope="col" class="num">cold</th><th scope="col" class="num">warm</th></tr>
</thead>
`;

function profileGroup(snapshot: SiteSnapshot, profileId: string): Html {
  const scenarios = Object.entries(snapshot.profileScenarioMetrics[profileId] ?? {});
  const order = inOrder(
    scenarios.map(([scenario]) => scenario),
    snapshot.benchmark.scenarios.map(({ name: scenario }) => scenario),
  );
  const sorted = scenarios.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)).slice(0, MAX_PAIRS);
  const rows = sorted.map(([scenario, metrics], index) => {
    const group = html`<th scope="rowgroup" rowspan="${sorted.length}">${name(profileId)}</th>`;
    return pairRow(snapshot, profileId, scenario, metrics, index === 0 ? group : NOTHING);
  });
  return html`<tbody>${rows}</tbody>
`;
}

function pairRow(
  snapshot: SiteSnapshot,
  profileId: string,
  scenario: string,
  metrics: SiteSnapshotMetrics,
  group: Html,
): Html {
  const changes = changesOf(snapshot, profileId, scenario);
  const { headline } = snapshot.benchmark;
  const isHeadline = headline.profileId === profileId && headline.scenario === scenario;
  const failed = metrics.validationPassed ? NOTHING : html` <strong class="alert">failed validation</strong>`;
  return html`<tr${isHeadline ? html` class="headline"` : NOTHING}>${group}<th scope="row">${name(scenario)}${isHeadline ? html` <span class="word">headline</span>` : NOTHING}${failed}</th>
${cell(String(metrics.imageCount))}${cell(formatDuration(metrics.coldWallMs))}${changeCell(changes?.cold)}
${cell(formatDuration(metrics.warmP50Ms))}${changeCell(changes?.warmP50)}${cell(formatDuration(metrics.warmP95Ms))}${changeCell(changes?.warmP95)}
${cell(formatRatio(metrics.speedup))}${cell(formatFigure(metrics.coldImagesPerSec, ""))}${cell(formatFigure(metrics.warmImagesPerSec, ""))}</tr>`;
}

function cell(text: string): Html {
  return html`<td class="num">${text}</td>`;
}

function changeCell(change: Change | undefined): Html {
  return html`<td class="num change">${change === undefined ? NO_FIGURE : changeText(change)}</td>`;
}

/** The known ones in their order, then the others. */
function inOrder(found: readonly string[], order: readonly string[]): string[] {
  const known = order.filter((text, index) => found.includes(text) && order.indexOf(text) === index);
  return [...known, ...found.filter((text) => !known.includes(text))];
}

function profileList({ benchmark }: SiteSnapshot): Html {
  const items = benchmark.profiles.slice(0, MAX_PAIRS).flatMap(({ id, description, widths }) => {
    if (description === undefined) return [];
    const sizes = typeof widths === "string" ? html`, widths ${name(widths)}` : NOTHING;
    return [html`<li>${name(id)}: ${name(description)}${sizes}</li>`];
  });
  return items.length === 0 ? NOTHING : html`<ul class="note">${items}</ul>`;
}
