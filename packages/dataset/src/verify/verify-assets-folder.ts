import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import {
  type Checksum,
  type DatasetManifest,
  datasetManifest,
  parseArtifact,
  parseChecksums,
} from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { type Difference, differingHash } from "../archive/compare-tier.ts";
import { type InspectedTier, inspectTierArchive } from "../archive/unpack-archive.ts";
import { assetNames } from "../tiers/asset-names.ts";
import { archiveName } from "../tiers/tier-documents.ts";
import { compareListing } from "./compare-expected.ts";
import { hashFile, readText, type VerifyOptions } from "./verify-tier-folder.ts";

interface VerifiedAssets {
  readonly datasetVersion: string;
  /** By tier, those whose archive was read to its end. */
  readonly contentSha256s: ReadonlyMap<string, string>;
  /** What the files of the dataset really are. */
  readonly found: readonly Checksum[];
  readonly differences: readonly Difference[];
}

type Tier = DatasetManifest["tiers"][number];

/**
 * Reads a folder of release assets and finds what is not as its checksums, its manifest and the archives' own manifests
 * say. `isShallow`: of the archives only the SHA-256. `datasetVersion`: of a folder that may hold others, too.
 * @throws {ArtifactError} when checksums or manifest cannot be read (exit 65)
 */
export async function verifyAssetsFolder(
  folder: string,
  options: VerifyOptions & { readonly isShallow: boolean; readonly datasetVersion?: string },
): Promise<VerifiedAssets> {
  const names = assetNames(options.datasetVersion ?? (await findVersion(folder)));
  const checksumsFile = path.join(folder, names.checksums);
  const checksums = parseChecksums(await readText(checksumsFile, "asset"), checksumsFile);
  const manifestFile = path.join(folder, names.manifest);
  const manifest = parseArtifact(datasetManifest, await readText(manifestFile, "asset"), manifestFile);
  const manifestFacts = await hashFile(manifestFile, options.signal);
  const found: Checksum[] = [{ file: names.manifest, sha256: manifestFacts.sha256 }];
  const contentSha256s = new Map<string, string>();
  const differences = [
    ...compareVersion(manifest, names),
    ...compareListing(checksums, manifest, names),
    ...compareLine(checksums, found[0]),
    ...findExtra(await readdir(folder), manifest),
  ];
  const totalBytes = await sizeOfArchives(folder, manifest);
  let doneBytes = 0;
  for (const tier of manifest.tiers) {
    const onProgress = (bytes: number) => options.onProgress(doneBytes + bytes, totalBytes);
    const archive = await verifyArchive(folder, tier, manifest, { ...options, onProgress });
    doneBytes += archive.sizeBytes;
    differences.push(...archive.differences);
    if (archive.sha256 !== undefined) found.push({ file: tier.archiveName, sha256: archive.sha256 });
    if (archive.contentSha256 !== undefined) contentSha256s.set(tier.id, archive.contentSha256);
  }
  return { datasetVersion: manifest.datasetVersion, contentSha256s, found, differences };
}

async function findVersion(folder: string): Promise<string> {
  const versions = (await readdir(folder)).flatMap((name) => /^sha256sums-v(.+)\.txt$/.exec(name)?.[1] ?? []);
  const [version, ...more] = versions;
  if (version !== undefined && more.length === 0) return version;
  const problem =
    version === undefined
      ? "there is no sha256sums-vX.Y.Z.txt"
      : `it holds the versions ${versions.join(", ")}, not one`;
  throw new ArtifactError({ path: folder, kind: "assets folder", issues: [{ path: "", message: problem }] });
}

function compareVersion({ datasetVersion }: DatasetManifest, names: ReturnType<typeof assetNames>): Difference[] {
  if (assetNames(datasetVersion).manifest === names.manifest) return [];
  return [
    { where: `${names.manifest}: datasetVersion`, expected: "that of its name", found: JSON.stringify(datasetVersion) },
  ];
}

function compareLine(checksums: readonly Checksum[], found: Checksum | undefined): Difference[] {
  const line = checksums.find(({ file }) => file === found?.file);
  return line === undefined || found === undefined ? [] : differingHash(found.file, line.sha256, found.sha256);
}

/** Archives of this version that the manifest does not know: of a build before, or of nobody knows whom. */
function findExtra(present: readonly string[], { datasetVersion, tiers }: DatasetManifest): Difference[] {
  const known = new Set(tiers.map((tier) => tier.archiveName));
  return present
    .filter((name) => {
      const tierId = /^imageforge-bench-(tier\d+)-v/.exec(name)?.[1];
      return tierId !== undefined && name === archiveName(tierId, datasetVersion) && !known.has(name);
    })
    .map((name) => ({ where: name, expected: "no such file", found: "an archive that the manifest does not list" }));
}

async function sizeOfArchives(folder: string, { tiers }: DatasetManifest): Promise<number> {
  const sizes = tiers.map(({ archiveName }) =>
    lstat(path.join(folder, path.basename(archiveName))).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

interface VerifiedArchive {
  readonly sha256?: string;
  readonly sizeBytes: number;
  readonly contentSha256?: string | undefined;
  readonly differences: readonly Difference[];
}

async function verifyArchive(
  folder: string,
  tier: Tier,
  { datasetVersion }: DatasetManifest,
  options: { readonly signal: AbortSignal; readonly isShallow: boolean; readonly onProgress: (bytes: number) => void },
): Promise<VerifiedArchive> {
  const where = tier.archiveName;
  // A name from a manifest must not lead out of the folder.
  if (path.basename(where) !== where) return unusable(where, "is no bare file name");
  const file = path.join(folder, where);
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return unusable(where, "there is no such file");
  if (!stats.isFile()) return unusable(where, "is a link or no file");
  const inside = options.isShallow ? undefined : await inspect(file, tier, datasetVersion, options);
  if (inside !== undefined && !("problem" in inside)) {
    const named = inside.differences.map((difference) => ({ ...difference, where: `${where}: ${difference.where}` }));
    return { ...inside, differences: [...compareBytes(tier, inside), ...named] };
  }
  let readBytes = 0;
  const facts = await hashFile(file, options.signal, (bytes) => {
    readBytes += bytes;
    options.onProgress(readBytes);
  });
  const problem = inside === undefined ? [] : unusable(where, inside.problem).differences;
  return { ...facts, differences: [...compareBytes(tier, facts), ...problem] };
}

async function inspect(
  file: string,
  { id: tierId, imageCount, contentSha256, formatBreakdown, singleScenarios }: Tier,
  datasetVersion: string,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (bytes: number) => void },
): Promise<InspectedTier | { readonly problem: string }> {
  const expected = { tierId, datasetVersion, imageCount, contentSha256, formatBreakdown, singleScenarios };
  try {
    return await inspectTierArchive(file, expected, { signal, onProgress });
  } catch (error) {
    if (error instanceof ArtifactError) return { problem: error.message };
    throw error;
  }
}

function unusable(where: string, problem: string): VerifiedArchive {
  return { sizeBytes: 0, differences: [{ where, expected: "the archive of a tier", found: problem }] };
}

function compareBytes(tier: Tier, found: { readonly sha256: string; readonly sizeBytes: number }): Difference[] {
  const where = tier.archiveName;
  if (tier.sizeBytes !== undefined && tier.sizeBytes !== found.sizeBytes) {
    return [{ where, expected: `${tier.sizeBytes} bytes`, found: `${found.sizeBytes} bytes` }];
  }
  return differingHash(where, tier.sha256, found.sha256);
}
