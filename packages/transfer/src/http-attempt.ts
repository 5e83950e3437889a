import { createHash } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { followRedirect } from "./addresses.ts";
import { type AnswerFailure, planAnswer } from "./answer-plan.ts";
import type { HashRequest } from "./download.ts";
import { AttemptError } from "./download-error.ts";
import { networkFailure } from "./network-words.ts";
import { closeSink, type OpenSink } from "./sink.ts";
import { StallWatch } from "./stall-watch.ts";

const MAX_SAID_BYTES = 8192;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The whole of a body. */
export interface Body {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Asks once, follows redirects, and takes the body from its beginning.
 * @throws {AttemptError} for everything that the network or the server does wrong; the system's error when the sink fails.
 */
export async function attemptDownload(
  request: HashRequest,
  openSink: OpenSink,
  signal: AbortSignal,
  stallTimeoutMs: number,
): Promise<Body> {
  const sink = await openSink();
  const watch = new StallWatch(stallTimeoutMs, signal);
  try {
    const response = await askAlong(request, watch.signal);
    watch.feed();
    return await takeAnswer(request, response, sink, watch).finally(() => response.destroy());
  } catch (error) {
    // A destroyed connection may throw any error; the reason why it was destroyed is the real cause.
    if (watch.signal.aborted) throw watch.signal.reason;
    throw error;
  } finally {
    watch.stop();
    await closeSink(sink);
  }
}

/** Asks the first address and every one that it redirects to. */
async function askAlong(request: HashRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const trail: [URL, ...URL[]] = [withoutFragment(request.url)];
  let own = request.headers ?? {};
  for (let url = trail[0]; ; ) {
    const response = await ask(url, { ...own, ...HEADERS }, signal);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
    response.destroy();
    const next = followRedirect(response.headers.location, trail, request);
    if ("problem" in next) throw new AttemptError({ reason: "refused", problem: next.problem, again: false });
    trail.push(next.url);
    url = next.url;
    // Once another origin was asked, no address that it names gets them either.
    if (url.origin !== request.url.origin) own = {};
  }
}

const HEADERS = { "user-agent": "forgebench", "accept-encoding": "identity" };

function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? https.request : http.request;
  return new Promise((resolve, reject) => {
    // A connection of its own: one that was kept and has died meanwhile would cost an attempt.
    const sent = send(url, { headers, agent: false, signal });
    sent.once("response", resolve);
    sent.on("error", (error) => reject(networkFailure(error)));
    sent.end();
  });
}

async function takeAnswer(
  request: HashRequest,
  response: IncomingMessage,
  sink: Writable,
  watch: StallWatch,
): Promise<Body> {
  const head = { status: response.statusCode ?? 0, headers: response.headers };
  const plan = planAnswer(head, request, Date.now());
  if (plan.kind === "fail") {
    const said = plan.reason === "forbidden" ? { answerText: await beginningOf(response) } : {};
    throw new AttemptError({ ...plan, ...said });
  }
  const { totalBytes, isDelimited } = plan;
  const body = await takeBody({ ...request, totalBytes }, response, sink, watch);
  const expectedBytes = totalBytes ?? (isDelimited ? undefined : request.sizeBytes);
  if (expectedBytes !== undefined && body.sizeBytes < expectedBytes) {
    const problem = `the answer ended after ${body.sizeBytes} of ${expectedBytes} bytes`;
    throw new AttemptError({ reason: "unavailable", problem, again: true });
  }
  return body;
}

/** The reason of a server for its refusal. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of bytesOf(response)) {
      pieces.push(chunk);
      sizeBytes += chunk.byteLength;
      if (sizeBytes >= MAX_SAID_BYTES) break;
    }
  } catch {
    // The part before a cut is enough.
  }
  return Buffer.concat(pieces).subarray(0, MAX_SAID_BYTES).toString("utf8");
}

async function takeBody(
  request: HashRequest & { readonly totalBytes: number | undefined },
  response: IncomingMessage,
  sink: Writable,
  watch: StallWatch,
): Promise<Body> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const taken = async function* () {
    for await (const chunk of bytesOf(response)) {
      watch.pause();
      sizeBytes += chunk.byteLength;
      const overflow = overflowOf(sizeBytes, request);
      if (overflow !== undefined) throw new AttemptError(overflow);
      hash.update(chunk);
      yield chunk;
      request.onProgress?.(sizeBytes, request.totalBytes ?? request.sizeBytes);
      watch.feed();
    }
    // From here only the disk can fail.
    watch.pause();
  };
  await pipeline(taken, sink);
  return { sha256: hash.digest("hex"), sizeBytes };
}

async function* bytesOf(response: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw networkFailure(error);
  }
}

/** A body that is longer than its head said, or that never ends. */
function overflowOf(
  bytes: number,
  { maxBytes, sizeBytes }: Pick<HashRequest, "maxBytes" | "sizeBytes">,
): AnswerFailure | undefined {
  const fail = (reason: "mismatch" | "too-large", problem: string): AnswerFailure => {
    return { kind: "fail", reason, problem, again: false };
  };
  if (sizeBytes !== undefined && bytes > sizeBytes)
    return fail("mismatch", `received more than the expected ${sizeBytes} bytes`);
  if (bytes > maxBytes) return fail("too-large", `received more than ${maxBytes} bytes, the limit`);
  return undefined;
}

function withoutFragment(url: URL): URL {
  const copy = new URL(url.href);
  copy.hash = "";
  return copy;
}
