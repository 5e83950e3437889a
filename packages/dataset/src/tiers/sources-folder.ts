import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { type FetchReport, fetchReport, parseArtifact } from "@forgebench/artifacts";
import { ArtifactError, codeOf } from "@forgebench/errors";
import pLimit from "p-limit";
import { type FoundFile, listImages } from "./image-folder.ts";
import { isMisnamed } from "./image-format.ts";
import { decodeImage, type FileContent, formatOf, readContent, readFailure } from "./image-probe.ts";
import {
  compareText,
  type ImageProblem,
  LOCAL_ORIGIN,
  type PoolImage,
  type PoolPart,
  type SourceWaivers,
  SYNTHETIC_ORIGIN,
  UNSPECIFIED_LICENSE,
} from "./pool.ts";
import type { PoolHooks } from "./synthetic-folder.ts";

type Fetched = FetchReport["results"][number];

/** What a fetch report says, as far as a pool needs it. */
interface Fetching {
  /** The results that brought a file, sorted by id, so that the same content from two sources has one origin. */
  readonly brought: readonly Fetched[];
  /** Undefined without a report. */
  readonly waivers?: SourceWaivers;
}

/** Image: taken. Problem: stops the build. Text: a file that is passed over, and why. */
type Verdict = { readonly image: PoolImage } | { readonly problem: ImageProblem } | { readonly skipped: string };

/**
 * Reads every image of a folder and decodes it. Origin, licence and attribution come from `fetch-report.json`, found by
 * content; an image that it does not know is `local` with the licence `unspecified`. Undefined when the folder is not there.
 * @throws {ArtifactError} when the folder or the report cannot be read (exit 65)
 */
export async function readSourcesFolder(folder: string, hooks: PoolHooks): Promise<PoolPart | undefined> {
  const listing = await listImages(folder);
  if (listing === undefined) return undefined;
  const { brought: fetched, waivers } = await readFetching(folder);
  const limit = pLimit(availableParallelism());
  let done = 0;
  const verdicts = await Promise.all(
    listing.files.map((found) =>
      limit(async () => {
        hooks.signal.throwIfAborted();
        const verdict = await judge(found, fetched, hooks.signal);
        done += 1;
        hooks.onProgress(done, listing.files.length);
        return verdict;
      }),
    ),
  );
  const images = verdicts.flatMap((verdict) => ("image" in verdict ? [verdict.image] : []));
  const problems = verdicts.flatMap((verdict) => ("problem" in verdict ? [verdict.problem] : []));
  const skipped = verdicts.flatMap((verdict) => ("skipped" in verdict ? [verdict.skipped] : []));
  return {
    images,
    problems: [...listing.problems, ...problems, ...missingFiles(folder, listing.files, fetched)],
    notes: [
      ...notesOn(folder, images, [...skipped, ...listing.ignored.filter((name) => name !== fetchReport.fileName)]),
      ...waiverNotes(images, waivers?.missingSources ?? []),
    ],
    ...(waivers === undefined ? {} : { sourceWaivers: waivers }),
  };
}

