import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { formatBreakdown } from "./image-formats.ts";

/** The conditions for the same bytes elsewhere, besides the images of sources. */
const reproduction = z.looseObject({
  /** The pool of synthetic images, as its manifest says. */
  synthesis: z
    .looseObject({
      seed: z.int().min(0),
      imageCount: fields.count,
      /** Of what plans and pixels are made from. */
      synthesisVersion: z.string().optional(),
      /** Versions by name. */
      encoders: z.looseObject({ sharp: z.string().optional(), libvips: z.string().optional() }),
    })
    .optional(),
  packing: z
    .looseObject({
      format: z.string(),
      compressor: z.string(),
      level: z.int(),
      frameBytes: fields.sizeBytes,
    })
    .optional(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  datasetVersion: fields.semver,
  generatedAt: fields.timestamp.optional(),
  tiers: z
    .array(
      z.looseObject({
        id: z.string().regex(/^tier\d+$/, "not a tier such as tier30"),
        imageCount: fields.count,
        archiveName: z.string().min(1),
        /** Of the archive's bytes. */
        sha256: fields.sha256,
        /** Of the archive. */
        sizeBytes: fields.sizeBytes.optional(),
        /** The path of the tier manifest inside the archive. */
        tierManifestPath: z.string().min(1),
        contentSha256: fields.sha256.optional(),
        formatBreakdown,
        singleScenarios: z.looseObject({ small: z.string(), median: z.string(), large: z.string() }),
      }),
    )
    .min(1),
  sourcePolicy: z.looseObject({
    /** Sources of images in tiers whose register named no hash. */
    unpinnedSources: z.array(z.string()).optional(),
    /** The waivers of the fetching, as the fetch report names them. */
    waivers: z.array(z.string()).optional(),
    /** Sources that failed and are not in the pool. */
    missingSources: z.array(z.string()).optional(),
  }),
  reproduction: reproduction.optional(),
  retentionPolicy: z.looseObject({}),
});

/**
 * A version of the dataset: its tiers with the names and hashes of their archives, and the inputs for making the same
 * bytes again.
 */
export type DatasetManifest = z.infer<typeof schema>;

/**
 * Written by `build-tiers`; read by `release-dataset`, `download-dataset`, `verify-dataset` and `build-tiers --expect`.
 */
export const datasetManifest: ArtifactKind<DatasetManifest> = {
  kind: "dataset manifest",
  slug: "dataset-manifest",
  fileName: "benchmark-dataset-manifest-vX.Y.Z.json",
  summary: "The tiers of a dataset version with the archive of each and its SHA-256.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
