import { readFile } from "node:fs/promises";
import path from "node:path";
import { datasetResolved, parseArtifact } from "@forgebench/artifacts";
import { codeOf } from "@forgebench/errors";
import type { DatasetOrigin } from "./dataset-origin.ts";

/** What a download said of the tier whose manifest this is; a tier that was built here has nothing beside it. */
export async function readResolved(manifestPath: string): Promise<DatasetOrigin["resolved"]> {
  const file = path.join(path.dirname(manifestPath), datasetResolved.fileName);
  try {
    return { path: file, value: parseArtifact(datasetResolved, await readFile(file, "utf8"), file) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
