import { z } from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";

const checksum = z.looseObject({
  /** What the register says; null when it says nothing. */
  expected: fields.sha256.nullable().optional(),
  /** Of the bytes that came; null when none did. */
  actual: fields.sha256.nullable(),
  match: z.boolean().nullable().optional(),
});

const result = z.looseObject({
  id: z.string().min(1),
  status: z.string().min(1),
  /** `missing-hash`, `checksum-mismatch`, `download-failed` or `schema-invalid`; null when it went well. */
  failureCategory: z.string().nullable().optional(),
  checksum,
  /** As the register states them; null where it is wrong. */
  license: z.string().nullable(),
  attribution: z.string().nullable(),
  /** The bare name of the file in the folder of the report. */
  filename: z.string().min(1).nullable().optional(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  options: z.looseObject({}),
  totals: z.looseObject({
    enabled: fields.count,
    disabled: fields.count,
    downloaded: fields.count,
    failed: fields.count,
    missingHash: fields.count,
    checksumMismatch: fields.count,
    downloadFailed: fields.count,
    schemaInvalid: fields.count,
  }),
  results: z.array(result),
});

export type FetchReport = z.infer<typeof schema>;

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
