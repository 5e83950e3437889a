/**
 * Purpose: fetches the pictures of a sources register, checks them, and reports what became of each.
 * Reads: a sources register; what an earlier run left in the folder.
 * Writes: the pictures and fetch-report.json in --out-dir; while it runs also a lock and .fetching.
 * Network: the hosts of the register's urls, and those that they may redirect to.
 * Secrets: none.
 * Rerun: safe; what is there with the right hash is kept, what was cut is continued, and what an earlier run fetched and
 *   the register no longer holds is removed.
 * Example: pnpm run bench:dataset:fetch -- --sources-file sources.json
 */
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import {
  type FetchFailure,
  type FetchReport,
  type FetchStatus,
  fetchFailures,
  fetchReport,
  parseArtifact,
  parseSourcesRegister,
  type RegisterEntry,
  type Source,
  sourcesRegister,
} from "@forgebench/artifacts";
import { codeOf, messageOf, OperationError, printableLine } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  lockFolder,
  makeFolder,
  outputError,
  pathFlag,
  printOutputs,
  readInputText,
  referencePath,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  sha256OfFile,
  startProgress,
  switchFlag,
  writeArtifact,
} from "@forgebench/io";
import { DownloadError, type DownloadRequest, downloadFile, removeLeftovers } from "@forgebench/transfer";
import pLimit from "p-limit";

const LOCK_NAME = ".fetch-lock";
/** Where files wait, checked, until all are there and the report knows them. Readers of images pass over hidden folders. */
const STAGING_NAME = ".fetching";
/** What a killed run leaves of a lock or a report that it was writing. */
const DRAFT = /^\.(\.fetch-lock|fetch-report\.json)\.\d+\.[0-9a-f]+\.tmp$/;

const flags = {
  "sources-file": requiredPath({ placeholder: "FILE", description: "the register" }),
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/sources", description: "where the pictures go" }),
  "allow-unpinned-sources": switchFlag({ description: "take sources without a sha256 too; recorded as a waiver" }),
  "allow-partial": switchFlag({ description: "succeed when at least one source came; recorded as a waiver" }),
  concurrency: integerFlag({ min: 1, max: 16, unit: "files", fallback: 4, description: "files fetched at a time" }),
  "max-mb": integerFlag({
    min: 1,
    max: 100_000,
    unit: "MB",
    fallback: 200,
    description: "most that one file may have",
  }),
  "timeout-seconds": integerFlag({
    min: 1,
    max: 86_400,
    unit: "seconds",
    fallback: 600,
    description: "most that one file may take, all attempts together",
  }),
  attempts: integerFlag({ min: 1, max: 20, unit: "attempts", fallback: 5, description: "requests for one file" }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:fetch --",
  purpose: "Fetches the pictures of a sources register, checks them, and reports what became of each.",
  flags,
  notes: [
    "A source fails as missing-hash, checksum-mismatch, download-failed or schema-invalid. Any failure is exit 65, or 69 when\nall are services that failed; with --allow-partial only when nothing came. The report is written in any case.",
    "Run again, it fetches only what is missing, and goes on where a file was cut. Pictures that an earlier run fetched and\nthat the register no longer holds are removed if they are still as they came; other files are left alone.",
  ],
  outputs: { FETCH_REPORT_JSON: "the report, fetch-report.json" },
  examples: [
    "pnpm run bench:dataset:fetch -- --sources-file sources.json",
    "pnpm run bench:dataset:fetch -- --sources-file sources.json --out-dir /tmp/pictures --allow-partial",
  ],
};

type Flags = FlagValues<typeof flags>;

/** One line of the report. */
type Result = {
  readonly id: string;
  readonly url: string | null;
  readonly status: FetchStatus;
  readonly failureCategory: FetchFailure | null;
  readonly reason: string | null;
  readonly checksum: {
    readonly expected: string | null;
    readonly actual: string | null;
    readonly match: boolean | null;
  };
  readonly license: string | null;
  readonly attribution: string | null;
  readonly filename: string | null;
  readonly sizeBytes: number | null;
  readonly attempts: number;
  readonly resumedBytes: number;
  readonly waived: boolean;
};

/** What became of a source, and what is left to do about it. */
interface Outcome {
  readonly result: Result;
  /** The file waits in the staging folder. */
  readonly isStaged?: boolean;
  /** It failed because a service did. */
  readonly isService?: boolean;
}

/** A line of an earlier run's report that brought a file. */
interface Earlier {
  readonly id: string;
  readonly url: unknown;
  readonly filename: string;
  readonly sha256: string;
}

interface Work {
  readonly values: Flags;
  readonly io: ScriptIo;
  readonly staging: string;
  readonly earlier: readonly Earlier[];
  readonly signal: AbortSignal;
  onBytes(id: string, receivedBytes: number): void;
}

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const text = await readInputText(values.sourcesFile, sourcesRegister.kind);
    const entries = parseSourcesRegister(text, values.sourcesFile);
    await makeFolder(values.outDir);
    const lock = await lockFolder(values.outDir, LOCK_NAME);
    try {
      const outcomes = await fetchInto(values, entries, text, io);
      await printOutputs(io, { FETCH_REPORT_JSON: path.join(values.outDir, fetchReport.fileName) });
      judge(outcomes, values, io);
    } finally {
      await lock.release();
    }
    return EXIT.ok;
  });
}

