import * as z from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";
import { comparedCell, controlsResult, evidencePolicy } from "./compared-cell.ts";
import { measuredDataset } from "./dataset-resolved.ts";

/** The figures of one side; null where a phase was not measured. */
const pairFigures = z.looseObject({
  warmP50Ms: z.number().nullable(),
  warmP95Ms: z.number().nullable(),
  coldMs: z.number().nullable(),
  runCount: fields.count.optional(),
  /** The valid warm runs behind the percentiles. */
  warmCount: fields.count.optional(),
});

/** Head against base, rounded to 6 decimals; both null if the figures could not be judged, or cannot be trusted. */
const delta = z.looseObject({
  /** By evidence, what `regressionPct` is of base; by thresholds head − base. */
  deltaMs: z.number().nullable(),
  /** By evidence, the estimate of the cell; by thresholds 100 · (head − base) / base. Positive is slower. */
  regressionPct: z.number().nullable(),
});

const alert = z.looseObject({
  metric: z.string(),
  baseMs: z.number(),
  headMs: z.number(),
  regressionPct: z.number(),
  thresholdPct: z.number(),
});

/**
 * The limits of the threshold policy: percentages above which a figure is an alert, and, in ms, how small a base or a
 * difference is passed over.
 */
export const thresholds = z.looseObject({
  warmThresholdPct: z.number(),
  coldThresholdPct: z.number(),
  p95ThresholdPct: z.number(),
  smallBaselineMs: z.number(),
  minAbsoluteDeltaMs: z.number(),
});

/** Why a pair, or all of them, could not be judged. */
const incomparable = z.looseObject({
  /** Both are empty when it concerns the whole comparison. */
  profileId: z.string(),
  scenario: z.string(),
  reason: z.enum([
    "missing-in-head",
    "missing-in-base",
    "missing-in-both",
    "missing-phase",
    "validation-failed",
    "different-dataset",
    "different-suite",
    "different-machine",
    "impossible-figure",
    "nothing-to-compare",
    "foreign-runs",
    "order-not-drawn",
    "clock-went-back",
  ]),
  message: z.string(),
  remedy: z.string(),
});

/** A fact that a reader must know before using the answer; never a reason to refuse one. */
const warning = z.looseObject({
  code: z.enum([
    "same-file",
    "same-subject",
    "arms-swapped",
    "unknown-dataset",
    "unknown-suite",
    "unknown-machine",
    "different-run-count",
    "not-measured-in-turn",
    "builds-in-place",
    "different-meter",
    "phase-not-measured",
  ]),
  message: z.string(),
  remedy: z.string(),
});

/** A file that was compared. */
const comparedInput = inputReference.extend({ role: z.enum(["base", "head"]).optional() });

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  policy: z.enum(["threshold", "evidence"]).optional(),
  /** The outcome of the comparison, the first that applies. */
  outcome: z.enum(["invalid", "regression", "undecided", "green"]).optional(),
  /** The person who accepts the regression that was found, and why; it changes neither verdicts nor the outcome. */
  acceptance: z.looseObject({ by: z.string(), reason: z.string() }).optional(),
  advisory: z.boolean(),
  gateMode: z.enum(["advisory", "strict"]),
  thresholds,
  summary: z.looseObject({
    /** The pairs that both sides have. */
    totalPairs: fields.count,
    alertCount: fields.count,
    hasAlerts: z.boolean(),
    /** The entries of `incomparable`. */
    incomparableCount: fields.count.optional(),
  }),
  incomparable: z.array(incomparable).optional(),
  warnings: z.array(warning).optional(),
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
  /** Under the evidence policy: how the error was shared, every cell and metric, and how the night checked itself. */
  evidence: evidencePolicy.optional(),
  /** The limits of the blocks of a cell, so that a report can say why one stayed undecided; older comparisons lack it. */
  sampling: z
    .looseObject({
      mode: z.enum(["fixed", "evidence"]),
      maxBlocks: z.int().min(1).optional(),
      timeBudgetMinutes: z.number().positive().optional(),
      /** How long, in all, blocks waited while other programs used the machine; absent if none did. */
      waitedMs: z.number().min(0).optional(),
    })
    .optional(),
  cells: z.array(comparedCell).optional(),
  controls: controlsResult.optional(),
  inputs: z.array(comparedInput).optional(),
  dataset: measuredDataset.optional(),
});

/** Head against base, judged by thresholds (`pairs`) or by evidence (`cells`, from which `pairs` are made). */
export type Comparison = z.infer<typeof schema>;

/** One profile and scenario on both sides. */
export type ComparisonPair = Comparison["pairs"][number];

/**
 * A figure of head that is slower than the rule allows: both figures in ms, the change and the threshold in per cent.
 */
export type ComparisonAlert = z.infer<typeof alert>;

/** The change of one figure of a pair; positive is slower. */
export type ComparisonDelta = z.infer<typeof delta>;

/** The times of one side of a pair, in ms. */
export type PairFigures = z.infer<typeof pairFigures>;

/** A pair, or the whole comparison, that could not be judged: the reason as a code and in words, and what to do. */
export type Incomparable = z.infer<typeof incomparable>;

/** A warning about the comparison as a whole; warnings about one cell are {@link CellWarning}s. */
export type ComparisonWarning = z.infer<typeof warning>;

/** See {@link thresholds}; the flags of `compare-benchmark` set them. */
export type Thresholds = z.infer<typeof thresholds>;

/**
 * Written by `compare-benchmark`; read by every report, by `export-site-snapshot`, `pack-evidence` and
 * `append-history`.
 */
export const comparison: ArtifactKind<Comparison> = {
  kind: "comparison",
  slug: "comparison",
  fileName: "compare.json",
  summary: "Head against base, pair by pair: figures, deltas, alerts, and what could not be judged.",
  encoding: "json",
  version: { field: "version", current: "2.0", reads: ["1"] },
  schema,
};

/** The metrics of the threshold policy by the name of their delta: where a comparison keeps the rest of each. */
export const comparisonMetrics = {
  warmP50: { metric: "warm-p50", phase: "warm", figure: "warmP50Ms", threshold: "warmThresholdPct" },
  warmP95: { metric: "warm-p95", phase: "warm", figure: "warmP95Ms", threshold: "p95ThresholdPct" },
  cold: { metric: "cold", phase: "cold", figure: "coldMs", threshold: "coldThresholdPct" },
} as const;
