import type { SiteSnapshot } from "./site-snapshot.ts";

/** The conditions for a snapshot to be shown as the newest figures. */
const CANONICAL = {
  tier: "tier200",
  event: "schedule",
  branch: "main",
  datasetSource: "release",
  runCount: 10,
} as const;

/**
 * Why a snapshot must not be shown as the newest figures, a short phrase each; empty if it may be. Facts that older
 * snapshots lack (origin of the dataset, outcome) do not count against them. The phrases quote text from outside.
 */
export function nonCanonicalReasons(snapshot: SiteSnapshot): string[] {
  if (isLocalRun(snapshot)) {
    return ["measured on one's own machine", ...objectToValidation(snapshot.summary), ...objectToOutcome(snapshot)];
  }
  const found = [
    ...objectToRun(snapshot.source),
    ...objectToDataset(snapshot.source),
    ...objectToValidation(snapshot.summary),
    ...objectToOutcome(snapshot),
    ...objectToRunCount(snapshot),
  ];
  return [...objectToMark(snapshot, found), ...found];
}

/** Whether no workflow made it: a person measured on their own machine. There is no page of such a run. */
export function isLocalRun({ source }: SiteSnapshot): boolean {
  return source.eventName === "local";
}

/** A mark can only forbid, never allow: `true` is not read. Reasons of the mark that are found anyway are not repeated. */
function objectToMark({ canonical, nonCanonicalReasons: said = [] }: SiteSnapshot, found: readonly string[]): string[] {
  if (canonical !== false) return [];
  if (said.length === 0) return ["it is marked canonical: false"];
  const others = said.filter((reason) => !found.includes(reason));
  return others.length === 0 ? [] : [`it is marked canonical: false (${others.join("; ")})`];
}

function objectToRun(source: SiteSnapshot["source"]): string[] {
  const { tier, eventName, refName, defaultBranch: branch = CANONICAL.branch, publish } = source;
  const isPublishing = eventName === CANONICAL.event || (eventName === "workflow_dispatch" && publish === true);
  return [
    ...(tier === CANONICAL.tier ? [] : [`${tier} is not ${CANONICAL.tier}`]),
    ...(isPublishing ? [] : [`${eventName} is neither ${CANONICAL.event} nor a workflow_dispatch that publishes`]),
    ...(refName === branch ? [] : [`${refName} is not the default branch ${branch}`]),
  ];
}

function objectToDataset({ datasetSource, datasetFallback }: SiteSnapshot["source"]): string[] {
  if (datasetSource === undefined || datasetSource === CANONICAL.datasetSource) return [];
  const why = datasetFallback === undefined ? "" : ` (${datasetFallback.reason})`;
  return [`dataset source ${datasetSource} is not a release${why}`];
}

function objectToValidation({ headValidationPassed, baseValidationPassed }: SiteSnapshot["summary"]): string[] {
  return [
    ...(headValidationPassed ? [] : ["validation of head failed"]),
    ...(baseValidationPassed ? [] : ["validation of base failed"]),
  ];
}

function objectToOutcome(snapshot: SiteSnapshot): string[] {
  const { outcome, summary } = snapshot;
  if (outcome === "green" || (outcome !== "invalid" && isAccepted(snapshot))) return [];
  if (outcome !== undefined) return [`outcome ${outcome} is not green`];
  const alertCount = Math.max(summary.alertCount, summary.hasAlerts ? 1 : 0);
  return alertCount === 0 ? [] : [`${alertCount} ${alertCount === 1 ? "alert" : "alerts"} without an acceptance`];
}

/** An acceptance names the person; nobody can accept an `invalid` night. */
function isAccepted({ acceptance }: SiteSnapshot): boolean {
  return acceptance !== undefined && acceptance.by.trim() !== "";
}

function objectToRunCount({ policy, source: { runCount } }: SiteSnapshot): string[] {
  if (policy === "evidence" || runCount >= CANONICAL.runCount) return [];
  return [`${runCount} ${runCount === 1 ? "run is" : "runs are"} fewer than ${CANONICAL.runCount}`];
}
