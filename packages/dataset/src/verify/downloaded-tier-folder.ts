import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type DatasetResolved, datasetResolved, parseArtifact, tierManifest } from "@forgebench/artifacts";
import { ArtifactError, codeOf, messageOf, OperationError } from "@forgebench/errors";
import type { Difference } from "../archive/compare-tier.ts";
import { ATTRIBUTION_NAME } from "../tiers/attribution-text.ts";
import { hashFile, type VerifiedTier, verifyTierFolder } from "./verify-tier-folder.ts";

/**
 * What lies where a tier of a release is to go: nothing, that very tier with every byte, or that tier with a change, named.
 * `resolved` is what the release says now; the hashes of the documents are known from the time of unpacking.
 * @throws {OperationError} when it is anything else, which is not ours to replace (exit 73)
 */
export async function inspectDownloadedTier(
  root: string,
  resolved: DatasetResolved,
  signal: AbortSignal,
): Promise<"absent" | "right" | { readonly changed: string }> {
  const names = await namesIn(root);
  if (names === undefined) return "absent";
  const earlier = await readResolved(root);
  if (earlier?.release === undefined || earlier.archive?.sha256 !== resolved.archive?.sha256) {
    const tag = resolved.release?.tag ?? "a release";
    throw new OperationError("output", `Cannot replace "${root}": it is not a download of ${tag}`, {
      details: [{ label: "try", text: "move it away, or choose another --out-dir" }],
    });
  }
  if (!saysTheSame(earlier, resolved)) return { changed: datasetResolved.fileName };
  const { tierId, datasetVersion, contentSha256 } = earlier;
  try {
    const expected = { tierId, datasetVersion, contentSha256 };
    const { differences } = await verifyTierFolder(root, expected, { signal, onProgress: () => undefined });
    const [first] = differences;
    if (first !== undefined) return { changed: first.where };
    const changed = changedDocument(earlier.documents, await hashTierDocuments(root, signal));
    return changed === undefined ? "right" : { changed };
  } catch (error) {
    if (error instanceof ArtifactError) return { changed: error.message };
    throw error;
  }
}

type Documents = NonNullable<DatasetResolved["documents"]>;

/** The SHA-256 of the documents beside the images of a tier; a tier's content hash does not cover them. */
export async function hashTierDocuments(folder: string, signal: AbortSignal): Promise<Documents> {
  const present = new Set(await readdir(folder));
  const names = [tierManifest.fileName, ATTRIBUTION_NAME].filter((name) => present.has(name));
  return Promise.all(
    names.map(async (file) => ({ file, sha256: (await hashFile(path.join(folder, file), signal)).sha256 })),
  );
}

/**
 * What a tier that was downloaded has against what was written down about it then; nothing where nothing was.
 * @throws {ArtifactError} when that cannot be read (exit 65)
 */
export async function compareResolved(
  folder: string,
  { manifest, contentSha256 }: VerifiedTier,
  signal: AbortSignal,
): Promise<Difference[]> {
  const file = path.join(folder, datasetResolved.fileName);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    const issues = [{ path: "", message: messageOf(error) }];
    throw new ArtifactError({ path: file, kind: datasetResolved.kind, issues });
  });
  if (text === undefined) return [];
  const resolved = parseArtifact(datasetResolved, text, file);
  const facts = [
    ["tierId", resolved.tierId, manifest.tierId],
    ["datasetVersion", resolved.datasetVersion, manifest.datasetVersion],
    ["contentSha256", resolved.contentSha256, contentSha256],
  ] as const;
  const changed = changedDocument(resolved.documents, await hashTierDocuments(folder, signal));
  return [
    ...facts
      .filter(([, recorded, now]) => recorded !== now)
      .map(([name, recorded, now]) => ({
        where: `${datasetResolved.fileName}: ${name}`,
        expected: `${now}, as it is in the folder`,
        found: recorded,
      })),
    ...(resolved.documents === undefined || changed === undefined
      ? []
      : [{ where: changed, expected: `what ${datasetResolved.fileName} says it was`, found: "something else" }]),
  ];
}

function changedDocument(before: Documents = [], now: Documents): string | undefined {
  const names = [...before, ...now].map(({ file }) => file);
  const hashIn = (documents: Documents, name: string) => documents.find(({ file }) => file === name)?.sha256;
  return names.find((name) => hashIn(before, name) !== hashIn(now, name));
}

/** Whether an earlier download was of the same place; what is known of the unpacked tier alone is not compared. */
function saysTheSame(earlier: DatasetResolved, resolved: DatasetResolved): boolean {
  const { contentSha256, documents } = earlier;
  const isSameContent = resolved.contentSha256 === "" || resolved.contentSha256 === contentSha256;
  return isSameContent && isDeepStrictEqual(earlier, { ...resolved, contentSha256, documents });
}

/** The names in a folder; undefined when nothing is there. */
async function namesIn(root: string): Promise<readonly string[] | undefined> {
  return readdir(root).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    // A file, say: without names it is no download either.
    if (codeOf(error) === "ENOTDIR") return [];
    throw error;
  });
}

async function readResolved(root: string): Promise<DatasetResolved | undefined> {
  const file = path.join(root, datasetResolved.fileName);
  try {
    return parseArtifact(datasetResolved, await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof ArtifactError || codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
