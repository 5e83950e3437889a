/**
 * Purpose: chooses the images of each tier from the pool, and packs each tier to an archive with manifest and checksums.
 * Reads: synthetic-manifest.json and its images; a folder of source images with its fetch-report.json, if there is one;
 *   with --expect the checksums of another build and the dataset manifest beside them.
 * Writes: BUILD_DIR/vX.Y.Z/tierN/ and dataset-summary.md; in the out-dir the archives, the dataset manifest and the checksums.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same inputs give the same bytes. What an earlier build of the same version left is replaced whole.
 * Example: pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev
 */
import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  archiveName,
  assetNames,
  type BuildOutput,
  type BuiltTier,
  buildTierManifest,
  creationDate,
  type DatasetDocuments,
  type DatasetIdentity,
  datasetDocuments,
  describeTier,
  type ExpectedBuild,
  encoderVersions,
  type Pool,
  planTiers,
  readExpectedBuild,
  readPool,
  refuseDifferences,
  refuseForeignTiers,
  removeLeftovers,
  removeStale,
  type StagedTier,
  stageTiers,
  type TierPlan,
} from "@forgebench/dataset";
import { printableLine } from "@forgebench/errors";
import {
  datasetVersionFlag,
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
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  replaceFolder,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgressByLabel,
  temporaryName,
  writeFileAtomic,
} from "@forgebench/io";

const DEFAULT_SOURCES = ".tmp/bench/sources";
const DEFAULT_SYNTHETIC = ".tmp/bench/synthetic";
const DEFAULT_OUT = ".tmp/bench/release-assets/vX.Y.Z";
const LOCK_NAME = ".build-lock";
const SUMMARY_NAME = "dataset-summary.md";

