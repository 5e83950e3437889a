import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { siteSnapshot } from "./site-snapshot.ts";

const schema = z.looseObject({
  kind: z.string().optional(),
  schemaVersion: z.string(),
  generatedAt: fields.timestamp,
  /** How many snapshots are kept. */
  retention: z.int().min(1),
  /** Newest first, each `snapshotId` once. */
  items: z.array(siteSnapshot.schema),
});

/** The snapshots that the website keeps, newest first. */
export type SiteHistory = z.infer<typeof schema>;

/**
 * Written by `sync-site-benchmark` in a pull request; read by the website, the next sync, `preview-site` and
 * `review-governance`.
 */
export const siteHistory: ArtifactKind<SiteHistory> = {
  kind: "site history",
  slug: "site-history",
  fileName: "history.json",
  summary: "The snapshots that the website keeps, newest first.",
  encoding: "json",
  version: { field: "schemaVersion", current: "1.0" },
  schema,
};
