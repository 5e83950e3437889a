import { ArtifactError } from "@forgebench/errors";
import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { checkFields } from "./field-issues.ts";

/** The cells by which a night checks itself, and how much of the run is added to the head arm of each. */
export const controlFactors = { null: 0, "planted-5": 0.05, "planted-10": 0.1 } as const;

/** The name of a control cell; see {@link controlFactors} for what each adds. */
export type ControlId = keyof typeof controlFactors;
const controlIds = ["null", "planted-5", "planted-10"] as const satisfies readonly ControlId[];

const schema = z.looseObject({
  timestamp: fields.timestamp,
  profileId: z.string(),
  scenario: z.string(),
  /** Counts the runs of an arm on a profile and scenario, over both phases, from 1. */
  run: z.int().min(1),
  runCount: z.int().min(1),
  phase: fields.phase,
  command: z.array(z.string()).or(z.string()),
  inputDir: z.string(),
  outDir: z.string(),
  manifestPath: z.string(),
  /** Null when a signal ended the run. */
  exitCode: z.int().nullable(),
  wallMs: fields.durationMs,
  reportDurationMs: z.number().nullable(),
  total: z.int().nullable(),
  processed: z.int().nullable(),
  cached: z.int().nullable(),
  failed: z.int().nullable(),
  totalOriginalSize: z.number().nullable(),
  totalProcessedSize: z.number().nullable(),
  errorsLength: z.int().nullable(),
  /** The last part of what the subject wrote there. */
  stderr: z.string(),
  jsonParseError: z.string().nullable(),

  arm: z.enum(["head", "base"]).optional(),
  /** Counts the blocks of a cell, from 0. */
  block: z.int().min(0).optional(),
  /** 0: first of its block. */
  position: z.int().min(0).optional(),
  slot: z.enum(["A", "B"]).optional(),
  signal: z.string().nullable().optional(),
  timedOut: z.boolean().optional(),
  valid: z.boolean().optional(),
  /** Why the run is not valid, one sentence each. */
  failures: z.array(z.string()).optional(),
  userCpuMs: z.number().min(0).nullable().optional(),
  systemCpuMs: z.number().min(0).nullable().optional(),
  peakMemoryBytes: z.number().min(0).nullable().optional(),
  /** Bytes of the files in the output folder after the run. */
  outputBytes: z.number().min(0).nullable().optional(),
  /** CPU time that the hypervisor took away on all cores during the run. */
  stealMs: z.number().min(0).nullable().optional(),
  loadAverage1m: z.number().min(0).nullable().optional(),
  /** For the first run of a block: how long it waited for other programs; absent if it did not wait. */
  waitedMs: z.number().min(0).optional(),
  /** Of a control cell: which; both arms are the base, the head one slowed by the planted factor. */
  control: z.enum(controlIds).optional(),
  /** The CPU time that a control burned in the subject's process; 0 where the factor is 0. */
  plantedMs: z.number().min(0).nullable().optional(),
  /** The values of the metrics that the suite declares; null where the subject did not print one. */
  metrics: z.record(z.string(), z.number().nullable()).optional(),
  /** For each metric without a value: why, one sentence. */
  metricProblems: z.record(z.string(), z.string()).optional(),
  datasetSha256: fields.sha256.optional(),
  machineId: fields.sha256.optional(),
  subjectId: fields.sha256.optional(),
  shard: z.looseObject({ index: z.int().min(1), count: z.int().min(1) }).optional(),
});

/** One run as its line in the log has it. Fields from `arm` on are absent in logs of older versions. */
export type RawRun = z.infer<typeof schema>;

/**
 * Written by `run-benchmark`, flushed line by line, and by `merge-runs`; read by `--resume`, `compare-benchmark`,
 * `plan-night` and `verify-evidence`.
 */
export const rawRun: ArtifactKind<RawRun> = {
  kind: "raw runs",
  slug: "raw-runs",
  fileName: "raw-runs.jsonl",
  summary: "One line a run of the subject: what was run, how long it took, what it reported, and whether it is valid.",
  encoding: "ndjson",
  schema,
};

/** The lines of a raw-runs file, and whether its last line was cut by a kill. */
interface RawRunLog {
  readonly runs: readonly RawRun[];
  /** The bytes of the whole lines: where a writer goes on after a kill. */
  readonly completeBytes: number;
  readonly truncated: boolean;
}

/**
 * Reads a raw-runs file. A last line without a newline was cut by a kill; it is left out and reported.
 * @throws {ArtifactError} with the number of any other wrong line.
 */
export function parseRawRuns(text: string, path: string): RawRunLog {
  const end = text.lastIndexOf("\n") + 1;
  const whole = text.slice(0, end);
  const lines = whole === "" ? [] : whole.slice(0, -1).split("\n");
  return {
    runs: lines.map((line, index) => parseRawRun(line, index + 1, path)),
    completeBytes: Buffer.byteLength(whole),
    truncated: end < text.length,
  };
}

/** Reads one line of a raw-runs file. @throws {ArtifactError} with the number of the line and what is wrong in it. */
export function parseRawRun(line: string, lineNumber: number, path: string): RawRun {
  const where = `line ${lineNumber}`;
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (error) {
    const message = `not JSON: ${error instanceof Error ? error.message : error}`;
    throw new ArtifactError({ path, kind: rawRun.kind, issues: [{ path: where, message }] });
  }
  const result = checkFields(schema, document);
  if (result.success) return result.data;
  const issues = result.issues.map((issue) => ({ path: `${where}, ${issue.path}`, message: issue.message }));
  throw new ArtifactError({ path, kind: rawRun.kind, issues });
}