/**
 * Leaves the folder with the fetched files and the report. Files get their names after the report knows them, and lose
 * them before it forgets them: a kill in between leaves a folder that build-tiers refuses, not one with strange images.
 */
async function fetchInto(
  values: Flags,
  entries: readonly RegisterEntry[],
  text: string,
  io: ScriptIo,
): Promise<readonly Outcome[]> {
  const staging = path.join(values.outDir, STAGING_NAME);
  await cleanUp(values.outDir, staging, entries);
  const earlier = await readEarlier(values.outDir, io);
  const outcomes = await fetchAll(values, entries, { staging, earlier }, io);
  const results = outcomes.map(({ result }) => result);
  await removeStale(values.outDir, earlier, results, io);
  const reportFile = path.join(values.outDir, fetchReport.fileName);
  const register = { path: referencePath(values.sourcesFile, reportFile, io.cwd), sha256: sha256Of(text) };
  await writeArtifact(fetchReport, reportFile, reportOf(values, register, results));
  for (const { result, isStaged } of outcomes) {
    if (isStaged === true && result.filename !== null) await placeFile(staging, values.outDir, result.filename);
  }
  // Parts of files that may still come stay in it.
  await rmdir(staging).catch(() => undefined);
  return outcomes;
}

/** Removes what killed runs left, except what this run will continue. */
async function cleanUp(folder: string, staging: string, entries: readonly RegisterEntry[]): Promise<void> {
  const sources = entries.flatMap((entry) => ("source" in entry && entry.enabled ? [entry.source] : []));
  try {
    for (const name of await readdir(folder)) if (DRAFT.test(name)) await rm(path.join(folder, name), { force: true });
    await mkdir(staging, { recursive: true });
    const wanted = new Set(sources.map(({ filename }) => filename));
    for (const name of await readdir(staging)) {
      if (!name.startsWith(".") && !wanted.has(name)) await rm(path.join(staging, name), { recursive: true });
    }
  } catch (error) {
    throw outputError(`Cannot clean up the folder "${folder}"`, error);
  }
  await removeLeftovers(
    staging,
    sources.map((source) => wantedOf(source, staging)),
  );
}

/** What earlier runs brought, as their report says. */
async function readEarlier(folder: string, io: ScriptIo): Promise<readonly Earlier[]> {
  const file = path.join(folder, fetchReport.fileName);
  try {
    const { results } = parseArtifact(fetchReport, await readFile(file, "utf8"), file);
    return results.flatMap(({ id, url, filename, checksum: { actual }, failureCategory }) => {
      // Whoever changed the report does not get other files removed by it.
      const isBare = filename != null && /^[^./\\\0][^/\\\0]*$/.test(filename);
      return isBare && actual !== null && failureCategory == null ? [{ id, url, filename, sha256: actual }] : [];
    });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    io.stderr.write(`warning: the report of an earlier run is passed over: ${printableLine(messageOf(error))}\n`);
    return [];
  }
}

