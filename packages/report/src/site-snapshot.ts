import {
  type Comparison,
  leastTrustedOf,
  type MeasuredDataset,
  nonCanonicalReasons,
  type ProfileScenarioSummary,
  pairOf,
  type SiteSnapshot,
  type SiteSnapshotMetrics,
  type Summary,
} from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { alertSummary, controlsOfNight, deltasOf } from "./site-snapshot-evidence.ts";

/** The data of a snapshot. */
export interface SiteSnapshotRequest {
  readonly head: Summary;
  readonly base: Summary;
  readonly comparison: Comparison;
  readonly source: SiteSnapshot["source"];
  readonly headline: SiteSnapshot["benchmark"]["headline"];
  readonly owner: string;
  readonly acceptance?: SiteSnapshot["acceptance"] | undefined;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** ISO 8601. */
  readonly exportedAt?: string;
  /** Default: the day of `generatedAt` in UTC. */
  readonly asOfDate?: string | undefined;
  readonly inputs: NonNullable<SiteSnapshot["inputs"]>;
}

/**
 * The snapshot that the website shows: head's figures as they were measured, none rounded again, and the changes of the
 * comparison. Red and invalid nights are included: figures that cannot be trusted are null, pairs without all
 * figures are named instead of shown, and `canonical` says whether it may be the newest. `findSnapshotProblems` says
 * whether it can be made.
 */
export function planSiteSnapshot(request: SiteSnapshotRequest): SiteSnapshot {
  const { comparison, acceptance } = request;
  const { outcome, policy, gateMode, thresholds } = comparison;
  const incomplete = incompletePairs(request.head);
  const snapshot: SiteSnapshot = {
    ...identityOf(request),
    ...(acceptance === undefined ? {} : { acceptance }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(policy === undefined ? {} : { policy }),
    gateMode,
    thresholds,
    summary: {
      ...alertSummary(comparison),
      headValidationPassed: isValid(request.head),
      baseValidationPassed: isValid(request.base),
    },
    benchmark: {
      profiles: profilesOf(request.head),
      scenarios: scenariosOf(request.head),
      headline: request.headline,
    },
    profileScenarioMetrics: metricsOfAll(request.head),
    ...(incomplete.length === 0 ? {} : { incomplete }),
    deltas: deltasOf(comparison),
    ...controlsOfNight(comparison),
    inputs: request.inputs,
  };
  return { ...snapshot, ...canonicalMark(snapshot) };
}

type Identity = Pick<
  SiteSnapshot,
  "kind" | "schemaVersion" | "snapshotId" | "generatedAt" | "exportedAt" | "asOfDate" | "owner" | "source"
>;

function identityOf({ head, base, comparison, source, headline, generatedAt, ...rest }: SiteSnapshotRequest): Identity {
  const dataset = leastTrustedOf(head.dataset, base.dataset);
  const cliVersion = head.subject?.cliVersion;
  // With adaptive sampling the number of runs is not known before: it is that of the headline pair of head.
  const shown = comparison.policy === "evidence" ? pairOf(head, headline.profileId, headline.scenario) : undefined;
  return {
    kind: "site-snapshot",
    schemaVersion: "1.0",
    snapshotId: `${source.runId}.${source.runAttempt}`,
    generatedAt,
    ...(rest.exportedAt === undefined ? {} : { exportedAt: rest.exportedAt }),
    asOfDate: rest.asOfDate ?? dayInWords(generatedAt),
    owner: rest.owner,
    source: {
      ...source,
      runCount: shown?.runCount ?? source.runCount,
      ...(typeof cliVersion === "string" ? { cliVersion } : {}),
      ...(dataset === undefined ? {} : datasetFacts(dataset)),
    },
  };
}

function datasetFacts(dataset: MeasuredDataset): Partial<SiteSnapshot["source"]> {
  const { source, sha256, release, fallback, datasetVersion } = dataset;
  return {
    datasetSource: source,
    datasetSha256: sha256,
    // The requested release was missing: the version is that of the images that were measured on.
    ...(source === "fallback" ? { datasetVersion } : {}),
    ...(release === undefined ? {} : { datasetRelease: release }),
    ...(fallback === undefined ? {} : { datasetFallback: fallback }),
  };
}

function canonicalMark(snapshot: SiteSnapshot): Pick<SiteSnapshot, "canonical" | "nonCanonicalReasons"> {
  const incomplete = (snapshot.incomplete ?? []).map(
    ({ profileId, scenario, missing }) => `${pairName({ profileId, scenario })} lacks ${missing.join(" and ")}`,
  );
  const reasons = [...nonCanonicalReasons(snapshot), ...incomplete];
  return reasons.length === 0 ? { canonical: true } : { canonical: false, nonCanonicalReasons: reasons };
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
    if (typeof scenario !== "string") return { name: scenario.name, expectedTotal: scenario.expectedTotal ?? 0 };
    const counts = Object.keys(head.profileScenarioSummaries).flatMap(
      (profileId) => pairOf(head, profileId, scenario)?.imageCount ?? [],
    );
    return { name: scenario, expectedTotal: counts[0] ?? 0 };
  });
}

/** The pairs of head that lack a figure which the site shows for every pair. */
export function incompletePairs(head: Summary): NonNullable<SiteSnapshot["incomplete"]> {
  return Object.entries(head.profileScenarioSummaries).flatMap(([profileId, scenarios]) =>
    Object.entries(scenarios).flatMap(([scenario, pair]) => {
      const missing = missingFigures(pair);
      return missing.length === 0 ? [] : [{ profileId, scenario, missing }];
    }),
  );
}

function missingFigures({ cold, warm, speedup }: ProfileScenarioSummary): string[] {
  return [
    ...(cold === null ? ["cold"] : []),
    ...(warm === null ? ["warm"] : []),
    ...(cold !== null && warm !== null && speedup === null ? ["speedup"] : []),
  ];
}

function metricsOfAll(head: Summary): SiteSnapshot["profileScenarioMetrics"] {
  const ofProfile = (scenarios: Readonly<Record<string, ProfileScenarioSummary>>) =>
    Object.fromEntries(Object.entries(scenarios).flatMap(([scenario, pair]) => namedMetrics(scenario, pair)));
  return Object.fromEntries(
    Object.entries(head.profileScenarioSummaries).map(([profileId, scenarios]) => [profileId, ofProfile(scenarios)]),
  );
}

function namedMetrics(scenario: string, pair: ProfileScenarioSummary): [string, SiteSnapshotMetrics][] {
  const { runCount, imageCount = 0, cold, warm, speedup, validation } = pair;
  if (cold === null || warm === null || speedup === null) return [];
  const metrics = {
    runCount,
    imageCount,
    coldWallMs: cold.wallMs,
    warmMeanMs: warm.wallMs.mean,
    warmP50Ms: warm.wallMs.p50,
    warmP95Ms: warm.wallMs.p95,
    warmStddevMs: warm.wallMs.stddev,
    speedup: speedup.coldVsWarmWallMean,
    coldImagesPerSec: cold.imagesPerSec,
    warmImagesPerSec: warm.imagesPerSecMean,
    coldPerImageMs: cold.perImageMs,
    warmPerImageMs: warm.perImageMsMean,
    coldOriginalBytes: cold.originalBytes,
    coldProcessedBytes: cold.processedBytes,
    validationPassed: validation.passed,
  };
  return [[scenario, metrics]];
}
