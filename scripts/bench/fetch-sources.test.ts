import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { type FetchReport, fetchReport, parseArtifact } from "@forgebench/artifacts";
import { readPool } from "@forgebench/dataset";
import { InterruptedError } from "@forgebench/errors";
import { memoryIo, PROJECT_ROOT, sha256Of } from "@forgebench/io";
import { build } from "esbuild";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./fetch-sources.ts";

/** FORGEBENCH_KILLS=100 kills so many. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 2);
const NAMES = ["a.jpg", "b.png", "c.gif", "d.tiff", "e.jpg", "f.png"];

const root = mkdtempSync(path.join(os.tmpdir(), "fetch-sources-"));
const pictures = new Map<string, Buffer>();
/** What is answered at a path; otherwise the picture of that name. */
const answers = new Map<string, RequestListener>();
const requests: string[] = [];
const server = http.createServer((request, response) => {
  const name = path.basename((request.url ?? "").replace(/\?.*/, ""));
  requests.push(name);
  (answers.get(name) ?? servePicture)(request, response);
});
let origin = "";
let cwd = "";
let count = 0;

const servePicture: RequestListener = (request, response) => {
  const body = pictures.get(path.basename(request.url ?? ""));
  if (body === undefined) return void response.writeHead(404).end("<html>not found");
  response.writeHead(200, { "content-length": body.length });
  response.end(body);
};

