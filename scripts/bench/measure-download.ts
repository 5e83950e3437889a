/**
 * Purpose: measures how fast and in how much memory a large tier is downloaded, checked and unpacked, against
 *   `curl`, `sha256sum -c` and `tar --zstd -x` from the same server. The two of a pair run one after the other, each first in turn.
 * Reads: nothing; it makes a tier of its own and releases it on the stand-in GitHub of this machine.
 * Writes: .tmp/bench/self-download or --workspace (about five times --size-mb), and the measurement that --out-json names.
 * Network: loopback alone.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:download
 */
import { access, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Measurement } from "@forgebench/artifacts";
import { archiveName, assetNames, writeBulkDataset } from "@forgebench/dataset";
import { OperationError } from "@forgebench/errors";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeFolder,
  makeMeasurement,
  optionalPath,
  pathFlag,
  runScript,
  runTool,
  type ScriptIo,
  type ScriptSpec,
  scriptFile,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { median } from "@forgebench/stats";

const MIN_SPEED_RATIO = 0.6;
const MAX_PEAK_MB = 350;
const GNU_TIME = "/usr/bin/time";
const REPOSITORY = "bench/images";
const TOKEN = "measure-download";
const VERSION = "1.0.0";
const TIER_ID = "tier1";
const ARCHIVE = archiveName(TIER_ID, VERSION);

const flags = {
  "size-mb": integerFlag({ min: 1, max: 100_000, unit: "megabytes", fallback: 2048, description: "size of the tier" }),
  pairs: integerFlag({ min: 1, max: 100, unit: "pairs", fallback: 5, description: "pairs of the two ways" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-download", description: "where the files go" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:download --",
  purpose:
    "Measures download, check and unpacking of a large tier: time against curl, sha256sum and tar, and peak memory.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "The tier is released on a GitHub of this machine, and fetched from there by download-dataset, a process of its own with all\nits checks, and by the tools of the system. Ratios are medians of the ratios of pairs. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:download", "npm run bench:self:download -- --size-mb 200 --pairs 3"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    await rm(values.workspace, { recursive: true, force: true });
    const standIn = await startStandIn({
      accounts: {
        [TOKEN]: { login: "bench", permissions: { contents: "write", pullRequests: "none", issues: "none" } },
      },
      repositories: { [REPOSITORY]: {} },
      folder: await makeFolder(path.join(values.workspace, "github")),
    });
    try {
      return await measureDownload(values, standIn, io);
    } finally {
      await standIn.stop();
      await rm(values.workspace, { recursive: true, force: true });
    }
  });
}

async function measureDownload(values: Flags, standIn: StandIn, io: ScriptIo): Promise<number> {
  const assets = path.join(values.workspace, "assets");
  const sizeBytes = values.sizeMb * 1e6;
  await makeAssets(assets, sizeBytes, io);
  const bench: Bench = { standIn, workspace: values.workspace, assets, io, hasTime: await isThere(GNU_TIME) };
  await release(bench);
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
  const result = makeMeasurement(io, "bench:self:download", figuresOf(pairs, sizeBytes));
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
}

interface Bench {
  readonly standIn: StandIn;
  readonly workspace: string;
  readonly assets: string;
  readonly io: ScriptIo;
  /** Whether the peak memory of a process can be had. */
  readonly hasTime: boolean;
}

/** The assets of a dataset of one tier. */
async function makeAssets(folder: string, sizeBytes: number, io: ScriptIo): Promise<void> {
  const making = startProgress(io, "files MB", Math.round(sizeBytes / 1e6));
  try {
    await writeBulkDataset(folder, {
      ...{ tierId: TIER_ID, datasetVersion: VERSION, sizeBytes, signal: io.signal },
      onProgress: (madeBytes) => making.update(Math.round(madeBytes / 1e6)),
    });
  } finally {
    making.stop();
  }
}

async function release({ standIn, assets, io }: Bench): Promise<void> {
  const args = [
    "--repo",
    REPOSITORY,
    "--dataset-version",
    VERSION,
    "--assets-dir",
    assets,
    "--api-url",
    standIn.apiUrl,
  ];
  const command = [scriptFile("release-dataset"), ...args, "--token-env", "BENCH_TOKEN"];
  await runTool(process.execPath, command, io, { BENCH_TOKEN: TOKEN });
}

