import { archiveName } from "./tier-documents.ts";

/** The files of a dataset version that are published. */
export function assetNames(datasetVersion: string): { readonly manifest: string; readonly checksums: string } {
  return {
    manifest: `benchmark-dataset-manifest-v${datasetVersion}.json`,
    checksums: `sha256sums-v${datasetVersion}.txt`,
  };
}

/** Whether a temporary file or folder is one that a build makes; without a build under way, a killed one left it. */
export function isBuildLeftover(name: string): boolean {
  return /^\.(tier\d+|\.build-lock|imageforge-bench-.*|benchmark-dataset-manifest-.*|sha256sums-.*|dataset-summary\.md)\.\d+\.[0-9a-f]+\.tmp$/.test(
    name,
  );
}

/** Those of `names` that are archives of this version and of other tiers than `tierIds`: an earlier build made them. */
export function staleArchives(names: readonly string[], datasetVersion: string, tierIds: readonly string[]): string[] {
  return names.filter((name) => {
    const tierId = /^imageforge-bench-(tier\d+)-v/.exec(name)?.[1];
    return tierId !== undefined && name === archiveName(tierId, datasetVersion) && !tierIds.includes(tierId);
  });
}
