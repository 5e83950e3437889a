import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ArchiveEntry, tarFrames, zstdFrames } from "@forgebench/archives";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putFiles, sha256Of } from "../testing.ts";
import { packArchive } from "./tier-archive.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "archive-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const HAS_TOOLS = (() => {
  try {
    execFileSync("zstd", ["--version"]);
    return execFileSync("tar", ["--version"]).includes("GNU");
  } catch {
    return false;
  }
})();

/** A tar stream of contents in memory, with frames of a size; contents come in bites of at most `bite` bytes. */
async function tarOf(contents: ReadonlyMap<string, Buffer>, frameBytes: number, bite: number): Promise<Buffer[]> {
  const entries = [...contents].map(([name, content]) => ({ path: name, sizeBytes: content.length }));
  const frames: Buffer[] = [];
  const openEntry = async ({ path: name }: ArchiveEntry) => {
    let rest = contents.get(name) ?? Buffer.alloc(0);
    return {
      read: async (target: Uint8Array) => {
        const part = rest.subarray(0, Math.min(bite, target.length));
        target.set(part);
        rest = rest.subarray(part.length);
        return part.length;
      },
      close: async () => undefined,
    };
  };
  const options = { mtimeSeconds: 1_767_225_600, openEntry, nextFrame: () => Buffer.alloc(frameBytes, 0xee) };
  for await (const frame of tarFrames(entries, options)) frames.push(frame);
  return frames;
}

