import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type DatasetResolved, datasetResolved, parseArtifact } from "@forgebench/artifacts";
import { ArtifactError, codeOf, OperationError } from "@forgebench/errors";
import { verifyTierFolder } from "./verify-tier-folder.ts";

/**
 * What lies where a tier of a release is to go: nothing, that very tier with every byte, or that tier with a change, named.
 * @throws {OperationError} when it is anything else, which is not ours to replace (exit 73)
 */
export async function inspectDownloadedTier(
  root: string,
  resolved: DatasetResolved,
  signal: AbortSignal,
): Promise<"absent" | "right" | { readonly changed: string }> {
  const isThere = await readdir(root).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    },
  );
  if (!isThere) return "absent";
  const earlier = await readResolved(root);
  if (earlier?.release === undefined || earlier.archive?.sha256 !== resolved.archive?.sha256) {
    const tag = resolved.release?.tag ?? "a release";
    throw new OperationError("output", `Cannot replace "${root}": it is not a download of ${tag}`, {
      details: [{ label: "try", text: "move it away, or choose another --out-dir" }],
    });
  }
  const { tierId, datasetVersion, contentSha256 } = earlier;
  try {
    const expected = { tierId, datasetVersion, contentSha256 };
    const { differences } = await verifyTierFolder(root, expected, { signal, onProgress: () => undefined });
    const [first] = differences;
    return first === undefined ? "right" : { changed: first.where };
  } catch (error) {
    if (error instanceof ArtifactError) return { changed: error.message };
    throw error;
  }
}

async function readResolved(root: string): Promise<DatasetResolved | undefined> {
  const file = path.join(root, datasetResolved.fileName);
  try {
    return parseArtifact(datasetResolved, await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof ArtifactError || codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
