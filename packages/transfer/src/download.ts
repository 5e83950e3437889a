import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFolder, makeFolder, outputError } from "@forgebench/io";
import { addressProblem, type RedirectRules, shownUrl } from "./addresses.ts";
import { AttemptError, DownloadError, type DownloadFailure } from "./download-error.ts";
import { HashedPart, type Part } from "./hashed-part.ts";
import { type Attempted, attemptDownload } from "./http-attempt.ts";
import { removeDrafts } from "./leftovers.ts";
import { PartialFile } from "./partial-file.ts";
import { partialNames } from "./partial-names.ts";
import { MAX_TOLD_WAIT_MS, waitBeforeNextMs } from "./retry-policy.ts";

const KEEPING: ReadonlySet<DownloadFailure> = new Set(["unavailable", "forbidden"]);
const DEFAULTS = { stallTimeoutMs: 30_000, totalTimeoutMs: 3_600_000, attempts: 5, retryBaseMs: 500 };

/** A file to fetch, and how much of everything it may take. */
export interface DownloadRequest extends RedirectRules {
  /** https, or http on loopback; without user and password. */
  readonly url: URL;
  /** Its final name. What has come so far lies beside it under a name of its own until all of it is there and right. */
  readonly file: string;
  /** How the file is called in messages. */
  readonly label: string;
  /** Sent to the origin of `url` only, never to another one that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `same-host`: a redirect may not leave the host and port; `any-host`: it may, to https. Never from https to http. */
  readonly redirects: "same-host" | "any-host";
  /** What the bytes must hash to; without it whatever comes is taken. */
  readonly sha256?: string;
  /** A server that says another length fails at once. */
  readonly sizeBytes?: number;
  readonly maxBytes: number;
  /** Without a byte for so long, an attempt has failed; 30 s when absent. */
  readonly stallTimeoutMs?: number;
  /** For all attempts together; an hour when absent. */
  readonly totalTimeoutMs?: number;
  /** 5 when absent. A server that asks to wait for more than 20 minutes is not asked again. */
  readonly attempts?: number;
  /** The wait before the second attempt is up to this, doubled each time; 500 ms when absent. */
  readonly retryBaseMs?: number;
  /** Not flushed: for a file that is checked again before it is used, and of no use to a later run that cannot. */
  readonly isTransient?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void;
  /** Says that an attempt failed, why, and how long it waits. */
  readonly onRetry?: (message: string) => void;
}

/** A file that is in its place, flushed. */
export interface Download {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Where it came from in the end. */
  readonly finalUrl: URL;
  /** How many of its bytes an earlier attempt or run had left. */
  readonly resumedBytes: number;
  /** 0 when an earlier run had left all of it. */
  readonly attempts: number;
}

/**
 * Fetches a file over HTTP: hashed while it comes, bounded, repeated after failures that may pass, continued where an
 * earlier attempt or a killed run stopped. The final name is given only to bytes that are flushed and right; a file that
 * had it stays until then. Two processes that fetch the same exclude one another by a lock on the partial file: the
 * second one fails at once (exit 73).
 * @throws {DownloadError} exit 65 or 69; {OperationError} exit 73 when the file cannot be written; the signal's reason.
 */
export async function downloadFile(request: DownloadRequest): Promise<Download> {
  const problem = addressProblem(request.url);
  if (problem !== undefined) throw new DownloadError("refused", messageFor(request, problem));
  request.signal.throwIfAborted();
  const names = partialNames(request);
  await makeFolder(names.folder);
  await refuseFolderAt(request.file);
  const lock = await lockFolder(names.folder, names.lockName);
  try {
    await removeDrafts(names.folder, names.lockName);
    const partial = await PartialFile.open(names, request);
    try {
      const tried: Tried = { attempts: 0 };
      return await withinTotal(request, tried, (signal) => {
        return fetchInto(request, partial, () => partial.place(request.file), signal, tried);
      });
    } catch (error) {
      // After another attempt the part could be of use; where the bytes or the address are wrong it could not.
      if (error instanceof DownloadError && !KEEPING.has(error.reason)) await partial.discard();
      throw error;
    } finally {
      await partial.leave();
    }
  } finally {
    await lock.release();
  }
}

/** A download of which nothing is kept but its hash. */
export type HashRequest = Omit<DownloadRequest, "file" | "isTransient">;

/**
 * Fetches a file like {@link downloadFile}, to see whether it is right: nothing is written, so no room is needed.
 * @throws {DownloadError} exit 65 or 69; the signal's reason.
 */
export async function hashRemoteFile(request: HashRequest): Promise<Omit<Download, "resumedBytes">> {
  const problem = addressProblem(request.url);
  if (problem !== undefined) throw new DownloadError("refused", messageFor(request, problem));
  request.signal.throwIfAborted();
  const tried: Tried = { attempts: 0 };
  const part = new HashedPart(request.sha256 !== undefined);
  const { resumedBytes, ...download } = await withinTotal(request, tried, (signal) =>
    fetchInto(request, part, async () => undefined, signal, tried),
  );
  return download;
}

async function refuseFolderAt(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw outputError(`Cannot write "${file}"`, Object.assign(new Error(), { code: "EISDIR" }));
}

