import { checkArtifact, type SiteHistory, type SiteSnapshot, siteHistory, siteSnapshot } from "@forgebench/artifacts";

/** A snapshot in a test; what is left out is filled in. */
export interface SnapshotSpec {
  /** Nights after the first of March 2026; the run id follows from it. */
  readonly day?: number;
  readonly coldMs?: number;
  readonly warmMs?: number;
  readonly changePct?: number;
  readonly source?: Partial<SiteSnapshot["source"]>;
  /** Whole top-level fields. */
  readonly changes?: Readonly<Record<string, unknown>>;
}

const PROFILES = [
  { id: "P1", description: "webp + blur + q80", weight: 0.2 },
  { id: "P2", description: "webp,avif + blur + q80", weight: 1 },
] as const;
const SCENARIOS = [
  { name: "single-small", expectedTotal: 1, coldShare: 0.02, warmShare: 0.7 },
  { name: "batch-all", expectedTotal: 200, coldShare: 1, warmShare: 1 },
] as const;

/** A made-up snapshot that fits its schema. */
export function buildSnapshot(spec: SnapshotSpec = {}): SiteSnapshot {
  const { day = 0, changePct = 0.4 } = spec;
  const time = new Date(Date.UTC(2026, 2, 1 + day, 3, 12));
  const runId = 7_000_000 + day;
  const deltas = PROFILES.flatMap(({ id: profileId }) =>
    SCENARIOS.map(({ name: scenario }, index) => ({
      profileId,
      scenario,
      warmP50Pct: changePct / 2,
      warmP95Pct: -changePct,
      coldPct: changePct * (index + 1),
      alerts: [],
    })),
  );
  return checkArtifact(
    siteSnapshot,
    {
      kind: "site-snapshot",
      schemaVersion: "1.0",
      snapshotId: `${runId}.1`,
      generatedAt: time.toISOString(),
      asOfDate: new Intl.DateTimeFormat("en-US", { dateStyle: "long", timeZone: "UTC" }).format(time),
      owner: "Example Maintainers",
      source: { ...sourceOf(runId), ...spec.source },
      outcome: "green",
      policy: "threshold",
      gateMode: "strict",
      thresholds: THRESHOLDS,
      summary: SUMMARY,
      benchmark: BENCHMARK,
      profileScenarioMetrics: metricsOfAll(spec),
      deltas,
      ...spec.changes,
    },
    "snapshot.json",
  );
}

function sourceOf(runId: number): SiteSnapshot["source"] {
  return {
    repository: "example/pictures",
    workflowName: "Benchmark CI",
    workflowPath: ".github/workflows/benchmark.yml",
    runId,
    runAttempt: 1,
    runUrl: `https://example.org/example/pictures/actions/runs/${runId}`,
    eventName: "schedule",
    refName: "main",
    sha: "0123456789abcdef0123456789abcdef01234567",
    tier: "tier200",
    runCount: 10,
    datasetVersion: "1.0.0",
    datasetSource: "release",
    runner: "ubuntu-24.04",
    nodeVersion: "22",
    cliVersion: "2.3.0",
  };
}

const THRESHOLDS = {
  warmThresholdPct: 10,
  coldThresholdPct: 15,
  p95ThresholdPct: 20,
  smallBaselineMs: 100,
  minAbsoluteDeltaMs: 15,
};
const SUMMARY = {
  totalPairs: 4,
  alertCount: 0,
  hasAlerts: false,
  headValidationPassed: true,
  baseValidationPassed: true,
};
const BENCHMARK = {
  profiles: PROFILES.map(({ id, description }) => ({ id, description })),
  scenarios: SCENARIOS.map(({ name, expectedTotal }) => ({ name, expectedTotal })),
  headline: { profileId: "P2", scenario: "batch-all" },
};

