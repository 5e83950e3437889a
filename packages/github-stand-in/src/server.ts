import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, Refusal } from "./answers.ts";
import { answerInstead, Cut, cutAfter, type Faults, throttle } from "./faults.ts";
import type { Fault, RecordedRequest } from "./stand-in.ts";

/** A request as the stand-in's parts see it. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** Aborted when the connection ends before the answer does. */
  readonly signal: AbortSignal;
}

/**
 * How one of the stand-in's servers answers a request; a {@link Refusal} that it throws becomes its answer, anything
 * else a 500.
 */
export type Handle = (exchange: Exchange) => Promise<Answer>;

/** What is the same for all servers of a stand-in. */
interface Watch {
  readonly faults: Faults;
  readonly now: () => Date;
  readonly requests: RecordedRequest[];
}

interface ListeningServer {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Listens on loopback, on a port of the system's choice. */
export async function listen(handle: Handle, watch: Watch): Promise<ListeningServer> {
  const server = createServer({ keepAliveTimeout: 5000, requestTimeout: 0 }, (request, response) => {
    // A pipeline that fails takes the socket away from the request.
    const { socket } = request;
    serve(request, response, handle, watch)
      .then((isAnswered) => (isAnswered ? undefined : socket.resetAndDestroy()))
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/** False: the connection is to be cut. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
  watch: Watch,
): Promise<boolean> {
  const { method = "GET", url: target = "/" } = request;
  const headers = plainHeaders(request);
  const entry = { method, url: target, host: headers.host ?? "", headers, status: 0 };
  watch.requests.push(entry);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const how = watch.faults.take(method, target);
  if (how?.kind === "delay") await wait(how.delayMs, undefined, { signal: gone.signal });
  const exchange = {
    method,
    url: new URL(target, `http://${headers.host ?? "127.0.0.1"}`),
    headers,
    body: bodyOf(request, how, gone.signal),
    signal: gone.signal,
  };
  const answer = await answerTo(exchange, handle, how, watch.now);
  if (answer === undefined) return false;
  entry.status = answer.status;
  await send(response, answer, how, gone.signal);
  return true;
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

function bodyOf(request: IncomingMessage, how: Fault["how"] | undefined, signal: AbortSignal): Readable {
  const changed = bodyChange(how, signal);
  if (changed === undefined) return request;
  pipeline(request, changed).catch(() => undefined);
  return changed;
}

function bodyChange(how: Fault["how"] | undefined, signal: AbortSignal) {
  if (how?.kind === "slow") return throttle(how.bytesPerSecond, signal);
  if ((how?.kind === "status" || how?.kind === "reset") && how.afterRequestBytes !== undefined) {
    return cutAfter(how.afterRequestBytes);
  }
  return undefined;
}

/** Undefined: the connection is to be cut. */
async function answerTo(
  exchange: Exchange,
  handle: Handle,
  how: Fault["how"] | undefined,
  now: () => Date,
): Promise<Answer | undefined> {
  const instead = how === undefined ? undefined : answerInstead(how, now().getTime());
  const isInstead = instead !== undefined || how?.kind === "reset";
  if (isInstead && !isWorkDone(how)) return instead;
  const answer = await handle(exchange).catch(failureAnswer);
  if (!isInstead) return answer;
  await drain(answer);
  return instead;
}

/** The work of a streamed answer is done when the stream has ended. */
async function drain(answer: Answer | undefined): Promise<void> {
  if (answer?.bytes === undefined || Buffer.isBuffer(answer.bytes)) return;
  await finished(answer.bytes.resume()).catch(() => undefined);
}

function isWorkDone(how: Fault["how"] | undefined): boolean {
  if (how?.kind !== "status" && how?.kind !== "reset") return false;
  return how.afterWork === true || how.afterRequestBytes !== undefined;
}

function failureAnswer(error: unknown): Answer | undefined {
  if (error instanceof Refusal) return error.answer;
  if (error instanceof Cut) return undefined;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: 500, json: { message: "Server Error", stand_in: message, status: "500" } };
}

async function send(
  response: ServerResponse,
  answer: Answer,
  how: Fault["how"] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const json = answer.json === undefined ? undefined : Buffer.from(JSON.stringify(answer.json));
  const bytes = answer.bytes ?? json ?? Buffer.alloc(0);
  response.writeHead(answer.status, {
    ...(json === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...(Buffer.isBuffer(bytes) && answer.status !== 204 ? { "content-length": `${bytes.length}` } : {}),
    ...answer.headers,
  });
  const source = Buffer.isBuffer(bytes) ? Readable.from(bytes.length === 0 ? [] : [bytes]) : bytes;
  if (how?.kind === "truncate") await sendPart(response, source, how.afterBytes);
  else if (how?.kind === "slow") await pipeline(source, throttle(how.bytesPerSecond, signal), response);
  else await pipeline(source, response);
}

/** The bytes are flushed before the connection is cut, so that the other side has seen them. */
async function sendPart(response: ServerResponse, source: Readable, afterBytes: number): Promise<void> {
  let left = afterBytes;
  response.flushHeaders();
  for await (const chunk of source) {
    const part = (chunk as Buffer).subarray(0, left);
    left -= part.length;
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
    if (left === 0) break;
  }
  source.destroy();
  response.socket?.destroy();
}
