import { OperationError } from "@forgebench/errors";

/** A file to fetch, and how much of everything it may take. */
export interface DownloadRequest {
  readonly url: URL;
  /** Its final name. What has come so far lies beside it under a name of its own until all of it is there and right. */
  readonly file: string;
  /** How the file is called in messages. */
  readonly label: string;
  /** Sent to the origin of `url` only, never to another one that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `same-host`: a redirect may not leave the host; `any-host`: it may, to https. Never from https to http. */
  readonly redirects: "same-host" | "any-host";
  /** What the bytes must hash to; without it whatever comes is taken. */
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly maxBytes: number;
  /** Without a byte for so long, an attempt has failed. */
  readonly stallTimeoutMs?: number;
  /** For all attempts together. */
  readonly totalTimeoutMs?: number;
  readonly attempts?: number;
  /** The wait before the second attempt is up to this, doubled each time. */
  readonly retryBaseMs?: number;
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
  readonly attempts: number;
}

/** `refused`: an address that is not gone to; `missing`: 404 or 410; `mismatch`: other bytes than promised; `too-large`; `unavailable`: after all attempts. */
export type DownloadFailure = "refused" | "missing" | "mismatch" | "too-large" | "unavailable";

/** A download failed; exit 65 for wrong bytes and missing files, 69 for services. */
export class DownloadError extends OperationError {
  readonly reason: DownloadFailure;
  /** Of the bytes that came, where the whole came. */
  readonly actualSha256: string | undefined;

  constructor(
    reason: DownloadFailure,
    message: string,
    options: { readonly actualSha256?: string; readonly cause?: unknown } = {},
  ) {
    super(reason === "unavailable" ? "service" : "data", message, options);
    this.reason = reason;
    this.actualSha256 = options.actualSha256;
  }
}

export async function downloadFile(_request: DownloadRequest): Promise<Download> {
  throw new DownloadError("unavailable", "not there yet");
}
