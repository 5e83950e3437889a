import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkArtifact, type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";

/** A snapshot in a test; what is left out is filled in so that it may be shown as the latest. */
export interface SnapshotSpec {
  readonly runId: number;
  readonly runAttempt?: number;
  readonly generatedAt?: string;
  readonly source?: object;
  readonly coldWallMs?: number;
  readonly rest?: object;
}

export function buildSnapshot(spec: SnapshotSpec): SiteSnapshot {
  const { runId, runAttempt = 1, generatedAt = "2026-03-01T03:00:00.000Z", coldWallMs = 80_000 } = spec;
  const metrics = { runCount: 10, imageCount: 200, coldWallMs, warmMeanMs: 410, warmP50Ms: 400, warmP95Ms: 450 };
  const rates = { warmStddevMs: 9, speedup: coldWallMs / 410, coldImagesPerSec: 2.5, warmImagesPerSec: 488 };
  const rest = { coldPerImageMs: 400, warmPerImageMs: 2, coldOriginalBytes: 9e6, coldProcessedBytes: 3e6 };
  const document = {
    schemaVersion: "1.0",
    snapshotId: `${runId}.${runAttempt}`,
    generatedAt,
    asOfDate: "March 1, 2026",
    owner: "maintainers",
    source: {
      repository: "owner/tool",
      workflowName: "Benchmark CI",
      workflowPath: ".github/workflows/benchmark-ci.yml",
      runId,
      runAttempt,
      runUrl: `https://github.com/owner/tool/actions/runs/${runId}`,
      eventName: "schedule",
      refName: "main",
      sha: "4ff596ceb9d3d7e0057d82e071c834505a212868",
      tier: "tier200",
      runCount: 10,
      datasetVersion: "1.0.0",
      runner: "ubuntu-24.04",
      nodeVersion: "22",
      ...spec.source,
    },
    thresholds: {
      warmThresholdPct: 10,
      coldThresholdPct: 15,
      p95ThresholdPct: 20,
      smallBaselineMs: 100,
      minAbsoluteDeltaMs: 15,
    },
    summary: {
      totalPairs: 1,
      alertCount: 0,
      hasAlerts: false,
      headValidationPassed: true,
      baseValidationPassed: true,
    },
    benchmark: {
      profiles: [{ id: "P2", formats: "webp,avif", quality: 80, blur: true, widths: null }],
      scenarios: [{ name: "batch-all", expectedTotal: 200 }],
      headline: { profileId: "P2", scenario: "batch-all" },
    },
    profileScenarioMetrics: { P2: { "batch-all": { ...metrics, ...rates, ...rest, validationPassed: true } } },
    deltas: [],
    ...spec.rest,
  };
  return checkArtifact(siteSnapshot, document, "a snapshot of a test");
}

const RECORDED = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../../../../shared/data/site-snapshots/snapshots.json",
);

/** Snapshots of real runs; empty where they are not beside the project. */
export const recordedSnapshots: readonly SiteSnapshot[] = existsSync(RECORDED)
  ? JSON.parse(readFileSync(RECORDED, "utf8"))
  : [];

export const recordedNote = recordedSnapshots.length === 0 ? " (skipped: shared/data is not beside the project)" : "";
