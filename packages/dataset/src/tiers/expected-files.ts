import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Checksum, datasetManifest, parseArtifact, parseChecksums } from "@forgebench/artifacts";
import { ArtifactError, codeOf, messageOf } from "@forgebench/errors";
import type { ExpectedBuild } from "./expected-build.ts";

/** Far above the checksums of any dataset. */
const MAX_BYTES = 1 << 20;

/**
 * Reads the checksums that a build is to have, and the dataset manifest beside them, which may tell why it has not.
 * @throws {ArtifactError} when the checksums cannot be read, or name no file or one twice (exit 65)
 */
export async function readExpectedBuild(file: string): Promise<ExpectedBuild> {
  const checksums = parseChecksums(await readText(file), file);
  const twice = checksums.find(({ file: name }, index) => checksums.findIndex((other) => other.file === name) < index);
  if (checksums.length === 0) throw checksumsError(file, "names no file");
  if (twice !== undefined) throw checksumsError(file, `names ${JSON.stringify(twice.file)} twice`);
  return { file, checksums, manifest: await readManifest(path.dirname(file), checksums) };
}

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= MAX_BYTES) return bytes.toString("utf8");
  } catch (error) {
    throw checksumsError(file, codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error));
  }
  throw checksumsError(file, "is larger than any checksums file");
}

async function readManifest(folder: string, checksums: readonly Checksum[]): Promise<ExpectedBuild["manifest"]> {
  const listed = checksums.find(({ file }) => /^benchmark-dataset-manifest-v.+\.json$/.test(file));
  if (listed === undefined) return { reason: "the checksums name no dataset manifest" };
  const file = path.join(folder, listed.file);
  try {
    const bytes = await readFile(file);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (sha256 !== listed.sha256) return { reason: `"${listed.file}" beside the checksums is not the one they list` };
    return parseArtifact(datasetManifest, bytes.toString("utf8"), file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { reason: `put "${listed.file}" beside the checksums to learn more` };
    return { reason: messageOf(error) };
  }
}

function checksumsError(path: string, message: string): ArtifactError {
  return new ArtifactError({ path, kind: "checksums", issues: [{ path: "", message }] });
}
