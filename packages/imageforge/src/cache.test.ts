import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type CacheEntry, OutputCache } from "./cache.ts";
import { put, temporaryFolder } from "./test-helpers.ts";

const wanted = { stem: "sub/a", settings: "quality=80", sourceSha256: "ab" };
const other = { ...wanted, settings: "quality=60" };
const names = ["sub/a.webp", "sub/a.avif"];

let out = "";
let cache = new OutputCache("");

beforeEach(async () => {
  out = await temporaryFolder();
  cache = new OutputCache(out);
});

function entryOf(of: typeof wanted, text: string): Omit<CacheEntry, "cacheVersion"> {
  const outputs = names.map((name) => ({ path: name, format: "webp" as const, width: 1, height: 1 }));
  return {
    ...of,
    sourceWidth: 1,
    sourceHeight: 1,
    outputs: outputs.map((output) => ({ ...output, sizeBytes: text.length })),
  };
}

/** Places outputs that all hold `text`; only `complete` of them were encoded, so that it stops there as a kill would. */
async function place(of: typeof wanted, text: string, complete = names.length): Promise<void> {
  const files = names.map(() => cache.temporaryFile());
  for (const file of files.slice(0, complete)) await writeFile(file, text);
  cache.place(entryOf(of, text), files, { remember: true });
}

const textOf = (name: string) => readFile(path.join(out, name), "utf8");

describe("OutputCache", () => {
  it("finds what was placed, by stem, settings and content", async () => {
    await place(wanted, "one");
    expect(cache.find(wanted)).toMatchObject(entryOf(wanted, "one"));
    expect(new OutputCache(out).find(wanted)).toMatchObject(wanted);
    expect(cache.find({ ...wanted, stem: "a" })).toBeUndefined();
    expect(cache.find({ ...wanted, settings: "quality=81" })).toBeUndefined();
    expect(cache.find({ ...wanted, sourceSha256: "cd" })).toBeUndefined();
    expect(await Promise.all(names.map(textOf))).toEqual(["one", "one"]);
  });

  it.each([0, 1])(
    "stopped after %i of 2 outputs of the same size, takes neither old nor new for up to date",
    async (n) => {
      await place(wanted, "old");
      await expect(place(other, "new", n)).rejects.toThrow("ENOENT");
      expect(cache.find(wanted)).toBeUndefined();
      expect(cache.find(other)).toBeUndefined();
      expect(names.filter((name) => cache.isForeign(name))).toEqual([]);
      expect(await Promise.all(names.map(textOf))).toEqual(n === 0 ? ["old", "old"] : ["new", "old"]);
      await place(other, "new");
      expect(cache.find(other)).toMatchObject(other);
      expect(cache.find(wanted)).toBeUndefined();
    },
  );

  it("stopped on a first run, may write what it had written", async () => {
    await expect(place(wanted, "new", 1)).rejects.toThrow("ENOENT");
    expect(await textOf("sub/a.webp")).toBe("new");
    expect(cache.isForeign("sub/a.webp")).toBe(false);
  });

  it("knows the files of others", async () => {
    await put(out, "b.webp", "mine");
    expect(cache.isForeign("b.webp")).toBe(true);
    expect(cache.isForeign("c.webp")).toBe(false);
  });

  it("removes its own temporary folder only", async () => {
    const second = new OutputCache(out);
    const kept = second.temporaryFile();
    cache.temporaryFile();
    cache.removeScratch();
    await writeFile(kept, "still there");
    expect((await readdir(path.join(out, ".imageforge-cache"))).filter((name) => name.startsWith("tmp-"))).toHaveLength(
      1,
    );
  });
});
