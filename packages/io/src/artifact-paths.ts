import path from "node:path";
import { UsageError } from "@forgebench/errors";
import type { ReadArtifact } from "./artifact-files.ts";
import { PROJECT_ROOT } from "./script.ts";

/**
 * How an artifact names a file that it was made from: relative to its own folder when both lie below the working folder
 * or below the project, else by the bare file name. No artifact holds the path of the machine where it was made.
 */
export function inputReference(
  input: Pick<ReadArtifact<unknown>, "path" | "sha256">,
  artifactFile: string,
  cwd: string,
): { readonly path: string; readonly sha256: string } {
  return { path: referencePath(input.path, artifactFile, cwd), sha256: input.sha256 };
}

/** Only the path of an {@link inputReference}. */
export function referencePath(file: string, artifactFile: string, cwd: string): string {
  const near = [cwd, PROJECT_ROOT].some((root) => isBelow(root, file) && isBelow(root, artifactFile));
  const named = near ? path.relative(path.dirname(artifactFile), file) : path.basename(file);
  return named.split(path.sep).join("/");
}

function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  const isRoot = path.dirname(folder) === folder;
  return !isRoot && relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/**
 * Refuses outputs that would overwrite an input or one another; flags that were not given are left out of account.
 * @throws {UsageError} naming both flags and the path.
 */
export function refuseSharedPaths(
  inputs: Readonly<Record<string, string | undefined>>,
  outputs: Readonly<Record<string, string | undefined>>,
): void {
  const taken = new Map<string, string>();
  for (const [flag, file] of Object.entries(inputs)) if (file !== undefined) taken.set(file, flag);
  for (const [flag, file] of Object.entries(outputs)) {
    if (file === undefined) continue;
    const other = taken.get(file);
    if (other !== undefined) {
      throw new UsageError(`--${flag}: "${file}" is also given as --${other} and would be overwritten`, [
        { label: "expected", text: "a file of its own for each output" },
      ]);
    }
    taken.set(file, flag);
  }
}
