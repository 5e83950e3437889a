import * as z from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";
import { measuredDataset } from "./dataset-resolved.ts";

const distribution = z.looseObject({ mean: z.number(), p50: z.number(), p95: z.number(), stddev: z.number() });

const cold = z.looseObject({
  /** The median of the valid cold runs. */
  wallMs: z.number(),
  reportDurationMs: z.number().nullable(),
  total: z.int(),
  processed: z.int(),
  cached: z.int(),
  failed: z.int(),
  errorsLength: z.int(),
  imagesPerSec: z.number(),
  perImageMs: z.number(),
  originalBytes: z.number(),
  processedBytes: z.number(),
});

const warm = z.looseObject({
  count: fields.count,
  wallMs: distribution,
  reportDurationMs: distribution.nullable(),
  imagesPerSecMean: z.number(),
  perImageMsMean: z.number(),
});

const profileScenarioSummary = z.looseObject({
  runCount: fields.count,
  /** Absent where the input is no tier of images. */
  imageCount: fields.count.optional(),
  /** Null when no cold run was valid. */
  cold: cold.nullable(),
  /** Null when no warm run was valid. */
  warm: warm.nullable(),
  speedup: z.looseObject({ coldVsWarmWallMean: z.number(), coldVsWarmReportMean: z.number().nullable() }).nullable(),
  validation: z.looseObject({ passed: z.boolean() }),
});

/** A profile as the suite describes it; old summaries list bare ids. */
const profile = z.union([
  z.string(),
  z.looseObject({
    id: z.string(),
    formats: z.string().optional(),
    quality: z.int().optional(),
    blur: z.boolean().optional(),
    widths: z.string().nullable().optional(),
    description: z.string().optional(),
  }),
]);

const scenario = z.union([
  z.string(),
  z.looseObject({
    name: z.string(),
    /** Absent where the input is no tier of images. */
    expectedTotal: fields.count.optional(),
    /** Where the suite has others than just `cold` and `warm`. */
    phases: z.array(fields.phase).optional(),
  }),
]);

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  benchmark: z.looseObject({
    /** Of a command without a CLI: its program, as the suite names it. */
    cliPath: z.string(),
    /** Absent where the input is no tier of images. */
    tierManifestPath: z.string().optional(),
    runCount: fields.count,
    profiles: z.array(profile),
    scenarios: z.array(scenario),
  }),
  validation: z.looseObject({
    passed: z.boolean(),
    failureCount: fields.count,
    failures: z.array(z.union([z.string(), z.looseObject({})])),
  }),
  profileScenarioSummaries: z.record(z.string(), z.record(z.string(), profileScenarioSummary)),

  /** Which arm of the workspace this is. */
  arm: z.enum(["head", "base"]).optional(),
  /** `raw-runs.jsonl` and the tier manifest. */
  inputs: z.array(inputReference).optional(),
  dataset: measuredDataset.optional(),
  suite: z.looseObject({ name: z.string(), sha256: fields.sha256 }).optional(),
  machine: z.looseObject({ id: fields.sha256 }).optional(),
  subject: z.looseObject({ id: fields.sha256 }).optional(),
  /** How it was measured, as in the run context. */
  design: z.enum(["blocked", "sequential"]).optional(),
  slots: z.looseObject({ mode: z.enum(["copied", "in-place"]) }).optional(),
  meter: z.enum(["wait4", "none"]).optional(),
  sampling: z.looseObject({ mode: z.enum(["fixed", "evidence"]) }).optional(),
});

/** The levels of one arm of a run, by profile and scenario, and whether every run was valid. */
export type Summary = z.infer<typeof schema>;

/** The levels of one pair; a phase without a valid run is null. */
export type ProfileScenarioSummary = z.infer<typeof profileScenarioSummary>;

/**
 * The cold phase of a pair: times in ms are medians of the valid runs, counts and sizes in bytes those of the first.
 */
export type ColdSummary = z.infer<typeof cold>;

/** How the valid warm runs are distributed, in ms, and how many there are. */
export type WarmSummary = z.infer<typeof warm>;

/** Mean, nearest-rank percentiles and sample standard deviation, in ms. */
export type Distribution = z.infer<typeof distribution>;

/**
 * Written by `run-benchmark` and `merge-runs`, one file for each arm; read by `compare-benchmark`, `format-report` and
 * `export-site-snapshot`.
 */
export const summary: ArtifactKind<Summary> = {
  kind: "summary",
  slug: "summary",
  fileName: "summary.json",
  summary: "The figures of one arm of a run, by profile and scenario, and whether every run was valid.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};

/** The figures of one pair, if the summary has them; names come from outside, so that one may be `constructor`. */
export function pairOf(summary: Summary, profileId: string, scenario: string): ProfileScenarioSummary | undefined {
  const scenarios = ownValue(summary.profileScenarioSummaries, profileId);
  return scenarios === undefined ? undefined : ownValue(scenarios, scenario);
}

function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