function metricsOfAll({ coldMs = 60_000, warmMs = 150 }: SnapshotSpec): SiteSnapshot["profileScenarioMetrics"] {
  const figures = (weight: number, { expectedTotal, coldShare, warmShare }: (typeof SCENARIOS)[number]) => {
    const [cold, warm] = [coldMs * weight * coldShare, warmMs * warmShare];
    return {
      runCount: 10,
      imageCount: expectedTotal,
      coldWallMs: cold,
      warmMeanMs: warm * 1.02,
      warmP50Ms: warm,
      warmP95Ms: warm * 1.1,
      warmStddevMs: warm * 0.03,
      speedup: cold / (warm * 1.02),
      coldImagesPerSec: (1000 * expectedTotal) / cold,
      warmImagesPerSec: (1000 * expectedTotal) / warm,
      coldPerImageMs: cold / expectedTotal,
      warmPerImageMs: warm / expectedTotal,
      coldOriginalBytes: 0,
      coldProcessedBytes: 0,
      validationPassed: true,
    };
  };
  const ofProfile = (weight: number) =>
    SCENARIOS.map((scenario) => [scenario.name, figures(weight, scenario)] as const);
  return Object.fromEntries(PROFILES.map(({ id, weight }) => [id, Object.fromEntries(ofProfile(weight))]));
}

/** A history of these snapshots, newest first. */
export function buildHistory(items: readonly SiteSnapshot[]): SiteHistory {
  const newestFirst = items.toSorted((a, b) => Date.parse(b.generatedAt) - Date.parse(a.generatedAt));
  const generatedAt = newestFirst[0]?.generatedAt ?? "2026-03-01T00:00:00.000Z";
  const document = { schemaVersion: "1.0", generatedAt, retention: 90, items: newestFirst };
  return checkArtifact(siteHistory, document, "history.json");
}

/** Three weeks with everything that a trend can show; the figures are made up. */
export function buildExampleSite(): { readonly latest: SiteSnapshot; readonly history: SiteHistory } {
  const special: Readonly<Record<number, SnapshotSpec>> = {
    4: { source: { tier: "tier30", runCount: 4, eventName: "pull_request" }, coldMs: 9_100 },
    9: { coldMs: 63_900, changePct: 6.8, changes: regression("P2", "batch-all") },
    12: {
      source: { datasetSource: "fallback" },
      changes: { canonical: false, nonCanonicalReasons: ["the dataset is a fallback, not a release"] },
    },
    18: {
      coldMs: 71_000,
      changes: { outcome: "invalid", canonical: false, nonCanonicalReasons: ["the null check is red"] },
    },
  };
  const snapshots = Array.from({ length: 22 }, (_, day) => {
    const wave = Math.sin(day * 2.4) + Math.sin(day * 5.1);
    const version = day < 16 ? "1.0.0" : "1.1.0";
    const { source, ...others } = special[day] ?? {};
    const coldMs = (day < 16 ? 61_000 : 57_400) + 380 * wave;
    const usual = { day, coldMs, warmMs: 148 + 4 * Math.cos(day * 1.9), changePct: 0.3 * wave };
    return buildSnapshot({ ...usual, ...others, source: { datasetVersion: version, ...source } });
  });
  const latest = judgedByEvidence(snapshots.at(-1) ?? buildSnapshot());
  return { latest, history: buildHistory([...snapshots.slice(0, -1), latest]) };
}

function regression(profileId: string, scenario: string): Readonly<Record<string, unknown>> {
  const { deltas } = buildSnapshot({ changePct: 3.4 });
  const isIt = (delta: (typeof deltas)[number]) => delta.profileId === profileId && delta.scenario === scenario;
  return {
    outcome: "regression",
    summary: { ...SUMMARY, alertCount: 1, hasAlerts: true },
    deltas: deltas.map((delta) => (isIt(delta) ? { ...delta, alerts: ["cold"] } : delta)),
  };
}

/** With all the added fields: verdicts, intervals, controls. */
export function judgedByEvidence(snapshot: SiteSnapshot): SiteSnapshot {
  const deltas = snapshot.deltas.map((compared, index) => {
    const delta = index === 0 ? { ...compared, coldPct: 3.1, warmP95Pct: 2.4 } : compared;
    const reach = index === 0 ? 3.5 : 1;
    const around = (value: number | null) => ({
      lowPct: (value ?? 0) - 1.1 * reach,
      highPct: (value ?? 0) + 1.2 * reach,
    });
    return {
      ...delta,
      verdicts: { cold: index === 0 ? "undecided" : "same", warm: "same" },
      intervals: { cold: around(delta.coldPct), warm: around(delta.warmP50Pct) },
    };
  });
  const controls = { status: "passed", reason: "null check quiet, planted +5 % and +10 % found", controls: [] };
  return checkArtifact(siteSnapshot, { ...snapshot, policy: "evidence", deltas, controls }, "snapshot.json");
}
