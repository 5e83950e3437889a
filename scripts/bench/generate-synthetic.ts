/**
 * Purpose: makes a pool of photo-like images, the same bytes for the same seed on every machine.
 * Reads: what an earlier run left in the folder, to redo only what is missing or damaged.
 * Writes: the images and synthetic-manifest.json in --out-dir; while it runs also .synthetic-progress.jsonl and a lock.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; images that are as they should be are kept. The manifest is there only when the pool is complete.
 * Example: pnpm run bench:dataset:synthetic -- --count 48
 */
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
  EXIT,
  type FlagValues,
  integerFlag,
  LineLog,
  launch,
  lockFolder,
  makeFolder,
  optionalInteger,
  outputError,
  pathFlag,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  sha256OfFile,
  startProgress,
  switchFlag,
  writeFileAtomic,
} from "@forgebench/io";

const LOCK_NAME = ".synthetic-lock";
const LOG_NAME = ".synthetic-progress.jsonl";
const FILE_MODE = 0o644;

const flags = {
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/synthetic", description: "where the images go" }),
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 800, description: "images to make" }),
  seed: integerFlag({
    min: 0,
    max: 4_294_967_295,
    unit: "a seed",
    fallback: 20260215,
    description: "decides every pixel",
  }),
  concurrency: optionalInteger({
    min: 1,
    max: 256,
    unit: "images",
    description: "images under way at the same time; default: the cores of this machine. The bytes do not depend on it",
  }),
  timings: switchFlag({ description: "print what rendering and encoding cost; makes one image after the other" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:synthetic --",
  purpose:
    "Makes a pool of photo-like images: 65 % jpg, 25 % png, 5 % gif, 5 % tiff; 40 % small, 40 % medium, 16 % large, 4 % very large.",
  flags,
  outputs: { SYNTHETIC_MANIFEST: "the manifest of the pool, synthetic-manifest.json" },
  notes: [
    "The same seed and count give the same bytes with the same sharp version (recorded in the manifest), whatever the folder,\ntime zone, locale, umask and number of cores. generatedAt is SOURCE_DATE_EPOCH, else a fixed date.",
    "Run again, it verifies each image by SHA-256 and makes only what is missing or damaged. With other arguments, images of the\nearlier run that do not belong to the pool are removed if they are still as they were made; other files are left alone.",
    "--timings: CPU time (user and system, all threads) of the process while it renders and while it encodes, one image at a\ntime; encoding is the call of the encoder on finished pixels. The last line adds start-up, hashing and writing. Only images\nthat this run makes are counted.",
  ],
  examples: [
    "pnpm run bench:dataset:synthetic -- --count 48",
    "pnpm run bench:dataset:synthetic -- --out-dir /tmp/pool --count 600 --seed 7 --timings",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const generatedAt = sourceDate(io.env.SOURCE_DATE_EPOCH)?.toISOString() ?? FIXED_DATE;
    const facts = { seed: values.seed, generatedAt, versions: encoderVersions() };
    await makeFolder(values.outDir);
    const lock = await lockFolder(values.outDir, LOCK_NAME);
    try {
      await fillFolder(values, facts, io);
    } finally {
      await lock.release();
    }
    await printOutputs(io, { SYNTHETIC_MANIFEST: path.join(values.outDir, syntheticManifest.fileName) });
    return EXIT.ok;
  });
}

type Facts = Parameters<typeof poolManifest>[1];

/** Leaves the folder with exactly the pool in it; what a person has put there stays. */
async function fillFolder(values: Flags, facts: Facts, io: ScriptIo): Promise<void> {
  const folder = values.outDir;
  const plans = planSynthesis(values.seed, values.count);
  const known = await readKnown(folder, io);
  const work = planWork(plans, known, await hashFound(folder, known, plans, io), facts.versions);
  const made = new Map(work.keep.map((entry) => [entry.file, entry]));
  const manifestFile = path.join(folder, syntheticManifest.fileName);
  if (work.make.length > 0 || work.remove.length > 0) {
    // From here to the end the log stands in for the manifest, which would promise files that are not there.
    await writeFileAtomic(path.join(folder, LOG_NAME), known.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await rm(manifestFile, { force: true });
    for (const name of work.remove) await rm(path.join(folder, name), { force: true });
    await makeImages(values, work, facts, io, (entry) => made.set(entry.file, entry));
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
  values: Flags,
  work: PoolWork,
  { seed, versions }: Facts,
  io: ScriptIo,
  onMade: (entry: PoolFile) => void,
): Promise<void> {
  settleEncoders();
  const log = await LineLog.open(path.join(values.outDir, LOG_NAME));
  const progress = startProgress(io, "images", values.count);
  const timings = new Timings();
  const unknown = new Set(work.unknown);
  let done = work.keep.length;
  const finish = async (plan: ImagePlan, content: Buffer): Promise<void> => {
    const file = path.join(values.outDir, plan.file);
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
      concurrency: values.timings ? 1 : (values.concurrency ?? availableParallelism()),
      signal: io.signal,
      finish,
      ...(values.timings ? { timings } : {}),
    });
  } finally {
    progress.stop();
    await log.close();
  }
  const { user, system } = process.cpuUsage();
  if (values.timings) io.stderr.write(timings.table((user + system) / 1000));
}

/** What earlier runs say they made: the manifest, then the log of a run that did not come to its end. */
async function readKnown(folder: string, io: ScriptIo): Promise<KnownFile[]> {
  const read = async (name: string) => readFile(path.join(folder, name), "utf8").catch(() => undefined);
  const { entries, damaged } = parseKnown(await read(syntheticManifest.fileName), await read(LOG_NAME));
  if (damaged) io.stderr.write(`warning: ${syntheticManifest.fileName} in "${folder}" is damaged; it is made anew\n`);
  return entries;
}

/** Removes what a killed run left half-written and hashes the images that are there. */
async function hashFound(
  folder: string,
  known: readonly KnownFile[],
  plans: readonly ImagePlan[],
  io: ScriptIo,
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
  return new OperationError("output", `Cannot write "${file}": there is a file of that name that no earlier run made`, {
    details: [{ label: "try", text: "move it away, or choose another --out-dir" }],
  });
}

function reportForeign(
  folder: string,
  names: readonly string[],
  made: ReadonlyMap<string, unknown>,
  io: ScriptIo,
): void {
  const own = new Set([syntheticManifest.fileName, LOCK_NAME]);
  const foreign = names.filter((name) => !made.has(name) && !own.has(name));
  if (foreign.length === 0) return;
  io.stderr.write(`note: ${foreign.length} other files in "${folder}" are left alone, for example "${foreign[0]}"\n`);
}

await launch(import.meta.url, main);