const flags = {
  "dataset-version": datasetVersionFlag("version of the dataset"),
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
  expect: optionalPath({
    placeholder: "SHA256SUMS",
    description: "checksums that the build must have; else nothing is published and the exit code is 65",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:build --",
  purpose: "Chooses the images of each tier from synthetic and source images, and packs each tier to an archive.",
  flags,
  outputs: {
    DATASET_MANIFEST: "the dataset manifest, beside the archives",
    DATASET_CHECKSUMS: "the checksums of archives and manifest, for sha256sum -c",
    DATASET_SUMMARY: "a table of tiers, formats, origins and licences to read",
    DATASET_EXPECTED: "with --expect: same",
  },
  notes: [
    "A tier has 65 % jpg, 25 % png, 5 % gif and 5 % tiff by largest remainder, and within a format the size classes of the pool.\nSmaller tiers are inside larger ones. Choice and names depend on the contents and the seed, not on file names or order.",
    "Times in the artifacts are SOURCE_DATE_EPOCH, else derived from the version, so that the same inputs give the same bytes.",
    'Source images are decoded whole; one that is damaged, empty or not an image stops the build before anything is written.\nLicences come from fetch-report.json in the folder of the sources; without it they are "unspecified".\nEach tier says in ATTRIBUTION.md who made its images.',
    "--expect proves that this machine rebuilt a release: give it the release's sha256sums-vX.Y.Z.txt, with the dataset manifest\nbeside it. When a file differs, the manifest tells what may be the cause.",
  ],
  examples: [
    "pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev",
    "pnpm run bench:dataset:build -- --dataset-version 1.0.0 --sources-dir ~/Pictures/open --tiers 30,200",
    "pnpm run bench:dataset:build -- --dataset-version 1.0.0 --expect released/sha256sums-v1.0.0.txt",
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
  const expected = values.expect === undefined ? undefined : await readExpectedBuild(values.expect);
  const { pool, notes } = await collectPool(values, io);
  printNotes(notes, io);
  const plans = planTiers(pool.images, { tierSizes: values.tiers.map(Number), seed });
  const output = { datasetVersion, assets, tiers, tierIds: plans.map(({ id }) => id) };
  const job = { identity: { datasetVersion, createdAt, seed }, output, plans, pool, notes, expected };

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
  readonly expected: ExpectedBuild | undefined;
}

async function collectPool(values: Flags, io: ScriptIo): Promise<Pick<Job, "pool" | "notes">> {
  const locate = (given: string | undefined, fallback: string) => ({
    folder: given ?? path.join(PROJECT_ROOT, fallback),
    required: given !== undefined,
  });
  const progress = startProgressByLabel(io);
  try {
    return await readPool({
      synthetic: locate(values.syntheticDir, DEFAULT_SYNTHETIC),
      sources: locate(values.sourcesDir, DEFAULT_SOURCES),
      signal: io.signal,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
  }
}

function printNotes(notes: readonly string[], io: ScriptIo): void {
  for (const note of notes.slice(0, 10)) io.stderr.write(`warning: ${printableLine(note, 300)}\n`);
  if (notes.length > 10) io.stderr.write(`warning: ${notes.length - 10} more stand in ${SUMMARY_NAME}\n`);
}

async function buildDataset(job: Job, io: ScriptIo): Promise<void> {
  const { output, identity, plans, pool, notes, expected } = job;
  const staged = plans.map((plan) => {
    const name = archiveName(plan.id, identity.datasetVersion);
    return {
      ...{ plan, manifest: buildTierManifest(plan, identity), archiveName: name },
      folder: temporaryName(path.join(output.tiers, plan.id)),
      archive: temporaryName(path.join(output.assets, name)),
    };
  });
  const progress = startProgressByLabel(io);
  try {
    const tiers = await stageTiers(staged, identity, { signal: io.signal, onProgress: progress.update, writing });
    progress.stop();
    io.signal.throwIfAborted();
    const documents = datasetDocuments({ identity, tiers, pool, notes });
    if (expected !== undefined) {
      const { checksums, manifest } = documents;
      refuseDifferences(expected, { checksums, manifest, encoders: encoderVersions() });
      io.stderr.write(`rebuilt the same bytes: ${checksums.length} files as in "${expected.file}"\n`);
    }
    await publish(job, staged, tiers, documents, io);
  } finally {
    progress.stop();
    for (const { folder, archive } of staged) {
      for (const temporary of [folder, archive]) await rm(temporary, { recursive: true, force: true });
    }
  }
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
 * Moves everything to its place. The checksums and the manifest go first and come back last, the checksums after all:
 * where they are, the assets that they list are those beside them, also after a kill.
 */
async function publish(
  { output, identity, expected }: Job,
  staged: readonly StagedTier[],
  tiers: readonly BuiltTier[],
  documents: DatasetDocuments,
  io: ScriptIo,
): Promise<void> {
  const names = assetNames(identity.datasetVersion);
  const manifestFile = path.join(output.assets, names.manifest);
  const checksumsFile = path.join(output.assets, names.checksums);
  const summaryFile = path.join(output.tiers, SUMMARY_NAME);
  const earlier = await readFile(checksumsFile, "utf8").catch(() => undefined);

  for (const file of [checksumsFile, manifestFile]) await rm(file, { force: true });
  for (const { plan, folder, archive, archiveName: name } of staged) {
    const final = path.join(output.assets, name);
    await writing(final, rename(archive, final));
    await replaceFolder(folder, path.join(output.tiers, plan.id));
  }
  for (const file of await removeStale(output)) {
    io.stderr.write(`note: removed "${file}", which an earlier build of ${identity.datasetVersion} made\n`);
  }
  await writeFileAtomic(manifestFile, documents.manifestText);
  await writeFileAtomic(summaryFile, documents.summaryText);
  await writeFileAtomic(checksumsFile, documents.checksumsText);

  describeEarlier(earlier, documents.checksumsText, identity, io);
  for (const tier of tiers) io.stderr.write(`${describeTier(tier)}\n`);
  await printOutputs(io, {
    DATASET_MANIFEST: manifestFile,
    DATASET_CHECKSUMS: checksumsFile,
    DATASET_SUMMARY: summaryFile,
    ...(expected === undefined ? {} : { DATASET_EXPECTED: "same" }),
  });
}

function describeEarlier(
  earlier: string | undefined,
  checksums: string,
  { datasetVersion }: DatasetIdentity,
  io: ScriptIo,
): void {
  if (earlier === undefined) return;
  const how = earlier === checksums ? "had the same bytes" : "was replaced: other bytes";
  io.stderr.write(`note: the earlier build of ${datasetVersion} ${how}\n`);
}

await launch(import.meta.url, main);
