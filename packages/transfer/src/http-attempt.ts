import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { followRedirect } from "./addresses.ts";
import { type AnswerFailure, type AnswerPlan, type Asked, planAnswer, validatorOf } from "./answer-plan.ts";
import { BodyQueue } from "./body-queue.ts";
import type { HashRequest } from "./download.ts";
import { AttemptError } from "./download-error.ts";
import type { Part } from "./hashed-part.ts";
import { networkFailure } from "./network-words.ts";
import { StallWatch } from "./stall-watch.ts";

const MAX_SAID_BYTES = 8192;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** An attempt whose body has come to its end. */
export interface Attempted {
  readonly finalUrl: URL;
  /** Bytes of the part that it continued. */
  readonly resumedBytes: number;
}

/**
 * Asks once, follows redirects, and adds the body to the partial file, which keeps what came when it fails.
 * @throws {AttemptError} for everything that the network or the server does wrong.
 */
export async function attemptDownload(
  request: HashRequest,
  partial: Part,
  signal: AbortSignal,
  stallTimeoutMs: number,
): Promise<Attempted> {
  // Nobody could say whether the rest that comes belongs to what is there.
  if (!partial.isResumable && partial.sizeBytes > 0) await partial.restart(undefined);
  const watch = new StallWatch(stallTimeoutMs, signal);
  try {
    const answer = await askAlong(request, partial, watch.signal);
    watch.feed();
    return await takeAnswer(request, partial, answer, watch);
  } catch (error) {
    // A destroyed connection surfaces as any error; why it was destroyed is what happened.
    if (watch.signal.aborted) throw watch.signal.reason;
    throw error;
  } finally {
    watch.stop();
  }
}

/** An answer, and the address that gave it. */
interface Answer {
  readonly response: IncomingMessage;
  readonly body: BodyQueue;
  readonly url: URL;
}

/** Asks the first address and every one that it redirects to. */
async function askAlong(request: HashRequest, partial: Part, signal: AbortSignal): Promise<Answer> {
  const trail: [URL, ...URL[]] = [withoutFragment(request.url)];
  let own = request.headers ?? {};
  for (let url = trail[0]; ; ) {
    const answer = await ask(url, { ...own, ...headersFor(partial) }, signal);
    const { response } = answer;
    if (!REDIRECTS.has(response.statusCode ?? 0)) return answer;
    response.destroy();
    const next = followRedirect(response.headers.location, trail, request);
    if ("problem" in next) throw new AttemptError({ reason: "refused", problem: next.problem, again: false });
    trail.push(next.url);
    url = next.url;
    // Once another origin was asked, no address that it names gets them either.
    if (url.origin !== request.url.origin) own = {};
  }
}

function headersFor(partial: Part): Record<string, string> {
  const always = { "user-agent": "forgebench", "accept-encoding": "identity" };
  if (partial.sizeBytes === 0) return always;
  const range = `bytes=${partial.sizeBytes}-`;
  return { ...always, range, ...(partial.validator === undefined ? {} : { "if-range": partial.validator }) };
}

function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  const send = url.protocol === "https:" ? https.request : http.request;
  return new Promise((resolve, reject) => {
    // A connection of its own: one that was kept and has died meanwhile would cost an attempt.
    const sent = send(url, { headers, agent: false, signal });
    sent.once("response", (response) => resolve({ response, body: new BodyQueue(response), url }));
    sent.on("error", (error) => reject(networkFailure(error)));
    sent.end();
  });
}

async function takeAnswer(
  request: HashRequest,
  partial: Part,
  { response, body, url: finalUrl }: Answer,
  watch: StallWatch,
): Promise<Attempted> {
  const head = { status: response.statusCode ?? 0, headers: response.headers };
  const resumedBytes = partial.sizeBytes;
  const limits = { maxBytes: request.maxBytes, sizeBytes: request.sizeBytes };
  const plan = planAnswer(head, { offsetBytes: resumedBytes, validator: partial.validator, ...limits }, Date.now());
  if (plan.kind === "fail" && plan.reason === "forbidden") {
    throw new AttemptError({ ...plan, answerText: await beginningOf(body).finally(() => response.destroy()) });
  }
  if (plan.kind !== "append" && plan.kind !== "restart") response.destroy();
  if (plan.kind === "fail") throw new AttemptError(plan);
  if (plan.kind === "complete") return { finalUrl, resumedBytes };
  if (plan.kind === "discard") {
    await partial.restart(undefined);
    throw new AttemptError({ reason: "unavailable", problem: plan.problem, again: true, retryAfterMs: 0 });
  }
  if (plan.kind === "restart") await partial.restart(validatorOf(head));
  await takeBody(request, partial, body, plan, watch).finally(() => response.destroy());
  return { finalUrl, resumedBytes: plan.kind === "append" ? resumedBytes : 0 };
}

/** What a server says about why it gives nothing. */
async function beginningOf(body: BodyQueue): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let sizeBytes = 0; sizeBytes < MAX_SAID_BYTES; ) {
    const chunks = await body.next().catch(() => undefined);
    if (chunks === undefined) break;
    pieces.push(...chunks);
    sizeBytes += chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
  return Buffer.concat(pieces).subarray(0, MAX_SAID_BYTES).toString("utf8");
}

async function takeBody(
  request: HashRequest,
  partial: Part,
  body: BodyQueue,
  { totalBytes, isDelimited }: Extract<AnswerPlan, { isDelimited: boolean }>,
  watch: StallWatch,
): Promise<void> {
  const shownTotalBytes = totalBytes ?? request.sizeBytes;
  for (;;) {
    const chunks = await body.next().catch((error: unknown) => {
      throw networkFailure(error);
    });
    if (chunks === undefined) break;
    watch.pause();
    const cameBytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const overflow = overflowOf(partial.sizeBytes + cameBytes, request);
    if (overflow !== undefined) throw new AttemptError(overflow);
    await partial.append(chunks);
    request.onProgress?.(partial.sizeBytes, shownTotalBytes);
    watch.feed();
  }
  const expectedBytes = totalBytes ?? (isDelimited ? undefined : request.sizeBytes);
  if (expectedBytes !== undefined && partial.sizeBytes < expectedBytes) {
    const problem = `the answer ended after ${partial.sizeBytes} of ${expectedBytes} bytes`;
    throw new AttemptError({ reason: "unavailable", problem, again: true });
  }
}

/** A body that is longer than its head said, or that never ends. */
function overflowOf(bytes: number, { maxBytes, sizeBytes }: Pick<Asked, "maxBytes"> & { readonly sizeBytes?: number }) {
  const fail = (reason: "mismatch" | "too-large", problem: string): AnswerFailure => {
    return { kind: "fail", reason, problem, again: false };
  };
  if (sizeBytes !== undefined && bytes > sizeBytes)
    return fail("mismatch", `more than the expected ${sizeBytes} bytes came`);
  if (bytes > maxBytes) return fail("too-large", `more than ${maxBytes} bytes came, the most that are taken`);
  return undefined;
}

function withoutFragment(url: URL): URL {
  const copy = new URL(url.href);
  copy.hash = "";
  return copy;
}