describe("tarFrames", () => {
  it("gives the same stream whatever the frames, the bites of the reader and the order of the entries", async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,30}\.jpg$/), { minLength: 1, maxLength: 6 });
    const content = fc.uint8Array({ maxLength: 2000 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.array(content, { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 5000 }),
        async (list, data, size) => {
          const contents = new Map(list.map((name, index) => [name, Buffer.from(data[index] ?? [])]));
          const [whole] = await tarOf(contents, 1 << 20, 1 << 20);
          const frames = await tarOf(new Map([...contents].reverse()), size, Math.ceil(size / 3));
          expect(frames.slice(0, -1).every((frame) => frame.length === size)).toBe(true);
          expect(Buffer.concat(frames).equals(whole ?? Buffer.alloc(0))).toBe(true);
          expect((whole?.length ?? 0) % 512).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("says when a content is shorter or longer than its entry", async () => {
    const stream = async (given: string) => {
      let rest = Buffer.from(given);
      const read = async (target: Uint8Array) => {
        const part = rest.subarray(0, target.length);
        target.set(part);
        rest = rest.subarray(part.length);
        return part.length;
      };
      const openEntry = async () => ({ read, close: async () => undefined });
      const options = { mtimeSeconds: 0, openEntry, nextFrame: () => Buffer.alloc(4096) };
      for await (const _ of tarFrames([{ path: "a.jpg", sizeBytes: 4 }], options));
    };
    await expect(stream("abcd")).resolves.toBeUndefined();
    await expect(stream("abc")).rejects.toThrow('Cannot pack "a.jpg": it is shorter than the 4 bytes');
    await expect(stream("abcde")).rejects.toThrow('Cannot pack "a.jpg": it is longer than the 4 bytes');
  });

  it("refuses what a plain header cannot hold", async () => {
    await expect(tarOf(new Map([[`${"x".repeat(200)}.jpg`, Buffer.from("a")]]), 4096, 10)).rejects.toThrow(
      "does not fit",
    );
  });
});

describe("zstdFrames", () => {
  it("keeps the order, and hands a failure on", async () => {
    async function* pieces(fails: boolean) {
      for (let index = 0; index < 9; index += 1) yield Buffer.alloc(index % 2 === 0 ? 300_000 : 10, index);
      if (fails) throw new Error("the reader failed");
    }
    const chunks: Buffer[] = [];
    for await (const chunk of zstdFrames(pieces(false), { level: 3, inFlight: 2 })) chunks.push(chunk);
    expect(chunks).toHaveLength(9);
    const drain = async () => {
      for await (const _ of zstdFrames(pieces(true), { level: 3, inFlight: 2 }));
    };
    await expect(drain()).rejects.toThrow("the reader failed");
    if (!HAS_TOOLS) return;
    const plain = execFileSync("zstd", ["-dc"], { input: Buffer.concat(chunks), maxBuffer: 1 << 24 });
    const lengths = [...new Set(plain)].map((value) => plain.filter((byte) => byte === value).length);
    expect([...new Set(plain)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(lengths).toEqual([300_000, 10, 300_000, 10, 300_000, 10, 300_000, 10, 300_000]);
  });
});

describe("packArchive", () => {
  const names = ["tier2/images/a.jpg", "tier2/images/b.png", "tier2/images/empty.gif", "tier2/tier-manifest.json"];
  const contents = new Map(
    names.map((name, index) => [name, Buffer.alloc([5_000_000, 511, 0, 513][index] ?? 0, `${index}x`)]),
  );
  const folders = ["tier2/", "tier2/images/"];

  async function pack(folder: string, order: readonly string[]) {
    const files = order.map((name) => ({
      path: name,
      file: path.join(root, folder, name),
      sizeBytes: contents.get(name)?.length ?? 0,
    }));
    const archive = path.join(root, `${folder}.tar.zst`);
    return { archive, ...(await packArchive(archive, folders, files, { mtimeSeconds: 1_767_225_600 })) };
  }

  it("gives the same bytes whatever the folder, the order, the times and the modes", async () => {
    await putFiles(path.join(root, "one"), contents);
    await putFiles(path.join(root, "other place"), [...contents].reverse());
    for (const [index, name] of names.entries()) {
      const file = path.join(root, "other place", name);
      await utimes(file, 1e9 + index, 1e9 - 3600 * index);
      await chmod(file, [0o600, 0o755, 0o444, 0o640][index] ?? 0o644);
    }
    const [one, other] = [await pack("one", names), await pack("other place", names.toReversed())];
    expect(other.sha256).toBe(one.sha256);
    const bytes = await readFile(one.archive);
    expect(sha256Of(bytes)).toBe(one.sha256);
    expect(bytes.length).toBe(one.sizeBytes);
    expect(bytes.equals(await readFile(other.archive))).toBe(true);
  });

  it.skipIf(!HAS_TOOLS)("is read by the tools of the system as what went in", async () => {
    const archive = path.join(root, "one.tar.zst");
    const listed = execFileSync("tar", [
      "--zstd",
      "--numeric-owner",
      "--utc",
      "--full-time",
      "-tvf",
      archive,
    ]).toString();
    expect(listed.replace(/ +/g, " ").trim().split("\n")).toEqual([
      "drwxr-xr-x 0/0 0 2026-01-01 00:00:00 tier2/",
      "drwxr-xr-x 0/0 0 2026-01-01 00:00:00 tier2/images/",
      "-rw-r--r-- 0/0 5000000 2026-01-01 00:00:00 tier2/images/a.jpg",
      "-rw-r--r-- 0/0 511 2026-01-01 00:00:00 tier2/images/b.png",
      "-rw-r--r-- 0/0 0 2026-01-01 00:00:00 tier2/images/empty.gif",
      "-rw-r--r-- 0/0 513 2026-01-01 00:00:00 tier2/tier-manifest.json",
    ]);
    execFileSync("tar", ["--zstd", "-xf", archive, "-C", root]);
    for (const [name, content] of contents) expect((await readFile(path.join(root, name))).equals(content)).toBe(true);
  });

  it("does not write over a file, and says when a file is not as long as it was", async () => {
    await putFiles(path.join(root, "grown"), contents);
    await writeFile(path.join(root, "grown", names[1] ?? ""), "a single line");
    await expect(pack("grown", names)).rejects.toThrow(
      'Cannot pack "tier2/images/b.png": it is shorter than the 511 bytes',
    );
    await expect(pack("one", names)).rejects.toThrow("EEXIST");
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    controller.abort(new Error("told to stop"));
    const archive = path.join(root, "stopped.tar.zst");
    const files = [{ path: names[0] ?? "", file: path.join(root, "one", names[0] ?? ""), sizeBytes: 5_000_000 }];
    await expect(packArchive(archive, folders, files, { mtimeSeconds: 0, signal: controller.signal })).rejects.toThrow(
      "told to stop",
    );
  });
});
