import { readdir, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { serializeArtifact, syntheticManifest } from "@forgebench/artifacts";
import {
  describeImage,
  encoderVersions,
  FIXED_DATE,
  type FileFacts,
  type ImagePlan,
  isLeftover,
  isPoolName,
  type KnownFile,
  type PoolFile,
  type PoolWork,
  parseKnown,
  planSynthesis,
  planWork,
  poolManifest,
  produceImages,
  Renderer,
  settleEncoders,
  sourceDate,
  Timings,
} from "@forgebench/dataset";
import { OperationError } from "@forgebench/errors";
import {
  LineLog,
  lockFolder,
  makeFolder,
  outputError,
  sha256Of,
  sha256OfFile,
  startProgress,
  writeFileAtomic,
} from "@forgebench/io";
import { type StepIo, tell } from "../step-io.ts";

const LOCK_NAME = ".synthetic-lock";
const LOG_NAME = ".synthetic-progress.jsonl";
const FILE_MODE = 0o644;

/** Which images are made, and where. */
export interface ImagesRequest {
  /** The folder of the pool, by absolute path. */
  readonly outDir: string;
  /** Images of the pool. */
  readonly count: number;
  /** Decides every pixel. */
  readonly seed: number;
  /** Images made at the same time; undefined: as many as there are cores. It does not change the bytes. */
  readonly concurrency?: number | undefined;
  /** Tells the CPU time of rendering and encoding, and makes one image after the other. */
  readonly timings?: boolean;
}

/**
 * Leaves a folder with exactly the pool of a seed in it: correct images are kept, the others are made.
 * Resolves to its manifest.
 * @throws {OperationError} when an image cannot be written, or another file has its name.
 */
export async function imagesStep(request: ImagesRequest, io: StepIo): Promise<string> {
  const { outDir, seed } = request;
  const generatedAt = sourceDate(io.env.SOURCE_DATE_EPOCH)?.toISOString() ?? FIXED_DATE;
  const facts = { seed, generatedAt, versions: encoderVersions() };
  await makeFolder(outDir);
  const lock = await lockFolder(outDir, LOCK_NAME);
  try {
    await fillFolder(request, facts, io);
  } finally {
    await lock.release();
  }
  return path.join(outDir, syntheticManifest.fileName);
}

type Facts = Parameters<typeof poolManifest>[1];

/** Leaves the folder with exactly the pool in it; files of a person stay. */
async function fillFolder(request: ImagesRequest, facts: Facts, io: StepIo): Promise<void> {
  const folder = request.outDir;
  const plans = planSynthesis(request.seed, request.count);
  const known = await readKnown(folder, io);
  const work = planWork(plans, known, await hashFound(folder, known, plans, io), facts.versions);
  const made = new Map(work.keep.map((entry) => [entry.file, entry]));
  const manifestFile = path.join(folder, syntheticManifest.fileName);
  if (work.make.length > 0 || work.remove.length > 0) {
    // From here to the end the log replaces the manifest, which would list files that do not exist yet.
    await writeFileAtomic(path.join(folder, LOG_NAME), known.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await rm(manifestFile, { force: true });
    for (const name of work.remove) await rm(path.join(folder, name), { force: true });
    await makeImages(request, work, facts, io, (entry) => made.set(entry.file, entry));
  }
  const manifest = poolManifest(
    plans.flatMap(({ file }) => made.get(file) ?? []),
    facts,
  );
  const text = serializeArtifact(syntheticManifest, manifest, manifestFile);
  const current = await readFile(manifestFile, "utf8").catch(() => "");
  if (text !== current) await writeFileAtomic(manifestFile, text, { mode: FILE_MODE });
  await rm(path.join(folder, LOG_NAME), { force: true });
  reportForeign(folder, await readdir(folder), made, io);
}

/** Makes the missing images; each is in the log before it is in its place. */
async function makeImages(
  request: ImagesRequest,
  work: PoolWork,
  { seed, versions }: Facts,
  io: StepIo,
  onMade: (entry: PoolFile) => void,
): Promise<void> {
  settleEncoders();
  const log = await LineLog.open(path.join(request.outDir, LOG_NAME));
  const progress = startProgress(io, "images", request.count);
  const timings = new Timings();
  const unknown = new Set(work.unknown);
  let done = work.keep.length;
  const finish = async (plan: ImagePlan, content: Buffer): Promise<void> => {
    const file = path.join(request.outDir, plan.file);
    const entry = describeImage(plan, { sha256: sha256Of(content), sizeBytes: content.byteLength }, versions);
    if (unknown.has(plan.file) && (await sha256OfFile(file)) !== entry.sha256) throw occupiedError(file);
    await log.append(JSON.stringify(entry));
    await writeFileAtomic(file, content, { mode: FILE_MODE });
    onMade(entry);
    done += 1;
    progress.update(done, plan.file);
  };
  progress.update(done);
  try {
    await produceImages(work.make, {
      renderer: new Renderer(seed),
      concurrency: request.timings ? 1 : (request.concurrency ?? availableParallelism()),
      signal: io.signal,
      finish,
      ...(request.timings ? { timings } : {}),
    });
  } finally {
    progress.stop();
    await log.close();
  }
  const { user, system } = process.cpuUsage();
  if (request.timings) io.stderr.write(timings.table((user + system) / 1000));
}

/** The images of earlier runs: from the manifest, then from the log of an unfinished run. */
async function readKnown(folder: string, io: StepIo): Promise<KnownFile[]> {
  const read = async (name: string) => readFile(path.join(folder, name), "utf8").catch(() => undefined);
  const { entries, damaged } = parseKnown(await read(syntheticManifest.fileName), await read(LOG_NAME));
  if (damaged) tell(io, `warning: ${syntheticManifest.fileName} in "${folder}" is damaged; it is made anew`);
  return entries;
}

/** Removes incomplete files of a killed run and hashes the existing images. */
async function hashFound(
  folder: string,
  known: readonly KnownFile[],
  plans: readonly ImagePlan[],
  io: StepIo,
): Promise<Map<string, FileFacts>> {
  const wanted = new Set([...known, ...plans].map(({ file }) => file));
  const found = new Map<string, FileFacts>();
  for (const name of await readdir(folder)) {
    io.signal.throwIfAborted();
    if (isLeftover(name)) await rm(path.join(folder, name), { force: true });
    else if (isPoolName(name) && wanted.has(name)) found.set(name, await factsOf(path.join(folder, name)));
  }
  return found;
}

async function factsOf(file: string): Promise<FileFacts> {
  try {
    return { sha256: await sha256OfFile(file), sizeBytes: (await stat(file)).size };
  } catch (error) {
    throw outputError(`Cannot verify "${file}"`, error);
  }
}

function occupiedError(file: string): OperationError {
  return new OperationError(
    "output",
    `Cannot write "${file}": a file with that name exists, and no earlier run made it`,
    {
      details: [{ label: "try", text: "move it away, or choose another --out-dir" }],
    },
  );
}

function reportForeign(folder: string, names: readonly string[], made: ReadonlyMap<string, unknown>, io: StepIo): void {
  const own = new Set([syntheticManifest.fileName, LOCK_NAME]);
  const foreign = names.filter((name) => !made.has(name) && !own.has(name));
  if (foreign.length === 0) return;
  tell(io, `note: ${foreign.length} other files in "${folder}" are left alone, for example "${foreign[0]}"`);
}
