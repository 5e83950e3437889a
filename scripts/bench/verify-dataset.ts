/**
 * Purpose: checks that a tier, an archive or all assets of a dataset are what their manifests and checksums say.
 * Reads: a tier folder, a tier archive, or a folder of release assets; a checksums file to compare with.
 * Writes: nothing.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:dataset:verify -- --dataset .tmp/bench/release-assets/v0.0.0-dev
 */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Checksum, parseChecksums, tierManifest } from "@forgebench/artifacts";
import {
  archiveName,
  archiveSha256Of,
  compareExpectedFile,
  compareExpectedFiles,
  compareResolved,
  type Difference,
  inspectTierArchive,
  verifyAssetsFolder,
  verifyTierFolder,
} from "@forgebench/dataset";
import { ArtifactError, OperationError, printableLine, UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  inputError,
  launch,
  optionalPath,
  type Progress,
  printOutputs,
  readInputText,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  switchFlag,
} from "@forgebench/io";

const SHOWN_DIFFERENCES = 20;
/** Smaller ones are done before a person could read the line. */
const PROGRESS_BYTES = 50e6;

const flags = {
  dataset: requiredPath({
    placeholder: "PATH",
    description: "a tier folder, an archive (.tar.zst), or a folder with sha256sums-vX.Y.Z.txt",
  }),
  expect: optionalPath({
    placeholder: "SHA256SUMS",
    description: "the checksums of another machine or of the release, compared by file name",
  }),
  shallow: switchFlag({ description: "for a folder of assets: only hash the archives, without unpacking them" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:verify --",
  purpose: "Checks that a tier, an archive or all assets of a dataset are what their manifests and checksums say.",
  flags,
  outputs: {
    DATASET: "verified, or different: something is wrong or cannot be read (exit 65)",
    DATASET_CONTENT_SHA256:
      "of the tier's images; of a folder of assets TIER=SHA256 of each, with commas; none of --shallow",
  },
  notes: [
    "A tier folder: every image with size and SHA-256, no other file among them, no links, the content's SHA-256, ATTRIBUTION.md,\nand the totals of the manifest. For a downloaded tier also the values in dataset-resolved.json. With --expect, its archive\nis packed again, without writing it, and its SHA-256 compared.",
    "An archive is unpacked in memory, piece by piece; nothing is kept. A folder of assets: the checksums list the manifest and\nits archives and nothing else, and each archive is unpacked and checked.",
    "Older tier manifests that list bare names hold no hashes, so they cannot be verified: exit 65.",
  ],
  examples: [
    "pnpm run bench:dataset:verify -- --dataset .tmp/bench/build/v1.0.0/tier30",
    "pnpm run bench:dataset:verify -- --dataset .tmp/bench/release-assets/v1.0.0 --expect other/sha256sums-v1.0.0.txt",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => verify(values, io));
}

/** The result of a verification. */
interface Result {
  readonly differences: readonly Difference[];
  /** The value that is printed; undefined if it was not computed. */
  readonly contentSha256: string | undefined;
  /** A description of the verified files. */
  readonly summary: string;
}

/** Verifies one kind of target; reports progress to `onProgress`. */
interface Job {
  readonly file: string;
  readonly expected: readonly Checksum[] | undefined;
  readonly isShallow: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

async function verify(values: Flags, io: ScriptIo): Promise<number> {
  const { expect } = values;
  // Wrong checksums say nothing about the dataset.
  const expected = expect === undefined ? undefined : parseChecksums(await readInputText(expect, "checksums"), expect);
  try {
    const result = await withProgress(values, expected, io);
    refuse(values.dataset, result.differences);
    const content = result.contentSha256 === undefined ? {} : { DATASET_CONTENT_SHA256: result.contentSha256 };
    await printOutputs(io, { DATASET: "verified", ...content });
    io.stderr.write(`verified   ${printableLine(result.summary)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ArtifactError || (error instanceof OperationError && error.failure === "data")) {
      await printOutputs(io, { DATASET: "different" });
    }
    throw error;
  }
}

async function withProgress({ dataset, shallow }: Flags, expected: Job["expected"], io: ScriptIo): Promise<Result> {
  const look = await kindOf(dataset, shallow);
  let progress: Progress | undefined;
  const onProgress = (doneBytes: number, totalBytes: number) => {
    if (totalBytes < PROGRESS_BYTES) return;
    progress ??= startProgress(io, "verify MB", megabytes(totalBytes));
    progress.update(megabytes(doneBytes));
  };
  try {
    return await look({ file: dataset, expected, isShallow: shallow, signal: io.signal, onProgress });
  } finally {
    progress?.stop();
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

async function kindOf(dataset: string, shallow: boolean): Promise<(job: Job) => Promise<Result>> {
  const found = await stat(dataset).catch((error: unknown) => {
    throw inputError(dataset, "dataset", error);
  });
  const names = found.isDirectory() ? await readdir(dataset) : [];
  const isAssets = names.some((name) => /^sha256sums-v.+\.txt$/.test(name));
  if (shallow && !isAssets) {
    throw new UsageError(`--shallow: "${dataset}" is no folder with sha256sums-vX.Y.Z.txt`, [
      { label: "try", text: "leave the flag out" },
    ]);
  }
  if (isAssets) return verifyAssets;
  if (names.includes(tierManifest.fileName)) return verifyFolder;
  if (found.isFile()) return verifyArchive;
  const isFolder = found.isDirectory();
  const message = !isFolder
    ? "it is no file or folder"
    : `it holds neither ${tierManifest.fileName} nor sha256sums-vX.Y.Z.txt`;
  throw new ArtifactError({ path: dataset, kind: "dataset", issues: [{ path: "", message }] });
}

async function verifyFolder({ file, expected, signal, onProgress }: Job): Promise<Result> {
  const tier = await verifyTierFolder(file, {}, { signal, onProgress });
  const { tierId, datasetVersion, files } = tier.manifest;
  const differences = [...tier.differences, ...(await compareResolved(file, tier, signal))];
  const base = { contentSha256: tier.contentSha256, summary: `${tierId} of ${datasetVersion}, ${files.length} images` };
  // Files that differ from their manifest need not be packed.
  if (expected === undefined || differences.length > 0) return { ...base, differences };
  const sha256 = await archiveSha256Of(file, tier.manifest, { signal, onProgress });
  if (sha256 === undefined) {
    throw new OperationError("data", `Cannot compare "${file}": it has no ATTRIBUTION.md, which its archive holds`);
  }
  return { ...base, differences: compareExpectedFile(expected, archiveName(tierId, datasetVersion), sha256) };
}

async function verifyArchive({ file, expected, signal, onProgress }: Job): Promise<Result> {
  const { size } = await stat(file);
  const [, tierId, datasetVersion] = /^imageforge-bench-(tier\d+)-v(.+)\.tar\.zst$/.exec(path.basename(file)) ?? [];
  const named = {
    ...(tierId === undefined ? {} : { tierId }),
    ...(datasetVersion === undefined ? {} : { datasetVersion }),
  };
  const tier = await inspectTierArchive(file, named, { signal, onProgress: (bytes) => onProgress(bytes, size) });
  const { manifest, sha256, contentSha256 } = tier;
  const name = archiveName(manifest.tierId, manifest.datasetVersion);
  const others = expected === undefined ? [] : compareExpectedFile(expected, name, sha256);
  const summary = `${manifest.tierId} of ${manifest.datasetVersion}, ${manifest.files.length} images, archive ${sha256}`;
  return { differences: [...tier.differences, ...others], contentSha256, summary };
}

async function verifyAssets({ file, expected, ...options }: Job): Promise<Result> {
  const assets = await verifyAssetsFolder(file, options);
  const { datasetVersion, contentSha256s, found } = assets;
  const others = expected === undefined ? [] : compareExpectedFiles(expected, found);
  const contents = [...contentSha256s].map(([tierId, sha256]) => `${tierId}=${sha256}`).join(",");
  return {
    differences: [...assets.differences, ...others],
    contentSha256: options.isShallow ? undefined : contents,
    summary: `dataset ${datasetVersion}, ${found.length} files${options.isShallow ? ", archives only hashed" : ""}`,
  };
}

function refuse(dataset: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  const count = `${differences.length} ${differences.length === 1 ? "thing is" : "things are"}`;
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map(({ where, expected, found }) => ({
    label: "differs",
    text: printableLine(`${where}: expected ${expected}, found ${found}`, 400),
  }));
  const more = differences.length - shown.length;
  throw new OperationError("data", `Cannot verify "${dataset}": ${count} wrong`, {
    details: [...shown, ...(more > 0 ? [{ label: "and", text: `${more} more` }] : [])],
  });
}

await launch(import.meta.url, main);
