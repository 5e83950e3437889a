import type { SiteSnapshot } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { formatCount, formatDuration, formatThreshold, NO_FIGURE } from "../format-figures.ts";
import { changeText } from "./change-cells.ts";
import { type Change, changesOf } from "./changes.ts";
import { type Html, html, joinHtml, NOTHING, name } from "./html.ts";

/** Alerts after this many are counted, not named. */
const MAX_NAMED = 12;

/** What changed against base: the alerts by name, then the verdicts by count. */
export function changeSection(snapshot: SiteSnapshot): Html {
  return html`<section><h2>What changed against base</h2>
<p>${alertSentence(snapshot)} ${verdictSentence(snapshot)}</p>
${alertList(snapshot)}
${largestChanges(snapshot)}
<p class="note">${ruleSentence(snapshot)} Positive is slower.${intervalNote(snapshot)}</p></section>`;
}

function alertSentence({ summary, outcome }: SiteSnapshot): Html {
  const pairs = formatCount(summary.totalPairs, "pair");
  if (outcome === "invalid") return html`The comparison could not be judged; its changes are not valid.`;
  if (summary.alertCount === 0) return html`<strong>No alert</strong> in ${pairs}.`;
  return html`<strong>${formatCount(summary.alertCount, "alert")}</strong> in ${pairs}:`;
}

function verdictSentence({ deltas }: SiteSnapshot): Html {
  const verdicts = deltas.flatMap(({ verdicts: found }) => [found?.cold, found?.warm]).filter((v) => v !== undefined);
  if (verdicts.length === 0) return NOTHING;
  const counts = new Map<string, number>();
  for (const verdict of verdicts) counts.set(verdict ?? "not judged", (counts.get(verdict ?? "not judged") ?? 0) + 1);
  const said = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  return html`Of ${formatCount(verdicts.length, "wall time")}: ${said}.`;
}

function alertList(snapshot: SiteSnapshot): Html {
  const alerting = snapshot.deltas.filter(({ alerts }) => alerts.length > 0);
  if (alerting.length === 0) return NOTHING;
  const items = alerting.slice(0, MAX_NAMED).map(({ profileId, scenario, alerts }) => {
    const changes = changesOf(snapshot, profileId, scenario);
    const named = alerts
      .slice(0, MAX_NAMED)
      .map((alert) => alertText(alert, changes === undefined ? [] : Object.entries(changes)));
    return html`<li>${name(pairName({ profileId, scenario }))}: ${joinHtml(named, ", ")}</li>`;
  });
  const hiddenCount = alerting.length - items.length;
  return html`<ul>${items}${hiddenCount === 0 ? NOTHING : html`<li>${hiddenCount} more in the table below</li>`}</ul>`;
}

const FIELDS: Readonly<Record<string, string>> = { cold: "cold", "warm-p50": "warmP50", "warm-p95": "warmP95" };

function alertText(alert: string, changes: readonly (readonly [string, Change])[]): Html {
  const change = changes.find(([field]) => Object.hasOwn(FIELDS, alert) && field === FIELDS[alert])?.[1];
  if (change === undefined) return name(alert);
  return html`${change.label.toLowerCase()} ${changeText({ ...change, isAlert: false })}`;
}

/** The largest changes, without those that were proved the same. */
function largestChanges(snapshot: SiteSnapshot): Html {
  const all = snapshot.deltas.flatMap(({ profileId, scenario }) => {
    const changes = Object.values(changesOf(snapshot, profileId, scenario) ?? {});
    return changes.map((change: Change) => ({ pair: pairName({ profileId, scenario }), change }));
  });
  const sizeOf = ({ change }: (typeof all)[number]) => Math.abs(change.changePct ?? 0);
  const largest = all
    .toSorted((a, b) => sizeOf(b) - sizeOf(a))
    .filter(({ change }) => change.changePct !== null && change.verdict !== "same");
  if (largest.length === 0) return NOTHING;
  const items = largest
    .slice(0, 3)
    .map(({ pair, change }) => html`${name(pair)} ${change.label.toLowerCase()} ${changeText(change)}`);
  return html`<p>Largest changes: ${joinHtml(items, ", ")}.</p>`;
}

function ruleSentence({ thresholds, policy }: SiteSnapshot): Html {
  if (policy === "evidence") return html`Judged by evidence: an alert is a change that was proved.`;
  const { warmThresholdPct, coldThresholdPct, p95ThresholdPct, smallBaselineMs, minAbsoluteDeltaMs } = thresholds;
  const [cold, warm, p95] = [coldThresholdPct, warmThresholdPct, p95ThresholdPct].map(formatThreshold);
  return html`An alert is more than ${cold ?? NO_FIGURE} cold, ${warm ?? NO_FIGURE} warm median or ${p95 ?? NO_FIGURE} warm p95; where base is below ${formatDuration(smallBaselineMs)} also at least ${formatDuration(minAbsoluteDeltaMs)}.`;
}

function intervalNote(snapshot: SiteSnapshot): Html {
  const { deltas, policy } = snapshot;
  const hasIntervals = deltas.some(({ profileId, scenario }) =>
    Object.values(changesOf(snapshot, profileId, scenario) ?? {}).some(
      ({ interval }: Change) => interval !== undefined,
    ),
  );
  if (hasIntervals) return html` In brackets: the bounds of the change.`;
  return policy === "evidence"
    ? NOTHING
    : html` The snapshot has no intervals: a change without an alert may still be real.`;
}
