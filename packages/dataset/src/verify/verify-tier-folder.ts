import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { datasetResolved, parseArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { ArtifactError, codeOf, messageOf } from "@forgebench/errors";
import { compareTier, type Difference, type ExpectedTier, type FileFacts } from "../archive/compare-tier.ts";
import { ATTRIBUTION_NAME } from "../tiers/attribution-text.ts";
import { contentSha256Of, IMAGE_ROOT } from "../tiers/tier-documents.ts";
import { packTierFolder } from "../tiers/tier-folder.ts";

/** How to stop a verification, and how it says how far it is: it reads every byte of a tier. */
export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** Bytes that were read, of how many. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** A tier that was read, unpacked or in its archive. */
export interface VerifiedTier {
  readonly manifest: TierManifest;
  /** Computed from the images that the manifest lists. */
  readonly contentSha256: string | undefined;
  readonly differences: readonly Difference[];
}

const DOCUMENTS: readonly string[] = [tierManifest.fileName, ATTRIBUTION_NAME, datasetResolved.fileName];

/**
 * Reads every image of an unpacked tier and finds what is not as its manifest says, and what lies there besides: a
 * benchmark takes the folder of the images as it is.
 * @throws {ArtifactError} when there is no tier manifest that can be read (exit 65)
 */
export async function verifyTierFolder(
  folder: string,
  expected: Partial<ExpectedTier>,
  options: VerifyOptions,
): Promise<VerifiedTier> {
  const manifest = await readTierManifest(folder);
  const images = await listFolder(path.join(folder, IMAGE_ROOT));
  const entries = await listFolder(folder);
  const hasAttribution = entries.some((entry) => entry.name === ATTRIBUTION_NAME && entry.isFile());
  const attribution = hasAttribution ? await hashFile(path.join(folder, ATTRIBUTION_NAME), options.signal) : undefined;
  const files = await hashListed(path.join(folder, IMAGE_ROOT), manifest, images, options);
  const listed = manifest.files.flatMap((file) => {
    const facts = files.get(typeof file === "string" ? file : file.path);
    return facts === undefined || typeof file === "string" ? [] : [{ path: file.path, sha256: facts.sha256 }];
  });
  return {
    manifest,
    contentSha256: listed.length === manifest.files.length ? contentSha256Of(listed) : undefined,
    differences: [
      ...odd(entries, "", (name) => (name === IMAGE_ROOT ? "folder" : DOCUMENTS.includes(name) ? "file" : undefined)),
      ...odd(images, `${IMAGE_ROOT}/`, () => "file"),
      ...compareTier(manifest, { images: files, attributionSha256: attribution?.sha256 }, expected),
    ],
  };
}

/** The SHA-256 of the archive that build-tiers packs from this folder; undefined without the file that it packs, too. */
export async function archiveSha256Of(
  folder: string,
  manifest: TierManifest,
  { signal, onProgress }: VerifyOptions,
): Promise<string | undefined> {
  const mtimeSeconds = Math.floor(Date.parse(manifest.createdAt) / 1000);
  const totalBytes = sizeOf(manifest);
  const report = (bytes: number) => onProgress(Math.min(bytes, totalBytes), totalBytes);
  try {
    return (await packTierFolder(undefined, folder, manifest, { mtimeSeconds, signal, onProgress: report })).sha256;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readTierManifest(folder: string): Promise<TierManifest> {
  const file = path.join(folder, tierManifest.fileName);
  return parseArtifact(tierManifest, await readText(file, tierManifest.kind), file);
}

/** The text of a file of a dataset. @throws {ArtifactError} when it cannot be read (exit 65) */
export async function readText(file: string, kind: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new ArtifactError({ path: file, kind, issues: [{ path: "", message: messageOf(error) }] });
  });
}

/** The entries of a folder, sorted; of one that is missing none, since all that it should hold is missed then. */
async function listFolder(folder: string): Promise<readonly Dirent[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw new ArtifactError({ path: folder, kind: "tier folder", issues: [{ path: "", message: messageOf(error) }] });
  }
}

function odd(
  entries: readonly Dirent[],
  prefix: string,
  kindOf: (name: string) => "file" | "folder" | undefined,
): Difference[] {
  return entries.flatMap((entry) => {
    const kind = kindOf(entry.name);
    const found = entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "link or special file";
    if (found === kind) return [];
    const expected = kind === undefined ? "nothing of that name" : `a ${kind}`;
    return [{ where: `${prefix}${entry.name}`, expected, found: `a ${found}` }];
  });
}

async function hashListed(
  folder: string,
  manifest: TierManifest,
  entries: readonly Dirent[],
  { signal, onProgress }: VerifyOptions,
): Promise<Map<string, FileFacts>> {
  const listed = new Set(manifest.files.map((file) => (typeof file === "string" ? file : file.path)));
  const totalBytes = sizeOf(manifest);
  const files = new Map<string, FileFacts>();
  let doneBytes = 0;
  for (const entry of entries.filter((one) => one.isFile())) {
    signal.throwIfAborted();
    // Of a file that does not belong here it is enough to know that it is there.
    const facts = listed.has(entry.name) ? await hashFile(path.join(folder, entry.name), signal) : NOTHING_KNOWN;
    files.set(entry.name, facts);
    doneBytes += facts.sizeBytes;
    onProgress(Math.min(doneBytes, totalBytes), totalBytes);
  }
  return files;
}

const NOTHING_KNOWN: FileFacts = { sha256: "", sizeBytes: 0 };

function sizeOf({ files }: TierManifest): number {
  return files.reduce((sum, file) => sum + (typeof file === "string" ? 0 : file.sizeBytes), 0);
}

/** Size and SHA-256 of a file that is no link. @throws {ArtifactError} when it cannot be read (exit 65) */
export async function hashFile(
  file: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<FileFacts> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const piece of handle.createReadStream({ highWaterMark: 1 << 20 })) {
      signal.throwIfAborted();
      hash.update(piece);
      sizeBytes += piece.length;
      onBytes(piece.length);
    }
    return { sha256: hash.digest("hex"), sizeBytes };
  } catch (error) {
    signal.throwIfAborted();
    throw new ArtifactError({ path: file, kind: "file", issues: [{ path: "", message: messageOf(error) }] });
  }
}
