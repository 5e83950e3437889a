import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";
import { formatBreakdown, imageFormats } from "./image-formats.ts";

const file = z.looseObject({
  /** The file's name, relative to the manifest. */
  file: z.string().min(1),
  format: z.enum(imageFormats),
  width: z.int().min(1),
  height: z.int().min(1),
  sizeBytes: fields.sizeBytes,
  /** The size class by the long side. */
  bucket: z.enum(["small", "medium", "large", "very-large"]),
  /** EXIF orientation, 1 to 8. */
  orientation: z.int().min(1).max(8),
  hasAlpha: z.boolean(),
  sha256: fields.sha256,
  /** What the picture shows, for example `photo`, `screenshot` or `graphic`. */
  content: z.string().min(1),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  seed: z.int().min(0),
  count: fields.count,
  formatBreakdown,
  files: z.array(file),
});

/** A pool of synthetic images: the seed that it was made from, and what each file is. */
export type SyntheticManifest = z.infer<typeof schema>;

/** One synthetic image: sides in pixels, size in bytes, hash, and what it was made to be. */
export type SyntheticFile = z.infer<typeof file>;

/**
 * Written by `generate-synthetic` when all files are there; read by its next run, which repairs what is missing, and by
 * `build-tiers`.
 */
export const syntheticManifest: ArtifactKind<SyntheticManifest> = {
  kind: "synthetic manifest",
  slug: "synthetic-manifest",
  fileName: "synthetic-manifest.json",
  summary: "The pool of synthetic images: the seed it was made from and what each file is.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
