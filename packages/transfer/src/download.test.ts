import { readFileSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import path from "node:path";
import { InterruptedError } from "@forgebench/errors";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DownloadRequest, downloadFile, hashRemoteFile } from "./download.ts";
import { removeLeftovers, unfinishedName } from "./leftovers.ts";
import {
  content,
  contentSha256,
  cutAfter,
  raw,
  redirectTo,
  scratchFolder,
  serve,
  startServer,
  status,
  type TestServer,
} from "./test-helpers.ts";

let server: TestServer;
let other: TestServer;
let scratch: ReturnType<typeof scratchFolder>;
beforeAll(async () => {
  [server, other] = [await startServer(), await startServer()];
});
afterAll(async () => {
  await Promise.all([server.stop(), other.stop()]);
});
beforeEach(() => {
  scratch = scratchFolder("download-");
});
afterEach(() => scratch.remove());

function wanted(options: Partial<DownloadRequest> = {}): DownloadRequest {
  return {
    url: server.url,
    file: path.join(scratch.folder, "file.bin"),
    label: 'source "a"',
    redirects: "same-host",
    sha256: contentSha256,
    maxBytes: 1_000_000,
    retryBaseMs: 1,
    signal: new AbortController().signal,
    ...options,
  };
}

const pinless = (options: Partial<DownloadRequest> = {}): DownloadRequest => {
  const { sha256: _, ...request } = wanted(options);
  return request;
};

/** Downloads and expects the right file and nothing beside it. */
async function fetchWell(request: DownloadRequest) {
  const download = await downloadFile(request);
  expect(readFileSync(request.file).equals(content)).toBe(true);
  expect(scratch.names()).toEqual(["file.bin"]);
  expect(download).toMatchObject({ sha256: contentSha256, sizeBytes: content.length });
  return download;
}

describe("a download", () => {
  it("puts a file into its place, over an old one, and says how far it is", async () => {
    server.answer(serve());
    writeFileSync(path.join(scratch.folder, "file.bin"), "old");
    const seen: (number | undefined)[] = [];
    const download = await fetchWell(wanted({ onProgress: (received, total) => seen.push(received, total) }));
    expect(download.attempts).toBe(1);
    expect(seen.slice(-2)).toEqual([content.length, content.length]);
    expect(server.requests[0]?.headers).toMatchObject({ "accept-encoding": "identity", "user-agent": "forgebench" });
  });

  it("takes an empty file and one without a length", async () => {
    server.answer(serve(Buffer.alloc(0)));
    expect(await downloadFile(pinless())).toMatchObject({ sizeBytes: 0 });
    server.answer((_, response) => void response.end(content));
    await fetchWell(wanted());
    server.answer(raw(Buffer.concat([Buffer.from("HTTP/1.0 200 OK\r\n\r\n"), content])));
    await fetchWell(pinless());
  });

  it("repeats what may pass, and waits as told", async () => {
    const said: string[] = [];
    server.answer(status(503), status(429, { "retry-after": "1" }), serve());
    const download = await fetchWell(wanted({ onRetry: (message) => said.push(message) }));
    expect(download.attempts).toBe(3);
    const where = `Cannot download source "a" from "http://${server.url.host}/dir/file.bin"`;
    expect(said[0]).toBe(`${where}: the server answered 503; attempt 2 of 5 in 0.0 s`);
    expect(said[1]).toBe(`${where}: the server answered 429; attempt 3 of 5 in 1.0 s`);
  });

  it("gives up after the last attempt, or at once", async () => {
    server.answer(status(500));
    await expect(downloadFile(wanted({ attempts: 3 }))).rejects.toMatchObject({
      reason: "unavailable",
      failure: "service",
      attempts: 3,
      message: expect.stringMatching(/: the server answered 500 \(3 attempts\)$/),
    });
    expect(server.requests).toHaveLength(3);
    for (const [code, reason] of [
      [403, "forbidden"],
      [404, "missing"],
    ] as const) {
      server.answer(status(code));
      await expect(downloadFile(wanted())).rejects.toMatchObject({ reason, attempts: 1 });
      expect(server.requests).toHaveLength(1);
    }
    expect(scratch.names()).toEqual([]);
  });

  it("hashes a file that breaks off and comes again, and writes nothing", async () => {
    const { file, ...request } = wanted();
    expect(file).not.toBe("");
    server.answer(cutAfter(1000), serve());
    expect(await hashRemoteFile(request)).toMatchObject({ sha256: contentSha256, attempts: 2 });
    server.answer(serve(Buffer.from("other")));
    await expect(hashRemoteFile(request)).rejects.toMatchObject({ reason: "mismatch" });
    expect(scratch.names()).toEqual([]);
  });

  it("does not wait as long as a server may ask, and says so", async () => {
    server.answer(status(429, { "retry-after": "86400" }));
    await expect(downloadFile(wanted())).rejects.toMatchObject({
      reason: "unavailable",
      failure: "service",
      attempts: 1,
      message: expect.stringMatching(/: the server answered 429 and asks to wait 1440 min$/),
    });
    expect(server.requests).toHaveLength(1);
  });

  it("refuses other bytes, and keeps the file that is there", async () => {
    writeFileSync(path.join(scratch.folder, "file.bin"), "old");
    server.answer(serve(Buffer.from("<html>")));
    await expect(downloadFile(wanted())).rejects.toMatchObject({
      reason: "mismatch",
      failure: "data",
      actualSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      message: expect.stringContaining(`expected ${contentSha256}`),
    });
    expect(server.requests).toHaveLength(1);
    expect(scratch.names()).toEqual(["file.bin"]);
    expect(readFileSync(path.join(scratch.folder, "file.bin"), "utf8")).toBe("old");
  });
});