interface Pair {
  readonly downloadMs: number;
  readonly peakMb: number | undefined;
  readonly referenceMs: number;
}

async function measurePair(bench: Bench, downloadFirst: boolean): Promise<Pair> {
  if (downloadFirst) {
    const downloaded = await timeDownload(bench);
    return { ...downloaded, referenceMs: await timeReference(bench) };
  }
  const referenceMs = await timeReference(bench);
  return { ...(await timeDownload(bench)), referenceMs };
}

async function timeDownload({ standIn, workspace, io, hasTime }: Bench) {
  const folder = path.join(workspace, "downloaded");
  await makeRoom(folder, io);
  const peakFile = path.join(workspace, "peak");
  const args = ["--repo", REPOSITORY, "--dataset-version", VERSION, "--tier", "1", "--out-dir", folder];
  const node = [process.execPath, scriptFile("download-dataset"), ...args, "--api-url", standIn.apiUrl];
  const [command = "", ...rest] = hasTime ? [GNU_TIME, "-f", "%M", "-o", peakFile, ...node] : node;
  const startedAt = performance.now();
  await runTool(command, rest, io);
  const downloadMs = performance.now() - startedAt;
  const peakMb = hasTime ? (Number(await readFile(peakFile, "utf8")) * 1024) / 1e6 : undefined;
  await rm(folder, { recursive: true });
  return { downloadMs, peakMb };
}

/** What a careful person would type. */
const REFERENCE = `set -eo pipefail; cd "$0"
curl -fsSLO "$1/$2"; curl -fsSLO "$1/$3"
sha256sum --quiet --ignore-missing -c "$3"
tar --zstd -xf "$2"`;

async function timeReference({ standIn, workspace, io }: Bench): Promise<number> {
  const folder = path.join(workspace, "reference");
  await makeRoom(folder, io);
  const url = `${standIn.gitUrl}/${REPOSITORY}/releases/download/bench-dataset-v${VERSION}`;
  const startedAt = performance.now();
  await runTool("bash", ["-c", REFERENCE, folder, url, ARCHIVE, assetNames(VERSION).checksums], io);
  const referenceMs = performance.now() - startedAt;
  if (!(await isThere(path.join(folder, TIER_ID, "tier-manifest.json")))) {
    throw new OperationError("unjudged", "Cannot measure: tar unpacked no tier");
  }
  await rm(folder, { recursive: true });
  return referenceMs;
}

/** What earlier runs wrote must not be flushed at the expense of the next. */
async function makeRoom(folder: string, io: ScriptIo): Promise<void> {
  await makeFolder(folder);
  await runTool("sync", [], io);
}

function figuresOf(pairs: readonly Pair[], sizeBytes: number): Measurement["figures"] {
  const medianOf = (value: (pair: Pair) => number) => median(pairs.map(value));
  const ratios = pairs.map(({ downloadMs, referenceMs }) => referenceMs / downloadMs);
  const ratio = median(ratios);
  const peakMb = Math.max(...pairs.map((pair) => pair.peakMb ?? Number.NaN));
  return [
    { name: "size of the tier", value: sizeBytes / 1e6, unit: "MB" },
    { name: "download-dataset, with its start", value: medianOf(({ downloadMs }) => downloadMs), unit: "ms" },
    { name: "  speed", value: medianOf(({ downloadMs }) => sizeBytes / 1e3 / downloadMs), unit: "MB/s" },
    { name: "curl, sha256sum, tar --zstd -x", value: medianOf(({ referenceMs }) => referenceMs), unit: "ms" },
    { name: "speed, their share", value: ratio, unit: "", goal: `≥ ${MIN_SPEED_RATIO}`, met: ratio >= MIN_SPEED_RATIO },
    { name: "  smallest of a pair", value: Math.min(...ratios), unit: "" },
    { name: "  largest of a pair", value: Math.max(...ratios), unit: "" },
    ...(Number.isNaN(peakMb)
      ? []
      : [{ name: "peak memory", value: peakMb, unit: "MB", goal: `< ${MAX_PEAK_MB}`, met: peakMb < MAX_PEAK_MB }]),
  ];
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

await launch(import.meta.url, main);
