import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { oneLine } from "./flag-words.ts";

/** A repository as `owner/name`. */
const repository = z.string().regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*$/, "not a repository such as owner/name");
const tag = z.string().regex(/^[\w.+/-]{1,200}$/, "not a tag such as bench-dataset-v1.0.0");
/** Why a dataset was built here: one line, since reports repeat it. */
const reason = z.string().regex(oneLine, "not one line of 1 to 200 characters");
const fallback = z.looseObject({ reason });

/** Of a release: where it is, and the archive that the tier was unpacked from. */
export const datasetRelease = z.looseObject({ repository, tag, archiveSha256: fields.sha256 });

/** The origin of a dataset must fit its other fields. */
function checkOrigin(
  dataset: { readonly source?: string | undefined; readonly release?: unknown; readonly fallback?: unknown },
  issues: z.RefinementCtx,
): void {
  const { source } = dataset;
  const contradict = (field: string, message: string) => issues.addIssue({ code: "custom", path: [field], message });
  if (dataset.release !== undefined && source !== "release") contradict("release", `the source is ${source}`);
  if (dataset.fallback !== undefined && source !== "fallback") contradict("fallback", `the source is ${source}`);
  if (dataset.fallback === undefined && source === "fallback") contradict("fallback", "found nothing; it has a reason");
}

const identity = { datasetVersion: z.string(), tierId: z.string(), sha256: fields.sha256 } as const;
const origin = { release: datasetRelease.optional(), fallback: fallback.optional() } as const;

/**
 * The dataset that was measured on, as every later artifact says it: `sha256` is the tier's `contentSha256`, `source` is
 * `release`, `local` (built on this machine), `fallback` (built because the release was missing, with the reason) or
 * `suite` (no dataset of images: the inputs that the suite names; its name stands for the version then).
 */
export const measuredDataset = z.looseObject({ ...identity, source: z.string(), ...origin }).superRefine(checkOrigin);

/** The same for old files, which do not name the source. */
export const recordedDataset = z
  .looseObject({ ...identity, source: z.string().optional(), ...origin })
  .superRefine(checkOrigin);

/**
 * See {@link measuredDataset}; contexts, summaries, comparisons and bundles all carry it, and figures of different ones
 * are not compared.
 */
export type MeasuredDataset = z.infer<typeof measuredDataset>;

/** The origin of a dataset, as far as merged runs must share it. */
export function datasetOriginOf({ source, release, fallback }: MeasuredDataset): readonly (string | undefined)[] {
  return [source, release?.repository, release?.tag, release?.archiveSha256, fallback?.reason];
}

/** Where a dataset came from, in words; they hold text from outside. */
export function originText({ source, release, fallback }: MeasuredDataset): string {
  if (fallback !== undefined) return `fallback: ${fallback.reason}`;
  if (release !== undefined) return `release ${release.repository}`;
  if (source === "suite") return "inputs of the suite";
  return source === "local" ? "local build" : source;
}

const TRUSTED_LEAST_FIRST = ["fallback", "local"];

/** The origin of two sides that measured the same images: the less trusted one of the two. */
export function leastTrustedOf(
  a: MeasuredDataset | undefined,
  b: MeasuredDataset | undefined,
): MeasuredDataset | undefined {
  const sides = [a, b].filter((side) => side !== undefined);
  const weak = TRUSTED_LEAST_FIRST.map((source) => sides.find((side) => side.source === source));
  return weak.find((side) => side !== undefined) ?? sides[0];
}

/** The release's page: https, or that of a rehearsal on this machine; without credentials. */
const releaseUrl = z
  .string()
  .regex(
    /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(?=[:/]))[^\s@]+$/,
    "not an https address without credentials",
  );

const schema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  datasetVersion: fields.semver,
  tierId: z.string().regex(/^tier\d+$/, "not a tier such as tier30"),
  source: z.enum(["release", "local"]),
  /** The requested version, if it was not the version itself. */
  requestedVersion: z.string().min(1).optional(),
  contentSha256: fields.sha256,
  /** The archive of the tier. */
  archive: z.looseObject({ name: z.string().min(1), sha256: fields.sha256, sizeBytes: fields.sizeBytes }).optional(),
  /** Of the dataset manifest, and of the file of checksums, that the archive was checked with. */
  manifestSha256: fields.sha256.optional(),
  checksumsSha256: fields.sha256.optional(),
  /** Of the tier, as they were unpacked: its content hash is about the images alone. */
  documents: z.array(z.looseObject({ file: z.string().min(1), sha256: fields.sha256 })).optional(),
  release: z
    .looseObject({
      repository,
      tag,
      url: releaseUrl,
      commit: z
        .string()
        .regex(/^[0-9a-f]{40}$/, "not a commit: 40 lower-case hexadecimal digits")
        .optional(),
      /** By the name of the asset. */
      assetIds: z.record(z.string(), z.int().min(1)).optional(),
    })
    .optional(),
  /** Of a dataset that was built here because the release was missing. */
  fallback: fallback.optional(),
});

/** Which dataset a folder holds, and the release that it came from or the reason why it was built here. */
export type DatasetResolved = z.infer<typeof schema>;

/** The fields that a dataset of a release must have, and that no other may have. */
function findContradiction({ source, ...rest }: DatasetResolved): string | undefined {
  if (source === "local") return rest.release === undefined ? undefined : "release: a local dataset has none";
  if (rest.fallback !== undefined) return "fallback: a dataset of a release is none";
  const needed = ["release", "archive", "manifestSha256", "checksumsSha256"] as const;
  const missing = needed.find((field) => rest[field] === undefined);
  return missing === undefined ? undefined : `${missing}: a dataset of a release has it, found nothing`;
}

/**
 * Written by `download-dataset` beside the tier manifest; read by `run-benchmark`, `verify-dataset` and the next
 * download. A tier that was built here without a download has none.
 */
export const datasetResolved: ArtifactKind<DatasetResolved> = {
  kind: "resolved dataset",
  slug: "dataset-resolved",
  fileName: "dataset-resolved.json",
  summary: "Beside a tier manifest: which dataset this is, and from which release or build it came.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema: schema.superRefine((value, issues) => {
    const message = findContradiction(value);
    if (message !== undefined) issues.addIssue({ code: "custom", message });
  }),
};
