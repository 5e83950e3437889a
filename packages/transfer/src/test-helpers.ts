import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { sha256Of } from "@forgebench/io";

/** A server of this machine that answers as a test says; the requests are kept. */
export interface TestServer {
  readonly url: URL;
  readonly requests: IncomingMessage[];
  /** Answers the next requests, one after the other; the last one stays. */
  answer(...listeners: RequestListener[]): void;
  stop(): Promise<void>;
}

export async function startServer(host = "127.0.0.1"): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  let listeners: RequestListener[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    requests.push(request);
    const listener = listeners.length > 1 ? listeners.shift() : listeners[0];
    if (listener === undefined) response.writeHead(500).end();
    else listener(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://${host}:${port}/dir/file.bin?secret=1`),
    requests,
    answer: (...next) => {
      listeners = next;
      requests.length = 0;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const content = randomBytes(300_000);
export const contentSha256 = sha256Of(content);

/** Sends all of a file. */
export function serve(body: Buffer = content, headers: Readonly<Record<string, string>> = {}): RequestListener {
  return (_, response) => void response.writeHead(200, { ...headers, "content-length": body.length }).end(body);
}

/** Promises all of a file, sends so many bytes and cuts the connection. */
export function cutAfter(bytes: number): RequestListener {
  return (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, bytes), () => response.socket?.end());
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): RequestListener {
  return (_, response) => void response.writeHead(code, headers).end("<html>no</html>");
}

export function redirectTo(location: string): RequestListener {
  return status(302, { location });
}

/** Writes an answer by hand, byte by byte as given. */
export function raw(text: string | Buffer): RequestListener {
  return (_, response: ServerResponse) => void response.socket?.end(text);
}

/** A temporary folder, its names, and its end. */
export function scratchFolder(prefix: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  return {
    folder,
    names: () => readdirSync(folder).sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