async function judge(found: FoundFile, fetched: readonly Fetched[], signal: AbortSignal): Promise<Verdict> {
  const { file, name, promised } = found;
  try {
    const content = await readContent(file, signal);
    const format = formatOf(content);
    if (typeof format !== "string") {
      return promised ? { problem: { file, reason: format.reason } } : { skipped: name };
    }
    const entry = fetched.find(({ checksum }) => checksum.actual === content.sha256);
    const claimed = fetched.find(({ filename }) => filename === name);
    if (entry === undefined && claimed !== undefined) return { problem: { file, reason: alteredReason(claimed) } };
    const facts = await decodeImage(file, format);
    if ("reason" in facts) return { problem: { file, reason: facts.reason } };
    return { image: imageOf(found, content, entry, facts) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return { problem: { file, reason: readFailure(error) } };
  }
}

function imageOf(
  { file, name }: FoundFile,
  { sha256, sizeBytes }: FileContent,
  entry: Fetched | undefined,
  facts: Pick<PoolImage, "format" | "width" | "height">,
): PoolImage {
  const content = { file, sha256, sizeBytes, ...facts };
  if (entry === undefined) {
    return { ...content, origin: LOCAL_ORIGIN, license: UNSPECIFIED_LICENSE, attribution: "" };
  }
  const { id, license, attribution, checksum } = entry;
  const [title, sourceUrl] = [statedText(entry.title), statedText(entry.url)];
  return {
    ...content,
    origin: id,
    license: license?.trim() || UNSPECIFIED_LICENSE,
    attribution: attribution ?? "",
    sourceFile: entry.filename ?? name,
    ...(title === undefined ? {} : { title }),
    ...(sourceUrl === undefined ? {} : { sourceUrl }),
    ...(checksum.expected == null ? { isUnpinned: true } : {}),
  };
}

/** A field that older reports lack. */
function statedText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function alteredReason({ id, checksum }: Fetched): string {
  return `is not what was fetched as "${id}" (the fetch report says SHA-256 ${checksum.actual}); fetch it again`;
}

async function readFetching(folder: string): Promise<Fetching> {
  const file = path.join(folder, fetchReport.fileName);
  let report: FetchReport;
  try {
    report = parseArtifact(fetchReport, await readFile(file, "utf8"), file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { brought: [] };
    throw error;
  }
  refuseOwnOrigins(report, file);
  const results = report.results.toSorted((a, b) => compareText(a.id, b.id));
  const failed = results
    .filter(({ failureCategory }) => failureCategory != null)
    .filter((result) => !bringsFile(result));
  const allowed = Object.entries(report.options).filter(([name, value]) => name.startsWith("allow") && value === true);
  return {
    brought: results.filter(bringsFile),
    waivers: {
      waivers: allowed.map(([name]) => name).toSorted(compareText),
      missingSources: failed.map(({ id }) => id),
    },
  };
}

/** A source without a hash failed, unless that was waived; no other failure leaves a file to use. */
function bringsFile({ failureCategory, checksum, waived }: Fetched): boolean {
  if (checksum.actual == null) return false;
  return failureCategory == null || (failureCategory === "missing-hash" && waived === true);
}

/** An image that is said to be ours would lose its attribution. */
function refuseOwnOrigins({ results }: FetchReport, file: string): void {
  const index = results.findIndex(({ id }) => id === SYNTHETIC_ORIGIN || id === LOCAL_ORIGIN);
  if (index < 0) return;
  const message = `"${results[index]?.id}" says in a dataset that an image has no source; rename the source and fetch again`;
  throw new ArtifactError({ path: file, kind: fetchReport.kind, issues: [{ path: `results[${index}].id`, message }] });
}

function missingFiles(folder: string, files: readonly FoundFile[], fetched: readonly Fetched[]): ImageProblem[] {
  const names = new Set(files.map(({ name }) => name));
  return fetched.flatMap(({ id, filename }) =>
    filename == null || names.has(filename)
      ? []
      : [
          {
            file: path.join(folder, filename),
            reason: `is in the fetch report as "${id}" but not there; fetch it again`,
          },
        ],
  );
}

function notesOn(folder: string, images: readonly PoolImage[], ignored: readonly string[]): string[] {
  const local = images.filter(({ license }) => license === UNSPECIFIED_LICENSE).length;
  const misnamed = images.filter(({ file, format }) => isMisnamed(file, format));
  return [
    ...(local === 0
      ? []
      : [`${local} images in "${folder}" have no stated licence: fine on your own machine, not to be published`]),
    ...(misnamed.length === 0
      ? []
      : [`${misnamed.length} images are named for another format and go by their content: ${listNames(misnamed)}`]),
    ...(ignored.length === 0
      ? []
      : [`${ignored.length} files in "${folder}" are no images of a tier: ${some(ignored)}`]),
  ];
}

function waiverNotes(images: readonly PoolImage[], missing: readonly string[]): string[] {
  const unpinned = images.filter(({ isUnpinned }) => isUnpinned).map(({ origin }) => origin);
  return [
    ...(unpinned.length === 0
      ? []
      : [
          `${unpinned.length === 1 ? "1 source has" : `${unpinned.length} sources have`} no hash in the register, so they cannot be checked: ${some(unpinned)}`,
        ]),
    ...(missing.length === 0 ? [] : [`${missing.length} sources failed and are not in the pool: ${some(missing)}`]),
  ];
}

function listNames(images: readonly PoolImage[]): string {
  return some(images.map(({ file, format }) => `${path.basename(file)} (${format})`));
}

function some(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")}, …`;
}
