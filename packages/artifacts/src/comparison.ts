import { z } from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";

const pairFigures = z.looseObject({
  warmP50Ms: z.number().nullable(),
  warmP95Ms: z.number().nullable(),
  coldMs: z.number().nullable(),
});

const delta = z.looseObject({
  deltaMs: z.number().nullable(),
  /** Null where the base is zero or one side is missing. */
  regressionPct: z.number().nullable(),
});

const alert = z.looseObject({
  metric: z.string(),
  baseMs: z.number(),
  headMs: z.number(),
  regressionPct: z.number(),
  thresholdPct: z.number(),
});

export const thresholds = z.looseObject({
  warmThresholdPct: z.number(),
  coldThresholdPct: z.number(),
  p95ThresholdPct: z.number(),
  smallBaselineMs: z.number(),
  minAbsoluteDeltaMs: z.number(),
});

/** Why a pair, or all of them, could not be judged. */
const incomparable = z.looseObject({
  /** Empty when it concerns the whole comparison. */
  profileId: z.string(),
  scenario: z.string(),
  reason: z.enum([
    "missing-in-head",
    "missing-in-base",
    "missing-phase",
    "validation-failed",
    "different-dataset",
    "different-suite",
    "different-machine",
    "zero-baseline",
    "nothing-to-compare",
  ]),
  message: z.string(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  advisory: z.boolean(),
  gateMode: z.enum(["advisory", "strict"]),
  thresholds,
  summary: z.looseObject({ totalPairs: fields.count, alertCount: fields.count, hasAlerts: z.boolean() }),
  pairs: z.array(
    z.looseObject({
      profileId: z.string(),
      scenario: z.string(),
      base: pairFigures,
      head: pairFigures,
      deltas: z.looseObject({ warmP50: delta, warmP95: delta, cold: delta }),
      alerts: z.array(alert),
    }),
  ),
  policy: z.enum(["threshold", "evidence"]).optional(),
  /** The outcome of the comparison, the first that applies. */
  outcome: z.enum(["invalid", "regression", "undecided", "green"]).optional(),
  incomparable: z.array(incomparable).optional(),
  inputs: z.array(inputReference).optional(),
  dataset: z
    .looseObject({ datasetVersion: z.string(), tierId: z.string(), sha256: fields.sha256, source: z.string() })
    .optional(),
});

export type Comparison = z.infer<typeof schema>;
export type ComparisonPair = Comparison["pairs"][number];
export type ComparisonAlert = z.infer<typeof alert>;
export type ComparisonDelta = z.infer<typeof delta>;
export type PairFigures = z.infer<typeof pairFigures>;
export type Incomparable = z.infer<typeof incomparable>;
export type Thresholds = z.infer<typeof thresholds>;

export const comparison: ArtifactKind<Comparison> = {
  kind: "comparison",
  slug: "comparison",
  fileName: "compare.json",
  summary: "Head against base, pair by pair: figures, deltas, alerts, and what could not be judged.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
