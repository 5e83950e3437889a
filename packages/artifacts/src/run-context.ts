import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { measuredDataset } from "./dataset-resolved.ts";

/** Defines the hardware class: results of different classes are never compared directly. */
const machine = z.looseObject({
  /** SHA-256 over the fields below, in this order: the name of the hardware class. */
  id: fields.sha256,
  platform: z.string(),
  arch: z.string(),
  cpuModel: z.string(),
  cpuCount: z.int().min(1),
  /** Memory, rounded to whole GiB. */
  memoryGiB: z.int().min(0),
  virtualization: z.string(),
  cgroupCpuLimit: z.string(),
  cgroupMemoryLimit: z.string(),
  runnerImage: z.string(),
  nodeMajor: z.int(),
});

/** The measured subject: recorded, never a reason to refuse a comparison. */
const subject = z.looseObject({
  /** SHA-256 over the fields below, but for the commit. */
  id: fields.sha256,
  /** Of the CLI file; of a command without one, of its program. */
  cliSha256: fields.sha256,
  /** SHA-256 over the sorted lines `sha256  path` of the files of the build: the CLI's folder as it was copied. */
  buildSha256: fields.sha256.optional(),
  cliVersion: z.string().optional(),
  nodeVersion: z.string(),
  /** Of the arguments of this arm, as JSON, where the suite gives each arm its own. */
  argumentsSha256: fields.sha256.optional(),
  /** SHA-256 over the sorted lines `sha256  path` of the files beside the suite that the command names. */
  filesSha256: fields.sha256.optional(),
  commit: z.string().optional(),
  /** Versions of the packages that the CLI resolves, by name. */
  packages: z.record(z.string(), z.string()).optional(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  toolVersion: z.string(),
  /** Fresh randomness of the operating system; with cell and block it decides order and slots. */
  orderSeed: z.string().min(1),
  design: z.enum(["blocked", "sequential"]),
  suite: z.looseObject({ name: z.string(), sha256: fields.sha256 }),
  dataset: measuredDataset,
  machine,
  subjects: z.looseObject({ head: subject, base: subject.optional() }),
  runCount: z.int().min(1),
  profiles: z.array(z.string()),
  scenarios: z.array(z.string()),
  /** The measured cells, `PROFILE/SCENARIO/PHASE`. */
  cells: z.array(z.string()).optional(),
  /** Whether both builds were copied to equal folders that they changed between, or why they ran where they are. */
  slots: z.looseObject({ mode: z.enum(["copied", "in-place"]), reason: z.string().optional() }).optional(),
  /** How CPU time and memory were found out; `none`: they are not known. */
  meter: z.enum(["wait4", "none"]).optional(),
  timeoutMs: fields.durationMs.optional(),
  /** When a cell is finished: after a fixed number of blocks, or when its evidence decides. */
  sampling: z
    .looseObject({
      mode: z.enum(["fixed", "evidence"]),
      /** Of a fixed number of runs: how many of each arm and pair are cold, where that is not one. */
      coldRuns: z.int().min(1).optional(),
      minBlocks: z.int().min(1).optional(),
      maxBlocks: z.int().min(1).optional(),
      timeBudgetMinutes: z.number().positive().optional(),
      /** What `--resume` changed: the limits of before, oldest first. */
      earlier: z
        .array(z.looseObject({ maxBlocks: z.int().min(1), timeBudgetMinutes: z.number().positive().optional() }))
        .optional(),
    })
    .optional(),
  /** All that the error is shared over, `PROFILE/SCENARIO/PHASE/METRIC`, fixed before the first block; shards have the same. */
  family: z
    .looseObject({
      primary: z.array(z.string()),
      secondary: z.array(z.string()),
      /** Metrics that are compared exactly, of every cell, and which of them raise an alert; both from the suite. */
      exactMetrics: z.array(z.string()).optional(),
      gateChanged: z.array(z.string()).optional(),
      margins: z.looseObject({ equivalencePct: z.number().positive(), minEffectPct: z.number().min(0) }).optional(),
    })
    .optional(),
  /** The metrics that the suite declares, so that they can be judged without it. */
  declaredMetrics: z
    .array(
      z.looseObject({
        id: z.string(),
        unit: z.string(),
        better: z.enum(["lower", "higher"]),
        kind: z.enum(["time", "size", "count", "rate", "proportion"]),
        noise: z.enum(["noisy", "exact"]),
      }),
    )
    .optional(),
  /** On what the controls run (`PROFILE/SCENARIO/PHASE`) and how the slowdown is planted, or why it is not, or why there are none. */
  controls: z
    .union([
      z.looseObject({ cell: z.string(), plantedBy: z.enum(["node-preload", "plant-command", "plant-helper"]) }),
      z.looseObject({ cell: z.string(), unplantedBecause: z.string() }),
      z.looseObject({ absentBecause: z.string() }),
    ])
    .optional(),
  shard: z.looseObject({ index: z.int().min(1), count: z.int().min(1) }),
  /** Of merged workspaces: each shard's own seed and machine. */
  shards: z
    .array(
      z.looseObject({ index: z.int().min(1), orderSeed: z.string().min(1), machine, generatedAt: fields.timestamp }),
    )
    .optional(),
});

/** What all runs of a workspace have in common: how they were drawn, and what was measured, on what and where. */
export type RunContext = z.infer<typeof schema>;

/** The machine as far as it makes a difference for times; its `id` names the hardware class. */
export type MachineFingerprint = z.infer<typeof machine>;

/** The program of one arm by the hashes of its files; its `id` says whether two runs measured the same. */
export type SubjectFingerprint = z.infer<typeof subject>;

/**
 * Written by `run-benchmark` before the first run, and by `merge-runs`; read by `--resume`, `compare-benchmark`,
 * `plan-night` and `pack-evidence`.
 */
export const runContext: ArtifactKind<RunContext> = {
  kind: "run context",
  slug: "run-context",
  fileName: "run-context.json",
  summary: "What is the same for all runs of a workspace: order seed, suite, dataset, machine and subjects.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
