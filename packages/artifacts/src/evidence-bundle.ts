import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { evidencePolicy } from "./compared-cell.ts";
import { measuredDataset } from "./dataset-resolved.ts";

/** The files of a bundle beside `bundle.json`, in the order in which they are packed. */
export const evidenceMembers = [
  "run-context.json",
  "summary.json",
  "base-summary.json",
  "compare.json",
  "suite.yaml",
  "raw-runs.jsonl",
] as const;

/** The name of a file in the archive; see {@link evidenceMembers} for the order. */
export type EvidenceMember = (typeof evidenceMembers)[number];

/** A commit, by its full hash. */
export const commitSha = z.string().regex(/^[0-9a-f]{40}$/, "not a commit: 40 lower-case hexadecimal digits");

/** The fields by which bundles and night records name a run: the id that CI gave it, and its attempt, from 1. */
export const runIdentity = {
  runId: z.string().regex(/^[A-Za-z0-9][\w-]{0,63}$/, "not a run id: 1 to 64 letters, digits, - and _"),
  runAttempt: z.int().min(1),
} as const;

/** The whole fingerprints of the run context; only what readers rely on is named. */
const machine = z.looseObject({ id: fields.sha256, cpuModel: z.string(), cpuCount: z.int().min(1) });
const subject = z.looseObject({ id: fields.sha256, cliSha256: fields.sha256, nodeVersion: z.string() });

const schema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  /** When the comparison was made: the same inputs give the same bundle whenever it is packed. */
  generatedAt: fields.timestamp,
  ...runIdentity,
  toolVersion: z.string(),
  orderSeed: z.string().min(1),
  /** Of merged workspaces: the order seed of each shard. */
  shards: z.array(z.looseObject({ index: z.int().min(1), orderSeed: z.string().min(1) })).optional(),
  suite: z.looseObject({ name: z.string(), sha256: fields.sha256 }),
  dataset: measuredDataset,
  /** How the error was shared; not there when the comparison was made by fixed thresholds. */
  evidence: evidencePolicy.optional(),
  machine,
  subjects: z.looseObject({ head: subject, base: subject }),
  headSha: commitSha.optional(),
  baseSha: commitSha.optional(),
  outcome: z.enum(["invalid", "regression", "undecided", "green"]),
  members: z.array(
    z.looseObject({ path: z.enum(evidenceMembers), sha256: fields.sha256, sizeBytes: fields.sizeBytes }),
  ),
});

/**
 * The table of contents of an evidence archive, with the first facts for a reader: the run, its commits and machine, and the
 * outcome.
 */
export type EvidenceBundle = z.infer<typeof schema>;

/** Written by `pack-evidence` as the first entry of the archive; read by `verify-evidence` and `append-history`. */
export const evidenceBundle: ArtifactKind<EvidenceBundle> = {
  kind: "evidence bundle",
  slug: "evidence-bundle",
  fileName: "bundle.json",
  summary: "What an evidence archive holds: all that is needed to compute the verdicts of a run again.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
