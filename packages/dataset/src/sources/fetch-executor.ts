import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { type FetchReport, fetchReport, type RegisterEntry, type Source } from "@forgebench/artifacts";
import pLimit from "p-limit";
import { type EarlierFile, knownSha256, planRemovals } from "./earlier-fetch.ts";
import { cleanUp, type FetchFolder, placeFile, readEarlierFiles, removeFile, stagingOf } from "./fetch-folder.ts";
import {
  type CameDownload,
  type FailedDownload,
  type FetchOutcome,
  type FetchResult,
  withFile,
  withoutFile,
} from "./fetch-results.ts";
import { fetchReportOf } from "./fetch-totals.ts";
import { findPicture, imageProblem } from "./picture-probe.ts";
import { type FetchWaivers, planFetch } from "./plan-fetch.ts";

/** A source and the file that it is to become. */
export interface SourceFile {
  readonly source: Source;
  readonly file: string;
}

/** What is to be fetched, and with what. */
export interface FetchJob {
  readonly entries: readonly RegisterEntry[];
  readonly register: NonNullable<FetchReport["register"]>;
  readonly options: FetchReport["options"] & FetchWaivers;
  /** Sources at a time. */
  readonly concurrency: number;
}

/** The folder, and the hands that lie above this layer. */
export interface FetchTools extends FetchFolder {
  /** Gives the file its name only when all of it is there and right. @throws only what ends the whole run. */
  download(wanted: SourceFile, signal: AbortSignal): Promise<CameDownload | FailedDownload>;
  writeReport(file: string, report: FetchReport): Promise<void>;
  /** So many sources are to be fetched from now on. */
  onBegin(total: number): void;
  /** One of them is settled. */
  onSettled(id: string): void;
  /** All of them are, or the run was ended. */
  onEnd(): void;
}

/**
 * Leaves the folder with the fetched files and the report. Files get their names after the report knows them, and lose
 * them before it forgets them: a kill in between leaves a folder that build-tiers refuses, not one with strange images.
 * Only for a process that has locked the folder.
 */
export async function fetchSources(job: FetchJob, tools: FetchTools): Promise<readonly FetchOutcome[]> {
  const staging = stagingOf(tools.folder);
  const sources = job.entries.flatMap((entry) => ("source" in entry && entry.enabled ? [entry.source] : []));
  await cleanUp(tools, sources);
  const earlier = await readEarlierFiles(tools);
  const outcomes = await fetchAll(job, earlier, tools);
  const results = outcomes.map(({ result }) => result);
  for (const removal of planRemovals(earlier, results)) await removeFile(tools, removal);
  const report = fetchReportOf(job.options, job.register, results);
  await tools.writeReport(path.join(tools.folder, fetchReport.fileName), report);
  for (const { result, isStaged } of outcomes) {
    if (isStaged === true && result.filename !== null) await placeFile(tools, result.filename);
  }
  // Files of sources that may still come stay in it.
  await rmdir(staging).catch(() => undefined);
  return outcomes;
}

async function fetchAll(
  { entries, options, concurrency }: FetchJob,
  earlier: readonly EarlierFile[],
  tools: FetchTools,
): Promise<readonly FetchOutcome[]> {
  const limit = pLimit(concurrency);
  const stop = new AbortController();
  const signal = AbortSignal.any([tools.signal, stop.signal]);
  const plans = entries.map((entry) => planFetch(entry, options));
  tools.onBegin(plans.filter((plan) => "source" in plan).length);
  const tasks = plans.map((plan) =>
    limit(async () => {
      signal.throwIfAborted();
      if ("settled" in plan) return plan.settled;
      const outcome = await fetchOne(plan, earlier, { ...tools, signal });
      tools.onSettled(plan.source.id);
      return outcome;
    }).catch((error: unknown) => {
      // A full disk is the end of all; the others close their parts first.
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(tasks);
  tools.onEnd();
  if (signal.aborted) throw signal.reason;
  return Promise.all(tasks);
}

interface SourceTask {
  readonly source: Source;
  readonly blank: FetchResult;
}

/** @throws only what is no source's own failure: an output that cannot be made, an interruption. */
async function fetchOne(task: SourceTask, earlier: readonly EarlierFile[], tools: FetchTools): Promise<FetchOutcome> {
  const there = await findThere(task, knownSha256(task.source, earlier), tools);
  if (there !== undefined) return there;
  const file = path.join(stagingOf(tools.folder), task.source.filename);
  const came = await tools.download({ source: task.source, file }, tools.signal);
  if ("problem" in came) return withoutFile(task.blank, came);
  const result = { ...task.blank, attempts: came.attempts };
  const problem = await imageProblem(file);
  if (problem === undefined) return { result: withFile(result, "downloaded", came), isStaged: true };
  await rm(file, { force: true });
  return { result: { ...result, failureCategory: "download-failed", reason: problem } };
}

/** A file that is there already: under its final name, or where a killed run had left it. */
async function findThere(
  { source, blank }: SourceTask,
  sha256: string | undefined,
  { folder, signal, outputError }: FetchTools,
): Promise<FetchOutcome | undefined> {
  const find = async (file: string) => {
    const found = await findPicture(file, signal, outputError);
    return found?.sha256 === sha256 && found?.problem === undefined ? found : undefined;
  };
  const final = await find(path.join(folder, source.filename));
  if (final !== undefined) return { result: withFile(blank, "present", final) };
  const staged = await find(path.join(stagingOf(folder), source.filename));
  return staged === undefined ? undefined : { result: withFile(blank, "downloaded", staged), isStaged: true };
}
