import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fetchReport, parseArtifact, type Source } from "@forgebench/artifacts";
import { codeOf, messageOf, printableLine } from "@forgebench/errors";
import { type EarlierFile, earlierFiles, type Removal } from "./earlier-fetch.ts";
import { findPicture } from "./picture-probe.ts";

/** The lock that keeps other processes away from the folder. */
export const FETCH_LOCK_NAME = ".fetch-lock";
/** Where files wait, checked, until all are there and the report knows them. Readers of images pass over hidden folders. */
const STAGING_NAME = ".fetching";
/** What a killed run leaves of a lock or a report that it was writing. */
const DRAFT = /^\.(\.fetch-lock|fetch-report\.json)\.\d+\.[0-9a-f]+\.tmp$/;

/** The folder that pictures are fetched into, and how its troubles are told. */
export interface FetchFolder {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** A line for people, safe to print, for example `note: …`. */
  say(line: string): void;
  /** The error for an output that cannot be made (exit 73). */
  outputError(action: string, cause: unknown): Error;
}

/**
 * Where files wait until all are checked and get their names; it lies in the folder itself, so that a rename is enough.
 */
export function stagingOf(folder: string): string {
  return path.join(folder, STAGING_NAME);
}

/** Removes what killed runs left, except the files of `sources` that wait in the staging folder, which is made. */
export async function cleanUp(work: FetchFolder, sources: readonly Source[]): Promise<void> {
  const { folder } = work;
  const staging = stagingOf(folder);
  const wanted = new Set(sources.map(({ filename }) => filename));
  try {
    for (const name of await readdir(folder)) if (DRAFT.test(name)) await rm(path.join(folder, name), { force: true });
    await mkdir(staging, { recursive: true });
    for (const name of await readdir(staging)) {
      if (!wanted.has(name)) await rm(path.join(staging, name), { recursive: true });
    }
  } catch (error) {
    throw work.outputError(`Cannot clean up the folder "${folder}"`, error);
  }
}

/** What earlier runs brought, as their report says; one that cannot be read is passed over. */
export async function readEarlierFiles({ folder, say }: FetchFolder): Promise<EarlierFile[]> {
  const file = path.join(folder, fetchReport.fileName);
  try {
    return earlierFiles(parseArtifact(fetchReport, await readFile(file, "utf8"), file));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    say(`warning: the report of an earlier run is ignored: ${printableLine(messageOf(error))}`);
    return [];
  }
}

/** Removes a file, or says why it stays. */
export async function removeFile(work: FetchFolder, { filename, why, ifSha256 }: Removal): Promise<void> {
  const file = path.join(work.folder, filename);
  const found = await findPicture(file, work.signal, work.outputError);
  if (found === undefined) return;
  if (ifSha256 !== undefined && ifSha256.sha256 !== found.sha256) {
    return work.say(`warning: "${printableLine(filename)}" is not removed: ${printableLine(ifSha256.otherwise)}`);
  }
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw work.outputError(`Cannot remove "${file}"`, error);
  }
  work.say(`note: "${printableLine(filename)}" is removed: ${printableLine(why)}`);
}

/** Gives a file that waited its final name. */
export async function placeFile({ folder, outputError }: FetchFolder, filename: string): Promise<void> {
  const file = path.join(folder, filename);
  try {
    await rename(path.join(stagingOf(folder), filename), file);
  } catch (error) {
    throw outputError(`Cannot write "${file}"`, error);
  }
}