async function fetchAll(
  values: Flags,
  entries: readonly RegisterEntry[],
  place: Pick<Work, "staging" | "earlier">,
  io: ScriptIo,
): Promise<readonly Outcome[]> {
  const limit = pLimit(values.concurrency);
  const stop = new AbortController();
  const display = showProgress(entries.filter((entry) => isFetched(entry, values)).length, io);
  const signal = AbortSignal.any([io.signal, stop.signal]);
  const work: Work = { ...place, values, io, signal, onBytes: display.onBytes };
  const tasks = entries.map((entry) =>
    limit(async () => {
      work.signal.throwIfAborted();
      const outcome = await fetchOne(entry, work);
      if (isFetched(entry, values)) display.onDone(entry.id);
      return outcome;
    }).catch((error: unknown) => {
      // A full disk is the end of all; the others close their parts first.
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(tasks);
  display.stop();
  if (work.signal.aborted) throw work.signal.reason;
  return Promise.all(tasks);
}

/** Counts sources and bytes; shows nothing where there is nothing to fetch. */
function showProgress(total: number, io: ScriptIo) {
  const progress = total === 0 ? undefined : startProgress(io, "sources", total);
  const received = new Map<string, number>();
  let done = 0;
  const show = (id: string) => {
    const bytes = [...received.values()].reduce((sum, value) => sum + value, 0);
    progress?.update(done, `${(bytes / 1e6).toFixed(1)} MB  ${id}`);
  };
  return {
    onBytes: (id: string, receivedBytes: number) => {
      received.set(id, receivedBytes);
      show(id);
    },
    onDone: (id: string) => {
      done += 1;
      show(id);
    },
    stop: () => progress?.stop(),
  };
}

function isFetched(entry: RegisterEntry, values: Flags): boolean {
  return entry.enabled && "source" in entry && (entry.source.sha256 !== null || values.allowUnpinnedSources);
}

/** @throws only what is no source's own failure: an output that cannot be made, an interruption. */
async function fetchOne(entry: RegisterEntry, work: Work): Promise<Outcome> {
  const problems = "problems" in entry ? entry.problems.join("; ") : null;
  const source = "source" in entry ? entry.source : undefined;
  const base = baseOf(entry.id, source);
  if (!entry.enabled) return { result: { ...base, status: "disabled", reason: problems } };
  if (source === undefined) return { result: { ...base, failureCategory: "schema-invalid", reason: problems } };
  if (!isFetched(entry, work.values)) {
    return { result: { ...base, failureCategory: "missing-hash", reason: "the register has no sha256 for it" } };
  }
  const there = await findThere(source, work);
  if (there !== undefined) return there;
  try {
    const file = path.join(work.staging, source.filename);
    const { sha256, sizeBytes, attempts, resumedBytes } = await downloadFile(requestFor(source, work));
    const came = { ...base, attempts, resumedBytes };
    const otherwise = await imageProblem(file);
    if (otherwise === undefined) return { result: withFile(came, "downloaded", sha256, sizeBytes), isStaged: true };
    await rm(file, { force: true });
    return { result: { ...came, failureCategory: "download-failed", reason: otherwise } };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return failedDownload(base, error);
  }
}

/** A result as it is before anything came. */
function baseOf(id: string, source: Source | undefined): Result {
  return {
    id,
    url: source?.url ?? null,
    status: "failed",
    failureCategory: null,
    reason: null,
    checksum: { expected: source?.sha256 ?? null, actual: null, match: null },
    license: source?.license ?? null,
    attribution: source === undefined ? null : (source.attribution ?? ""),
    filename: source?.filename ?? null,
    ...{ sizeBytes: null, attempts: 0, resumedBytes: 0, waived: false },
  };
}

function withFile(base: Result, status: FetchStatus, actual: string, sizeBytes: number): Result {
  const { expected } = base.checksum;
  const match = expected === null ? null : expected === actual;
  return { ...base, status, checksum: { expected, actual, match }, sizeBytes, waived: expected === null };
}

function failedDownload(base: Result, error: DownloadError): Outcome {
  const { actualSha256, attempts } = error;
  const { expected } = base.checksum;
  const isOther = actualSha256 !== undefined && expected !== null && actualSha256 !== expected;
  const failureCategory = isOther ? "checksum-mismatch" : "download-failed";
  const checksum = isOther ? { expected, actual: actualSha256, match: false } : base.checksum;
  const result = { ...base, failureCategory, checksum, reason: error.message, attempts } as const;
  return { result, isService: error.failure === "service" };
}

/**
 * A file that is there already: under its final name, or where a killed run had left it. Its hash must be the register's,
 * or, where that has none, the one that an earlier run reported of the same url.
 */
async function findThere(source: Source, { values, staging, earlier }: Work): Promise<Outcome | undefined> {
  const known = earlier.find(
    ({ id, url, filename }) => id === source.id && url === source.url && filename === source.filename,
  );
  const sha256 = source.sha256 ?? known?.sha256;
  const base = baseOf(source.id, source);
  const final = await look(path.join(values.outDir, source.filename));
  if (final?.sha256 === sha256 && final !== undefined && final.problem === undefined) {
    return { result: withFile(base, "present", final.sha256, final.sizeBytes) };
  }
  const staged = await look(path.join(staging, source.filename));
  if (staged?.sha256 === sha256 && staged !== undefined && staged.problem === undefined) {
    const came = { ...base, resumedBytes: staged.sizeBytes };
    return { result: withFile(came, "downloaded", staged.sha256, staged.sizeBytes), isStaged: true };
  }
  return undefined;
}

/** A plain file and whether it is an image; nothing when none is there. @throws {OperationError} when a folder is. */
async function look(file: string) {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new OperationError("output", `Cannot write "${file}": there is a folder of that name; move it away`);
  }
  if (found?.isFile() !== true) return undefined;
  try {
    return { sha256: await sha256OfFile(file), sizeBytes: found.size, problem: await imageProblem(file) };
  } catch (error) {
    throw outputError(`Cannot verify "${file}"`, error);
  }
}

function wantedOf(source: Source, staging: string): Pick<DownloadRequest, "url" | "file" | "sha256"> {
  const pin = source.sha256 === null ? {} : { sha256: source.sha256 };
  return { url: new URL(source.url), file: path.join(staging, source.filename), ...pin };
}

function requestFor(source: Source, { values, io, staging, signal, onBytes }: Work): DownloadRequest {
  const totalTimeoutMs = values.timeoutSeconds * 1000;
  return {
    ...wantedOf(source, staging),
    label: `source "${source.id}"`,
    redirects: "same-host",
    maxBytes: values.maxMb * 1_000_000,
    stallTimeoutMs: Math.min(30_000, totalTimeoutMs),
    totalTimeoutMs,
    attempts: values.attempts,
    signal,
    ...(source.sizeBytes === undefined ? {} : { sizeBytes: source.sizeBytes }),
    ...(source.allowedHosts === undefined ? {} : { allowedHosts: source.allowedHosts }),
    onProgress: (receivedBytes) => onBytes(source.id, receivedBytes),
    onRetry: (message) => io.stderr.write(`note: ${printableLine(message, 500)}\n`),
  };
}

const SIGNATURES = ["\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a", "II*\0", "MM\0*"];

/** Why a file is no image of a tier by its first bytes: many servers answer with a page that says "not found". */
async function imageProblem(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    const begin = buffer.toString("latin1", 0, bytesRead);
    if (SIGNATURES.some((signature) => begin.startsWith(signature))) return undefined;
    return `is not an image (jpg, png, gif or tiff): it begins with ${JSON.stringify(begin.replace(/[^\x20-\x7e]/g, "?"))}`;
  } finally {
    await handle.close();
  }
}

/** Removes files that this run does not stand for: those of an earlier one, and those whose bytes the register denies. */
async function removeStale(
  folder: string,
  earlier: readonly Earlier[],
  results: readonly Result[],
  io: ScriptIo,
): Promise<void> {
  const brought = new Set(results.flatMap(({ status, filename }) => (isBrought(status) ? [filename] : [])));
  const denied = results.flatMap(({ status, filename, checksum: { expected } }) =>
    status === "failed" && filename !== null && expected !== null ? [{ filename, expected }] : [],
  );
  for (const { filename } of denied) {
    if ((await look(path.join(folder, filename))) === undefined) continue;
    await removeFile(folder, filename, "its bytes are not those of the register", io);
  }
  for (const { filename, sha256, id } of earlier) {
    if (brought.has(filename)) continue;
    const found = await look(path.join(folder, filename));
    if (found?.sha256 === sha256) await removeFile(folder, filename, `it was fetched as "${id}" earlier`, io);
    else if (found !== undefined) {
      io.stderr.write(
        `warning: "${printableLine(filename)}" is left there: it bears the name of source "${printableLine(id)}" of an earlier run, but has other bytes\n`,
      );
    }
  }
}

async function removeFile(folder: string, filename: string, why: string, io: ScriptIo): Promise<void> {
  try {
    await rm(path.join(folder, filename), { force: true });
  } catch (error) {
    throw outputError(`Cannot remove "${path.join(folder, filename)}"`, error);
  }
  io.stderr.write(`note: "${printableLine(filename)}" is removed: ${printableLine(why)}\n`);
}

async function placeFile(staging: string, folder: string, filename: string): Promise<void> {
  try {
    await rename(path.join(staging, filename), path.join(folder, filename));
  } catch (error) {
    throw outputError(`Cannot write "${path.join(folder, filename)}"`, error);
  }
}

function isBrought(status: FetchStatus): boolean {
  return status === "downloaded" || status === "present";
}

function reportOf(
  values: Flags,
  register: { readonly path: string; readonly sha256: string },
  results: readonly Result[],
): FetchReport {
  const count = (test: (result: Result) => boolean) => results.filter(test).length;
  const byCategory = (category: FetchFailure) => count(({ failureCategory }) => failureCategory === category);
  return {
    kind: fetchReport.slug,
    version: "1.1",
    options: {
      allowUnpinnedSources: values.allowUnpinnedSources,
      allowPartial: values.allowPartial,
      maxMb: values.maxMb,
      timeoutSeconds: values.timeoutSeconds,
    },
    register,
    totals: {
      enabled: count(({ status }) => status !== "disabled"),
      disabled: count(({ status }) => status === "disabled"),
      downloaded: count(({ status }) => status === "downloaded"),
      present: count(({ status }) => status === "present"),
      failed: count(({ status }) => status === "failed"),
      missingHash: byCategory("missing-hash"),
      checksumMismatch: byCategory("checksum-mismatch"),
      downloadFailed: byCategory("download-failed"),
      schemaInvalid: byCategory("schema-invalid"),
    },
    results: [...results],
  };
}

/** Says what failed. @throws {OperationError} unless that is allowed. */
function judge(outcomes: readonly Outcome[], values: Flags, io: ScriptIo): void {
  const failed = outcomes.filter(({ result }) => result.status === "failed");
  if (failed.length === 0) return;
  const lines = failed.map(({ result }) => `"${result.id}": ${result.failureCategory}: ${result.reason}`);
  if (values.allowPartial && outcomes.some(({ result }) => isBrought(result.status))) {
    for (const line of lines) io.stderr.write(`warning: source ${printableLine(line, 500)}\n`);
    return;
  }
  const enabled = outcomes.filter(({ result }) => result.status !== "disabled").length;
  const kinds = fetchFailures.flatMap((category) => {
    const count = failed.filter(({ result }) => result.failureCategory === category).length;
    return count === 0 ? [] : [`${count} ${category}`];
  });
  const shown = lines.slice(0, 10).map((text) => ({ label: "failed", text: printableLine(text, 500) }));
  const more = lines.length > 10 ? [{ label: "also", text: `${lines.length - 10} more, in the report` }] : [];
  const remedy = values.allowPartial
    ? "nothing came, which --allow-partial does not allow"
    : "mend the register, run again, or take what came with --allow-partial";
  const failure = failed.every(({ isService }) => isService === true) ? "service" : "data";
  throw new OperationError(failure, `Cannot fetch ${failed.length} of ${enabled} sources (${kinds.join(", ")})`, {
    details: [...shown, ...more, { label: "try", text: remedy }],
  });
}

await launch(import.meta.url, main);
