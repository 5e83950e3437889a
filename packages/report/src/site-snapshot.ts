import {
  type ComparedCell,
  type Comparison,
  comparisonMetrics,
  leastTrustedOf,
  type MeasuredDataset,
  originText,
  type ProfileScenarioSummary,
  pairOf,
  type SiteSnapshot,
  type SiteSnapshotMetrics,
  type Summary,
} from "@forgebench/artifacts";

/** What a snapshot is made of. */
export interface SiteSnapshotRequest {
  readonly head: Summary;
  readonly base: Summary;
  readonly comparison: Comparison;
  readonly source: SiteSnapshot["source"];
  readonly headline: SiteSnapshot["benchmark"]["headline"];
  readonly owner: string;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Default: the day of `generatedAt` in UTC. */
  readonly asOfDate?: string | undefined;
  readonly inputs: NonNullable<SiteSnapshot["inputs"]>;
}

/**
 * The snapshot that the website shows: head's figures as they were measured, none rounded again, and the changes of the
 * comparison. Red and invalid outcomes are carried, not hidden. `findSnapshotProblems` says whether it can be made; where
 * a figure is missing nevertheless there is NaN, which no artifact accepts.
 */
export function planSiteSnapshot(request: SiteSnapshotRequest): SiteSnapshot {
  const { head, base, comparison, source, headline, generatedAt } = request;
  const dataset = leastTrustedOf(head.dataset, base.dataset);
  const cliVersion = head.subject?.cliVersion;
  const { outcome, policy, gateMode, thresholds } = comparison;
  const cells = cellsByPair(comparison);
  const deltas = comparison.pairs.map((pair) => deltaOf(pair, policy, cells.get(pairName(pair)) ?? []));
  return {
    kind: "site-snapshot",
    schemaVersion: "1.0",
    snapshotId: `${source.runId}.${source.runAttempt}`,
    generatedAt,
    asOfDate: request.asOfDate ?? dayInWords(generatedAt),
    owner: request.owner,
    source: {
      ...source,
      ...(typeof cliVersion === "string" ? { cliVersion } : {}),
      ...(dataset === undefined ? {} : datasetFacts(dataset)),
    },
    ...canonicalMark(dataset),
    ...(outcome === undefined ? {} : { outcome }),
    ...(policy === undefined ? {} : { policy }),
    gateMode,
    thresholds,
    summary: {
      ...alertSummary(comparison),
      headValidationPassed: isValid(head),
      baseValidationPassed: isValid(base),
    },
    benchmark: { profiles: profilesOf(head), scenarios: scenariosOf(head), headline },
    profileScenarioMetrics: mapPairs(head, metricsOf),
    deltas,
    inputs: request.inputs,
  };
}

function datasetFacts({ source, sha256, release }: MeasuredDataset): Partial<SiteSnapshot["source"]> {
  return {
    ...{ datasetSource: source, datasetSha256: sha256 },
    ...(release === undefined ? {} : { datasetRelease: release }),
  };
}

/** Only figures on a release can be those that the site shows as the newest; whatever else they need is not known here. */
function canonicalMark(dataset: MeasuredDataset | undefined): Pick<SiteSnapshot, "canonical" | "nonCanonicalReasons"> {
  if (dataset?.source === "release") return {};
  const why = dataset === undefined ? "it is not known which" : originText(dataset);
  return { canonical: false, nonCanonicalReasons: [`the dataset is not that of a release (${why})`] };
}

function isValid({ validation }: Summary): boolean {
  return validation.passed && validation.failureCount === 0;
}

/** A day as `February 15, 2026`, in UTC. */
function dayInWords(timestamp: string): string {
  return new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "UTC" }).format(new Date(timestamp));
}

