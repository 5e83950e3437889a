/**
 * Purpose: chooses the images of each tier from the pool, and packs each tier to an archive with manifest and checksums.
 * Reads: synthetic-manifest.json and its images; a folder of source images with its fetch-report.json, if there is one.
 * Writes: BUILD_DIR/vX.Y.Z/tierN/ and dataset-summary.md; in the out-dir the archives, the dataset manifest and the checksums.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same inputs give the same bytes. What an earlier build of the same version left is replaced whole.
 * Example: pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev
 */
import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { datasetManifest, formatChecksums } from "@forgebench/artifacts";
import {
  archiveName,
  assetNames,
  type BuildOutput,
  type BuiltTier,
  buildDatasetManifest,
  buildTierManifest,
  countFormats,
  creationDate,
  type DatasetIdentity,
  datasetSummary,
  describeFormats,
  type Pool,
  packTierFolder,
  planTiers,
  readPool,
  refuseForeignTiers,
  removeLeftovers,
  removeStale,
  type TierPlan,
  writeTierFolder,
} from "@forgebench/dataset";
import { printableLine } from "@forgebench/errors";
import {
  EXIT,
  exitCodeOf,
  type FlagValues,
  type FolderLock,
  integerFlag,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  optionalPath,
  outputError,
  PROJECT_ROOT,
  type Progress,
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  replaceFolder,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  temporaryName,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";

const DEFAULT_SOURCES = ".tmp/bench/sources";
const DEFAULT_SYNTHETIC = ".tmp/bench/synthetic";
const DEFAULT_OUT = ".tmp/bench/release-assets/vX.Y.Z";
const LOCK_NAME = ".build-lock";
const SUMMARY_NAME = "dataset-summary.md";

const flags = {
  "dataset-version": requiredText({
    placeholder: "X.Y.Z[-pre]",
    pattern: /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/,
    expected: "a version such as 1.0.0 or 1.1.0-rc.1",
    description: "version of the dataset",
  }),
  "sources-dir": optionalPath({
    placeholder: "DIR",
    description: `folder of source images; default ${DEFAULT_SOURCES}, if it is there`,
  }),
  "synthetic-dir": optionalPath({
    placeholder: "DIR",
    description: `folder of synthetic images; default ${DEFAULT_SYNTHETIC}, if it is there`,
  }),
  "out-dir": optionalPath({ placeholder: "DIR", description: `where the assets go; default ${DEFAULT_OUT}` }),
  "build-dir": pathFlag({
    placeholder: "DIR",
    fallback: ".tmp/bench/build",
    description: "where the unpacked tiers go, below vX.Y.Z",
  }),
  tiers: listFlag({
    placeholder: "N,N,…",
    fallback: ["30", "200", "500"],
    pattern: /^[1-9]\d{0,5}$/,
    expected: "numbers of images from 1 to 999999",
    description: "images of each tier",
  }),
  seed: integerFlag({
    min: 0,
    max: 4_294_967_295,
    unit: "a seed",
    fallback: 20260215,
    description: "decides which images of the pool are chosen",
  }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:build --",
  purpose: "Chooses the images of each tier from synthetic and source images, and packs each tier to an archive.",
  flags,
  outputs: {
    DATASET_MANIFEST: "the dataset manifest, beside the archives",
    DATASET_CHECKSUMS: "the checksums of archives and manifest, for sha256sum -c",
    DATASET_SUMMARY: "a table of tiers, formats, origins and licences to read",
  },
  notes: [
    "A tier has 65 % jpg, 25 % png, 5 % gif and 5 % tiff by largest remainder, and within a format the size classes of the pool.\nSmaller tiers are inside larger ones. Choice and names depend on the contents and the seed, not on file names or order.",
    "Times in the artifacts are SOURCE_DATE_EPOCH, else derived from the version, so that the same inputs give the same bytes.",
    'Source images are decoded whole; one that is damaged, empty or not an image stops the build before anything is written.\nLicences come from fetch-report.json in the folder of the sources; without it they are "unspecified".',
  ],
  examples: [
    "pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev",
    "pnpm run bench:dataset:build -- --dataset-version 1.0.0 --sources-dir ~/Pictures/open --tiers 30,200",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => buildTiers(values, io));
}

async function buildTiers(values: Flags, io: ScriptIo): Promise<number> {
  const { datasetVersion, seed } = values;
  const createdAt = creationDate(datasetVersion, io.env.SOURCE_DATE_EPOCH);
  const assets = values.outDir ?? path.join(PROJECT_ROOT, DEFAULT_OUT.replace("X.Y.Z", datasetVersion));
  const tiers = path.join(values.buildDir, `v${datasetVersion}`);
  refuseSharedPaths(
    { "sources-dir": values.sourcesDir, "synthetic-dir": values.syntheticDir },
    { "out-dir": assets, "build-dir": tiers },
  );
  const { pool, notes } = await collectPool(values, io);
  printNotes(notes, io);
  const plans = planTiers(pool.images, { tierSizes: values.tiers.map(Number), seed });
  const output = { datasetVersion, assets, tiers, tierIds: plans.map(({ id }) => id) };
  const job = { identity: { datasetVersion, createdAt, seed }, output, plans, pool, notes };

  const locks: FolderLock[] = [];
  try {
    for (const folder of new Set([assets, tiers])) {
      locks.push(await lockFolder(await makeFolder(folder), LOCK_NAME));
    }
    await removeLeftovers(output);
    await refuseForeignTiers(output);
    await buildDataset(job, io);
  } finally {
    for (const lock of locks) await lock.release();
  }
  return EXIT.ok;
}

/** Everything that a build needs, decided before anything is written. */
interface Job {
  readonly identity: DatasetIdentity;
  readonly output: BuildOutput;
  readonly plans: readonly TierPlan[];
  readonly pool: Pool;
  readonly notes: readonly string[];
}

async function collectPool(values: Flags, io: ScriptIo): Promise<Pick<Job, "pool" | "notes">> {
  const locate = (given: string | undefined, fallback: string) => ({
    folder: given ?? path.join(PROJECT_ROOT, fallback),
    required: given !== undefined,
  });
  const bars = new Map<string, Progress>();
  const stopAll = () => {
    for (const bar of bars.values()) bar.stop();
    bars.clear();
  };
  const onProgress = (label: string, done: number, total: number) => {
    if (!bars.has(label)) {
      stopAll();
      bars.set(label, startProgress(io, label, total));
    }
    bars.get(label)?.update(done);
  };
  try {
    return await readPool({
      synthetic: locate(values.syntheticDir, DEFAULT_SYNTHETIC),
      sources: locate(values.sourcesDir, DEFAULT_SOURCES),
      signal: io.signal,
      onProgress,
    });
  } finally {
    stopAll();
  }
}

function printNotes(notes: readonly string[], io: ScriptIo): void {
  for (const note of notes.slice(0, 10)) io.stderr.write(`warning: ${printableLine(note, 300)}\n`);
  if (notes.length > 10) io.stderr.write(`warning: ${notes.length - 10} more stand in ${SUMMARY_NAME}\n`);
}

/** A tier on its way: whole under temporary names, then moved to its place. */
interface TierWork {
  readonly plan: TierPlan;
  readonly manifest: BuiltTier["manifest"];
  readonly folder: string;
  readonly archive: string;
}

async function buildDataset(job: Job, io: ScriptIo): Promise<void> {
  const { output, identity, plans } = job;
  const works = plans.map((plan) => ({
    plan,
    manifest: buildTierManifest(plan, identity),
    folder: temporaryName(path.join(output.tiers, plan.id)),
    archive: temporaryName(path.join(output.assets, archiveName(plan.id, identity.datasetVersion))),
  }));
  try {
    await copyImages(works, io);
    const tiers = await packTiers(works, identity, io);
    io.signal.throwIfAborted();
    await publish(job, works, tiers, io);
  } finally {
    for (const { folder, archive } of works) {
      for (const temporary of [folder, archive]) await rm(temporary, { recursive: true, force: true });
    }
  }
}

async function copyImages(works: readonly TierWork[], io: ScriptIo): Promise<void> {
  const progress = startProgress(io, "copy", sumOf(works.map(({ plan }) => plan.size)));
  let before = 0;
  try {
    for (const { plan, manifest, folder } of works) {
      const onProgress = (images: number) => progress.update(before + images, plan.id);
      await writing(folder, writeTierFolder(folder, plan, manifest, { signal: io.signal, onProgress }));
      before += plan.size;
    }
  } finally {
    progress.stop();
  }
}

async function packTiers(works: readonly TierWork[], identity: DatasetIdentity, io: ScriptIo): Promise<BuiltTier[]> {
  const progress = startProgress(io, "pack MB", Math.ceil(sumOf(works.map(({ plan }) => sizeOf(plan))) / 1e6));
  const mtimeSeconds = Math.floor(identity.createdAt.getTime() / 1000);
  const tiers: BuiltTier[] = [];
  let before = 0;
  try {
    for (const { plan, manifest, folder, archive } of works) {
      const onProgress = (bytes: number) =>
        progress.update(Math.ceil((before + Math.min(bytes, sizeOf(plan))) / 1e6), plan.id);
      const options = { signal: io.signal, mtimeSeconds, onProgress };
      const packed = await writing(archive, packTierFolder(archive, folder, manifest, options));
      tiers.push({ plan, manifest, archive: packed, archiveName: archiveName(plan.id, identity.datasetVersion) });
      before += sizeOf(plan);
    }
  } finally {
    progress.stop();
  }
  return tiers;
}

/** What the system refuses names the folder and the remedy; bugs of ours and unreadable inputs pass as they are. */
async function writing<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw exitCodeOf(error) === EXIT.output ? outputError(`Cannot write to "${path.dirname(file)}"`, error) : error;
  }
}