beforeAll(async () => {
  for (const [index, name] of NAMES.entries()) {
    const format = path.extname(name) === ".jpg" ? "jpeg" : (path.extname(name).slice(1) as "png" | "gif" | "tiff");
    const noise = { type: "gaussian", mean: 100 + index, sigma: 30 } as const;
    const made = sharp({ create: { width: 90, height: 60, channels: 3, background: "#888", noise } });
    pictures.set(name, await made.toFormat(format).toBuffer());
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  answers.clear();
  requests.length = 0;
  count += 1;
  cwd = path.join(root, String(count));
  mkdirSync(cwd);
});

type Entry = Readonly<Record<string, unknown>>;

function entryOf(filename: string, changes: Entry = {}): Entry {
  const sha256 = sha256Of(pictures.get(filename) ?? "");
  const id = filename.replace(/\..*/, "");
  return {
    id,
    url: `${origin}/${filename}`,
    license: "CC-BY-4.0",
    attribution: "A. Person",
    filename,
    sha256,
    ...changes,
  };
}

async function run(entries: readonly unknown[], ...args: string[]) {
  writeFileSync(path.join(cwd, "sources.json"), JSON.stringify({ version: "1.0", sources: entries }));
  const io = memoryIo({ cwd });
  const exit = await main(["--sources-file", "sources.json", "--out-dir", "out", "--attempts", "2", ...args], io);
  return { exit, stderr: io.stderrText(), stdout: io.stdoutText(), report: readReport() };
}

function readReport(): FetchReport {
  const file = path.join(cwd, "out", fetchReport.fileName);
  return parseArtifact(fetchReport, readFileSync(file, "utf8"), file);
}

const out = (name = "") => path.join(cwd, "out", name);
const images = () => readdirSync(out()).filter((name) => name !== fetchReport.fileName);
const statuses = ({ results }: FetchReport) => results.map((result) => result.failureCategory ?? result.status);
const reasons = ({ results }: FetchReport) => results.map(({ reason }) => reason);

describe("fetching", () => {
  it("brings all pictures, several at once, and reports where they are from", async () => {
    const { exit, report, stdout, stderr } = await run(NAMES.map((name) => entryOf(name)));
    expect(stderr).toMatch(/^sources {4}100 % {2}6\/6 /);
    expect(exit).toBe(0);
    expect(stdout).toBe(`FETCH_REPORT_JSON=${out("fetch-report.json")}\n`);
    expect(images()).toEqual(NAMES);
    for (const name of NAMES) expect(readFileSync(out(name)).equals(pictures.get(name) ?? Buffer.of())).toBe(true);
    expect(report.totals).toMatchObject({ enabled: 6, downloaded: 6, present: 0, failed: 0 });
    const sha256 = sha256Of(pictures.get("a.jpg") ?? "");
    expect(report.results[0]).toEqual({
      id: "a",
      url: `${origin}/a.jpg`,
      status: "downloaded",
      failureCategory: null,
      reason: null,
      checksum: { expected: sha256, actual: sha256, match: true },
      license: "CC-BY-4.0",
      attribution: "A. Person",
      filename: "a.jpg",
      sizeBytes: pictures.get("a.jpg")?.length,
      attempts: 1,
      waived: false,
    });
    expect(report.register).toEqual({
      path: "../sources.json",
      sha256: sha256Of(readFileSync(path.join(cwd, "sources.json"))),
    });
  });

  it("gives build-tiers what it needs", async () => {
    await run([entryOf("a.jpg"), entryOf("b.png", { enabled: false }), entryOf("c.gif", { license: "CC0-1.0" })]);
    const { pool, notes } = await readPool({
      synthetic: { folder: path.join(cwd, "none"), required: false },
      sources: { folder: out(), required: true },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    // The pool has the order of the hashes of pictures that are made anew each time.
    expect(pool.images.map(({ origin, license, attribution }) => [origin, license, attribution]).toSorted()).toEqual([
      ["a", "CC-BY-4.0", "A. Person"],
      ["c", "CC0-1.0", "A. Person"],
    ]);
    expect(notes).toEqual([]);
  });

  it("fetches again only what is missing or damaged", async () => {
    const entries = NAMES.slice(0, 3).map((name) => entryOf(name));
    await run(entries);
    writeFileSync(out("a.jpg"), "damaged");
    rmSync(out("b.png"));
    requests.length = 0;
    const { exit, report } = await run(entries);
    expect(exit).toBe(0);
    expect(requests.toSorted()).toEqual(["a.jpg", "b.png"]);
    expect(statuses(report)).toEqual(["downloaded", "downloaded", "present"]);
    expect(report.totals).toMatchObject({ downloaded: 2, present: 1 });
    const before = readFileSync(out("fetch-report.json"), "utf8");
    await run(entries);
    const second = readFileSync(out("fetch-report.json"), "utf8");
    await run(entries);
    expect(readFileSync(out("fetch-report.json"), "utf8")).toBe(second);
    expect(second).not.toBe(before);
  });

  it("removes what an earlier run fetched and the register no longer holds, and nothing else", async () => {
    await run(NAMES.slice(0, 5).map((name) => entryOf(name)));
    writeFileSync(out("mine.jpg"), "a picture of mine");
    writeFileSync(out("d.tiff"), "changed since");
    const { exit, stderr, report } = await run([
      entryOf("a.jpg"),
      entryOf("b.png", { enabled: false }),
      entryOf("c.gif", { filename: "new.gif" }),
    ]);
    expect(exit).toBe(0);
    expect(images()).toEqual(["a.jpg", "d.tiff", "mine.jpg", "new.gif"]);
    expect(stderr).toContain('note: "b.png" is removed: it was fetched as "b" earlier\n');
    expect(stderr).toContain('warning: "d.tiff" is not removed');
    expect(report.results[1]).toMatchObject({ status: "disabled", checksum: { actual: null } });
  });

  it("fetches a file again that a server cut", async () => {
    const whole = pictures.get("d.tiff") ?? Buffer.of();
    answers.set("d.tiff", (_, response) => {
      answers.delete("d.tiff");
      response.writeHead(200, { "content-length": whole.length });
      response.write(whole.subarray(0, 1000), () => response.socket?.end());
    });
    const { exit, report } = await run([entryOf("d.tiff")]);
    expect(exit).toBe(0);
    expect(requests).toEqual(["d.tiff", "d.tiff"]);
    expect(report.results[0]).toMatchObject({ attempts: 2 });
    expect(images()).toEqual(["d.tiff"]);
  });
});

describe("a source that fails", () => {
  it("without a hash is not fetched, unless that is waived", async () => {
    const unpinned = [entryOf("a.jpg", { sha256: null }), entryOf("b.png")];
    const strict = await run(unpinned);
    expect(strict.exit).toBe(65);
    expect(statuses(strict.report)).toEqual(["missing-hash", "downloaded"]);
    expect(requests).toEqual(["b.png"]);
    expect(images()).toEqual(["b.png"]);
    const waived = await run(unpinned, "--allow-unpinned-sources");
    expect(waived.exit).toBe(0);
    expect(waived.report.options).toMatchObject({ allowUnpinnedSources: true, allowPartial: false });
    expect(waived.report.results[0]).toMatchObject({ waived: true, checksum: { expected: null, match: null } });
    const again = await run(unpinned, "--allow-unpinned-sources");
    expect(statuses(again.report)).toEqual(["present", "present"]);
    expect(again.report.results[0]).toMatchObject({ waived: true });
    const strictAgain = await run(unpinned);
    expect(strictAgain.exit).toBe(65);
    expect(images()).toEqual(["b.png"]);
  });

  it("with other bytes leaves no file, not even the one that was there", async () => {
    await run([entryOf("a.jpg"), entryOf("b.png")]);
    const moved = [entryOf("a.jpg", { sha256: "0".repeat(64) }), entryOf("b.png")];
    const { exit, report, stderr } = await run(moved);
    expect(exit).toBe(65);
    expect(statuses(report)).toEqual(["checksum-mismatch", "present"]);
    const actual = sha256Of(pictures.get("a.jpg") ?? "");
    expect(report.results[0]?.checksum).toEqual({ expected: "0".repeat(64), actual, match: false });
    expect(images()).toEqual(["b.png"]);
    expect(stderr).toContain("error: Cannot fetch 1 of 2 sources (1 checksum-mismatch)");
    expect((await run(moved, "--allow-partial")).exit).toBe(0);
    expect(images()).toEqual(["b.png"]);
  });

  it("is told apart: a service, a missing file, a page instead of an image", async () => {
    answers.set("a.jpg", (_, response) => void response.writeHead(503).end());
    const service = await run([entryOf("a.jpg")]);
    expect(service.exit).toBe(69);
    expect(service.report.results[0]).toMatchObject({ attempts: 2, reason: expect.stringContaining("answered 503") });
    expect(service.stderr).toContain("note: Cannot download source");
    const missing = await run([entryOf("x.jpg", { sha256: "0".repeat(64) })]);
    expect(missing.exit).toBe(65);
    expect(statuses(missing.report)).toEqual(["download-failed"]);
    answers.set("b.png", (_, response) => void response.end("<!DOCTYPE html><title>Sorry</title>"));
    const page = await run([entryOf("b.png", { sha256: null })], "--allow-unpinned-sources");
    expect(page.exit).toBe(65);
    expect(reasons(page.report)).toEqual([
      'is not an image (jpg, png, gif or tiff): it begins with "<!DOCTYPE html><"',
    ]);
    expect(images()).toEqual([]);
  });

  it("does not fail the whole with --allow-partial, but nothing at all does", async () => {
    answers.set("a.jpg", (_, response) => void response.writeHead(403).end());
    const some = await run([entryOf("a.jpg"), entryOf("b.png"), 7], "--allow-partial");
    expect(some.exit).toBe(0);
    expect(some.stderr).toContain('warning: source "a": download-failed: Cannot download source "a"');
    expect(statuses(some.report)).toEqual(["download-failed", "downloaded", "schema-invalid"]);
    expect((await run([entryOf("a.jpg")], "--allow-partial")).exit).toBe(65);
    expect((await run([entryOf("a.jpg"), 7], "--allow-partial")).exit).toBe(65);
    expect((await run([entryOf("a.jpg", { enabled: false })], "--allow-partial")).exit).toBe(0);
  });

  it("for its redirect, size or length is named, and no request leaves the allowed hosts", async () => {
    const other = http.createServer(servePicture);
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    answers.set("a.jpg", (_, response) => void response.writeHead(302, { location: `http://${host}/a.jpg` }).end());
    answers.set("c.gif", (_, response) => void response.writeHead(302, { location: "/c.gif" }).end());
    answers.set(
      "d.tiff",
      (_, response) => void response.writeHead(302, { location: "http://images.example.org/" }).end(),
    );
    const { exit, report } = await run([
      entryOf("a.jpg"),
      entryOf("b.png", { sizeBytes: 5 }),
      entryOf("c.gif"),
      entryOf("d.tiff"),
    ]);
    expect(exit).toBe(65);
    expect(reasons(report)).toEqual([
      expect.stringContaining("a redirect may not leave the host"),
      expect.stringContaining("bytes, expected 5"),
      expect.stringContaining("in a circle"),
      expect.stringContaining("plain http"),
    ]);
    expect((await run([entryOf("a.jpg", { allowedHosts: [host] })])).exit).toBe(0);
    other.closeAllConnections();
    other.close();
  });

  it("never has a file outside the folder, whatever its name", async () => {
    const names = [
      "../up.jpg",
      "/abs.jpg",
      "a/b.jpg",
      "a\\b.jpg",
      "..",
      ".hidden.jpg",
      "CON.jpg",
      "x\0.jpg",
      "fetch-report.json",
    ];
    const { exit, report } = await run(names.map((filename, index) => entryOf("a.jpg", { filename, id: `n${index}` })));
    expect(exit).toBe(65);
    expect(new Set(statuses(report))).toEqual(new Set(["schema-invalid"]));
    expect(requests).toEqual([]);
    expect(readdirSync(cwd).toSorted()).toEqual(["out", "sources.json"]);
    expect(images()).toEqual([]);
  });
});

describe("the folder", () => {
  it("is for one process at a time", async () => {
    let go: () => void = () => undefined;
    answers.set("a.jpg", (request, response) => {
      go = () => servePicture(request, response);
    });
    const first = run([entryOf("a.jpg")]);
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const io = memoryIo({ cwd });
    expect(await main(["--sources-file", "sources.json", "--out-dir", "out"], io)).toBe(73);
    go();
    expect((await first).exit).toBe(0);
    expect(images()).toEqual(["a.jpg"]);
  });

  it("may hold a damaged report, and a folder in the place of a picture is named", async () => {
    mkdirSync(out());
    writeFileSync(out("fetch-report.json"), "{");
    const { exit, stderr } = await run([entryOf("a.jpg")]);
    expect(exit).toBe(0);
    expect(stderr).toContain("warning: the report of an earlier run is ignored");
    mkdirSync(out("b.png"));
    const blocked = await run([entryOf("b.png")]);
    expect(blocked.exit).toBe(73);
    expect(blocked.stderr).toContain("a folder has that name");
  });

  it("does not believe a report that names files elsewhere", async () => {
    await run([entryOf("a.jpg")]);
    writeFileSync(path.join(cwd, "victim.jpg"), pictures.get("a.jpg") ?? "");
    const text = readFileSync(out("fetch-report.json"), "utf8");
    writeFileSync(out("fetch-report.json"), text.replace('"filename": "a.jpg"', '"filename": "../victim.jpg"'));
    expect((await run([entryOf("b.png")])).exit).toBe(0);
    expect(existsSync(path.join(cwd, "victim.jpg"))).toBe(true);
  });

  it("is as before when the run is interrupted", async () => {
    await run([entryOf("a.jpg")]);
    const before = readFileSync(out("fetch-report.json"), "utf8");
    const controller = new AbortController();
    answers.set("c.gif", (_, response) => {
      response.write("GIF89a");
      controller.abort(new InterruptedError("SIGINT"));
    });
    writeFileSync(path.join(cwd, "sources.json"), JSON.stringify([entryOf("b.png"), entryOf("c.gif")]));
    const io = memoryIo({ cwd, signal: controller.signal });
    expect(await main(["--sources-file", "sources.json", "--out-dir", "out"], io)).toBe(130);
    expect(readFileSync(out("fetch-report.json"), "utf8")).toBe(before);
    expect(images()).toEqual([".fetching", "a.jpg"]);
    answers.clear();
    expect((await run([entryOf("b.png"), entryOf("c.gif")])).exit).toBe(0);
    expect(images()).toEqual(["b.png", "c.gif"]);
  });
});

describe("a killed run", () => {
  const program = path.join(root, "fetch-sources.mjs");
  beforeAll(async () => {
    // Compiled modules cannot be bundled; they are found from here.
    symlinkSync(path.join(PROJECT_ROOT, "packages/dataset/node_modules"), path.join(root, "node_modules"));
    await build({
      entryPoints: [path.join(import.meta.dirname, "fetch-sources.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
      external: ["sharp", "@mongodb-js/zstd"],
      // Bundled once: a child that compiles first would be killed before it fetches.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    });
  });

  const fetchIn = (register: string, killAfterMs?: number): Promise<"killed" | number | null> => {
    const args = [program, "--sources-file", register, "--out-dir", out(), "--concurrency", "2"];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const asked = requests.length;
    let timer: NodeJS.Timeout | undefined;
    const poll = setInterval(() => {
      if (killAfterMs === undefined || requests.length === asked) return;
      clearInterval(poll);
      timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    }, 1);
    return new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        clearInterval(poll);
        clearTimeout(timer);
        resolve(signal === "SIGKILL" ? "killed" : code);
      });
    });
  };

  /** Sends a picture in ten pieces. */
  const slowly: RequestListener = (request, response) => {
    const body = pictures.get(path.basename(request.url ?? "")) ?? Buffer.of();
    response.writeHead(200);
    let sent = 0;
    const timer = setInterval(() => {
      response.write(body.subarray(sent, sent + Math.ceil(body.length / 10)));
      sent += Math.ceil(body.length / 10);
      if (sent < body.length) return;
      clearInterval(timer);
      response.end();
    }, 3);
    response.on("close", () => clearInterval(timer));
  };

  it("at any moment is finished by the next one, with the same bytes and nothing beside them", async () => {
    for (const name of NAMES) answers.set(name, slowly);
    const registers = [NAMES.slice(0, 4), NAMES.slice(2)].map((names, index) => {
      const file = path.join(cwd, `${index}.json`);
      writeFileSync(file, JSON.stringify(names.map((name) => entryOf(name))));
      return { file, names };
    });
    let kills = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const register = registers[Math.floor(Math.random() * 2)];
      // The first one surely while pictures come.
      const end = await fetchIn(register?.file ?? "", round === 0 ? 15 : Math.random() * 120);
      if (end === "killed") kills += 1;
      else expect(end).toBe(0);
      const shown = existsSync(out()) ? images().filter((name) => !name.startsWith(".")) : [];
      for (const name of shown) expect(readFileSync(out(name)).equals(pictures.get(name) ?? Buffer.of())).toBe(true);
    }
    expect(kills).toBeGreaterThan(KILLS / 16);
    for (const { file, names } of registers) {
      expect(await fetchIn(file)).toBe(0);
      expect(images()).toEqual(names);
      for (const name of names) expect(readFileSync(out(name)).equals(pictures.get(name) ?? Buffer.of())).toBe(true);
    }
  });
});
