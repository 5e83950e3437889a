/**
 * Purpose: fetches the pictures of a sources register, checks them, and reports the result for each.
 * Reads: a sources register; what an earlier run left in the folder.
 * Writes: the pictures and fetch-report.json in --out-dir; while it runs also a lock and .fetching.
 * Network: the hosts of the register's urls, and those that they may redirect to.
 * Secrets: none.
 * Rerun: safe; files with the right hash are kept; files of an earlier run that
 *   the register no longer names are removed.
 * Example: pnpm run bench:dataset:fetch -- --sources-file docs/examples/sources.json
 */
import path from "node:path";
import { fetchReport, parseSourcesRegister, type RegisterEntry, sourcesRegister } from "@forgebench/artifacts";
import {
  type CameDownload,
  endFetch,
  type FailedDownload,
  FETCH_LOCK_NAME,
  type FetchJob,
  type FetchTools,
  fetchSources,
  type SourceFile,
} from "@forgebench/dataset";
import { printableLine } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  lockFolder,
  makeFolder,
  outputError,
  type Progress,
  pathFlag,
  printOutputs,
  readInputText,
  referencePath,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  startProgress,
  switchFlag,
  writeArtifact,
} from "@forgebench/io";
import { DownloadError, type DownloadRequest, downloadFile } from "@forgebench/transfer";

const flags = {
  "sources-file": requiredPath({ placeholder: "FILE", description: "the register" }),
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/sources", description: "where the pictures go" }),
  "allow-unpinned-sources": switchFlag({ description: "also fetch sources without a sha256; recorded as a waiver" }),
  "allow-partial": switchFlag({ description: "succeed if at least one source was fetched; recorded as a waiver" }),
  concurrency: integerFlag({ min: 1, max: 16, unit: "files", fallback: 4, description: "files fetched at a time" }),
  "max-mb": integerFlag({
    min: 1,
    max: 100_000,
    unit: "MB",
    fallback: 200,
    description: "size limit of one file",
  }),
  "timeout-seconds": integerFlag({
    min: 1,
    max: 86_400,
    unit: "seconds",
    fallback: 600,
    description: "time limit of one file, all attempts together",
  }),
  attempts: integerFlag({
    min: 1,
    max: 20,
    unit: "attempts",
    fallback: 5,
    description: "how often one file is requested at most",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:fetch --",
  purpose: "Fetches the pictures of a sources register, checks them, and reports the result for each.",
  flags,
  notes: [
    "A source fails as missing-hash, checksum-mismatch, download-failed or schema-invalid. Any failure is exit 65, or 69 if\nonly services failed. With --allow-partial, only if nothing was fetched. The report is written in any case.",
    "A second run fetches only missing files; a file that was cut is downloaded again from the start. Pictures of an earlier\nrun that the register no longer names are removed if they are unchanged; other files are left alone.",
  ],
  outputs: { FETCH_REPORT_JSON: "the report, fetch-report.json" },
  examples: [
    "pnpm run bench:dataset:fetch -- --sources-file sources.json",
    "pnpm run bench:dataset:fetch -- --sources-file sources.json --out-dir /tmp/pictures --allow-partial",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const text = await readInputText(values.sourcesFile, sourcesRegister.kind);
    const entries = parseSourcesRegister(text, values.sourcesFile);
    await makeFolder(values.outDir);
    const lock = await lockFolder(values.outDir, FETCH_LOCK_NAME);
    try {
      await fetchEntries(entries, sha256Of(text), values, io);
    } finally {
      await lock.release();
    }
    return EXIT.ok;
  });
}

async function fetchEntries(
  entries: readonly RegisterEntry[],
  registerSha256: string,
  values: Flags,
  io: ScriptIo,
): Promise<void> {
  const { outDir, concurrency, allowUnpinnedSources, allowPartial, maxMb, timeoutSeconds } = values;
  const reportFile = path.join(outDir, fetchReport.fileName);
  const job: FetchJob = {
    entries,
    register: { path: referencePath(values.sourcesFile, reportFile, io.cwd), sha256: registerSha256 },
    options: { allowUnpinnedSources, allowPartial, maxMb, timeoutSeconds },
    concurrency,
  };
  const outcomes = await fetchSources(job, toolsOf(values, io));
  await printOutputs(io, { FETCH_REPORT_JSON: reportFile });
  const { warnings, error } = endFetch(outcomes, values);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  if (error !== undefined) throw error;
}

/** Counts sources and bytes; shows nothing if there is nothing to fetch. */
function showProgress(io: ScriptIo) {
  let progress: Progress | undefined;
  const received = new Map<string, number>();
  let done = 0;
  const show = (id: string) => {
    const bytes = [...received.values()].reduce((sum, value) => sum + value, 0);
    progress?.update(done, `${(bytes / 1e6).toFixed(1)} MB  ${id}`);
  };
  return {
    onBegin: (total: number) => {
      if (total > 0) progress = startProgress(io, "sources", total);
    },
    onBytes: (id: string, receivedBytes: number) => {
      received.set(id, receivedBytes);
      show(id);
    },
    onSettled: (id: string) => {
      done += 1;
      show(id);
    },
    onEnd: () => progress?.stop(),
  };
}

function toolsOf(values: Flags, io: ScriptIo): FetchTools {
  const { onBytes, ...progress } = showProgress(io);
  return {
    ...progress,
    folder: values.outDir,
    signal: io.signal,
    say: (line) => void io.stderr.write(`${line}\n`),
    outputError,
    download: async (wanted, signal) => {
      const hooks = {
        onProgress: (receivedBytes: number) => onBytes(wanted.source.id, receivedBytes),
        onRetry: (message: string) => void io.stderr.write(`note: ${printableLine(message, 500)}\n`),
      };
      return download({ ...requestFor(wanted, values), ...hooks, signal });
    },
    writeReport: async (file, report) => void (await writeArtifact(fetchReport, file, report)),
  };
}

async function download(request: DownloadRequest): Promise<CameDownload | FailedDownload> {
  try {
    return await downloadFile(request);
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    const { message: problem, attempts, actualSha256, failure } = error;
    const actual = actualSha256 === undefined ? {} : { actualSha256 };
    return { problem, attempts, isService: failure === "service", ...actual };
  }
}

function requestFor({ source, file }: SourceFile, values: Flags): Omit<DownloadRequest, "signal"> {
  const { id, url, sha256, sizeBytes, allowedHosts } = source;
  const totalTimeoutMs = values.timeoutSeconds * 1000;
  return {
    url: new URL(url),
    file,
    label: `source "${id}"`,
    redirects: "same-host",
    maxBytes: values.maxMb * 1_000_000,
    stallTimeoutMs: Math.min(30_000, totalTimeoutMs),
    totalTimeoutMs,
    attempts: values.attempts,
    ...(sha256 === null ? {} : { sha256 }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
  };
}

await launch(import.meta.url, main);
