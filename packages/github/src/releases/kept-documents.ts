import { readdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { datasetResolved } from "@forgebench/artifacts";
import { ArtifactError, codeOf } from "@forgebench/errors";
import { readArtifact } from "@forgebench/io";
import type { ReleasedDataset } from "./released-dataset.ts";

interface KeptDocuments {
  readonly repository: string;
  /** Where they lie. */
  readonly incoming: string;
  /** Where they go, and where those of an earlier download are. */
  readonly folder: string;
  readonly names: { readonly manifest: string; readonly checksums: string };
}

/**
 * Moves the documents of a release beside its tiers. They never change.
 * @throws {ArtifactError} when an earlier download has others (exit 65)
 */
export async function keepDocuments(kept: KeptDocuments, { release }: ReleasedDataset): Promise<void> {
  const { folder, incoming, names } = kept;
  for (const name of [names.manifest, names.checksums]) {
    const [before, now] = await Promise.all([folder, incoming].map((place) => contentOf(path.join(place, name))));
    if (before !== undefined && now !== undefined && !before.equals(now)) {
      const { message, remedy } = await blame(name, kept);
      throw new ArtifactError({
        path: release.htmlUrl,
        kind: "release",
        action: "Cannot use",
        issues: [{ path: "", message }],
        details: [{ label: "try", text: `${remedy}; with another --out-dir it is accepted as it is now` }],
      });
    }
    await rename(path.join(incoming, name), path.join(folder, name));
  }
}

async function blame(name: string, { folder, repository }: KeptDocuments) {
  const other = await otherRepositoryIn(folder, repository);
  if (other === undefined) {
    const message = `"${name}" is not the one of an earlier download in "${folder}"; a released version never changes`;
    return { message, remedy: "find out who changed the release" };
  }
  const message = `"${folder}" holds a download of "${other}", whose "${name}" differs from that of "${repository}"`;
  return { message, remedy: `give --repo ${other}` };
}

/** Another repository that a tier in the folder was downloaded from. */
async function otherRepositoryIn(folder: string, repository: string): Promise<string | undefined> {
  for (const name of (await readdir(folder)).filter((entry) => /^tier\d+$/.test(entry))) {
    const file = path.join(folder, name, datasetResolved.fileName);
    const found = (await readArtifact(datasetResolved, file).catch(() => undefined))?.value.release?.repository;
    if (found !== undefined && found.toLowerCase() !== repository.toLowerCase()) return found;
  }
  return undefined;
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}
