import { createHash } from "node:crypto";
import { imageFormats, type SyntheticFile, type SyntheticManifest, syntheticManifest } from "@forgebench/artifacts";
import type { EncoderVersions } from "./encode.ts";
import { contents, type ImagePlan } from "./plan.ts";

/**
 * Version of what plans and pixels are made from. Raised by hand whenever the same seed gives other pixels; a test keeps the
 * hashes of some pictures as a reminder.
 */
export const SYNTHESIS_VERSION = "1";

/** `generatedAt` of pools when SOURCE_DATE_EPOCH is not set: the day that the default seed 20260215 is named after. */
export const FIXED_DATE = "2026-02-15T00:00:00.000Z";

/** An image of a pool as manifest and log have it. */
export interface PoolFile extends SyntheticFile {
  /** SHA-256 of all that its bytes depend on: plan, version of the synthesis, versions of the encoders. */
  readonly recipe: string;
}

const NAME = new RegExp(`^\\d{4,}-(${contents.join("|")})\\.(${imageFormats.join("|")})$`);
const LEFTOVER = /^\.(.+)\.\d+\.[0-9a-f]{12}\.tmp$/;

/** Whether a name is one that a pool gives to its images; no other name in a log or manifest is ever acted on. */
export function isPoolName(name: string): boolean {
  return NAME.test(name);
}

/** Whether a name is that of a temporary file which a killed run left. */
export function isLeftover(name: string): boolean {
  const target = LEFTOVER.exec(name)?.[1];
  return (
    target !== undefined &&
    (isPoolName(target) || target.startsWith("synthetic-manifest") || target.startsWith(".synthetic-"))
  );
}

/** The recipe of an image, see {@link PoolFile}. */
function recipeOf(plan: ImagePlan, versions: EncoderVersions): string {
  return createHash("sha256")
    .update(JSON.stringify([SYNTHESIS_VERSION, versions, plan]))
    .digest("hex");
}

/** What earlier runs say about an image; the rest follows from the plan, so that an edited or damaged entry cannot spread. */
export type KnownFile = Pick<PoolFile, "file" | "recipe" | "sha256">;

/** What a file holds. */
export type FileFacts = Pick<PoolFile, "sha256" | "sizeBytes">;

/** What is to be done so that a folder holds a pool. */
export interface PoolWork {
  readonly keep: readonly PoolFile[];
  readonly make: readonly ImagePlan[];
  /** Images of an earlier run that do not belong to the pool. */
  readonly remove: readonly string[];
  /** Files with a name that the pool needs, whose content no earlier run is known to have made. */
  readonly unknown: readonly string[];
}

/**
 * Compares the plan of a pool with what a folder holds.
 *
 * @param plans the pool
 * @param known images that earlier runs say they made, the latest word last
 * @param found what the files that are there hold, by name
 */
export function planWork(
  plans: readonly ImagePlan[],
  known: readonly KnownFile[],
  found: ReadonlyMap<string, FileFacts>,
  versions: EncoderVersions,
): PoolWork {
  const told = new Map(known.filter(({ file }) => isPoolName(file)).map((entry) => [entry.file, entry]));
  const planned = new Set(plans.map(({ file }) => file));
  const asMade = ({ file, sha256 }: KnownFile) => found.get(file)?.sha256 === sha256;
  const kept = new Map<ImagePlan, PoolFile>();
  for (const plan of plans) {
    const entry = told.get(plan.file);
    const facts = found.get(plan.file);
    if (entry === undefined || facts === undefined || !asMade(entry) || entry.recipe !== recipeOf(plan, versions))
      continue;
    kept.set(plan, describeImage(plan, facts, versions));
  }
  return {
    keep: [...kept.values()],
    make: plans.filter((plan) => !kept.has(plan)),
    // Only what is still as it was made: a file that a person has put in its place is theirs.
    remove: [...told.values()].filter((entry) => !planned.has(entry.file) && asMade(entry)).map(({ file }) => file),
    unknown: plans.filter(({ file }) => found.has(file) && !told.has(file)).map(({ file }) => file),
  };
}

/** What log and manifest say about a finished image. */
export function describeImage(plan: ImagePlan, { sha256, sizeBytes }: FileFacts, versions: EncoderVersions): PoolFile {
  const { encoding } = plan;
  return {
    file: plan.file,
    format: plan.format,
    width: plan.width,
    height: plan.height,
    sizeBytes,
    bucket: plan.bucket,
    orientation: plan.orientation,
    hasAlpha: encoding.hasAlpha,
    sha256,
    content: plan.content,
    frames: plan.frames,
    colourSpace: encoding.colourSpace,
    bitsPerSample: encoding.bitsPerSample,
    recipe: recipeOf(plan, versions),
  };
}

/** Parts of a manifest that do not follow from its files. */
interface PoolFacts {
  readonly seed: number;
  readonly generatedAt: string;
  readonly versions: EncoderVersions;
}

/** The manifest of a pool; `files` in the order of the plan. */
export function poolManifest(files: readonly PoolFile[], facts: PoolFacts): SyntheticManifest {
  const countOf = (format: string) => files.filter((file) => file.format === format).length;
  return {
    kind: syntheticManifest.slug,
    version: "1.0",
    generatedAt: facts.generatedAt,
    seed: facts.seed,
    count: files.length,
    synthesisVersion: SYNTHESIS_VERSION,
    sharpVersion: facts.versions.sharp,
    libvipsVersion: facts.versions.libvips,
    formatBreakdown: { jpg: countOf("jpg"), png: countOf("png"), gif: countOf("gif"), tiff: countOf("tiff") },
    files: [...files],
  };
}

/**
 * What earlier runs say they made, from the text of the manifest and of the log, either of which may be missing or damaged:
 * a damaged manifest counts as none, and so does each damaged line of the log (a kill leaves the last one cut off).
 */
export function parseKnown(
  manifestText: string | undefined,
  logText: string | undefined,
): { readonly entries: KnownFile[]; readonly damaged: boolean } {
  const manifest = manifestText === undefined ? undefined : tryParse(manifestText);
  const files = isRecord(manifest) && Array.isArray(manifest.files) ? manifest.files : undefined;
  const lines = (logText ?? "").split("\n").map(tryParse);
  return {
    entries: [...(files ?? []), ...lines].filter(isKnownFile),
    damaged: manifestText !== undefined && files === undefined,
  };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isKnownFile(value: unknown): value is KnownFile {
  return (
    isRecord(value) &&
    ["file", "sha256", "recipe"].every((field) => typeof value[field] === "string") &&
    isPoolName(String(value.file))
  );
}
