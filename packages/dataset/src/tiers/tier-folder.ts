import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArtifact, serializeArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { codeOf, OperationError } from "@forgebench/errors";
import { type PackedArchive, type PackOptions, packArchive } from "../archive/tier-archive.ts";
import { ATTRIBUTION_NAME, attributionText } from "./attribution-text.ts";
import { readContent, readFailure } from "./image-probe.ts";
import type { TierPlan } from "./plan-tiers.ts";
import { IMAGE_ROOT, tierFileName } from "./tier-documents.ts";

/** Whatever the umask: a tier is there to be read by others. */
const FILE_MODE = 0o644;

/**
 * Writes a tier to a new folder: the images as copies (clones, where the file system can) under the names of the
 * manifest, each checked against its SHA-256, the manifest and the attribution. A caller that wants it whole or not at all gives a temporary name and renames.
 * @throws {OperationError} when an image cannot be read any more or has changed (exit 65)
 */
export async function writeTierFolder(
  folder: string,
  plan: TierPlan,
  manifest: TierManifest,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (images: number) => void },
): Promise<void> {
  await mkdir(path.join(folder, IMAGE_ROOT), { recursive: true });
  for (const [index, image] of plan.images.entries()) {
    signal.throwIfAborted();
    const copy = path.join(folder, IMAGE_ROOT, tierFileName(image));
    try {
      await copyFile(image.file, copy, constants.COPYFILE_FICLONE);
    } catch (error) {
      // The error of a copy does not tell which of the two files it is about.
      await readContent(image.file, signal).catch((readError: unknown) => {
        throw changedError(image.file, `it ${readFailure(readError)}`);
      });
      throw error;
    }
    // Seconds or minutes have passed since the pool was read.
    const { sha256 } = await readContent(copy, signal);
    if (sha256 !== image.sha256) throw changedError(image.file, "its content changed after it was read");
    // A copy has the mode of its source, which may be read-only or private.
    await chmod(copy, FILE_MODE);
    onProgress(index + 1);
  }
  await writeTierDocuments(folder, manifest);
}

/** Writes what stands beside the images of a tier. */
export async function writeTierDocuments(folder: string, manifest: TierManifest): Promise<void> {
  const documents = [
    [tierManifest.fileName, serializeArtifact(tierManifest, manifest, path.join(folder, tierManifest.fileName))],
    [ATTRIBUTION_NAME, attributionText(manifest)],
  ] as const;
  for (const [name, text] of documents) {
    await writeFile(path.join(folder, name), text);
    await chmod(path.join(folder, name), FILE_MODE);
  }
}

function changedError(file: string, how: string): OperationError {
  return new OperationError("data", `Cannot copy "${file}": ${how}`, {
    details: [{ label: "try", text: "run the build again when nothing writes to the pool" }],
  });
}

/** Packs a folder that {@link writeTierFolder} wrote, whose images were checked there, with its documents. */
export async function packTierFolder(
  archive: string | undefined,
  folder: string,
  manifest: TierManifest,
  options: PackOptions,
): Promise<PackedArchive> {
  const { tierId } = manifest;
  const images = manifest.files.flatMap((entry) => {
    if (typeof entry === "string") return [];
    const { path: name, sizeBytes } = entry;
    return [{ path: `${tierId}/${IMAGE_ROOT}/${name}`, file: path.join(folder, IMAGE_ROOT, name), sizeBytes }];
  });
  const documents = [tierManifest.fileName, ATTRIBUTION_NAME].map(async (name) => {
    const file = path.join(folder, name);
    return { path: `${tierId}/${name}`, file, sizeBytes: (await stat(file)).size };
  });
  const files = [...images, ...(await Promise.all(documents))];
  return packArchive(archive, [`${tierId}/`, `${tierId}/${IMAGE_ROOT}/`], files, options);
}

/** Whether a folder is there and holds a tier of this version (or nothing), or what is not ours to replace. */
export async function inspectTierFolder(
  folder: string,
  datasetVersion: string,
): Promise<"absent" | "ours" | "foreign"> {
  const file = path.join(folder, tierManifest.fileName);
  try {
    if ((await readdir(folder)).length === 0) return "ours";
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "absent" : "foreign";
  }
  try {
    const found = parseArtifact(tierManifest, await readFile(file, "utf8"), file);
    return found.datasetVersion === datasetVersion ? "ours" : "foreign";
  } catch {
    return "foreign";
  }
}
