import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "@forgebench/errors";
import { backoffMs, makeFolder, outputError, retry, waitText } from "@forgebench/io";
import { addressProblem, type RedirectRules, shownUrl } from "./addresses.ts";
import { AttemptError, DownloadError } from "./download-error.ts";
import { attemptDownload, type Body } from "./http-attempt.ts";
import { unfinishedName } from "./leftovers.ts";
import { MAX_TOLD_WAIT_MS } from "./retry-policy.ts";
import { fileSink, noSink, type OpenSink } from "./sink.ts";

const DEFAULTS = { stallTimeoutMs: 30_000, totalTimeoutMs: 3_600_000, attempts: 5, retryBaseMs: 500 };

/** A file to fetch, and its limits of time, size and attempts. */
export interface DownloadRequest extends RedirectRules {
  /** https, or http on loopback; without user and password. */
  readonly url: URL;
  /** Its final name. Until the file is complete and right, its bytes are in a file of another name beside it. */
  readonly file: string;
  /** How the file is called in messages. */
  readonly label: string;
  /** Sent to the origin of `url` only, never to another one that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `same-host`: a redirect may not leave the host and port; `any-host`: it may, to https. Never from https to http. */
  readonly redirects: "same-host" | "any-host";
  /** The expected hash of the bytes; without it any bytes are accepted. */
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
  /** Not flushed: for a file that is checked again before it is used. */
  readonly isTransient?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void;
  /** Says that an attempt failed, why, and how long it waits. */
  readonly onRetry?: (message: string) => void;
}

/** A file that is in its place, flushed. */
interface Download extends Body {
  readonly attempts: number;
}

/**
 * Fetches a file over HTTP: hashed while it comes, bounded, from the beginning again after failures that may pass. The
 * final name is given only to bytes that are flushed and right; a file that had it stays until then. Files of a killed
 * process have a name of their own; {@link removeLeftovers} removes them.
 * @throws {DownloadError} exit 65 or 69; {OperationError} exit 73 when the file cannot be written; the signal's reason.
 */
export async function downloadFile(request: DownloadRequest): Promise<Download> {
  refuseAddress(request);
  const { file } = request;
  await makeFolder(path.dirname(file));
  await refuseFolderAt(file);
  const unfinished = unfinishedName(file);
  try {
    const download = await fetchFile(request, fileSink(unfinished));
    if (request.isTransient !== true) await flush(unfinished);
    await rename(unfinished, file);
    return download;
  } catch (error) {
    // Errors of the network have no code of the system here.
    throw codeOf(error) === undefined ? error : outputError(`Cannot write "${file}"`, error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** A download of which nothing is kept but its hash. */
export type HashRequest = Omit<DownloadRequest, "file" | "isTransient">;

/**
 * Fetches a file like {@link downloadFile}, to see whether it is right: nothing is written, so no room is needed.
 * @throws {DownloadError} exit 65 or 69; the signal's reason.
 */
export async function hashRemoteFile(request: HashRequest): Promise<Download> {
  refuseAddress(request);
  return fetchFile(request, noSink);
}

function refuseAddress(request: HashRequest): void {
  const problem = addressProblem(request.url);
  if (problem !== undefined) throw new DownloadError("refused", messageFor(request, problem));
  request.signal.throwIfAborted();
}

async function refuseFolderAt(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw outputError(`Cannot write "${file}"`, Object.assign(new Error(), { code: "EISDIR" }));
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

/** How far a download has come, for the message when its time is over. */
interface Tried {
  attempts: number;
  lastProblem?: string;
}

async function fetchFile(request: HashRequest, openSink: OpenSink): Promise<Download> {
  const tried: Tried = { attempts: 0 };
  const stallTimeoutMs = request.stallTimeoutMs ?? DEFAULTS.stallTimeoutMs;
  return withinTotal(request, tried, (signal) => {
    const attempt = async (attempts: number) => {
      tried.attempts = attempts;
      const came = await attemptDownload(request, openSink, signal, stallTimeoutMs);
      const problem = contentProblem(request, came);
      if (problem === undefined) return { ...came, attempts };
      throw new DownloadError("mismatch", messageFor(request, problem), { actualSha256: came.sha256, attempts });
    };
    return retry(signal, attempt, (error, attempts) => {
      if (!(error instanceof AttemptError)) throw error;
      tried.lastProblem = error.message;
      return waitMsAfter(request, error, attempts);
    });
  });
}

/** The wait before the next attempt. @throws {DownloadError} when there is none. */
function waitMsAfter(request: HashRequest, failure: AttemptError, attempt: number): number {
  const most = request.attempts ?? DEFAULTS.attempts;
  const toldMs = failure.retryAfterMs ?? 0;
  const isTooLong = toldMs > MAX_TOLD_WAIT_MS;
  if (!failure.again || attempt >= most || isTooLong) {
    const told = failure.again && isTooLong ? ` and asks to wait ${Math.ceil(toldMs / 60_000)} min` : "";
    const tried = attempt > 1 ? ` (${attempt} attempts)` : "";
    const message = messageFor(request, `${failure.message}${told}${tried}`);
    const { answerText } = failure;
    throw new DownloadError(failure.reason, message, { attempts: attempt, answerText, cause: failure });
  }
  const waitMs = Math.max(backoffMs(request.retryBaseMs ?? DEFAULTS.retryBaseMs, attempt), toldMs);
  const next = `attempt ${attempt + 1} of ${most} in ${waitText(waitMs)}`;
  request.onRetry?.(`${messageFor(request, failure.message)}; ${next}`);
  return waitMs;
}

function contentProblem(request: HashRequest, { sha256, sizeBytes }: Body): string | undefined {
  if (request.sizeBytes !== undefined && sizeBytes !== request.sizeBytes) {
    return `received ${sizeBytes} bytes, expected ${request.sizeBytes}`;
  }
  if (request.sha256 === undefined || sha256 === request.sha256) return undefined;
  return `the received bytes have the SHA-256 ${sha256}, expected ${request.sha256}`;
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
