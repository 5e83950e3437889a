import { type ErrorDetail, OperationError } from "@forgebench/errors";

/**
 * `forbidden`: 401 or 403 that is no limit; `refused`: an address that is not allowed, or an encoded answer; `missing`: 404 or 410; `mismatch`: other bytes than
 * promised; `too-large`; `unavailable`: after all attempts, or at once where another attempt would not help.
 */
export type DownloadFailure = "refused" | "forbidden" | "missing" | "mismatch" | "too-large" | "unavailable";

/** A download failed; exit 65 for wrong bytes and for files that are missing or not given, 69 for services. */
export class DownloadError extends OperationError {
  readonly reason: DownloadFailure;
  /** Of the bytes that came, where the whole came. */
  readonly actualSha256: string | undefined;
  /** Attempts that were made. */
  readonly attempts: number;
  /** Of a `forbidden` one: the body of the answer as it came, its beginning; text from outside that may repeat secrets. */
  readonly answerText: string | undefined;

  constructor(
    reason: DownloadFailure,
    message: string,
    options: {
      readonly actualSha256?: string;
      readonly attempts?: number;
      readonly answerText?: string | undefined;
      readonly details?: readonly ErrorDetail[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(reason === "unavailable" ? "service" : "data", message, options);
    this.reason = reason;
    this.actualSha256 = options.actualSha256;
    this.attempts = options.attempts ?? 0;
    this.answerText = options.answerText;
  }
}

/** One attempt failed; the loop above it decides what follows. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly reason: DownloadFailure;
  readonly again: boolean;
  readonly retryAfterMs: number | undefined;
  readonly answerText: string | undefined;

  constructor(failure: {
    readonly reason: DownloadFailure;
    readonly problem: string;
    readonly again: boolean;
    readonly retryAfterMs?: number;
    readonly answerText?: string;
    readonly cause?: unknown;
  }) {
    super(failure.problem, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.reason = failure.reason;
    this.again = failure.again;
    this.retryAfterMs = failure.retryAfterMs;
    this.answerText = failure.answerText;
  }
}