describe("a download that was cut", () => {
  it("begins again, without a trace of what had come", async () => {
    const older = Buffer.alloc(content.length + 1000, 1);
    const longer: RequestListener = (_, response) => {
      response.write(older, () => response.socket?.destroy());
    };
    server.answer(longer, cutAfter(50_000), serve());
    expect(await fetchWell(wanted())).toMatchObject({ attempts: 3 });
    server.answer(longer, serve());
    expect(await fetchWell(pinless())).toMatchObject({ attempts: 2 });
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  it("leaves nothing when no attempt is left", async () => {
    server.answer(cutAfter(100_000));
    await expect(downloadFile(wanted({ attempts: 1 }))).rejects.toThrow("the connection was cut");
    expect(scratch.names()).toEqual([]);
  });

  it("does not take a part for the whole", async () => {
    server.answer(raw("HTTP/1.1 206 X\r\ncontent-range: bytes 5-7/300000\r\ncontent-length: 3\r\n\r\nabc"), serve());
    expect(await fetchWell(wanted())).toMatchObject({ attempts: 2 });
  });

  it("is not hindered by what a killed one left, which is removed by name", async () => {
    const file = path.join(scratch.folder, "file.bin");
    for (const name of [unfinishedName(file), unfinishedName(file)]) writeFileSync(name, "left");
    writeFileSync(path.join(scratch.folder, ".download-lock"), "of somebody else");
    server.answer(serve());
    await downloadFile(wanted());
    await removeLeftovers(scratch.folder);
    expect(scratch.names()).toEqual([".download-lock", "file.bin"]);
  });
});

describe("a server that lies", () => {
  it("about the length: more, less, another than expected", async () => {
    server.answer(raw(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n"), content])));
    await expect(downloadFile(pinless({ attempts: 2 }))).rejects.toMatchObject({ reason: "unavailable" });
    server.answer(raw(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"), content])));
    await expect(downloadFile(wanted())).rejects.toMatchObject({ reason: "mismatch" });
    server.answer(serve());
    await expect(downloadFile(wanted({ sizeBytes: 299_999 }))).rejects.toMatchObject({
      reason: "mismatch",
      message: expect.stringContaining("the server says that it has 300000 bytes, expected 299999"),
    });
    server.answer((_, response) => void response.end(content));
    await expect(downloadFile(wanted({ sizeBytes: 299_999 }))).rejects.toMatchObject({ reason: "mismatch" });
    await expect(downloadFile(wanted({ sizeBytes: 300_001 }))).rejects.toMatchObject({ reason: "mismatch" });
    expect(scratch.names()).toEqual([]);
  });

  it("about an end that has not come", async () => {
    const short = Buffer.concat([Buffer.from("HTTP/1.0 200 OK\r\n\r\n"), content.subarray(0, 1000)]);
    server.answer(raw(short), serve());
    expect(await fetchWell(wanted({ sizeBytes: content.length }))).toMatchObject({ attempts: 2 });
  });

  it("by sending too much, or without end", async () => {
    server.answer(serve());
    await expect(downloadFile(wanted({ maxBytes: 299_999 }))).rejects.toMatchObject({
      reason: "too-large",
      attempts: 1,
    });
    let sentBytes = 0;
    server.answer((_, response) => {
      const more = () => {
        sentBytes += content.length;
        if (!response.destroyed) response.write(content, () => setImmediate(more));
      };
      more();
    });
    await expect(downloadFile(pinless())).rejects.toMatchObject({ reason: "too-large", failure: "data" });
    expect(sentBytes).toBeLessThan(50_000_000);
    expect(scratch.names()).toEqual([]);
  });

  it("about what was asked for: compressed", async () => {
    server.answer(serve(content, { "content-encoding": "gzip" }));
    await expect(downloadFile(wanted())).rejects.toMatchObject({ reason: "refused" });
  });

  it("by speaking no HTTP", async () => {
    server.answer(raw("nonsense\r\n\r\n"));
    await expect(downloadFile(wanted({ attempts: 2 }))).rejects.toThrow(
      /the answer is not HTTP \(HPE_\w+\) \(2 attempts\)/,
    );
  });
});

describe("time", () => {
  it.each([
    ["before an answer", () => undefined],
    [
      "within the body",
      (_: unknown, response: { write(chunk: Buffer): unknown }) => void response.write(content.subarray(0, 70_000)),
    ],
  ])("ends an attempt that stalls %s", async (_, stalling) => {
    server.answer(stalling, serve());
    expect(await fetchWell(wanted({ stallTimeoutMs: 1000 }))).toMatchObject({ attempts: 2 });
  });

  it("ends all attempts together", async () => {
    server.answer((_, response) => {
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    await expect(downloadFile(wanted({ totalTimeoutMs: 300, stallTimeoutMs: 60_000 }))).rejects.toMatchObject({
      reason: "unavailable",
      message: expect.stringContaining("not finished after 0.3 s"),
    });
    server.answer(status(503, { "retry-after": "60" }));
    await expect(downloadFile(wanted({ totalTimeoutMs: 300 }))).rejects.toThrow(
      "not finished after 0.3 s, before that: the server answered 503",
    );
  });

  it("is over when the signal says so, and nothing is left", async () => {
    const controller = new AbortController();
    server.answer((_, response) => void response.write(content.subarray(0, 70_000)));
    const reason = new InterruptedError("SIGINT");
    const request = wanted({ signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(downloadFile(request)).rejects.toBe(reason);
    expect(scratch.names()).toEqual([]);
    server.answer(status(503, { "retry-after": "60" }));
    const waiting = new AbortController();
    const onRetry = () => setImmediate(() => waiting.abort(reason));
    await expect(downloadFile(wanted({ signal: waiting.signal, onRetry }))).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });
});

describe("redirects", () => {
  it("are followed, with the headers, on the same host", async () => {
    server.answer(redirectTo("/b"), redirectTo("c"), serve());
    await fetchWell(wanted({ headers: { authorization: "Bearer x" } }));
    expect(server.requests.map(({ url }) => url)).toEqual(["/dir/file.bin?secret=1", "/b", "/c"]);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer x", "Bearer x", "Bearer x"]);
  });

  it("lose the headers on the way to another origin, for good", async () => {
    server.answer(redirectTo(`${other.url.origin}/x`), serve());
    other.answer(redirectTo(`${server.url.origin}/y`));
    await fetchWell(wanted({ headers: { authorization: "Bearer x", accept: "a/b" }, redirects: "any-host" }));
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer x", undefined]);
  });

  it("do not leave the host unless that is allowed", async () => {
    server.answer(redirectTo(other.url.href));
    other.answer(serve());
    await expect(downloadFile(wanted())).rejects.toMatchObject({ reason: "refused", failure: "data", attempts: 1 });
    expect(other.requests).toHaveLength(0);
    await fetchWell(wanted({ allowedHosts: [other.url.host] }));
  });

  it("end, in a circle or not", async () => {
    server.answer(redirectTo("/a"), redirectTo("/b"), redirectTo("/a"));
    await expect(downloadFile(wanted())).rejects.toThrow(/the server redirects in a circle \(redirected to ".*\/a"\)$/);
    let hop = 0;
    server.answer((_, response) => {
      hop += 1;
      response.writeHead(302, { location: `/${hop}` }).end();
    });
    await expect(downloadFile(wanted())).rejects.toThrow("the server redirects more than 5 times");
    expect(server.requests).toHaveLength(6);
  });

  it("start from the first address again when an attempt fails", async () => {
    server.answer(redirectTo("/b"), cutAfter(1000), redirectTo("/b"), serve());
    expect(await fetchWell(wanted())).toMatchObject({ attempts: 2 });
  });
});

describe("what cannot be reached or written", () => {
  it.each([
    ["http://127.0.0.1:1/x", "the connection was refused: nothing listens there (2 attempts)"],
    ["https://no-such-host.invalid/x", "(2 attempts)"],
  ])("%s is named in words", async (url, words) => {
    await expect(downloadFile(wanted({ url: new URL(url), attempts: 2 }))).rejects.toMatchObject({
      reason: "unavailable",
      message: expect.stringContaining(words),
    });
  });

  it("TLS that is none is named too", async () => {
    server.answer(serve());
    const url = new URL(`https://${server.url.host}/x`);
    await expect(downloadFile(wanted({ url, attempts: 1 }))).rejects.toThrow(/no TLS connection could be made/);
  });

  it("addresses that are not gone to leave no trace", async () => {
    const file = path.join(scratch.folder, "no", "file");
    await expect(downloadFile(wanted({ url: new URL("http://host.org/a?token=1"), file }))).rejects.toMatchObject({
      reason: "refused",
      message: expect.not.stringContaining("token"),
    });
    expect(scratch.names()).toEqual([]);
  });

  it("a folder of that name, or in the place of a folder, is exit 73", async () => {
    server.answer(serve());
    await expect(downloadFile(wanted({ file: scratch.folder }))).rejects.toMatchObject({ failure: "output" });
    writeFileSync(path.join(scratch.folder, "plain"), "");
    const file = path.join(scratch.folder, "plain", "file");
    await expect(downloadFile(wanted({ file }))).rejects.toMatchObject({ failure: "output" });
    await expect(downloadFile(wanted({ file: "/proc/forgebench/file" }))).rejects.toMatchObject({ failure: "output" });
    expect(server.requests).toHaveLength(0);
  });

  it("two downloads of the same do not disturb one another", async () => {
    server.answer(serve());
    const downloads = await Promise.all([downloadFile(wanted()), downloadFile(wanted())]);
    expect(downloads.map(({ sha256 }) => sha256)).toEqual([contentSha256, contentSha256]);
    expect(scratch.names()).toEqual(["file.bin"]);
  });
});
