import type { Checksum, DatasetManifest } from "@forgebench/artifacts";
import { type Difference, differingHash } from "../archive/compare-tier.ts";

/** What a checksums file of elsewhere says against one file, by its name. */
export function compareExpectedFile(
  expected: readonly Checksum[],
  name: string,
  sha256: string | undefined,
): Difference[] {
  const line = expected.find(({ file }) => file === name);
  if (line !== undefined) return differingHash(name, line.sha256, sha256);
  return [{ where: name, expected: "no such file", found: `sha256 ${sha256}` }];
}

/** The same for all files of a dataset, and those that only the other side has. */
export function compareExpectedFiles(expected: readonly Checksum[], found: readonly Checksum[]): Difference[] {
  const names = new Set([...expected, ...found].map(({ file }) => file));
  return [...names]
    .toSorted()
    .flatMap((name) => compareExpectedFile(expected, name, found.find(({ file }) => file === name)?.sha256));
}

/** What the checksums of a dataset have against its manifest: they list it and its archives, and nothing else. */
export function compareListing(
  checksums: readonly Checksum[],
  manifest: DatasetManifest,
  names: { readonly manifest: string; readonly checksums: string },
): Difference[] {
  const archives = manifest.tiers.map(({ archiveName, sha256 }) => ({ file: archiveName, sha256 }));
  const wanted = new Set([names.manifest, ...archives.map(({ file }) => file)]);
  const listed = new Set(checksums.map(({ file }) => file));
  const where = (file: string) => `${names.checksums}: ${file}`;
  return [
    ...checksums
      .filter(({ file }) => !wanted.has(file))
      .map(({ file }) => {
        return { where: where(file), expected: "no such line", found: "a file that is not of the dataset" };
      }),
    ...[...wanted]
      .filter((file) => !listed.has(file))
      .map((file) => ({ where: where(file), expected: "a line for it", found: "none" })),
    ...archives.flatMap(({ file, sha256 }) => {
      const line = checksums.find((checksum) => checksum.file === file);
      if (line === undefined || line.sha256 === sha256) return [];
      return [
        { where: where(file), expected: `sha256 ${sha256}, as in ${names.manifest}`, found: `sha256 ${line.sha256}` },
      ];
    }),
  ];
}
