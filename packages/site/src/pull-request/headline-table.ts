import type { SiteSnapshot, SiteSnapshotMetrics } from "@forgebench/artifacts";
import { escapeMarkdown } from "@forgebench/errors";
import { pairName } from "@forgebench/series";
import { formatChange, formatDuration, formatRatio } from "../figures.ts";
import { markdownTable } from "../markdown.ts";

interface Row {
  readonly name: string;
  readonly figureOf: (metrics: SiteSnapshotMetrics) => number;
  readonly format: (value: number) => string;
}

const ROWS: readonly Row[] = [
  { name: "cold wall", figureOf: ({ coldWallMs }) => coldWallMs, format: formatDuration },
  { name: "warm median", figureOf: ({ warmP50Ms }) => warmP50Ms, format: formatDuration },
  { name: "speedup", figureOf: ({ speedup }) => speedup, format: formatRatio },
];

/** The conditions that must be the same in two snapshots, so that their figures can be compared. */
const CONDITIONS: Readonly<Record<string, (snapshot: SiteSnapshot) => unknown>> = {
  headline: ({ benchmark: { headline } }) => pairName(headline),
  tier: ({ source }) => source.tier,
  dataset: ({ source }) => source.datasetVersion,
  "dataset source": ({ source }) => source.datasetSource,
  "dataset content": ({ source }) => source.datasetSha256,
  runner: ({ source }) => source.runner,
  Node: ({ source }) => source.nodeVersion.replace(/^v?(\d+)\..*$/, "$1"),
};

/** The conditions that differ between two snapshots; one that a snapshot lacks is ignored. */
function incomparableConditions(before: SiteSnapshot, after: SiteSnapshot): string[] {
  return Object.entries(CONDITIONS).flatMap(([name, conditionOf]) => {
    const [old, now] = [conditionOf(before), conditionOf(after)];
    return old === undefined || now === undefined || old === now ? [] : [`${name} ${old} → ${now}`];
  });
}

/** The figures of the headline, before and after; Markdown. Absent where the new one has none. */
export function headlineTable(before: SiteSnapshot | undefined, after: SiteSnapshot): string {
  const { profileId, scenario } = after.benchmark.headline;
  const title = `Headline ${escapeMarkdown(pairName({ profileId, scenario }), 100)}`;
  const conditions = before === undefined ? [] : incomparableConditions(before, after);
  const [old, now] = [before === undefined ? undefined : headlineOf(before), headlineOf(after)];
  const rows = ROWS.map(({ name, figureOf, format }) => {
    const values = [old, now].map((metrics) => (metrics === undefined ? undefined : figureOf(metrics)));
    const shown = values.map((value) => (value === undefined ? "–" : format(value)));
    return [name, ...shown, conditions.length > 0 ? "not comparable" : changeOf(values)];
  });
  const ids = [before, after].map((one) => (one === undefined ? "nothing" : escapeMarkdown(one.snapshotId, 40)));
  const head = [title, `published: ${ids[0]}`, `new: ${ids[1]}`, "change"];
  const why =
    conditions.length === 0 ? "" : `\n\nNot comparable: ${conditions.map((text) => escapeMarkdown(text)).join("; ")}.`;
  return `${markdownTable(head, rows, 1)}${why}`;
}

function headlineOf({ benchmark, profileScenarioMetrics }: SiteSnapshot): SiteSnapshotMetrics | undefined {
  const { profileId, scenario } = benchmark.headline;
  const scenarios = Object.hasOwn(profileScenarioMetrics, profileId) ? profileScenarioMetrics[profileId] : undefined;
  return scenarios !== undefined && Object.hasOwn(scenarios, scenario) ? scenarios[scenario] : undefined;
}

function changeOf([old, now]: readonly (number | undefined)[]): string {
  if (old === undefined || now === undefined || old === 0) return "–";
  return formatChange((100 * (now - old)) / old);
}
