import { requiredText } from "@forgebench/io";

/** The flag `--dataset-version`: a semantic version without build metadata, which tags and file names could not hold. */
export function datasetVersionFlag(description: string) {
  return requiredText({
    placeholder: "X.Y.Z[-pre]",
    pattern: /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/,
    expected: "a version such as 1.0.0 or 1.1.0-rc.1",
    description,
  });
}
