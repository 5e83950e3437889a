import { stat } from "node:fs/promises";
import { codeOf } from "@forgebench/errors";

/** Whether a file or folder is there. What cannot be looked at counts: who reads it next says why. */
export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR",
  );
}
