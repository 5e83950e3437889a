import type { DownloadFailure } from "./download-error.ts";
import { isWorthRepeating, toldWaitMs } from "./retry-policy.ts";

/** The head of an answer; header names in lower case, as Node gives them. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What was asked for: everything from `offsetBytes` on, of what `validator` stands for. */
export interface Asked {
  readonly offsetBytes: number;
  /** The strong ETag or the date that the bytes before the offset came with. */
  readonly validator: string | undefined;
  readonly maxBytes: number;
  readonly sizeBytes: number | undefined;
}

/** A failure of one attempt. */
export interface AnswerFailure {
  readonly kind: "fail";
  readonly reason: DownloadFailure;
  readonly problem: string;
  /** Whether another attempt may go better. */
  readonly again: boolean;
  readonly retryAfterMs?: number;
}

/** What to do with an answer, before its body is read. */
export type AnswerPlan =
  /** The body is the rest, or the whole; `isDelimited`: an end that comes too early would be noticed. */
  | { readonly kind: "append" | "restart"; readonly totalBytes: number | undefined; readonly isDelimited: boolean }
  /** There is no rest: the part is the whole. */
  | { readonly kind: "complete" }
  /** The part belongs to something else; ask again without it. */
  | { readonly kind: "discard"; readonly problem: string }
  | AnswerFailure;

/** Decides about an answer by its head alone. Pure. */
export function planAnswer(head: AnswerHead, asked: Asked, nowMs: number): AnswerPlan {
  const { status } = head;
  if (status === 206) return planRest(head, asked);
  if (status === 416 && asked.offsetBytes > 0) return planNoRest(head, asked);
  if (status === 200) return planWhole(head, asked);
  if (status === 404 || status === 410) return fail("missing", `the server answered ${status}: it has no such file`);
  const wait = toldWaitMs(head.headers, nowMs);
  // GitHub's limits are 403 with a time to wait; any other 403 stays one.
  const isLimit = status === 403 && wait !== undefined;
  if (status === 401 || (status === 403 && !isLimit)) {
    return fail("forbidden", `the server answered ${status}: it does not give it to who asks`);
  }
  return {
    ...fail("unavailable", `the server answered ${status}`, isLimit || isWorthRepeating(status)),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

function planWhole(head: AnswerHead, asked: Asked): AnswerPlan {
  const totalBytes = contentLength(head);
  return (
    encodingFailure(head) ?? lengthFailure(totalBytes, asked) ?? { kind: "restart", totalBytes, ...delimitation(head) }
  );
}

function planRest(head: AnswerHead, asked: Asked): AnswerPlan {
  if (asked.offsetBytes === 0) return fail("unavailable", "the server sent a part although all was asked for", true);
  const failure = encodingFailure(head);
  if (failure !== undefined) return failure;
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(text(head, "content-range") ?? "");
  const [start, last] = [Number(range?.[1] ?? -1), Number(range?.[2] ?? -1)];
  const totalBytes = range?.[3] === undefined || range[3] === "*" ? undefined : Number(range[3]);
  const isWrong = start !== asked.offsetBytes || last < start || (totalBytes !== undefined && last >= totalBytes);
  if (isWrong) return { kind: "discard", problem: "the server sent another part than the one asked for" };
  const length = contentLength(head);
  if (length !== undefined && length !== last - start + 1) {
    return { kind: "discard", problem: "the server contradicts itself about the length of the rest" };
  }
  const etag = text(head, "etag");
  if (asked.validator?.startsWith('"') && etag !== undefined && etag !== asked.validator) {
    return { kind: "discard", problem: "the file has changed on the server" };
  }
  return lengthFailure(totalBytes, asked) ?? { kind: "append", totalBytes, ...delimitation(head) };
}

function planNoRest(head: AnswerHead, { offsetBytes }: Asked): AnswerPlan {
  const total = /^bytes \*\/(\d+)$/.exec(text(head, "content-range") ?? "")?.[1];
  if (Number(total) === offsetBytes) return { kind: "complete" };
  return { kind: "discard", problem: "the server has no such part of the file" };
}

/** Why a file of so many bytes is not taken; nothing when it is, or when the length is not known. */
export function lengthFailure(
  totalBytes: number | undefined,
  { maxBytes, sizeBytes }: Pick<Asked, "maxBytes" | "sizeBytes">,
): AnswerFailure | undefined {
  if (totalBytes === undefined) return undefined;
  if (sizeBytes !== undefined && totalBytes !== sizeBytes) {
    return fail("mismatch", `the server says that it has ${totalBytes} bytes, expected ${sizeBytes}`);
  }
  if (totalBytes > maxBytes) {
    return fail("too-large", `it has ${totalBytes} bytes, and at most ${maxBytes} are taken`);
  }
  return undefined;
}

/** An encoded answer is not what is hashed and measured; `identity` was asked for. */
function encodingFailure(head: AnswerHead): AnswerFailure | undefined {
  const encoding = (text(head, "content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return undefined;
  return fail("refused", `the server sent it encoded as "${encoding}" although that was not asked for`);
}

function delimitation(head: AnswerHead): { readonly isDelimited: boolean } {
  return { isDelimited: contentLength(head) !== undefined || text(head, "transfer-encoding") !== undefined };
}

function contentLength(head: AnswerHead): number | undefined {
  const found = text(head, "content-length");
  return found !== undefined && /^\d{1,15}$/.test(found) ? Number(found) : undefined;
}

/**
 * What stands for exactly these bytes in later requests (`If-Range`): a strong ETag, else a date of change that lies so
 * far back that no second change in the same second can hide behind it; nothing when the server gives neither.
 */
export function validatorOf(head: AnswerHead): string | undefined {
  const etag = text(head, "etag");
  if (etag !== undefined && /^"[\x21\x23-\x7e]*"$/.test(etag)) return etag;
  const modified = text(head, "last-modified");
  const ageMs = Date.parse(text(head, "date") ?? "") - Date.parse(modified ?? "");
  return ageMs >= 2000 ? modified : undefined;
}

function text({ headers }: AnswerHead, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : value?.[0];
}

function fail(reason: DownloadFailure, problem: string, again = false): AnswerFailure {
  return { kind: "fail", reason, problem, again };
}
