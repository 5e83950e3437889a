import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OperationError } from "@forgebench/errors";
import { exitCodeOf } from "@forgebench/io";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { downloadFile } from "./download.ts";
import { content, contentSha256, scratchFolder, startServer, type TestServer } from "./test-helpers.ts";

const scratch = scratchFolder("download-disk-");
const disk = path.join(scratch.folder, "small disk");
const file = path.join(disk, "file.bin");
const mount = (...options: readonly string[]) =>
  process.platform === "linux" && spawnSync("mount", [...options, disk]).status === 0;

let server: TestServer;
beforeAll(async () => {
  mkdirSync(disk);
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  scratch.remove();
});

const download = (pin: { readonly sha256?: string } = {}) =>
  downloadFile({
    url: server.url,
    file,
    label: "x",
    redirects: "same-host",
    maxBytes: 1e6,
    retryBaseMs: 1,
    ...pin,
    signal: new AbortController().signal,
  });

/** What ends a download that does not fit. */
async function failureOf(downloading: Promise<unknown>): Promise<OperationError> {
  const error: unknown = await downloading.then(() => undefined).catch((reason: unknown) => reason);
  if (!(error instanceof OperationError)) throw error ?? new Error("the download fitted");
  expect(exitCodeOf(error)).toBe(73);
  return error;
}

const names = () => readdirSync(disk);

/** Sends all of it in pieces that are written one by one. */
const inPieces: RequestListener = async (_, response) => {
  response.writeHead(200);
  for (let sent = 0; sent < content.length && !response.destroyed; sent += 20_000) {
    response.write(content.subarray(sent, sent + 20_000));
    await sleep(5);
  }
  response.end();
};

describe("a disk that is full in the middle of a file", () => {
  let isMounted = false;
  beforeEach((context) => {
    isMounted = mount("-t", "tmpfs", "-o", "size=192k", "tmpfs");
    if (!isMounted) context.skip("mounting a small file system is not allowed here");
  });
  afterEach(() => void (isMounted && spawnSync("umount", [disk])));

  it("leaves nothing, and the next run fetches all of it", async () => {
    server.answer(inPieces);
    const { message } = await failureOf(download({ sha256: contentSha256 }));
    expect(message).toContain("no space left on the device");
    expect(server.requests).toHaveLength(1);
    expect(names()).toEqual([]);

    expect(mount("-o", "remount,size=1m")).toBe(true);
    expect((await download()).sha256).toBe(contentSha256);
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(names()).toEqual(["file.bin"]);
  });

  it("leaves an earlier file of that name as it is, also where not a byte fits", async () => {
    writeFileSync(file, "the earlier one");
    server.answer(inPieces);
    await failureOf(download({ sha256: contentSha256 }));
    expect(readFileSync(file, "utf8")).toBe("the earlier one");
    const filler = path.join(disk, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4k"]);
    expect(statSync(filler).size).toBeGreaterThan(0);
    await failureOf(download());
    expect(readFileSync(file, "utf8")).toBe("the earlier one");
    expect(content.length).toBeGreaterThan(192 << 10);
  });
});