function profilesOf(head: Summary): SiteSnapshot["benchmark"]["profiles"] {
  return head.benchmark.profiles.map((profile) => {
    if (typeof profile === "string") return { id: profile };
    const { id, formats, quality, blur, widths, description } = profile;
    return {
      id,
      ...(formats === undefined ? {} : { formats }),
      ...(quality === undefined ? {} : { quality }),
      ...(blur === undefined ? {} : { blur }),
      // An image profile without widths says so: the site's own form of "none".
      ...(formats === undefined ? {} : { widths: widths ?? null }),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function scenariosOf(head: Summary): SiteSnapshot["benchmark"]["scenarios"] {
  return head.benchmark.scenarios.map((scenario) => {
    if (typeof scenario !== "string") return { name: scenario.name, expectedTotal: scenario.expectedTotal };
    const counts = Object.keys(head.profileScenarioSummaries).flatMap(
      (profileId) => pairOf(head, profileId, scenario)?.imageCount ?? [],
    );
    return { name: scenario, expectedTotal: counts[0] ?? 0 };
  });
}

function mapPairs(
  head: Summary,
  convert: (pair: ProfileScenarioSummary) => SiteSnapshotMetrics,
): SiteSnapshot["profileScenarioMetrics"] {
  const ofProfile = (scenarios: Readonly<Record<string, ProfileScenarioSummary>>) =>
    Object.fromEntries(Object.entries(scenarios).map(([scenario, pair]) => [scenario, convert(pair)]));
  return Object.fromEntries(
    Object.entries(head.profileScenarioSummaries).map(([profileId, scenarios]) => [profileId, ofProfile(scenarios)]),
  );
}

function metricsOf({
  runCount,
  imageCount,
  cold,
  warm,
  speedup,
  validation,
}: ProfileScenarioSummary): SiteSnapshotMetrics {
  const figure = (value: number | undefined) => value ?? Number.NaN;
  return {
    runCount,
    imageCount,
    coldWallMs: figure(cold?.wallMs),
    warmMeanMs: figure(warm?.wallMs.mean),
    warmP50Ms: figure(warm?.wallMs.p50),
    warmP95Ms: figure(warm?.wallMs.p95),
    warmStddevMs: figure(warm?.wallMs.stddev),
    speedup: figure(speedup?.coldVsWarmWallMean),
    coldImagesPerSec: figure(cold?.imagesPerSec),
    warmImagesPerSec: figure(warm?.imagesPerSecMean),
    coldPerImageMs: figure(cold?.perImageMs),
    warmPerImageMs: figure(warm?.perImageMsMean),
    coldOriginalBytes: figure(cold?.originalBytes),
    coldProcessedBytes: figure(cold?.processedBytes),
    validationPassed: validation.passed,
  };
}

type Pair = Comparison["pairs"][number];

/** Unlike `PROFILE/SCENARIO`, of one pair alone whatever the names hold. */
function pairName({ profileId, scenario }: Pick<Pair, "profileId" | "scenario">): string {
  return JSON.stringify([profileId, scenario]);
}

function deltaOf(
  pair: Pair,
  policy: Comparison["policy"],
  cells: readonly ComparedCell[],
): SiteSnapshot["deltas"][number] {
  const { profileId, scenario, deltas, alerts } = pair;
  const changes = {
    ...{ profileId, scenario },
    warmP50Pct: deltas.warmP50.regressionPct,
    warmP95Pct: deltas.warmP95.regressionPct,
    coldPct: deltas.cold.regressionPct,
  };
  if (policy !== "evidence") return { ...changes, alerts: alerts.map(({ metric }) => metric) };
  const verdictOf = (phase: string) =>
    cells.find((cell) => cell.metric === "wall" && cell.phase === phase)?.verdict ?? null;
  return {
    ...changes,
    alerts: cells.filter(({ isAlert }) => isAlert).map(alertName),
    verdicts: { warm: verdictOf("warm"), cold: verdictOf("cold") },
  };
}

/** Under the evidence policy a cell raises the alert, whatever the thresholds would say of the pair. */
function alertSummary(
  comparison: Comparison,
): Pick<SiteSnapshot["summary"], "totalPairs" | "alertCount" | "hasAlerts"> {
  const { totalPairs, alertCount, hasAlerts } = comparison.summary;
  if (comparison.policy !== "evidence") return { totalPairs, alertCount, hasAlerts };
  const raisedCount = judgedCells(comparison).filter(({ isAlert }) => isAlert).length;
  return { totalPairs, alertCount: raisedCount, hasAlerts: raisedCount > 0 };
}

function cellsByPair(comparison: Comparison): Map<string, ComparedCell[]> {
  const byPair = new Map<string, ComparedCell[]>();
  for (const cell of judgedCells(comparison)) {
    const name = pairName(cell);
    byPair.set(name, [...(byPair.get(name) ?? []), cell]);
  }
  return byPair;
}

function judgedCells({ cells = [] }: Comparison): ComparedCell[] {
  return cells.filter(({ family }) => family !== "control");
}

/** The name that the site knows for wall time; of any other metric `PHASE-METRIC`. */
function alertName({ phase, metric }: ComparedCell): string {
  if (metric !== "wall") return `${phase}-${metric}`;
  return phase === "warm" ? comparisonMetrics.warmP50.metric : comparisonMetrics.cold.metric;
}
