import type { HashRequest } from "./download.ts";
import type { DownloadFailure } from "./download-error.ts";
import { isWorthRepeating, toldWaitMs } from "./retry-policy.ts";

/** The head of an answer; header names in lower case, as Node gives them. */
interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The limits of an answer. */
export type Limits = Pick<HashRequest, "maxBytes" | "sizeBytes">;

/** A failure of one attempt. */
export interface AnswerFailure {
  readonly kind: "fail";
  readonly reason: DownloadFailure;
  readonly problem: string;
  /** Whether another attempt may go better. */
  readonly again: boolean;
  readonly retryAfterMs?: number;
}

/** What to do with an answer, before its body is read; `isDelimited`: an end that comes too early would be noticed. */
type AnswerPlan =
  | { readonly kind: "take"; readonly totalBytes: number | undefined; readonly isDelimited: boolean }
  | AnswerFailure;

/** Decides about an answer by its head alone. Pure. */
export function planAnswer(head: AnswerHead, limits: Limits, nowMs: number): AnswerPlan {
  const { status } = head;
  if (status === 200) return planWhole(head, limits);
  if (status === 206) return fail("unavailable", "the server sent a part, but the whole file was asked for", true);
  if (status === 404 || status === 410) return fail("missing", `the server answered ${status}: it has no such file`);
  const wait = toldWaitMs(head.headers, nowMs);
  // GitHub's limits are 403 with a time to wait; any other 403 stays one.
  const isLimit = status === 403 && wait !== undefined;
  if (status === 401 || (status === 403 && !isLimit)) {
    return fail("forbidden", `the server answered ${status}: access denied`);
  }
  return {
    ...fail("unavailable", `the server answered ${status}`, isLimit || isWorthRepeating(status)),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

function planWhole(head: AnswerHead, limits: Limits): AnswerPlan {
  const totalBytes = contentLength(head);
  const isDelimited = totalBytes !== undefined || text(head, "transfer-encoding") !== undefined;
  return encodingFailure(head) ?? lengthFailure(totalBytes, limits) ?? { kind: "take", totalBytes, isDelimited };
}

/** Why a file of so many bytes is refused; undefined if it is not, or if the length is not known. */
function lengthFailure(totalBytes: number | undefined, { maxBytes, sizeBytes }: Limits): AnswerFailure | undefined {
  if (totalBytes === undefined) return undefined;
  if (sizeBytes !== undefined && totalBytes !== sizeBytes) {
    return fail("mismatch", `the server says that it has ${totalBytes} bytes, expected ${sizeBytes}`);
  }
  if (totalBytes > maxBytes) {
    return fail("too-large", `it has ${totalBytes} bytes, and the limit is ${maxBytes}`);
  }
  return undefined;
}

/** An encoded answer has other bytes than the file that is hashed; `identity` was asked for. */
function encodingFailure(head: AnswerHead): AnswerFailure | undefined {
  const encoding = (text(head, "content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return undefined;
  return fail("refused", `the server sent it encoded as "${encoding}", which was not asked for`);
}

function contentLength(head: AnswerHead): number | undefined {
  const found = text(head, "content-length");
  return found !== undefined && /^\d{1,15}$/.test(found) ? Number(found) : undefined;
}

function text({ headers }: AnswerHead, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function fail(reason: DownloadFailure, problem: string, again = false): AnswerFailure {
  return { kind: "fail", reason, problem, again };
}
