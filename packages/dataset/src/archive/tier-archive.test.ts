import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
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
