import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { unpackedBoundBytes, writeTar } from "@forgebench/archives";
import { parseArtifact, runContext } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { sha256Of } from "@forgebench/io";
import { compress } from "@mongodb-js/zstd";
import { Header, type HeaderData } from "tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestNight, type TestNightSpec, writeTestNight } from "../testing.ts";
import { evidenceSources, packEvidence, readEvidenceBundle } from "./evidence-archive.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "evidence ü "));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const identity = { runId: "22036204221", runAttempt: 2, headSha: "a".repeat(40), baseSha: "b".repeat(40) };
const pack = ({ workspace, ...files }: TestNight) => packEvidence(evidenceSources(workspace, files), identity);
const night = (spec?: TestNightSpec) => writeTestNight(mkdtempSync(path.join(root, "night-")), spec);

async function put(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(root, name);
  await writeFile(file, bytes);
  return file;
}

async function refusal(promise: Promise<unknown>): Promise<ArtifactError> {
  const error = await promise.then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ArtifactError)) throw error;
  return error;
}

describe("packing", () => {
  it("keeps a whole night, 24 cells of 40 blocks and two arms, below 1 MB, and reads it back", async () => {
    const profiles = ["P1", "P2", "P3"];
    const scenarios = ["single-small", "single-median", "single-large", "batch-all"];
    const files = await night({ profiles, scenarios, blockCount: 40 });
    const runs = statSync(path.join(files.workspace, "raw-runs.jsonl"));
    expect(runs.size / (24 * 40 * 2)).toBeGreaterThan(1150);
    const packed = await pack(files);
    expect(packed.bytes.length).toBeLessThan(1_000_000);
    expect(packed.bundle).toMatchObject({ ...identity, kind: "evidence-bundle", outcome: "green" });
    const read = await readEvidenceBundle(await put(packed.name, packed.bytes));
    expect(read.bundle).toEqual(packed.bundle);
    expect(read.sha256).toBe(packed.sha256);
    const original = await readFile(path.join(files.workspace, "raw-runs.jsonl"));
    expect(read.members.get("raw-runs.jsonl")?.equals(original)).toBe(true);
    expect(packed.name).toBe("evidence-22036204221.2.tar.zst");
  });

  it("gives the same bytes for the same files, wherever they lie", async () => {
    const [one, other] = [await pack(await night()), await pack(await night())];
    expect(one.sha256).toBe(other.sha256);
    expect(one.sha256).toBe(sha256Of(other.bytes));
  });

  const HAS_ZSTD = spawnSync("zstd", ["--version"]).status === 0;
  it.skipIf(!HAS_ZSTD)("makes what the tools of the system read (skipped without zstd)", async () => {
    const { name, bytes, bundle } = await pack(await night());
    const list = execFileSync("tar", ["--zstd", "-tvf", await put(name, bytes), "--utc", "--numeric-owner"]).toString();
    const lines = list.trim().split("\n");
    expect(lines.map((line) => line.split(/ +/).at(-1))).toEqual(["bundle.json", ...bundle.members.map((m) => m.path)]);
    expect(lines.every((line) => line.startsWith("-rw-r--r-- 0/0") && line.includes("2026-02-15 00:00"))).toBe(true);
  });

  it("refuses a comparison of other summaries, runs of other summaries, and another suite", async () => {
    const [mine, other] = [await night(), await night({ blockCount: 3 })];
    const foreignCompare = await refusal(pack({ ...mine, compare: other.compare }));
    expect(foreignCompare.message).toMatch(
      /compare\.json": inputs: it was made from the head summary with sha256 \w+, but/,
    );
    const foreignRuns = path.join(mine.workspace, "raw-runs.jsonl");
    await writeFile(foreignRuns, await readFile(path.join(other.workspace, "raw-runs.jsonl")));
    expect((await refusal(pack(mine))).message).toMatch(
      /summary\.json": inputs: none of them is raw-runs\.jsonl with sha256/,
    );
    await writeFile(other.suite, "name: another\n");
    expect((await refusal(pack(other))).message).toContain(
      'but the runs were made with the suite "imageforge" of sha256',
    );
  });

  const dataset = { datasetVersion: "1.0.0", tierId: "tier200", sha256: sha256Of("for tests: dataset") };
  const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };
  it.each([
    ["version", { ...dataset, source: "release", datasetVersion: "1.0.1" }, 'datasetVersion: found "1.0.1"'],
    ["tier", { ...dataset, source: "release", tierId: "tier30" }, 'tierId: found "tier30"'],
    ["content", { ...dataset, source: "release", sha256: "0".repeat(64) }, 'sha256: found "000'],
    ["source", { ...dataset, source: "local" }, 'source: found "local", but run-context.json has "release"'],
    ["release", { ...dataset, source: "release", release }, 'release.repository: found "o/n"'],
    ["reason", { ...dataset, source: "fallback", fallback: { reason: "x" } }, 'source: found "fallback"'],
  ])("refuses a comparison that says another %s of the dataset", async (_, said, message) => {
    const error = await refusal(pack(await night({ comparison: { dataset: said } })));
    expect(error.message).toContain("compare.json");
    expect(error.message).toContain(`dataset.${message}`);
  });

  it("carries the origin of the dataset, and refuses summaries that say another one", async () => {
    const fallback = { ...dataset, source: "fallback", fallback: { reason: "no release" } };
    const files = await night({ context: { dataset: fallback }, comparison: { dataset: fallback } });
    const { bundle, name, bytes } = await pack(files);
    expect(bundle.dataset).toEqual(fallback);
    expect((await readEvidenceBundle(await put(name, bytes))).bundle.dataset).toEqual(fallback);
    const contextFile = path.join(files.workspace, "run-context.json");
    const context = parseArtifact(runContext, await readFile(contextFile, "utf8"), "c");
    const claimed = { ...context, dataset: { ...dataset, source: "release", release } };
    await writeFile(contextFile, JSON.stringify(claimed));
    expect((await refusal(pack(files))).message).toMatch(
      /summary\.json": dataset\.source: found "fallback", but run-context\.json has "release"/,
    );
  });

  it("refuses a context of another machine, runs with one arm, a comparison without outcome, missing and broken files", async () => {
    const files = await night();
    const contextFile = path.join(files.workspace, "run-context.json");
    const text = await readFile(contextFile, "utf8");
    const context = parseArtifact(runContext, text, "c");
    const change = (changes: object) => writeFile(contextFile, JSON.stringify({ ...context, ...changes }));
    await change({ machine: { ...context.machine, id: "0".repeat(64) } });
    expect((await refusal(pack(files))).message).toContain("machine.id: found");
    await change({ subjects: { head: context.subjects.head } });
    expect((await refusal(pack(files))).message).toContain("the runs have one arm");
    await writeFile(contextFile, text.slice(0, 99));
    expect((await refusal(pack(files))).message).toContain("not JSON");
    await writeFile(contextFile, new Uint8Array([0x22, 0xff]));
    expect((await refusal(pack(files))).message).toContain("not UTF-8");
    rmSync(contextFile);
    expect((await refusal(pack(files))).message).toContain("there is no such file");
    const { outcome: _, ...old } = JSON.parse(await readFile((await night()).compare, "utf8"));
    const untold = await night();
    await writeFile(untold.compare, JSON.stringify(old));
    expect((await refusal(pack(untold))).message).toContain("outcome: found nothing");
  });
});

