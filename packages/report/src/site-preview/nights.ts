import { isLocalRun, type SiteHistory, type SiteSnapshot, type SiteSnapshotMetrics } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { formatCount } from "../format-figures.ts";
import { code, type Html, link } from "./html.ts";

/** The data of a preview: the two data files of the website. */
export interface SitePreviewRequest {
  readonly latest?: SiteSnapshot | undefined;
  readonly history?: SiteHistory | undefined;
  readonly facts?: SitePreviewFacts | undefined;
}

/** Facts that the data files do not hold. */
export interface SitePreviewFacts {
  /** By `snapshotId`: the reasons against showing it as the latest, except its age, which the page knows itself. */
  readonly whyNotLatest: Readonly<Record<string, readonly string[]>>;
}

/** How far the figures of a night can be trusted, the least trusted first. */
export type NightState = "invalid" | "not canonical" | "alert" | "shown";

/** A published night. */
export interface Night {
  readonly snapshot: SiteSnapshot;
  readonly state: NightState;
  readonly isLatest: boolean;
  /** The reasons against its figures, whether or not it is the latest. */
  readonly objections: readonly string[];
  /** Why it is not shown as the latest; empty for the latest itself. */
  readonly whyNotLatest: readonly string[];
}

/** All nights, newest first, each id once; the latest is included even if the history does not hold it. */
export function listNights({ latest, history, facts }: SitePreviewRequest): Night[] {
  const known = new Map<string, SiteSnapshot>();
  for (const snapshot of [...(latest === undefined ? [] : [latest]), ...(history?.items ?? [])]) {
    if (!known.has(snapshot.snapshotId)) known.set(snapshot.snapshotId, snapshot);
  }
  const newestFirst = [...known.values()].toSorted((a, b) => Date.parse(b.generatedAt) - Date.parse(a.generatedAt));
  return newestFirst.map((snapshot) => nightOf(snapshot, latest, facts));
}

function nightOf(snapshot: SiteSnapshot, latest: SiteSnapshot | undefined, facts: SitePreviewFacts | undefined): Night {
  const told = facts?.whyNotLatest ?? {};
  const objections = Object.hasOwn(told, snapshot.snapshotId) ? (told[snapshot.snapshotId] ?? []) : [];
  const reasons = [...new Set([...(snapshot.nonCanonicalReasons ?? []), ...objections])];
  const state = stateOf(snapshot, reasons.length > 0);
  const isLatest = snapshot.snapshotId === latest?.snapshotId;
  const invalid = invalidReasons(snapshot);
  // The same in other words.
  const isSaid = (reason: string) =>
    invalid.length > 0 && /^(outcome invalid is not green|validation of )/.test(reason);
  const all = [...invalid, ...reasons.filter((reason) => !isSaid(reason))];
  const why = isLatest ? [] : all.length > 0 ? all : [ageReason(snapshot, latest)];
  return { snapshot, state, isLatest, objections: all, whyNotLatest: why };
}

function stateOf(snapshot: SiteSnapshot, hasReasons: boolean): NightState {
  if (invalidReasons(snapshot).length > 0) return "invalid";
  // Runs on a person's own machine are all treated alike.
  if (!isLocalRun(snapshot) && (snapshot.canonical === false || hasReasons)) return "not canonical";
  return snapshot.outcome === "regression" || snapshot.summary.hasAlerts ? "alert" : "shown";
}

function invalidReasons({ outcome, summary }: SiteSnapshot): string[] {
  const sides = [...(summary.headValidationPassed ? [] : ["head"]), ...(summary.baseValidationPassed ? [] : ["base"])];
  return [
    ...(sides.length === 0 ? [] : [`runs of ${sides.join(" and ")} failed their validation`]),
    ...(outcome === "invalid" ? ["could not be judged"] : []),
  ];
}

function ageReason(snapshot: SiteSnapshot, latest: SiteSnapshot | undefined): string {
  const isOlder = latest !== undefined && Date.parse(snapshot.generatedAt) <= Date.parse(latest.generatedAt);
  if (isOlder) return "older";
  return snapshot.canonical === false ? "marked as not canonical" : "no reason is recorded";
}

/** The outcome in a word; snapshots that carry none have only their alerts. */
export function outcomeWord({ outcome, summary }: SiteSnapshot): string {
  if (outcome !== undefined) return outcome;
  return summary.alertCount === 0 ? "no alerts" : formatCount(summary.alertCount, "alert");
}

/** The figures of a pair; undefined where the snapshot has none. */
export function metricsOf(
  { profileScenarioMetrics }: SiteSnapshot,
  profileId: string,
  scenario: string,
): SiteSnapshotMetrics | undefined {
  const scenarios = Object.hasOwn(profileScenarioMetrics, profileId) ? profileScenarioMetrics[profileId] : undefined;
  return scenarios !== undefined && Object.hasOwn(scenarios, scenario) ? scenarios[scenario] : undefined;
}

/** The figures that the site shows first. */
export function headlineMetrics(snapshot: SiteSnapshot): SiteSnapshotMetrics | undefined {
  const { profileId, scenario } = snapshot.benchmark.headline;
  return metricsOf(snapshot, profileId, scenario);
}

/** `P2/batch-all`. */
export function headlinePair({ benchmark }: SiteSnapshot): string {
  return pairName(benchmark.headline);
}

/** The differences that make two nights incomparable, each as it is in `b`; empty if they can be compared. */
export function setUpDifferences(a: SiteSnapshot, b: SiteSnapshot): string[] {
  const [from, to] = [setUpOf(a), setUpOf(b)];
  // A value that only one of the two has is no difference: older snapshots lack it.
  const differs = (key: keyof typeof from) => from[key] !== undefined && to[key] !== undefined && from[key] !== to[key];
  return [
    ...(differs("pair") ? [`${to.pair}`] : []),
    ...(differs("tier") ? [`${to.tier}`] : []),
    ...(differs("dataset") || differs("content") || differs("datasetSource") ? [datasetText(b)] : []),
    ...(differs("runner") ? [`${to.runner}`] : []),
    ...(differs("node") ? [`Node ${to.node}`] : []),
  ];
}

function setUpOf(snapshot: SiteSnapshot) {
  const { tier, datasetVersion, datasetSha256, datasetSource, runner, nodeVersion } = snapshot.source;
  return {
    pair: headlinePair(snapshot),
    tier,
    dataset: datasetVersion,
    content: datasetSha256,
    datasetSource,
    runner,
    node: nodeVersion,
  };
}

/** `dataset 1.0.0 (release)`. */
export function datasetText({ source }: SiteSnapshot): string {
  return `dataset ${source.datasetVersion}${source.datasetSource === undefined ? "" : ` (${source.datasetSource})`}`;
}

/** The id of the run, with a link to its page where it has one. */
export function runLink(snapshot: SiteSnapshot): Html {
  const id = code(snapshot.snapshotId);
  return isLocalRun(snapshot) ? id : link(snapshot.source.runUrl, id);
}
