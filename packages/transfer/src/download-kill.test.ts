import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { RequestListener } from "node:http";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { content, contentSha256, scratchFolder, startServer, type TestServer } from "./test-helpers.ts";

/** FORGEBENCH_KILLS=100 kills so many downloads. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 4);

const scratch = scratchFolder("download-kill-");
const program = path.join(scratch.folder, "program.mjs");

beforeAll(async () => {
  await build({
    stdin: {
      contents: `import { dirname } from "node:path";
        import { downloadFile, removeLeftovers } from "@forgebench/transfer";
        const [url, file, sha256] = process.argv.slice(2);
        const pin = sha256 === "" ? {} : { sha256 };
        await removeLeftovers(dirname(file)).catch(() => undefined);
        await downloadFile({
          url: new URL(url), file, label: "x", redirects: "same-host", maxBytes: 1e6, retryBaseMs: 1, ...pin,
          signal: new AbortController().signal,
        });`,
      resolveDir: PROJECT_ROOT,
    },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    // Bundled once: a child that compiles first would be killed before it downloads.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
});
afterAll(() => scratch.remove());

/** A piece every few milliseconds. */
const slowly: RequestListener = (_, response) => {
  response.writeHead(200);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(content.subarray(sent, sent + 20_000));
    sent += 20_000;
    if (sent >= content.length) {
      clearInterval(timer);
      response.end();
    }
  }, 8);
  response.on("close", () => clearInterval(timer));
};

/** When a child is killed, counted from its start, from the first request that reaches the server, or from its first bytes on the disk. */
interface Kill {
  readonly from: "start" | "request" | "bytes";
  readonly afterMs: number;
}

function run(server: TestServer, file: string, sha256: string, kill?: Kill): Promise<"ended" | "killed" | "failed"> {
  const args = [program, server.url.href, file, sha256];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const arm = () => setTimeout(() => child.kill("SIGKILL"), kill?.afterMs);
  const asked = server.requests.length;
  const timer = kill?.from === "start" ? arm() : undefined;
  const poll = setInterval(() => {
    const isReached =
      kill?.from === "request"
        ? server.requests.length > asked
        : kill?.from === "bytes" && hasBytes(path.dirname(file));
    if (!isReached) return;
    clearInterval(poll);
    arm();
  }, 2);
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      clearInterval(poll);
      resolve(signal === "SIGKILL" ? "killed" : code === 0 ? "ended" : "failed");
    });
  });
}

/** Whether a part of a download lies in a folder. */
function hasBytes(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => statSync(path.join(folder, name)).size >= 40_000);
}

/**
 * Most kills hit the download itself, which ends some 130 ms after the request, the first one surely; the others hit any
 * moment.
 */
function randomKill(round: number, durationMs: number): Kill {
  if (round === 0) return { from: "bytes", afterMs: 0 };
  return round % 4 === 3
    ? { from: "start", afterMs: durationMs * Math.random() }
    : { from: "request", afterMs: 180 * Math.random() };
}

it.concurrent.each([
  ["pinned", contentSha256],
  ["without a hash", ""],
])(
  "a download %s that is killed at any moment is finished by the next run",
  { tags: ["kills"] },
  async (name, sha256) => {
    const folder = path.join(scratch.folder, name);
    const file = path.join(folder, "file.bin");
    const server = await startServer();
    try {
      server.answer(slowly);
      const startedAt = performance.now();
      expect(await run(server, file, sha256)).toBe("ended");
      const durationMs = performance.now() - startedAt;
      rmSync(file);
      let kills = 0;
      for (let round = 0; round < KILLS / 2; round += 1) {
        const end = await run(server, file, sha256, randomKill(round, durationMs));
        expect(end).not.toBe("failed");
        if (end === "killed") kills += 1;
        if (existsSync(file)) expect(readFileSync(file).equals(content)).toBe(true);
      }
      expect(kills).toBeGreaterThan(KILLS / 16);
      expect(await run(server, file, sha256)).toBe("ended");
      expect(readFileSync(file).equals(content)).toBe(true);
      expect(readdirSync(folder)).toEqual(["file.bin"]);
    } finally {
      await server.stop();
    }
  },
);
