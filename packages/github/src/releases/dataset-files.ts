import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Checksum, type DatasetManifest, datasetManifest, parseChecksums } from "@forgebench/artifacts";
import { ArtifactError, counted, OperationError, printableLine } from "@forgebench/errors";
import { inputError, readArtifact, readInputText, sha256Of, sha256OfFile } from "@forgebench/io";
import type { LocalRelease } from "./plan-release.ts";
import type { UploadFile } from "./upload-asset.ts";

/** How the files of a dataset version are called. */
interface DatasetFileNames {
  readonly datasetVersion: string;
  readonly manifest: string;
  readonly checksums: string;
  readonly archiveOf: (tierId: string) => string;
}

/** The files of a dataset version, checked against one another. */
export interface DatasetFiles {
  readonly manifest: DatasetManifest;
  readonly files: readonly UploadFile[];
  readonly checksums: LocalRelease["checksums"];
  /** Other files in the folder, which are not uploaded. */
  readonly strays: readonly string[];
}

/**
 * Reads a folder of release assets: the checksums list exactly the manifest and the archive of each of its tiers, and
 * every file has the bytes that they say.
 * @throws {ArtifactError} naming the file and what is wrong.
 */
export async function readDatasetFiles(
  folder: string,
  names: DatasetFileNames,
  onHashed: (fileName: string, doneFiles: number, totalFiles: number) => void,
): Promise<DatasetFiles> {
  const checksumsFile = path.join(folder, names.checksums);
  const text = await readInputText(checksumsFile, "checksums");
  const listed = parseChecksums(text, checksumsFile);
  const manifestFile = path.join(folder, names.manifest);
  const manifest = await readArtifact(datasetManifest, manifestFile);
  refuse(datasetManifest.kind, manifestFile, manifestProblems(manifest.value, names));
  refuse("checksums", checksumsFile, checksumsProblems(listed, manifest.value, names));
  const files: UploadFile[] = [];
  for (const checksum of listed) {
    files.push(await checkedFile(folder, checksum, manifest.value));
    onHashed(checksum.file, files.length, listed.length);
  }
  const checksums = { name: names.checksums, sizeBytes: Buffer.byteLength(text), sha256: sha256Of(text) };
  files.push({ ...checksums, path: checksumsFile, contentType: "text/plain; charset=utf-8" });
  const wanted = new Set(files.map(({ name }) => name));
  const strays = (await readdir(folder)).filter((name) => !wanted.has(name)).sort();
  return { manifest: manifest.value, files, checksums, strays };
}

function refuse(kind: string, file: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const issues = problems.map((message) => ({ path: "", message }));
  throw new ArtifactError({ path: file, kind, issues, action: "Cannot release" });
}

/** Why a manifest is not that of the version. */
function manifestProblems(manifest: DatasetManifest, names: DatasetFileNames): string[] {
  const { datasetVersion, tiers } = manifest;
  const ids = tiers.map(({ id }) => id);
  return [
    ...(datasetVersion === names.datasetVersion
      ? []
      : [`it is of version "${datasetVersion}", expected "${names.datasetVersion}"`]),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `it lists "${id}" twice`),
    ...tiers
      .filter(({ id, archiveName }) => archiveName !== names.archiveOf(id))
      .map(
        ({ id, archiveName }) => `the archive of ${id} is called "${archiveName}", expected "${names.archiveOf(id)}"`,
      ),
  ];
}

/** Why checksums are not exactly those of the manifest and its archives. */
function checksumsProblems(listed: readonly Checksum[], manifest: DatasetManifest, names: DatasetFileNames): string[] {
  const expected = [names.manifest, ...manifest.tiers.map(({ archiveName }) => archiveName)];
  const found = listed.map(({ file }) => file);
  const sums = new Map(listed.map(({ file, sha256 }) => [file, sha256]));
  return [
    ...expected.filter((name) => !found.includes(name)).map((name) => `"${name}" is not listed`),
    ...found
      .filter((name) => !expected.includes(name))
      .map((name) => `"${name}" is listed, but is not a file of this dataset`),
    ...found.filter((name, index) => found.indexOf(name) !== index).map((name) => `"${name}" is listed twice`),
    ...manifest.tiers
      .filter(({ archiveName, sha256 }) => sums.has(archiveName) && sums.get(archiveName) !== sha256)
      .map(({ archiveName }) => `"${archiveName}" has a different SHA-256 in the manifest`),
  ];
}

async function checkedFile(folder: string, { file, sha256 }: Checksum, manifest: DatasetManifest): Promise<UploadFile> {
  const place = path.join(folder, file);
  const found = await stat(place).catch((error: unknown) => {
    throw inputError(place, "dataset file", error);
  });
  const tier = manifest.tiers.find(({ archiveName }) => archiveName === file);
  const problem = async () => {
    if (!found.isFile()) return "it is not a file";
    if (tier?.sizeBytes !== undefined && tier.sizeBytes !== found.size) {
      return `it has ${found.size} bytes, the manifest says ${tier.sizeBytes}`;
    }
    const actual = await sha256OfFile(place);
    return actual === sha256 ? undefined : `its SHA-256 is ${actual}, the checksums say ${sha256}`;
  };
  const message = await problem();
  if (message !== undefined) refuse("dataset file", place, [message]);
  const contentType = tier === undefined ? "application/json" : "application/zstd";
  return { name: file, sizeBytes: found.size, sha256, path: place, contentType };
}

/** @throws {OperationError} exit 65 for pictures without a stated licence. */
export function refuseUnlicensed({ sourcePolicy, datasetVersion }: DatasetManifest): void {
  const licenses = textsOf(sourcePolicy.licenses);
  if (licenses.length > 0 && !licenses.includes("unspecified")) return;
  const origins = textsOf(sourcePolicy.origins).filter((origin) => origin !== "synthetic");
  const whose = origins.length === 0 ? "its pictures" : `pictures from ${counted(origins.length, "origin")}`;
  throw new OperationError(
    "data",
    `Cannot release the dataset ${datasetVersion}: the licence of ${whose} is ${licenses.length === 0 ? "not stated" : '"unspecified"'}`,
    {
      details: [
        ...(origins.length === 0 ? [] : [{ label: "origins", text: printableLine(origins.slice(0, 20).join(", ")) }]),
        { label: "try", text: "state the licence of every source in the register, fetch, and build the tiers again" },
      ],
    },
  );
}

/** The texts of a list that may be anything. */
function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