/**
 * Moves everything to its place. The checksums go first and come back last: where they are, the assets beside them
 * belong together, also after a kill.
 */
async function publish(job: Job, works: readonly TierWork[], tiers: readonly BuiltTier[], io: ScriptIo): Promise<void> {
  const { output, identity, pool, notes } = job;
  const names = assetNames(identity.datasetVersion);
  const manifestFile = path.join(output.assets, names.manifest);
  const checksumsFile = path.join(output.assets, names.checksums);
  const summaryFile = path.join(output.tiers, SUMMARY_NAME);
  const earlier = await readFile(checksumsFile, "utf8").catch(() => undefined);

  await rm(checksumsFile, { force: true });
  for (const { plan, folder, archive } of works) {
    const final = path.join(output.assets, archiveName(plan.id, identity.datasetVersion));
    await writing(final, rename(archive, final));
    await replaceFolder(folder, path.join(output.tiers, plan.id));
  }
  for (const file of await removeStale(output)) {
    io.stderr.write(`note: removed "${file}", which an earlier build of ${identity.datasetVersion} made\n`);
  }
  const manifest = buildDatasetManifest(tiers, pool, identity);
  const manifestSha256 = await writeArtifact(datasetManifest, manifestFile, manifest);
  await writeFileAtomic(summaryFile, datasetSummary({ identity, tiers, pool, notes }));
  const checksums = formatChecksums([
    ...tiers.map(({ archive, archiveName: file }) => ({ sha256: archive.sha256, file })),
    { sha256: manifestSha256, file: names.manifest },
  ]);
  await writeFileAtomic(checksumsFile, checksums);

  describeResult(tiers, earlier === undefined ? undefined : earlier === checksums, identity, io);
  await printOutputs(io, {
    DATASET_MANIFEST: manifestFile,
    DATASET_CHECKSUMS: checksumsFile,
    DATASET_SUMMARY: summaryFile,
  });
}

function describeResult(
  tiers: readonly BuiltTier[],
  sameAsEarlier: boolean | undefined,
  { datasetVersion }: DatasetIdentity,
  io: ScriptIo,
): void {
  if (sameAsEarlier !== undefined) {
    const how = sameAsEarlier ? "had the same bytes" : "was replaced: other bytes";
    io.stderr.write(`note: the earlier build of ${datasetVersion} ${how}\n`);
  }
  for (const { plan, archive } of tiers) {
    const formats = describeFormats(countFormats(plan.images));
    const sizes = `${megabytes(sizeOf(plan))}, archive ${megabytes(archive.sizeBytes)}`;
    const line = `${plan.size} images (${formats}), ${sizes}, sha256 ${archive.sha256.slice(0, 12)}…`;
    io.stderr.write(`${plan.id.padEnd(10)} ${line}\n`);
  }
}

function sizeOf({ images }: TierPlan): number {
  return sumOf(images.map(({ sizeBytes }) => sizeBytes));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

await launch(import.meta.url, main);
