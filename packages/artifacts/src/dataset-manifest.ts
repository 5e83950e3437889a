import { z } from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { formatBreakdown } from "./image-formats.ts";

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
  sourcePolicy: z.looseObject({}),
  retentionPolicy: z.looseObject({}),
});

export type DatasetManifest = z.infer<typeof schema>;

export const datasetManifest: ArtifactKind<DatasetManifest> = {
  kind: "dataset manifest",
  slug: "dataset-manifest",
  fileName: "benchmark-dataset-manifest-vX.Y.Z.json",
  summary: "The tiers of a dataset version with the archive of each and its SHA-256.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
