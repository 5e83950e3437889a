import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { verdictKinds } from "./compared-cell.ts";
import { recordedDataset } from "./dataset-resolved.ts";
import { commitSha, runIdentity } from "./evidence-bundle.ts";
import { nightCadences, nightEvents } from "./flag-words.ts";

/** `failed`: no comparison came about. */
const outcomes = ["invalid", "regression", "undecided", "green", "failed"] as const;

/** SHA-256 of the line before, without its newline, across parts; null in the first line of a store. */
const previousSha256 = fields.sha256.nullable();

const cell = z.looseObject({
  id: z.string(),
  verdict: z.enum(verdictKinds),
  isAlert: z.boolean(),
  /** Head against base in per cent of base, and the ends of its interval; null where they are not known. */
  changePct: z.number().nullable(),
  lowPct: z.number().nullable(),
  highPct: z.number().nullable(),
  blockCount: fields.count,
  baseMedian: z.number().nullable(),
  headMedian: z.number().nullable(),
});

const recordSchema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  ...runIdentity,
  recordedAt: fields.timestamp,
  event: z.enum(nightEvents),
  /** Absent: `night`. A night that was compared with a release never moves the base of the others. */
  cadence: z.enum(nightCadences).optional(),
  refName: z.string().min(1),
  headSha: commitSha,
  baseSha: commitSha.nullable(),
  /** Why this base, as `resolve-base` said. */
  baseReason: z.string().nullable(),
  outcome: z.enum(outcomes),
  /** Why no comparison came about, when the outcome is `failed`. */
  failure: z.string().optional(),
  /** The hardware class; null when nothing was measured. */
  machine: z.looseObject({ id: fields.sha256, cpuModel: z.string(), cpuCount: z.int().min(1) }).nullable(),
  dataset: recordedDataset.nullable(),
  suite: z.looseObject({ name: z.string(), sha256: fields.sha256 }).nullable(),
  /** The evidence bundle, by its file name. */
  bundle: z.looseObject({ name: z.string(), sha256: fields.sha256 }).nullable(),
  /** False: the evidence was recorded without being computed again. Such a night is never a base. */
  verified: z.boolean().optional(),
  /** How the night checked itself; null when it was not compared by evidence. */
  controls: z.enum(["passed", "red", "missed", "absent"]).nullable(),
  cells: z.array(cell),
  previousSha256,
});

const acceptanceSchema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  recordedAt: fields.timestamp,
  /** The run, or the commit, whose nights before this line are accepted. */
  runId: runIdentity.runId.optional(),
  headSha: commitSha.optional(),
  by: z.string().min(1),
  reason: z.string().min(1),
  previousSha256,
});

/**
 * A line of the history about one run: what was compared, on which machine and dataset, and the verdict of each cell.
 */
export type NightRecord = z.infer<typeof recordSchema>;

/**
 * The record of a cell in the history: verdict, change in per cent of base with its interval, medians in the metric's
 * unit.
 */
export type NightCell = NightRecord["cells"][number];

/** A line of the history by which a person accepts the nights before it that have this run id or this head. */
export type NightAcceptance = z.infer<typeof acceptanceSchema>;

/**
 * Written by `append-history`; read by `resolve-base`, `review-governance` and `append-history` itself, oldest line
 * first.
 */
export const nightRecord: ArtifactKind<NightRecord> = {
  kind: "night record",
  slug: "night-record",
  fileName: "nights/NNNNNN.jsonl",
  summary: "One line a night in the history: what was compared, where, and what came out.",
  encoding: "ndjson",
  version: { field: "version", current: "1.0" },
  schema: recordSchema,
};

/**
 * Written by `append-history --accept`, between the night records; read by `resolve-base`. It has either a run id or a
 * head.
 */
export const nightAcceptance: ArtifactKind<NightAcceptance> = {
  kind: "night acceptance",
  slug: "night-acceptance",
  fileName: "nights/NNNNNN.jsonl",
  summary: "A line in the history by which a person accepts a night that was red or undecided.",
  encoding: "ndjson",
  version: { field: "version", current: "1.0" },
  schema: acceptanceSchema.refine(({ runId, headSha }) => (runId === undefined) !== (headSha === undefined), {
    message: "expected either runId or headSha",
  }),
};
