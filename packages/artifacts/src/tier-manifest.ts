import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { formatBreakdown, imageFormats } from "./image-formats.ts";

const tierFile = z.looseObject({
  /** The path below `imageRoot`, with `/`. */
  path: z.string().min(1),
  format: z.enum(imageFormats),
  sha256: fields.sha256,
  sizeBytes: fields.sizeBytes,
  /** Where it comes from: `synthetic`, or the id of a source. */
  origin: z.string().min(1),
  license: z.string().min(1),
  attribution: z.string(),
  /** What its source calls the image, and where it was fetched from; text from outside. */
  title: z.string().optional(),
  sourceUrl: z.string().optional(),
});

/** Older manifests list bare paths; they are read as files of which only the path is known. */
const legacyFile = z.string().min(1);

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  datasetVersion: fields.semver,
  tierId: z.string().regex(/^tier\d+$/, "not a tier such as tier30"),
  createdAt: fields.timestamp,
  /** The folder of the images, relative to the manifest. */
  imageRoot: z.string().min(1),
  files: z.array(z.union([tierFile, legacyFile])).min(1),
  /** Paths below `imageRoot`, by file size. */
  singleScenarios: z.looseObject({ small: z.string(), median: z.string(), large: z.string() }),
  formatBreakdown,
  /** SHA-256 over the sorted lines `sha256  path` of all files, each with its newline: the identity of the content. */
  contentSha256: fields.sha256.optional(),
  /** SHA-256 of the ATTRIBUTION.md beside the manifest, which older tiers do not say. */
  attributionSha256: fields.sha256.optional(),
});

/**
 * The images of a tier. Entries of `files` that are bare paths are of manifests from before origins and hashes were
 * recorded.
 */
export type TierManifest = z.infer<typeof schema>;

/** An image of a tier: where it came from, its licence, and the hash of its bytes. */
export type TierFile = z.infer<typeof tierFile>;

/**
 * Written by `build-tiers` into each archive; read by `verify-dataset`, `download-dataset` and `run-benchmark`, which
 * is pointed at it.
 */
export const tierManifest: ArtifactKind<TierManifest> = {
  kind: "tier manifest",
  slug: "tier-manifest",
  fileName: "tier-manifest.json",
  summary:
    "The images of one tier, with origin, licence and SHA-256, and which of them the single-image scenarios use.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
