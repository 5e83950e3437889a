import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "./errors.ts";
import { filesBelow, forge, picture, put, putJpeg, temporaryFolder } from "./test-helpers.ts";

let root = "";
let input = "";
let out = "";

beforeEach(async () => {
  root = await temporaryFolder();
  input = path.join(root, "in");
  out = path.join(root, "out");
  await putJpeg(input, "a.jpg", 1);
  await putJpeg(input, "sub/b.jpg", 2);
});

const run = (...flags: string[]) => forge(input, "--out-dir", out, "--json", ...flags);
const names = async (folder = out) => [...(await filesBelow(folder)).keys()];
const manifest = async () => JSON.parse(await readFile(path.join(out, "manifest.json"), "utf8"));

describe("a run", () => {
  it("processes everything cold, nothing warm, and reports both in the same form", async () => {
    const cold = await run("--formats", "webp,avif");
    expect(cold).toMatchObject({ exitCode: EXIT.ok, stderr: "" });
    expect(cold.report().errors).toEqual([]);
    const { durationMs, totalOriginalSize, totalProcessedSize, ...counts } = cold.report().summary;
    expect(counts).toEqual({ total: 2, processed: 2, cached: 0, failed: 0, pending: 0 });
    expect(durationMs).toBeGreaterThan(0);
    const files = await filesBelow(out);
    expect([...files.keys()]).toEqual(["a.avif", "a.webp", "manifest.json", "sub/b.avif", "sub/b.webp"]);
    const sizes = [...files].filter(([name]) => name !== "manifest.json").map(([, bytes]) => bytes.length);
    expect(totalProcessedSize).toBe(sizes.reduce((a, b) => a + b));
    expect(totalOriginalSize).toBe([...(await filesBelow(input)).values()].reduce((a, b) => a + b.length, 0));

    const { mtimeMs } = await stat(path.join(out, "manifest.json"));
    const warm = await run("--formats", "webp,avif");
    expect(warm.exitCode).toBe(EXIT.ok);
    expect(warm.report().summary).toMatchObject({ total: 2, processed: 0, cached: 2, failed: 0 });
    expect(warm.report().summary).toMatchObject({ totalOriginalSize, totalProcessedSize });
    expect(await filesBelow(out)).toEqual(files);
    expect((await stat(path.join(out, "manifest.json"))).mtimeMs).toBe(mtimeMs);
  });

  it("writes what it claims: real WebP and AVIF of the image's size", async () => {
    await run("--formats", "webp,avif");
    expect(await sharp(path.join(out, "a.webp")).metadata()).toMatchObject({ format: "webp", width: 48, height: 32 });
    expect(await sharp(path.join(out, "a.avif")).metadata()).toMatchObject({ format: "heif", compression: "av1" });
  });

  it("makes smaller files of a lower quality", async () => {
    const high = (await run("--quality", "95")).report().summary.totalProcessedSize;
    const low = (await run("--quality", "10")).report().summary.totalProcessedSize;
    expect(low).toBeLessThan(high);
  });

  it("puts sizes, hashes and a placeholder that is an image into the manifest", async () => {
    await run("--widths", "20");
    const { version, settings, images } = await manifest();
    expect(version).toBe("1.0");
    expect(settings).toEqual({ formats: ["webp"], quality: 80, blur: true, widths: [20] });
    expect(images.map(({ source }: { source: string }) => source)).toEqual(["a.jpg", "sub/b.jpg"]);
    const [first] = images;
    const size = (await stat(path.join(out, "a-20w.webp"))).size;
    expect(first).toMatchObject({ width: 48, height: 32, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(first.outputs).toEqual([{ path: "a-20w.webp", format: "webp", width: 20, height: 13, sizeBytes: size }]);
    const placeholder = Buffer.from(first.blurDataUrl.replace("data:image/webp;base64,", ""), "base64");
    expect(await sharp(placeholder).metadata()).toMatchObject({ format: "webp", width: 16, height: 11 });
    expect(first.blurDataUrl.length).toBeLessThan(1000);
  });

  it("leaves the placeholder out with --no-blur", async () => {
    await run("--no-blur");
    expect(JSON.stringify(await manifest())).not.toContain("blurDataUrl");
  });

  it("writes the manifest where --output says", async () => {
    await run("--output", path.join(root, "deep/m.json"));
    expect(JSON.parse(await readFile(path.join(root, "deep/m.json"), "utf8")).images).toHaveLength(2);
    expect(await names()).not.toContain("manifest.json");
  });

  it("does not enlarge: larger widths are left out, and the image's own width is used when all are", async () => {
    await put(input, "small.png", await (await picture({ width: 10, height: 10 })).png().toBuffer());
    await run("--widths", "24,48,49");
    expect(await names()).toEqual([
      ...["a-24w.webp", "a-48w.webp", "manifest.json", "small.webp"],
      ...["sub/b-24w.webp", "sub/b-48w.webp"],
    ]);
    expect((await sharp(path.join(out, "small.webp")).metadata()).width).toBe(10);
    expect((await run("--widths", "24,48,49")).report().summary).toMatchObject({ cached: 3 });
  });

  it("gives the same bytes at any concurrency", async () => {
    await run("--concurrency", "1", "--formats", "webp,avif");
    const other = path.join(root, "other");
    await forge(input, "--out-dir", other, "--json", "--concurrency", "4", "--formats", "webp,avif");
    expect(await filesBelow(other)).toEqual(await filesBelow(out));
  });
});

describe("the cache", () => {
  const counts = async (...flags: string[]) => {
    const { processed, cached, failed } = (await run(...flags)).report().summary;
    return { processed, cached, failed };
  };

  beforeEach(() => run());

  it.each([[["--quality", "79"]], [["--formats", "avif"]], [["--widths", "20"]], [["--no-blur"]]])(
    "does everything again with %j, and again without",
    async (flags) => {
      expect(await counts(...flags)).toEqual({ processed: 2, cached: 0, failed: 0 });
      expect(await counts(...flags)).toEqual({ processed: 0, cached: 2, failed: 0 });
      expect(await counts()).toEqual({ processed: 2, cached: 0, failed: 0 });
    },
  );

  it("notices changed content of the same size and time", async () => {
    const file = path.join(input, "a.jpg");
    const bytes = await readFile(file);
    const at = bytes.indexOf(Buffer.from([0xff, 0xda])) + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 0x01;
    await writeFile(file, bytes);
    expect(await counts()).toEqual({ processed: 1, cached: 1, failed: 0 });
  });

  it("takes a touched or renamed source with the same content for the same", async () => {
    await writeFile(path.join(input, "a.jpeg"), await readFile(path.join(input, "a.jpg")));
    await rm(path.join(input, "a.jpg"));
    expect(await counts()).toEqual({ processed: 0, cached: 2, failed: 0 });
    expect((await manifest()).images[0].source).toBe("a.jpeg");
  });

  it("does deleted, truncated and replaced outputs again", async () => {
    const before = await filesBelow(out);
    await rm(path.join(out, "a.webp"));
    await truncate(path.join(out, "sub/b.webp"), 10);
    expect(await counts()).toEqual({ processed: 2, cached: 0, failed: 0 });
    expect(await filesBelow(out)).toEqual(before);
    await rm(path.join(out, "a.webp"));
    await mkdir(path.join(out, "a.webp"));
    expect(await counts()).toEqual({ processed: 0, cached: 1, failed: 1 });
  });

  it("takes damaged entries for none", async () => {
    const folder = path.join(out, ".imageforge-cache/entries");
    const [one = "", two = ""] = await readdir(folder);
    await writeFile(path.join(folder, one), "");
    await writeFile(path.join(folder, two), '{"outputs": 1}');
    expect(await counts()).toEqual({ processed: 2, cached: 0, failed: 0 });
    await writeFile(path.join(folder, one), await readFile(path.join(folder, two)));
    expect(await counts()).toEqual({ processed: 1, cached: 1, failed: 0 });
  });

  it("is neither read nor written with --no-cache", async () => {
    expect(await counts("--no-cache")).toEqual({ processed: 2, cached: 0, failed: 0 });
    expect(await counts("--no-cache")).toEqual({ processed: 2, cached: 0, failed: 0 });
    expect(await counts()).toEqual({ processed: 2, cached: 0, failed: 0 });
  });

  it("keeps no temporary files, and sweeps those of a run that is gone", async () => {
    const folder = path.join(out, ".imageforge-cache");
    expect((await readdir(folder)).sort()).toEqual(["entries", "owned"]);
    const { hostname } = await import("node:os");
    // 4194304 is above the largest process id of Linux.
    await put(folder, `tmp-${hostname()}-4194304-ab12cd34/x`, "left");
    await put(folder, `tmp-${hostname()}-${process.pid}-ab12cd34/x`, "alive");
    await put(folder, "tmp-elsewhere-4194304-ab12cd34/x", "of another machine");
    await run();
    const left = (await readdir(folder)).filter((name) => name.startsWith("tmp-")).sort();
    expect(left).toEqual([`tmp-${hostname()}-${process.pid}-ab12cd34`, "tmp-elsewhere-4194304-ab12cd34"].sort());
  });
});

describe("files of others", () => {
  it("are kept, and the image fails, unless --force-overwrite is given", async () => {
    await put(out, "a.webp", "mine");
    const refused = await run();
    expect(refused.exitCode).toBe(EXIT.someFailed);
    expect(refused.report().summary).toMatchObject({ processed: 1, failed: 1 });
    expect(refused.report().errors).toEqual([
      { file: "a.jpg", reason: expect.stringContaining('"a.webp" exists and was not made by imageforge') },
    ]);
    expect(await readFile(path.join(out, "a.webp"), "utf8")).toBe("mine");
    expect((await run("--dry-run")).report().summary).toMatchObject({ failed: 1, cached: 1 });
    expect((await run("--force-overwrite")).report().summary).toMatchObject({ processed: 1, cached: 1, failed: 0 });
    expect((await run()).report().summary).toMatchObject({ cached: 2 });
  });

  it("are told from its own even when the entries are lost or the settings changed", async () => {
    await run("--formats", "webp,avif");
    await rm(path.join(out, ".imageforge-cache/entries"), { recursive: true });
    expect((await run("--formats", "webp")).report().summary).toMatchObject({ processed: 2, failed: 0 });
    expect((await run("--formats", "avif", "--no-cache")).report().summary).toMatchObject({ processed: 2, failed: 0 });
  });
});

describe("--check and --dry-run", () => {
  it("write nothing, and only --check fails, when something is to do", async () => {
    for (const [flag, exitCode] of [["--check", EXIT.notUpToDate] as const, ["--dry-run", EXIT.ok] as const]) {
      const looked = await run(flag);
      expect(looked.exitCode).toBe(exitCode);
      expect(looked.report().summary).toMatchObject({ total: 2, pending: 2, processed: 0, cached: 0 });
      expect(looked.report().pending.slice(0, 2)).toEqual(["a.jpg", "sub/b.jpg"]);
    }
    expect(await readdir(root)).toEqual(["in"]);
  });

  it("see a change, and leave the outputs alone", async () => {
    await run();
    const before = await filesBelow(root, true);
    expect((await run("--check")).exitCode).toBe(EXIT.ok);
    expect((await run("--check", "--quality", "79")).exitCode).toBe(EXIT.notUpToDate);
    await truncate(path.join(out, "a.webp"), 10);
    const looked = await run("--check");
    expect(looked).toMatchObject({ exitCode: EXIT.notUpToDate });
    expect(looked.report().pending[0]).toBe("a.jpg");
    await writeFile(path.join(out, "a.webp"), before.get("out/a.webp") ?? "");
    expect(await filesBelow(root, true)).toEqual(before);
  });

  it("--check fails when only the manifest is missing or old", async () => {
    await run();
    await rm(path.join(out, "manifest.json"));
    const looked = await run("--check");
    expect(looked.exitCode).toBe(EXIT.notUpToDate);
    expect(looked.report().pending).toEqual([path.join(out, "manifest.json")]);
  });

  it("report an image that would fail", async () => {
    await put(input, "bad.png", "");
    expect(await run("--check")).toMatchObject({ exitCode: EXIT.someFailed });
  });
});

describe("inputs", () => {
  it("are chosen by globs on the name or the path", async () => {
    await putJpeg(input, "sub/deep/c.jpg", 3);
    await put(input, "notes.txt", "no image");
    await putJpeg(input, ".hidden.jpg", 4);
    const taken = async (...flags: string[]) => {
      await run("--dry-run");
      return (await run("--dry-run", ...flags)).report().pending;
    };
    expect(await taken()).toEqual(["a.jpg", "sub/b.jpg", "sub/deep/c.jpg"]);
    expect(await taken("--include", "b.*", "--include", "c.jpg")).toEqual(["sub/b.jpg", "sub/deep/c.jpg"]);
    expect(await taken("--include", "sub/*")).toEqual(["sub/b.jpg"]);
    expect(await taken("--exclude", "sub/**")).toEqual(["a.jpg"]);
    expect(await taken("--include", "*.jpg", "--exclude", "c.jpg")).toEqual(["a.jpg", "sub/b.jpg"]);
    const none = await run("--include", "*.png");
    expect(none).toMatchObject({ exitCode: EXIT.input, stderr: expect.stringContaining("the globs leave none") });
  });

  it("that collide are named before any work", async () => {
    await put(input, "a.png", await (await picture()).png().toBuffer());
    const collided = await run();
    expect(collided).toMatchObject({ exitCode: EXIT.input, stdout: "" });
    expect(collided.stderr).toContain('"a.jpg" and "a.png" would both be written to "a.webp"');
    expect(await readdir(root)).toEqual(["in"]);
    expect((await run("--exclude", "*.png")).exitCode).toBe(EXIT.ok);
  });

  it("may have spaces, brackets, other letters and links in their paths", async () => {
    const odd = path.join(root, "Ünï cödé [q=1] %d 图");
    await putJpeg(odd, "my 图 photo[1].JPG", 5);
    await symlink(input, path.join(odd, "linked"));
    await symlink(odd, path.join(odd, "loop"));
    await symlink(path.join(input, "a.jpg"), path.join(odd, "link.jpg"));
    await symlink(path.join(root, "nowhere.jpg"), path.join(odd, "broken.jpg"));
    await symlink(odd, path.join(root, "link to in"));
    const target = path.join(root, "öut [Q=5]");
    const done = await forge(path.join(root, "link to in"), "--out-dir", target, "--json");
    expect(done.report().errors).toEqual([{ file: "broken.jpg", reason: expect.stringContaining("ENOENT") }]);
    expect(await names(target)).toEqual([
      ...["link.webp", "linked/a.webp", "linked/sub/b.webp", "manifest.json", "my 图 photo[1].webp"],
    ]);
  });

  it("may be pipes or links to themselves, which hold nothing up", async () => {
    await promisify(execFile)("mkfifo", [path.join(input, "pipe.jpg")]);
    await symlink("self.jpg", path.join(input, "self.jpg"));
    await mkdir(path.join(input, "folder.jpg"));
    const done = await run();
    expect(done.report().summary).toMatchObject({ total: 3, processed: 2, failed: 1 });
    expect(done.report().errors).toEqual([{ file: "self.jpg", reason: expect.stringContaining("ELOOP") }]);
  });

  it("never include the outputs", async () => {
    const inside = path.join(input, "made");
    for (const expected of [{ processed: 2 }, { cached: 2 }]) {
      const done = await forge(input, "--out-dir", inside, "--json");
      expect(done.report().summary).toMatchObject({ total: 2, ...expected });
    }
  });
});

describe("wrong folders", () => {
  it.each([
    ["a folder that is not there", () => ["nowhere", "out"], EXIT.usage, "does not exist"],
    ["a file", () => ["in/a.jpg", "out"], EXIT.usage, "is a file, not a folder"],
    ["outputs among the inputs", () => ["in", "in"], EXIT.usage, "outputs would be written among the inputs"],
    ["outputs around the inputs", () => ["in/sub", "in"], EXIT.usage, "contains INPUT_DIR"],
    ["no images", () => ["empty", "out"], EXIT.input, "holds no image"],
    ["a file for the outputs", () => ["in", "in/a.jpg"], EXIT.output, "Cannot write to the folder"],
    ["a path through a file", () => ["in", "in/a.jpg/x"], EXIT.output, "Cannot write to the folder"],
  ])("%s: exit code and message", async (_, folders, exitCode, message) => {
    await mkdir(path.join(root, "empty"));
    const [from = "", to = ""] = folders();
    const done = await forge(path.join(root, from), "--out-dir", path.join(root, to), "--json");
    expect(done).toMatchObject({ exitCode, stdout: "", stderr: expect.stringContaining(message) });
  });

  it("sees through a link to the inputs", async () => {
    await symlink(input, path.join(root, "same"));
    const done = await forge(input, "--out-dir", path.join(root, "same"));
    expect(done.exitCode).toBe(EXIT.usage);
  });

  it("finds out before the work that the manifest cannot be written", async () => {
    await mkdir(path.join(root, "taken"));
    const done = await run("--output", path.join(root, "taken"));
    expect(done).toMatchObject({ exitCode: EXIT.output, stderr: expect.stringContaining("a folder has that name") });
    expect(await names()).toEqual([]);
  });
});

describe("what a person sees", () => {
  it("is a line of sums, with a line an image on stderr when --verbose", async () => {
    const done = await forge(input, "--out-dir", out, "--verbose");
    expect(done.stdout).toMatch(
      /^2 images: 2 processed, 0 cached, 0 failed {3}[\d.]+ k?B -> [\d.]+ k?B {3}[\d.]+ s\n$/,
    );
    expect(done.stderr.split("\n").sort()).toEqual([
      "",
      "processed a.jpg (a.webp)",
      "processed sub/b.jpg (sub/b.webp)",
    ]);
  });

  it("is nothing with --quiet, but for errors", async () => {
    expect(await forge(input, "--out-dir", out, "--quiet")).toMatchObject({ stdout: "", stderr: "" });
    await put(input, "bad\u001b[31m.png", "");
    const done = await forge(input, "--out-dir", out, "--quiet");
    expect(done).toMatchObject({ exitCode: EXIT.someFailed, stdout: "" });
    expect(done.stderr).toBe("failed  bad\\x1b[31m.png: is empty (0 bytes)\n");
  });

  it("lists what is to do", async () => {
    expect((await forge(input, "--out-dir", out, "--dry-run")).stdout).toMatch(
      /^to do {2}a\.jpg\nto do {2}sub\/b\.jpg\n2 images: 2 to do, 0 up to date, 0 failed {3}[\d.]+ s\n$/,
    );
    expect((await forge(input, "--out-dir", out, "--check")).stdout).toContain("not up to date  a.jpg\n");
  });

  it("is the help and the version", async () => {
    const help = await forge("--help");
    expect(help).toMatchObject({ exitCode: EXIT.ok, stderr: "" });
    const source = await readFile(new URL("./options.ts", import.meta.url), "utf8");
    const flags = [...source.matchAll(/^ {2}"?([a-z-]+)"?: \{ type: /gm)].map(([, name]) => `--${name}`);
    expect(flags).toHaveLength(21);
    for (const flag of flags) expect(help.stdout).toContain(flag);
    expect((await forge("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("is the wrong flag and where to look", async () => {
    const done = await run("--quality", "abc");
    expect(done).toMatchObject({ exitCode: EXIT.usage, stdout: "" });
    expect(done.stderr).toBe('imageforge: --quality: "abc" is not a whole number from 1 to 100\nsee --help\n');
  });
});
