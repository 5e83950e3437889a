import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { type FetchReport, fetchReport, parseArtifact } from "@forgebench/artifacts";
import { codeOf } from "@forgebench/errors";
import pLimit from "p-limit";
import { type FoundFile, listImages } from "./image-folder.ts";
import { isMisnamed } from "./image-format.ts";
import { decodeImage, type FileContent, formatOf, readContent, readFailure } from "./image-probe.ts";
import { compareText, type ImageProblem, type PoolImage, type PoolPart } from "./pool.ts";
import type { PoolHooks } from "./synthetic-folder.ts";

type Fetched = FetchReport["results"][number];

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
  const fetched = await readFetched(folder);
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
    notes: notesOn(folder, images, [...skipped, ...listing.ignored.filter((name) => name !== fetchReport.fileName)]),
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
  if (entry === undefined) return { ...content, origin: "local", license: "unspecified", attribution: "" };
  const { id, license, attribution } = entry;
  const stated = { license: license || "unspecified", attribution: attribution ?? "" };
  return { ...content, origin: id, ...stated, sourceFile: entry.filename ?? name };
}

function alteredReason({ id, checksum }: Fetched): string {
  return `is not what was fetched as "${id}" (the fetch report says SHA-256 ${checksum.actual}); fetch it again`;
}

/** The results that brought a file, sorted by id, so that the same content from two sources has one origin. */
async function readFetched(folder: string): Promise<Fetched[]> {
  const file = path.join(folder, fetchReport.fileName);
  try {
    const { results } = parseArtifact(fetchReport, await readFile(file, "utf8"), file);
    return results
      .filter(({ failureCategory, checksum }) => failureCategory == null && checksum.actual != null)
      .toSorted((a, b) => compareText(a.id, b.id));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
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
  const local = images.filter(({ license }) => license === "unspecified").length;
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

function listNames(images: readonly PoolImage[]): string {
  return some(images.map(({ file, format }) => `${path.basename(file)} (${format})`));
}

function some(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")}, …`;
}
