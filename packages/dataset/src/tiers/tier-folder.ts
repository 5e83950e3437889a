import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArtifact, serializeArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { codeOf, OperationError } from "@forgebench/errors";
import { type PackedArchive, type PackOptions, packArchive } from "../archive/tier-archive.ts";
import type { TierPlan } from "./plan-tiers.ts";
import { IMAGE_ROOT, tierFileName } from "./tier-documents.ts";

/**
 * Writes a tier to a new folder: the images as copies (clones, where the file system can) under the names of the
 * manifest, and the manifest. A caller that wants it whole or not at all gives a temporary name and renames.
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
    await copyFile(image.file, copy, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw codeOf(error) === "ENOENT" ? vanishedError(image.file) : error;
    });
    // A copy has the mode of its source, which may be read-only or private.
    await chmod(copy, 0o644);
    onProgress(index + 1);
  }
  const file = path.join(folder, tierManifest.fileName);
  await writeFile(file, serializeArtifact(tierManifest, manifest, file));
}

function vanishedError(file: string): OperationError {
  return new OperationError("data", `Cannot copy "${file}": it was there a moment ago; run the build again`);
}

/** Packs a tier's folder, and checks on the way that each image is what the manifest says. */
export async function packTierFolder(
  archive: string,
  folder: string,
  manifest: TierManifest,
  options: PackOptions,
): Promise<PackedArchive> {
  const { tierId } = manifest;
  const file = path.join(folder, tierManifest.fileName);
  const text = serializeArtifact(tierManifest, manifest, file);
  const images = manifest.files.flatMap((entry) => {
    if (typeof entry === "string") return [];
    const { path: name, sizeBytes, sha256 } = entry;
    return [{ path: `${tierId}/${IMAGE_ROOT}/${name}`, file: path.join(folder, IMAGE_ROOT, name), sizeBytes, sha256 }];
  });
  const document = {
    path: `${tierId}/${tierManifest.fileName}`,
    file,
    sizeBytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  };
  return packArchive(archive, [`${tierId}/`, `${tierId}/${IMAGE_ROOT}/`], [...images, document], options);
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
