import { readFile } from "node:fs/promises";
import path from "node:path";
import { datasetResolved, parseArtifact } from "@forgebench/artifacts";
import { ArtifactError, codeOf, messageOf } from "@forgebench/errors";
import type { DatasetOrigin } from "./dataset-origin.ts";

/**
 * The record of the download beside a tier manifest; a tier that was built here has none.
 * @throws {ArtifactError} for a file that is wrong or cannot be read: it must not be ignored.
 */
export async function readResolved(manifestPath: string): Promise<DatasetOrigin["resolved"]> {
  const file = path.join(path.dirname(manifestPath), datasetResolved.fileName);
  try {
    return { path: file, value: parseArtifact(datasetResolved, await readFile(file, "utf8"), file) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (error instanceof ArtifactError) throw error;
    const issues = [{ path: "", message: `cannot be read: ${messageOf(error)}` }];
    throw new ArtifactError({ path: file, kind: datasetResolved.kind, issues });
  }
}
