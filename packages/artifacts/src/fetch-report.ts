import * as z from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";

const checksum = z.looseObject({
  /** The value of the register; null if it has none. */
  expected: fields.sha256.nullable().optional(),
  /** Of the bytes that came; null when none did. */
  actual: fields.sha256.nullable(),
  match: z.boolean().nullable().optional(),
});

const fetchStatuses = ["downloaded", "present", "disabled", "failed"] as const;

/** The result for a source: `present` existed already with the right hash, `disabled` was not requested. */
export type FetchStatus = (typeof fetchStatuses)[number];

/**
 * Why a source is `failed`: no hash in the register, other bytes than it says, no answer, or an entry that is wrong in
 * itself.
 */
export const fetchFailures = ["missing-hash", "checksum-mismatch", "download-failed", "schema-invalid"] as const;

/** One of {@link fetchFailures}; null in a report where nothing failed. */
export type FetchFailure = (typeof fetchFailures)[number];

const result = z.looseObject({
  id: z.string().min(1),
  /** As the register has it; null where that is wrong. */
  url: z.string().nullable().optional(),
  /** `downloaded`, `present` (it was there already, with the right hash), `disabled` or `failed`. */
  status: z.string().min(1),
  /** `missing-hash`, `checksum-mismatch`, `download-failed` or `schema-invalid`; null when it went well. */
  failureCategory: z.string().nullable().optional(),
  /** Why it failed, for people. */
  reason: z.string().nullable().optional(),
  checksum,
  /** As the register states them; null where it is wrong. */
  license: z.string().nullable(),
  attribution: z.string().nullable(),
  /** The name of the picture in the register; absent if it has none. */
  title: z.string().optional(),
  /** The bare name of the file in the folder of the report. */
  filename: z.string().min(1).nullable().optional(),
  sizeBytes: fields.sizeBytes.nullable().optional(),
  /** Requests that this run made for it. */
  attempts: fields.count.optional(),
  /** Taken although the register has no hash for it. */
  waived: z.boolean().optional(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  options: z.looseObject({
    /** Sources without a hash are taken. */
    allowUnpinnedSources: z.boolean().optional(),
    /** Failed sources do not fail the whole. */
    allowPartial: z.boolean().optional(),
  }),
  /** The register that was fetched. */
  register: inputReference.optional(),
  totals: z.looseObject({
    enabled: fields.count,
    disabled: fields.count,
    downloaded: fields.count,
    /** Were there already. */
    present: fields.count.optional(),
    failed: fields.count,
    missingHash: fields.count,
    checksumMismatch: fields.count,
    downloadFailed: fields.count,
    schemaInvalid: fields.count,
  }),
  results: z.array(result),
});

/** What became of each source of a register, with the hash and the licence of each file that came. */
export type FetchReport = z.infer<typeof schema>;

/**
 * Written by `fetch-sources` beside the images; read by `build-tiers`, which takes licence and attribution from it by
 * hash.
 */
export const fetchReport: ArtifactKind<FetchReport> = {
  kind: "fetch report",
  slug: "fetch-report",
  fileName: "fetch-report.json",
  summary:
    "What became of each source of open-license images: its file, SHA-256, licence and attribution, or why it failed.",
  encoding: "json",
  version: { field: "version", current: "1.1" },
  schema,
};
