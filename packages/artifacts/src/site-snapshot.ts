import * as z from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";
import { controlsResult, verdictKinds } from "./compared-cell.ts";
import { thresholds } from "./comparison.ts";
import { datasetRelease } from "./dataset-resolved.ts";

const metrics = z.looseObject({
  runCount: fields.count,
  imageCount: fields.count,
  coldWallMs: z.number(),
  warmMeanMs: z.number(),
  warmP50Ms: z.number(),
  warmP95Ms: z.number(),
  warmStddevMs: z.number(),
  speedup: z.number(),
  coldImagesPerSec: z.number(),
  warmImagesPerSec: z.number(),
  coldPerImageMs: z.number(),
  warmPerImageMs: z.number(),
  coldOriginalBytes: z.number(),
  coldProcessedBytes: z.number(),
  validationPassed: z.boolean(),
});

/** What bounds a change, in per cent; an end that is not known is null. */
const interval = z.looseObject({ lowPct: z.number().nullable(), highPct: z.number().nullable() });

/** A control cell: base against its copy, with nothing (null) or a known slowdown planted. */
const control = z.looseObject({
  id: z.string(),
  passed: z.boolean(),
  plantedPct: z.number(),
  /** What was added by the subject's own account; null where it does not say it. */
  achievedPct: z.number().nullable(),
  /** What was found. */
  verdict: z.enum(verdictKinds),
  changePct: z.number().nullable(),
  interval: interval.nullable(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  schemaVersion: z.string(),
  /** `runId.runAttempt`. */
  snapshotId: z.string().regex(/^\d+\.\d+$/, "not runId.runAttempt, such as 22036204221.1"),
  /** When the measurement was summed up: how old the figures are. */
  generatedAt: fields.timestamp,
  /** When the snapshot was made of it; older ones do not say it. */
  exportedAt: fields.timestamp.optional(),
  /** In words, for example `February 15, 2026`. */
  asOfDate: z.string().min(1),
  owner: z.string().min(1),
  source: z.looseObject({
    repository: z.string(),
    workflowName: z.string(),
    workflowPath: z.string(),
    runId: z.int().min(1),
    runAttempt: z.int().min(1),
    runUrl: z.string(),
    eventName: z.string(),
    refName: z.string(),
    sha: z.string(),
    tier: z.string(),
    runCount: fields.count,
    datasetVersion: z.string(),
    runner: z.string(),
    nodeVersion: z.string(),
    cliVersion: z.string().nullable().optional(),
    /** Where the dataset came from: `release`, `local` or `fallback`. */
    datasetSource: z.string().optional(),
    /** The identity of the tier's content. */
    datasetSha256: fields.sha256.optional(),
    datasetRelease: datasetRelease.optional(),
    /** Why a fallback was measured on. */
    datasetFallback: z.looseObject({ reason: z.string() }).optional(),
    /** The repository's default branch; absent: `main`. */
    defaultBranch: z.string().optional(),
    /** Whether a run that somebody started was to publish. */
    publish: z.boolean().optional(),
  }),
  /** False: not to be shown as the newest figures, for these reasons, a sentence each. */
  canonical: z.boolean().optional(),
  nonCanonicalReasons: z.array(z.string().min(1)).optional(),
  /** The person who accepted an outcome that is not green, and why. */
  acceptance: z.looseObject({ by: z.string(), reason: z.string().optional() }).optional(),
  /** As in the comparison: snapshots of red and invalid nights are published too, and say so. */
  outcome: z.enum(["invalid", "regression", "undecided", "green"]).optional(),
  policy: z.enum(["threshold", "evidence"]).optional(),
  gateMode: z.enum(["advisory", "strict"]).optional(),
  thresholds,
  summary: z.looseObject({
    totalPairs: fields.count,
    alertCount: fields.count,
    hasAlerts: z.boolean(),
    headValidationPassed: z.boolean(),
    baseValidationPassed: z.boolean(),
  }),
  benchmark: z.looseObject({
    profiles: z.array(
      z.looseObject({
        id: z.string(),
        formats: z.string().optional(),
        quality: z.int().optional(),
        blur: z.boolean().optional(),
        widths: z.string().nullable().optional(),
        description: z.string().optional(),
      }),
    ),
    scenarios: z.array(z.looseObject({ name: z.string(), expectedTotal: fields.count })),
    headline: z.looseObject({ profileId: z.string(), scenario: z.string() }),
  }),
  profileScenarioMetrics: z.record(z.string(), z.record(z.string(), metrics)),
  /** Pairs that are not in `profileScenarioMetrics`, since these figures of them are missing. */
  incomplete: z
    .array(z.looseObject({ profileId: z.string(), scenario: z.string(), missing: z.array(z.string()).min(1) }))
    .optional(),
  deltas: z.array(
    z.looseObject({
      profileId: z.string(),
      scenario: z.string(),
      warmP50Pct: z.number().nullable(),
      warmP95Pct: z.number().nullable(),
      coldPct: z.number().nullable(),
      /** The metrics that raised an alert. */
      alerts: z.array(z.string()),
      /** Under the evidence policy: what was decided about the wall time of each phase; null where nothing was. */
      verdicts: z
        .looseObject({ warm: z.enum(verdictKinds).nullable(), cold: z.enum(verdictKinds).nullable() })
        .optional(),
      /** What bounds the change of each phase's wall time; null where nothing may be believed. */
      intervals: z.looseObject({ warm: interval.nullable(), cold: interval.nullable() }).optional(),
    }),
  ),
  /** Under the evidence policy: how the night checked itself. */
  controls: z
    .looseObject({
      status: controlsResult.shape.status,
      reason: z.string().optional(),
      null: z.array(control).optional(),
      planted: z.array(control).optional(),
    })
    .optional(),
  /** The comparison and the two summaries. */
  inputs: z.array(inputReference).optional(),
});

/** The figures of one night as the website shows them. It carries no samples, no paths and no names of users. */
export type SiteSnapshot = z.infer<typeof schema>;

/** The levels of the head arm for one profile and scenario. */
export type SiteSnapshotMetrics = z.infer<typeof metrics>;

/**
 * Written by `export-site-snapshot`; read by `append-history`, which keeps it, by `sync-site-benchmark` and by the
 * website.
 */
export const siteSnapshot: ArtifactKind<SiteSnapshot> = {
  kind: "site snapshot",
  slug: "site-snapshot",
  fileName: "site-benchmark-snapshot.json",
  summary: "The figures of one night as the website shows them, with where they come from.",
  encoding: "json",
  version: { field: "schemaVersion", current: "1.0" },
  schema,
};
