import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";

/** An unknown result blocks like a failed one: a gate that had nothing to judge is not green. */
const governanceStatuses = ["pass", "fail", "unknown"] as const;

/** The result of one check of the review; `unknown` means that it had nothing to judge. */
export type GovernanceStatus = (typeof governanceStatuses)[number];

/** A share of nights with its 95 % interval (Wilson 1927), in per cent; null where no night was judged. */
const rate = z.looseObject({
  count: fields.count,
  /** Nights that could have counted. */
  total: fields.count,
  sharePct: z.number().nullable(),
  lowPct: z.number().nullable(),
  highPct: z.number().nullable(),
});

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "not a date such as 2026-02-15");

const check = z.looseObject({
  id: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(governanceStatuses),
  /** Whether the review passes only with this check. */
  blocking: z.boolean(),
  detail: z.string(),
  /** The remedy; empty if nothing has to be done. */
  remedy: z.string(),
});

const schema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  generatedAt: fields.timestamp,
  /** The month that is reviewed. */
  period: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "not a month such as 2026-02"),
  /** All blocking checks pass. */
  passed: z.boolean(),
  /** One sentence. */
  summary: z.string().min(1),
  /** The newest figures on the website; null if they could not be read. */
  snapshot: z
    .looseObject({
      snapshotId: z.string(),
      generatedAt: fields.timestamp,
      tier: z.string(),
      datasetVersion: z.string(),
      runner: z.string(),
    })
    .nullable(),
  /** The address of the pull request that carried it; null where none was found. */
  pullRequestUrl: z.string().nullable(),
  checks: z.array(check).min(1),
  /** Of the month's nights: how often the null check was red, and a planted slowdown was missed. */
  rates: z.looseObject({ falseAlarms: rate, misses: rate }),
  /** The nights that were due in the month, and on which dates none was recorded or all came to nothing. */
  nights: z.looseObject({ dueCount: fields.count, missing: z.array(date), failed: z.array(date) }).optional(),
});

/**
 * The monthly review of the published figures: its checks, and how often the nights of the month were wrong about
 * themselves.
 */
export type GovernanceReview = z.infer<typeof schema>;

/** One question of the review with its answer and, where it did not pass, what to do. */
export type GovernanceCheck = GovernanceReview["checks"][number];

/** A share of the month's nights, in per cent, with its 95 % interval. */
export type GovernanceRate = GovernanceReview["rates"]["misses"];

/** Written by `review-governance` for people and for CI; no other step reads it. */
export const governanceReview: ArtifactKind<GovernanceReview> = {
  kind: "governance review",
  slug: "governance-review",
  fileName: "governance-review.json",
  summary: "What the monthly review of the published figures found, a check each.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
