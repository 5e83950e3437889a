import { readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { tierManifest } from "@forgebench/artifacts";
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
  type PoolFolder,
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
  EXIT,
  exitCodeOf,
  type FolderLock,
  lockFolder,
  makeFolder,
  outputError,
  replaceFolder,
  startProgressByLabel,
  temporaryName,
  writeFileAtomic,
} from "@forgebench/io";
import { type StepIo, tell } from "../step-io.ts";

const LOCK_NAME = ".build-lock";
const SUMMARY_NAME = "dataset-summary.md";

/** Which tiers are packed from which images. All folders and files by absolute path. */
export interface PackRequest {
  readonly datasetVersion: string;
  /** Decides which images of the pool are chosen. */
  readonly seed: number;
  /** Images of each tier. */
  readonly tierSizes: readonly number[];
  readonly synthetic: PoolFolder;
  readonly sources: PoolFolder;
  /** The folder of the archives, the dataset manifest and the checksums. */
  readonly assetsDir: string;
  /** The unpacked tiers go below `vX.Y.Z` in this folder. */
  readonly buildDir: string;
  /** The checksums of another build, which this one must have. */
  readonly expect?: string | undefined;
}

/** The files of a packed dataset. */
export interface Packed {
  readonly manifestFile: string;
  readonly checksumsFile: string;
  readonly summaryFile: string;
  /** Whether it was compared with the checksums of another build, and has them. */
  readonly isExpected: boolean;
}

/** The manifest of an unpacked tier, by the version of its dataset and its number of images. */
export function tierManifestIn(buildDir: string, datasetVersion: string, tierSize: number): string {
  return path.join(buildDir, `v${datasetVersion}`, `tier${tierSize}`, tierManifest.fileName);
}

/**
 * Chooses the images of each tier from the pool and packs each tier to an archive. An earlier build of the same version is
 * replaced.
 * @throws {ArtifactError} for an image that cannot be used, {OperationError} when a file cannot be written, or the build
 *   is not the expected one.
 */
export async function packStep(request: PackRequest, io: StepIo): Promise<Packed> {
  const { datasetVersion, seed, assetsDir: assets } = request;
  const createdAt = creationDate(datasetVersion, io.env.SOURCE_DATE_EPOCH);
  const tiers = path.join(request.buildDir, `v${datasetVersion}`);
  const expected = request.expect === undefined ? undefined : await readExpectedBuild(request.expect);
  const { pool, notes } = await collectPool(request, io);
  printNotes(notes, io);
  const plans = planTiers(pool.images, { tierSizes: request.tierSizes, seed });
  const output = { datasetVersion, assets, tiers, tierIds: plans.map(({ id }) => id) };
  const job = { identity: { datasetVersion, createdAt, seed }, output, plans, pool, notes, expected };
  const locks: FolderLock[] = [];
  try {
    for (const folder of new Set([assets, tiers])) {
      locks.push(await lockFolder(await makeFolder(folder), LOCK_NAME));
    }
    await removeLeftovers(output);
    await refuseForeignTiers(output);
    return await buildDataset(job, io);
  } finally {
    for (const lock of locks) await lock.release();
  }
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

async function collectPool(request: PackRequest, io: StepIo): Promise<Pick<Job, "pool" | "notes">> {
  const progress = startProgressByLabel(io);
  try {
    return await readPool({
      synthetic: request.synthetic,
      sources: request.sources,
      signal: io.signal,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
  }
}

function printNotes(notes: readonly string[], io: StepIo): void {
  for (const note of notes.slice(0, 10)) tell(io, `warning: ${printableLine(note, 300)}`);
  if (notes.length > 10) tell(io, `warning: ${notes.length - 10} more are in ${SUMMARY_NAME}`);
}

async function buildDataset(job: Job, io: StepIo): Promise<Packed> {
  const { output, identity, plans, pool, notes, expected } = job;
  const staged = plans.map((plan) => {
    const name = archiveName(plan.id, identity.datasetVersion);
    return {
      plan,
      manifest: buildTierManifest(plan, identity),
      archiveName: name,
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
      tell(io, `rebuilt the same bytes: ${checksums.length} files as in "${expected.file}"`);
    }
    return await putInPlace(job, staged, tiers, documents, io);
  } finally {
    progress.stop();
    for (const { folder, archive } of staged) {
      for (const temporary of [folder, archive]) await rm(temporary, { recursive: true, force: true });
    }
  }
}

/** A refusal of the system gets the folder and the remedy; bugs of ours and unreadable inputs pass unchanged. */
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
async function putInPlace(
  { output, identity, expected }: Job,
  staged: readonly StagedTier[],
  tiers: readonly BuiltTier[],
  documents: DatasetDocuments,
  io: StepIo,
): Promise<Packed> {
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
    tell(io, `note: removed "${file}", which an earlier build of ${identity.datasetVersion} made`);
  }
  await writeFileAtomic(manifestFile, documents.manifestText);
  await writeFileAtomic(summaryFile, documents.summaryText);
  await writeFileAtomic(checksumsFile, documents.checksumsText);

  describeEarlier(earlier, documents.checksumsText, identity, io);
  for (const tier of tiers) tell(io, describeTier(tier));
  return { manifestFile, checksumsFile, summaryFile, isExpected: expected !== undefined };
}

function describeEarlier(
  earlier: string | undefined,
  checksums: string,
  { datasetVersion }: DatasetIdentity,
  io: StepIo,
): void {
  if (earlier === undefined) return;
  const how = earlier === checksums ? "had the same bytes" : "was replaced: other bytes";
  tell(io, `note: the earlier build of ${datasetVersion} ${how}`);
}