describe("reading", () => {
  let bytes: Buffer = Buffer.alloc(0);
  let contents: [string, Buffer][] = [];
  beforeAll(async () => {
    const subject = (arm: string) => ({ id: sha256Of(arm), cliSha256: sha256Of(`${arm} cli`), nodeVersion: "20.20.2" });
    const base = { ...subject("base"), commit: identity.baseSha };
    const packed = await pack(await night({ context: { subjects: { head: subject("head"), base } } }));
    bytes = packed.bytes;
    const read = await readEvidenceBundle(await put("good.tar.zst", bytes));
    contents = [["bundle.json", Buffer.from(JSON.stringify(packed.bundle))], ...read.members];
  });

  const reading = async (tar: Buffer) =>
    (await refusal(readEvidenceBundle(await put("x.tar.zst", await compress(tar))))).message;
  const replaced = (name: string, content: Buffer) =>
    writeTar(
      contents.map(([key, old]) => [key, key === name ? content : old] as const),
      0,
    );
  const withEntry = (data: HeaderData, content = "") => {
    const block = Buffer.alloc(512);
    new Header({ mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), size: content.length, ...data }).encode(block);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return Buffer.concat([block, body, writeTar(contents, 0)]);
  };

  it.each<[string, HeaderData, string]>([
    [
      "a path that leads out",
      { path: "../../evil.json", type: "File" },
      'it holds "../../evil.json", which does not belong here',
    ],
    ["an absolute path", { path: "/etc/passwd", type: "File" }, 'it holds "/etc/passwd"'],
    ["a link", { path: "compare.json", type: "SymbolicLink", linkpath: "/etc/passwd" }, "is of the type SymbolicLink"],
    ["a hard link", { path: "compare.json", type: "Link", linkpath: "bundle.json" }, "is of the type Link"],
    ["a device", { path: "compare.json", type: "CharacterDevice" }, "is of the type CharacterDevice"],
    ["a folder", { path: "compare.json/", type: "Directory", mode: 0o755 }, 'it holds "compare.json/", which does not'],
    ["an extended header", { path: "compare.json", type: "ExtendedHeader" }, "is of the type ExtendedHeader"],
    ["an unknown member", { path: "notes.txt", type: "File" }, 'it holds "notes.txt"'],
    ["a member twice", { path: "compare.json", type: "File" }, 'it holds "compare.json" twice'],
  ])("refuses %s", async (_, data, message) => {
    expect(await reading(withEntry(data))).toContain(message);
  });

  it("refuses an entry that claims more than there is, a wrong checksum, data after the end and a cut stream", async () => {
    expect(await reading(withEntry({ path: "compare.json", type: "File", size: 8_000_000_000 }))).toContain(
      '"compare.json" is cut',
    );
    const tar = writeTar(contents, 0);
    const wrongSum = Buffer.from(tar);
    wrongSum.write("7", 100);
    expect(await reading(wrongSum)).toContain("wrong checksum");
    expect(await reading(Buffer.concat([tar, Buffer.alloc(512, 1)]))).toContain("data after the end");
    expect(await reading(tar.subarray(0, tar.length - 1100))).toContain("cut");
  });

  it("refuses a member that is missing, changed, or not as the bundle says", async () => {
    expect(await reading(writeTar(contents.slice(1), 0))).toContain("it holds no bundle.json");
    expect(await reading(writeTar(contents.slice(0, -1), 0))).toContain("raw-runs.jsonl: it is missing");
    expect(await reading(replaced("compare.json", Buffer.from("{}")))).toMatch(
      /compare\.json: found 2 bytes with sha256 44136fa/,
    );
    const bundle = JSON.parse(String(contents[0]?.[1]));
    const changed = (changes: object) =>
      reading(replaced("bundle.json", Buffer.from(JSON.stringify({ ...bundle, ...changes }))));
    expect(await changed({ outcome: "regression" })).toContain("bundle.json: outcome: it differs from the members");
    expect(await changed({ shards: [] })).toContain("bundle.json: shards");
    expect(await changed({ machine: { ...bundle.machine, cpuModel: "another" } })).toContain("bundle.json: machine");
    expect(await changed({ baseSha: "c".repeat(40) })).toContain(
      `base was built from "${identity.baseSha}", but its commit is said to be "${"c".repeat(40)}"`,
    );
    expect(await changed({ members: bundle.members.slice(1) })).toContain("it lists run-context.json not at all");
    expect(await changed({ members: [...bundle.members, bundle.members[0]] })).toContain(
      "it lists run-context.json twice",
    );
    expect(await changed({ version: "2.0" })).toContain("expected version 1.x");
  });

  it("takes fields that it does not know", async () => {
    const bundle = { ...JSON.parse(String(contents[0]?.[1])), "x-later": 1 };
    const file = await put(
      "later.tar.zst",
      await compress(replaced("bundle.json", Buffer.from(JSON.stringify(bundle)))),
    );
    expect((await readEvidenceBundle(file)).bundle).toMatchObject({ "x-later": 1 });
  });

  it("refuses what is no archive, cut at any place", async () => {
    for (const [name, content] of [
      ["empty", ""],
      ["text", "no archive at all"],
      ["zeros", "\0".repeat(2048)],
    ] as const) {
      const file = await put(name, Buffer.from(content));
      expect((await refusal(readEvidenceBundle(file))).message).toContain("not a whole Zstandard file");
    }
    for (let length = 0; length < bytes.length; length += 97) {
      await refusal(readEvidenceBundle(await put("cut", bytes.subarray(0, length))));
    }
    expect((await refusal(readEvidenceBundle(root))).message).toContain("is a folder");
    expect((await refusal(readEvidenceBundle(path.join(root, "nowhere")))).message).toContain("there is no such file");
  });

  it("never takes an archive in which a byte was flipped for another one", async () => {
    const before = await readEvidenceBundle(await put("good.tar.zst", bytes));
    for (let at = 0; at < bytes.length; at += 53) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      const result = await readEvidenceBundle(await put("flipped", flipped)).catch((error: unknown) => error);
      if (result instanceof ArtifactError) continue;
      // A bit of padding or of a time: what counts is as it was.
      expect(result).toMatchObject({ bundle: before.bundle });
    }
  });

  it("refuses a bomb without setting it off, and an archive that is too large", async () => {
    const part = await compress(Buffer.alloc(64 << 20), 3);
    const bomb = Buffer.concat(Array.from({ length: 40 }, () => part));
    expect(unpackedBoundBytes(bomb)).toBeGreaterThanOrEqual(40 * (64 << 20));
    const before = process.memoryUsage().rss;
    expect((await refusal(readEvidenceBundle(await put("bomb", bomb)))).message).toMatch(/could unpack to \d+ bytes/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    const large = await put("large", Buffer.alloc(1));
    await truncate(large, 40 << 20);
    expect((await refusal(readEvidenceBundle(large))).message).toContain("at most 16777216 are allowed");
  });

  it("does not wait for a pipe", async () => {
    await mkdir(path.join(root, "pipes"), { recursive: true });
    const pipe = path.join(root, "pipes", "p");
    if (spawnSync("mkfifo", [pipe]).status !== 0) return;
    expect((await refusal(readEvidenceBundle(pipe))).message).toContain("it is no file");
  });
});
