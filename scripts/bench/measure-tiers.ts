/**
 * Purpose: measures how fast and in how much memory a tier is packed, against `tar -c | zstd -3 -T2` on the same files.
 *   The two of a pair run one after the other, each first in turn.
 * Reads: nothing; it makes files of its own, most of them as incompressible as images.
 * Writes: .tmp/bench/self-tiers or --workspace (about three times --size-mb), and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:tiers
 */
import { access, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type Measurement, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { packTierFolder, writeBulkTier } from "@forgebench/dataset";
import { OperationError } from "@forgebench/errors";
import {
  EXIT,
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeMeasurement,
  optionalPath,
  pathFlag,
  printOutputs,
  readArtifact,
  runScript,
  runTool,
  type ScriptIo,
  type ScriptSpec,
  scriptFile,
  sha256OfFile,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { median } from "@forgebench/stats";

const MAX_TIME_RATIO = 2;
const MAX_PEAK_MB = 350;
const GNU_TIME = "/usr/bin/time";
const TIER_ID = "tier1";

const flags = {
  "size-mb": integerFlag({ min: 1, max: 100_000, unit: "megabytes", fallback: 2048, description: "size of the tier" }),
  pairs: integerFlag({ min: 1, max: 100, unit: "pairs", fallback: 5, description: "pairs of packing and tar | zstd" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-tiers", description: "where the files go" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "pack-only": optionalPath({
    placeholder: "DIR",
    description: "only pack this tier folder to DIR.tar.zst and end: the process that is measured",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:tiers --",
  purpose: "Measures the packing of a large tier: time against tar | zstd -3 -T2 on the same files, and peak memory.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Packing is the code of build-tiers in a process of its own, timed from the first file to the archive on the disk; unlike\ntar | zstd it hashes and flushes the archive. Ratios are medians of the ratios of pairs. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:tiers", "npm run bench:self:tiers -- --size-mb 200 --pairs 3 --out-json tiers.json"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    if (values.packOnly !== undefined) return packOnly(values.packOnly, io);
    await rm(values.workspace, { recursive: true, force: true });
    try {
      return await measureTiers(values, io);
    } finally {
      await rm(values.workspace, { recursive: true, force: true });
    }
  });
}

async function packOnly(folder: string, io: ScriptIo): Promise<number> {
  const { value } = await readArtifact(tierManifest, path.join(folder, tierManifest.fileName));
  const startedAt = performance.now();
  const packed = await packTierFolder(`${folder}.tar.zst`, folder, value, { mtimeSeconds: 0, signal: io.signal });
  const packMs = Math.round(performance.now() - startedAt);
  await printOutputs(io, { ARCHIVE_SHA256: packed.sha256, PACK_MS: packMs });
  return EXIT.ok;
}

/** What one pair took. `flushMs`: until the archive of tar | zstd is on the disk, as packing does on its own. */
interface Pair {
  readonly processMs: number;
  readonly packMs: number;
  readonly peakMb: number | undefined;
  readonly referenceMs: number;
  readonly flushMs: number;
  readonly sha256: string;
}

async function measureTiers(values: Flags, io: ScriptIo): Promise<number> {
  const folder = path.join(values.workspace, TIER_ID);
  const manifest = await makeTier(folder, values.sizeMb * 1e6, io);
  const bench: Bench = { folder, archive: `${folder}.tar.zst`, io, hasTime: await isThere(GNU_TIME) };
  const progress = startProgress(io, "pairs", values.pairs);
  const pairs: Pair[] = [];
  try {
    for (let index = 0; index < values.pairs; index += 1) {
      pairs.push(await measurePair(bench, index % 2 === 0));
      progress.update(index + 1);
    }
  } finally {
    progress.stop();
  }
  await checkArchive(bench, manifest, pairs);
  const result = makeMeasurement(io, "bench:self:tiers", figuresOf(pairs, manifest));
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
}

interface Bench {
  readonly folder: string;
  readonly archive: string;
  readonly io: ScriptIo;
  /** Whether the peak memory of a process can be had. */
  readonly hasTime: boolean;
}

async function measurePair(bench: Bench, packFirst: boolean): Promise<Pair> {
  if (packFirst) {
    const packed = await timePacking(bench);
    return { ...packed, ...(await timeReference(bench)) };
  }
  const reference = await timeReference(bench);
  return { ...(await timePacking(bench)), ...reference };
}

async function timePacking({ folder, archive, io, hasTime }: Bench) {
  await rm(archive, { force: true });
  await settle(io);
  const peakFile = `${folder}.peak`;
  const node = [process.execPath, scriptFile("measure-tiers"), "--pack-only", folder];
  const [command = "", ...args] = hasTime ? [GNU_TIME, "-f", "%M", "-o", peakFile, ...node] : node;
  const startedAt = performance.now();
  const stdout = await runTool(command, args, io);
  const processMs = performance.now() - startedAt;
  const peakMb = hasTime ? (Number(await readFile(peakFile, "utf8")) * 1024) / 1e6 : undefined;
  const output = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(stdout)?.[1] ?? "";
  return { processMs, packMs: Number(output("PACK_MS")), sha256: output("ARCHIVE_SHA256"), peakMb };
}

async function timeReference({ folder, io }: Bench) {
  const file = `${folder}.reference.tar.zst`;
  await rm(file, { force: true });
  await settle(io);
  const startedAt = performance.now();
  const command = 'set -o pipefail; tar -c -C "$0" "$1" | zstd -q -3 -T2 -o "$2"';
  await runTool("bash", ["-c", command, path.dirname(folder), TIER_ID, file], io);
  const referenceMs = performance.now() - startedAt;
  await runTool("sync", [file], io);
  return { referenceMs, flushMs: performance.now() - startedAt - referenceMs };
}

/** What earlier runs wrote must not be flushed at the expense of the next. */
async function settle(io: ScriptIo): Promise<void> {
  await runTool("sync", [], io);
}

/** The archive must be a good one, and the same each time, or its speed says nothing. */
async function checkArchive({ archive, io }: Bench, manifest: TierManifest, pairs: readonly Pair[]): Promise<void> {
  const stdout = await runTool("tar", ["--zstd", "-tf", archive], io);
  const expected = manifest.files.length + 4;
  const listed = stdout.split("\n").length;
  if (listed !== expected) {
    throw new OperationError("unjudged", `Cannot measure: tar lists ${listed} entries, expected ${expected}`);
  }
  const sha256 = await sha256OfFile(archive);
  if (pairs.some((pair) => pair.sha256 !== sha256)) {
    throw new OperationError("unjudged", "Cannot measure: the archives of two runs differ");
  }
}

function figuresOf(pairs: readonly Pair[], manifest: TierManifest): Measurement["figures"] {
  const medianOf = (value: (pair: Pair) => number) => median(pairs.map(value));
  const sizeBytes = manifest.files.reduce((sum, file) => sum + (typeof file === "string" ? 0 : file.sizeBytes), 0);
  const ratio = medianOf(({ packMs, referenceMs }) => packMs / referenceMs);
  const ratios = pairs.map(({ packMs, referenceMs }) => packMs / referenceMs);
  const peakMb = Math.max(...pairs.map((pair) => pair.peakMb ?? Number.NaN));
  return [
    { name: "size of the tier", value: sizeBytes / 1e6, unit: "MB" },
    { name: "files", value: manifest.files.length, unit: "" },
    { name: "packing, hashed and flushed", value: medianOf(({ packMs }) => packMs), unit: "ms" },
    { name: "  speed", value: medianOf(({ packMs }) => sizeBytes / 1e3 / packMs), unit: "MB/s" },
    { name: "  with the start of its process", value: medianOf(({ processMs }) => processMs), unit: "ms" },
    { name: "tar | zstd -3 -T2", value: medianOf(({ referenceMs }) => referenceMs), unit: "ms" },
    { name: "  speed", value: medianOf(({ referenceMs }) => sizeBytes / 1e3 / referenceMs), unit: "MB/s" },
    { name: "  its flush", value: medianOf(({ flushMs }) => flushMs), unit: "ms" },
    { name: "time ratio", value: ratio, unit: "", goal: `≤ ${MAX_TIME_RATIO}`, met: ratio <= MAX_TIME_RATIO },
    { name: "  smallest of a pair", value: Math.min(...ratios), unit: "" },
    { name: "  largest of a pair", value: Math.max(...ratios), unit: "" },
    { name: "  both flushed", value: medianOf((pair) => pair.packMs / (pair.referenceMs + pair.flushMs)), unit: "" },
    {
      name: "  with the start of its process",
      value: medianOf(({ processMs, referenceMs }) => processMs / referenceMs),
      unit: "",
    },
    ...(Number.isNaN(peakMb)
      ? []
      : [{ name: "peak memory", value: peakMb, unit: "MB", goal: `< ${MAX_PEAK_MB}`, met: peakMb < MAX_PEAK_MB }]),
  ];
}

async function makeTier(folder: string, sizeBytes: number, io: ScriptIo): Promise<TierManifest> {
  const progress = startProgress(io, "files MB", Math.round(sizeBytes / 1e6));
  const onProgress = (madeBytes: number) => progress.update(Math.round(madeBytes / 1e6));
  try {
    return await writeBulkTier(folder, {
      ...{ tierId: TIER_ID, datasetVersion: "0.0.0", sizeBytes },
      ...{ signal: io.signal, onProgress },
    });
  } finally {
    progress.stop();
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

await launch(import.meta.url, main);
