import { checkArtifact } from "./artifact-kind.ts";
import { type Comparison, comparison } from "./comparison.ts";
import { type ProfileScenarioSummary, type Summary, summary } from "./summary.ts";

export {
  buildComparedCell,
  buildEvidenceComparison,
  type ComparedCellSpec,
  evidenceShares,
  passedControls,
} from "./testing-evidence.ts";

/** One pair of a summary in a test; what is left out is filled in. */
export interface PairSpec {
  /** Null: no valid cold run. */
  readonly coldMs?: number | null;
  /** The median of the warm runs; null: no valid warm run. */
  readonly warmP50Ms?: number | null;
  readonly warmP95Ms?: number;
  readonly runCount?: number;
  readonly imageCount?: number;
  readonly passed?: boolean;
}

/**
 * A small summary for tests, checked against its schema. `pairs` is by `PROFILE/SCENARIO`; `changes` replaces whole
 * top-level fields.
 */
export function buildSummary(pairs: Readonly<Record<string, PairSpec>>, changes: Partial<Summary> = {}): Summary {
  const named = Object.entries(pairs).map(([name, spec]) => {
    const slash = name.indexOf("/");
    return { profileId: name.slice(0, slash), scenario: name.slice(slash + 1), spec };
  });
  const profileIds = [...new Set(named.map(({ profileId }) => profileId))];
  const scenarios = [...new Map(named.map(({ scenario, spec }) => [scenario, spec.imageCount ?? 1]))];
  const failed = named.filter(({ spec }) => spec.passed === false);
  return checkArtifact(
    summary,
    {
      kind: "summary",
      version: "1.0",
      generatedAt: "2026-02-15T00:00:00.000Z",
      benchmark: {
        cliPath: "dist/cli.js",
        tierManifestPath: "tier30/tier-manifest.json",
        runCount: 10,
        profiles: profileIds.map((id) => ({
          id,
          formats: "webp",
          quality: 80,
          blur: true,
          widths: null,
          description: id,
        })),
        scenarios: scenarios.map(([name, expectedTotal]) => ({ name, expectedTotal })),
      },
      validation: {
        passed: failed.length === 0,
        failureCount: failed.length,
        failures: failed.map(({ profileId, scenario }) => ({ profileId, scenario, message: "run 3: exit 1" })),
      },
      profileScenarioSummaries: Object.fromEntries(
        profileIds.map((id) => [
          id,
          Object.fromEntries(
            named.filter(({ profileId }) => profileId === id).map(({ scenario, spec }) => [scenario, buildPair(spec)]),
          ),
        ]),
      ),
      ...changes,
    },
    "summary.json",
  );
}

function buildPair(spec: PairSpec): ProfileScenarioSummary {
  const { coldMs = 200, warmP50Ms = 120, runCount = 10, imageCount = 1, passed = true } = spec;
  return {
    runCount,
    imageCount,
    cold: coldMs === null ? null : buildCold(coldMs, imageCount),
    warm:
      warmP50Ms === null ? null : buildWarm(warmP50Ms, spec.warmP95Ms ?? warmP50Ms * 1.05, runCount - 1, imageCount),
    speedup:
      coldMs === null || warmP50Ms === null
        ? null
        : { coldVsWarmWallMean: coldMs / warmP50Ms, coldVsWarmReportMean: null },
    validation: { passed },
  };
}

function buildCold(wallMs: number, imageCount: number): NonNullable<ProfileScenarioSummary["cold"]> {
  return {
    wallMs,
    reportDurationMs: null,
    total: imageCount,
    processed: imageCount,
    cached: 0,
    failed: 0,
    errorsLength: 0,
    imagesPerSec: wallMs === 0 ? 0 : (imageCount * 1000) / wallMs,
    perImageMs: wallMs / imageCount,
    originalBytes: 1000 * imageCount,
    processedBytes: 400 * imageCount,
  };
}

function buildWarm(
  p50: number,
  p95: number,
  count: number,
  imageCount: number,
): NonNullable<ProfileScenarioSummary["warm"]> {
  return {
    count,
    wallMs: { mean: p50, p50, p95, stddev: 1.5 },
    reportDurationMs: null,
    imagesPerSecMean: p50 === 0 ? 0 : (imageCount * 1000) / p50,
    perImageMsMean: p50 / imageCount,
  };
}

/** One pair of a comparison in a test: the same two figures for each metric, and the metrics that raise an alert. */
export interface ComparedPairSpec {
  readonly baseMs?: number | null;
  readonly headMs?: number | null;
  readonly alerts?: readonly ("warm-p50" | "warm-p95" | "cold")[];
}

/** A small comparison for tests, checked against its schema. `pairs` is by `PROFILE/SCENARIO`. */
export function buildComparison(
  pairs: Readonly<Record<string, ComparedPairSpec>>,
  changes: Partial<Comparison> = {},
): Comparison {
  const built = Object.entries(pairs).map(([name, spec]) => buildComparedPair(name, spec));
  const alertCount = built.reduce((count, { alerts }) => count + alerts.length, 0);
  const incomparableCount = changes.incomparable?.length ?? 0;
  return checkArtifact(
    comparison,
    {
      kind: "comparison",
      version: "1.0",
      generatedAt: "2026-02-15T00:00:00.000Z",
      policy: "threshold",
      outcome: incomparableCount > 0 ? "invalid" : alertCount > 0 ? "regression" : "green",
      advisory: true,
      gateMode: "advisory",
      thresholds: {
        warmThresholdPct: 10,
        coldThresholdPct: 15,
        p95ThresholdPct: 20,
        smallBaselineMs: 100,
        minAbsoluteDeltaMs: 15,
      },
      summary: { totalPairs: built.length, alertCount, hasAlerts: alertCount > 0, incomparableCount },
      pairs: built,
      ...changes,
    },
    "compare.json",
  );
}

function buildComparedPair(name: string, { baseMs = 200, headMs = 202, alerts = [] }: ComparedPairSpec) {
  const slash = name.indexOf("/");
  const figures = (valueMs: number | null) => ({
    warmP50Ms: valueMs,
    warmP95Ms: valueMs,
    coldMs: valueMs,
    runCount: 10,
    warmCount: 9,
  });
  const known = baseMs !== null && headMs !== null;
  const deltaMs = known ? headMs - baseMs : null;
  const regressionPct = known ? ((headMs - baseMs) / baseMs) * 100 : null;
  const delta = { deltaMs, regressionPct };
  return {
    profileId: name.slice(0, slash),
    scenario: name.slice(slash + 1),
    base: figures(baseMs),
    head: figures(headMs),
    deltas: { warmP50: delta, warmP95: delta, cold: delta },
    alerts: alerts.map((metric) => ({ metric, baseMs, headMs, regressionPct, thresholdPct: 10 })),
  };
}