/** How far a download has come, for the message when its time is over. */
interface Tried {
  attempts: number;
  lastProblem?: string;
}

async function fetchInto(
  request: HashRequest,
  partial: Part,
  place: () => Promise<void>,
  signal: AbortSignal,
  tried: Tried,
): Promise<Download> {
  const before = await useWhatIsThere(request, partial, place);
  if (before !== undefined) return before;
  let isFresh = false;
  for (let attempt = 1; ; ) {
    tried.attempts = attempt;
    const result = await attemptOrFailure(request, partial, signal);
    if (result instanceof AttemptError) {
      tried.lastProblem = result.message;
      await waitAfter(request, result, attempt, signal);
      attempt += 1;
      continue;
    }
    const sha256 = partial.sha256();
    const problem = contentProblem(request, sha256, partial.sizeBytes);
    if (problem === undefined) {
      const { sizeBytes } = partial;
      await place();
      return { sha256, sizeBytes, ...result, attempts: attempt };
    }
    if (result.resumedBytes === 0 || isFresh) {
      throw new DownloadError("mismatch", messageFor(request, problem), { actualSha256: sha256, attempts: attempt });
    }
    // The part may have been of another version, or damaged.
    request.onRetry?.(`${messageFor(request, `${problem}, after it was continued`)}; once more from the beginning`);
    await partial.restart(undefined);
    isFresh = true;
    attempt += 1;
  }
}

/** A run that was killed before it gave the final name may have left all of it; then nobody need be asked. */
async function useWhatIsThere(
  request: HashRequest,
  partial: Part,
  place: () => Promise<void>,
): Promise<Download | undefined> {
  const { sizeBytes } = partial;
  if (sizeBytes === 0) return undefined;
  const sha256 = partial.sha256();
  if (
    sha256 === request.sha256 &&
    contentProblem(request, sha256, sizeBytes) === undefined &&
    sizeBytes <= request.maxBytes
  ) {
    await place();
    return { sha256, sizeBytes, finalUrl: request.url, resumedBytes: sizeBytes, attempts: 0 };
  }
  const mostBytes = Math.min(request.maxBytes, (request.sizeBytes ?? Number.POSITIVE_INFINITY) - 1);
  if (sizeBytes > mostBytes) await partial.restart(undefined);
  return undefined;
}

async function attemptOrFailure(
  request: HashRequest,
  partial: Part,
  signal: AbortSignal,
): Promise<Attempted | AttemptError> {
  try {
    return await attemptDownload(request, partial, signal, request.stallTimeoutMs ?? DEFAULTS.stallTimeoutMs);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof AttemptError) return error;
    throw error;
  }
}

/** Waits before the next attempt. @throws {DownloadError} when there is none. */
async function waitAfter(
  request: HashRequest,
  failure: AttemptError,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  const most = request.attempts ?? DEFAULTS.attempts;
  const toldMs = failure.retryAfterMs ?? 0;
  if (!failure.again || attempt >= most || toldMs > MAX_TOLD_WAIT_MS) {
    const told =
      failure.again && toldMs > MAX_TOLD_WAIT_MS ? ` and asks to wait ${Math.ceil(toldMs / 60_000)} min` : "";
    const tried = attempt > 1 ? ` (${attempt} attempts)` : "";
    const message = messageFor(request, `${failure.message}${told}${tried}`);
    const { answerText } = failure;
    throw new DownloadError(failure.reason, message, { attempts: attempt, answerText, cause: failure });
  }
  const baseMs = request.retryBaseMs ?? DEFAULTS.retryBaseMs;
  const waitMs = waitBeforeNextMs(attempt, baseMs, failure.retryAfterMs, Math.random);
  const next = `attempt ${attempt + 1} of ${most} in ${(waitMs / 1000).toFixed(1)} s`;
  request.onRetry?.(`${messageFor(request, failure.message)}; ${next}`);
  await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function contentProblem(request: HashRequest, sha256: string, sizeBytes: number): string | undefined {
  if (request.sizeBytes !== undefined && sizeBytes !== request.sizeBytes) {
    return `${sizeBytes} bytes came, expected ${request.sizeBytes}`;
  }
  if (request.sha256 === undefined || sha256 === request.sha256) return undefined;
  return `what came has the SHA-256 ${sha256}, expected ${request.sha256}`;
}

/** Runs the work with a signal that also the total timeout aborts. */
async function withinTotal<T>(
  request: HashRequest,
  tried: Tried,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const totalMs = request.totalTimeoutMs ?? DEFAULTS.totalTimeoutMs;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const { attempts, lastProblem } = tried;
    const last = lastProblem === undefined ? "" : `, before that: ${lastProblem}`;
    const message = messageFor(request, `not finished after ${totalMs / 1000} s${last}`);
    controller.abort(new DownloadError("unavailable", message, { attempts }));
  }, totalMs);
  try {
    // Not a listener of its own: many downloads may share the signal, and Node warns of more than ten.
    return await work(AbortSignal.any([request.signal, controller.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function messageFor({ label, url }: Pick<DownloadRequest, "label" | "url">, problem: string): string {
  return `Cannot download ${label} from "${shownUrl(url)}": ${problem}`;
}
