import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fetchReport, type ImageFormat, imageFormats, serializeArtifact } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { picture, pictures, putFiles, putSynthetic, sha256Of } from "../testing.ts";
import { readPool } from "./pool-folder.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "pool-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const sources = (name = ".") => path.join(root, "sources", name);
const synthetic = (name = ".") => path.join(root, "synthetic", name);

async function read(required = { synthetic: false, sources: false }) {
  return readPool({
    synthetic: { folder: synthetic(), required: required.synthetic },
    sources: { folder: sources(), required: required.sources },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

/** The error of a read that must fail, as a person would see it. */
async function failure(required?: Parameters<typeof read>[0]): Promise<string> {
  const error: unknown = await read(required).then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationError || error instanceof ArtifactError)) throw error;
  return [error.message, ...error.details.map(({ label, text }) => `${label}: ${text}`)].join("\n");
}

describe("readPool on source images", () => {
  it("takes every image of the folder and its subfolders, whatever the names", async () => {
    const files = [...(await pictures(20)).values()];
    const names = [
      "ein Bild.jpg",
      "Ünï-写真.JPEG",
      "-rf.jpg",
      "a/b c/d.jpeg",
      "$(touch x).jpg",
      "'\".jfif",
      "no extension",
    ];
    await putFiles(
      sources(),
      files.map((content, index) => [names[index] ?? `${index}`, content]),
    );
    const { pool, notes } = await read();
    expect(pool.images.map(({ sha256 }) => sha256)).toEqual(files.map(sha256Of).toSorted());
    expect(pool.images.every(({ origin, license }) => origin === "local" && license === "unspecified")).toBe(true);
    expect(pool.images.every(({ sourceFile }) => sourceFile === undefined)).toBe(true);
    expect(notes.join("\n")).toContain("20 images");
    expect(notes.join("\n")).toContain("no stated licence");
  });

  it("goes by content where the name says another format", async () => {
    await putFiles(sources(), [
      ["photo.jpg", await picture("png", 1)],
      ["scan.webp", await picture("tiff", 2)],
    ]);
    const { pool, notes } = await read();
    expect(pool.images.map(({ format }) => format).toSorted()).toEqual(["png", "tiff"]);
    expect(notes.join("\n")).toContain("photo.jpg (png), scan.webp (tiff)");
  });

  it("passes over what is no image and does not claim to be one, and says so", async () => {
    const webp = await sharp(await picture("png", 1))
      .webp()
      .toBuffer();
    await putFiles(sources(), [
      ["a.jpg", await picture("jpg", 1)],
      ["b.webp", webp],
      ["notes.txt", "text"],
      ["._a.jpg", "left by another system"],
      [".hidden/a.jpg", "also"],
    ]);
    const { pool, notes } = await read();
    expect(pool.images).toHaveLength(1);
    expect(notes.join("\n")).toContain("2 files");
    expect(notes.join("\n")).toContain("b.webp, notes.txt");
  });

  it("names every image that cannot be used, up to 20", async () => {
    const webp = await sharp(await picture("png", 1))
      .webp()
      .toBuffer();
    await putFiles(sources(), [
      ["empty.jpg", ""],
      ["page.png", "<!DOCTYPE html><p>404"],
      ["photo.gif", webp],
      ["words.tiff", "these are words"],
      ["fine.jpg", await picture("jpg", 3)],
      ...Array.from({ length: 22 }, (_, index) => [`zz-${index}.jpg`, ""] as const),
    ]);
    const text = await failure();
    expect(text).toContain("Cannot build tiers: 26 images of the pool cannot be used");
    expect(text).toContain(`image: "${sources("empty.jpg")}" is empty (0 bytes)`);
    expect(text).toContain(
      `image: "${sources("page.png")}" holds SVG or another text; a tier takes jpg, png, gif and tiff`,
    );
    expect(text).toContain(`image: "${sources("photo.gif")}" holds WebP; a tier takes`);
    expect(text).toContain(`image: "${sources("words.tiff")}" is not an image that is known; a tier takes`);
    expect(text).not.toContain("fine.jpg");
    expect(text.match(/^image: /gm)).toHaveLength(20);
    expect(text).toContain("and: 6 more");
  });

  it.each(imageFormats)("finds a %s that is cut off or damaged", async (format: ImageFormat) => {
    const size = { width: 300, height: 200 };
    const noise = Buffer.from(Array.from({ length: 300 * 200 * 3 }, (_, index) => (index * index) >> 5));
    const whole = await sharp(noise, { raw: { ...size, channels: 3 } })
      .toFormat(format === "jpg" ? "jpeg" : format)
      .toBuffer();
    const cuts = [0.1, 0.5, 0.9, 0.99].map(
      (part) => [`cut-${part}.${format}`, whole.subarray(0, whole.length * part)] as const,
    );
    await putFiles(sources(), [[`whole.${format}`, whole], ...cuts]);
    const text = await failure();
    for (const [name] of cuts) expect(text).toContain(`${name}" cannot be decoded as ${format}: `);
    expect(text).not.toContain("whole.");
    expect(text).not.toMatch(/\n\s+at /);
  });

  it("refuses a header that promises 30,000 × 30,000 pixels, without the memory for them", async () => {
    const png = await picture("png", 1);
    png.writeUInt32BE(30_000, 16);
    png.writeUInt32BE(30_000, 20);
    const { crc32 } = await import("node:zlib");
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await putFiles(sources(), [["huge.png", png]]);
    expect(await failure()).toMatch(/huge\.png" cannot be decoded as png: Input image exceeds pixel limit/);
  });

  it("follows a link inside the folder, and refuses one that leaves it, leads nowhere, or a pipe", async () => {
    await putFiles(root, [["outside.jpg", await picture("jpg", 1)]]);
    await putFiles(sources(), [["a/real.jpg", await picture("jpg", 2)]]);
    await symlink("a/real.jpg", sources("again.jpg"));
    await symlink("a", sources("folder"));
    const { pool, notes } = await read();
    expect(pool.images).toHaveLength(1);
    expect(notes.join("\n")).toContain(`counts once; the same content again`);

    await symlink("../outside.jpg", sources("secret.jpg"));
    await symlink("nothing.jpg", sources("dangling.jpg"));
    execFileSync("mkfifo", [sources("pipe.jpg")]);
    const text = await failure();
    expect(text).toContain('secret.jpg" is a link that leaves the folder (to "../outside.jpg"); copy the file');
    expect(text).toContain('dangling.jpg" is a link that leads nowhere');
    expect(text).toContain('pipe.jpg" is not a regular file');
  });
});

describe("readPool with a fetch report", () => {
  const result = (id: string, content: Buffer, filename: string) => ({
    id,
    status: "downloaded",
    failureCategory: null,
    filename,
    checksum: { expected: null, actual: sha256Of(content), match: null },
    license: "CC-BY-4.0",
    attribution: `by ${id}`,
  });

  async function putReport(results: readonly object[], options: object = {}): Promise<void> {
    const names = ["enabled", "disabled", "downloaded", "failed", "missingHash", "checksumMismatch", "downloadFailed"];
    const totals = Object.fromEntries([...names, "schemaInvalid"].map((name) => [name, 0]));
    const report = { version: "1.1", options, totals, results } as never;
    await putFiles(sources(), [[fetchReport.fileName, serializeArtifact(fetchReport, report, "report")]]);
  }

  it("takes origin, licence and attribution from it by content; others are local", async () => {
    const [known, own] = [await picture("jpg", 1), await picture("jpg", 2)];
    await putFiles(sources(), [
      ["harbour.jpg", known],
      ["own.jpg", own],
    ]);
    const failed = { ...result("lost", own, "own.jpg"), failureCategory: "checksum-mismatch", license: null };
    await putReport([result("harbour", known, "harbour.jpg"), failed]);
    const { pool, notes } = await read();
    const image = pool.images.find(({ sha256 }) => sha256 === sha256Of(known));
    expect(image).toMatchObject({
      origin: "harbour",
      license: "CC-BY-4.0",
      attribution: "by harbour",
      sourceFile: "harbour.jpg",
    });
    expect(pool.images.find(({ sha256 }) => sha256 === sha256Of(own))?.origin).toBe("local");
    expect(notes.join("\n")).toContain("1 images");
  });

  it("refuses a file that is not what was fetched, and one that is missing", async () => {
    const content = await picture("jpg", 1);
    await putFiles(sources(), [["harbour.jpg", await picture("jpg", 2)]]);
    await putReport([result("harbour", content, "harbour.jpg"), result("pier", await picture("jpg", 3), "pier.jpg")]);
    const text = await failure();
    expect(text).toContain('harbour.jpg" is not what was fetched as "harbour"');
    expect(text).toContain('pier.jpg" is in the fetch report as "pier" but not there; fetch it again');
  });

  it("takes title and address where the report has them as text", async () => {
    const [one, two] = [await picture("jpg", 1), await picture("jpg", 2)];
    await putFiles(sources(), [
      ["one.jpg", one],
      ["two.jpg", two],
    ]);
    const facts = { title: "Harbour", url: "https://example.org/1" };
    const odd = { url: null, license: "  " };
    await putReport([
      { ...result("one", one, "one.jpg"), ...facts },
      { ...result("two", two, "two.jpg"), ...odd },
    ]);
    const { images } = (await read()).pool;
    expect(images.find(({ origin }) => origin === "one")).toMatchObject({
      title: "Harbour",
      sourceUrl: "https://example.org/1",
    });
    const second = images.find(({ origin }) => origin === "two");
    expect(second).toMatchObject({ license: "unspecified" });
    expect(Object.keys(second ?? {})).not.toContain("title");
    expect(Object.keys(second ?? {})).not.toContain("sourceUrl");
  });

  it("takes a source without a hash only if that was waived, marks it, and says what is missing", async () => {
    const [pinned, waived, refused] = [await picture("jpg", 1), await picture("jpg", 2), await picture("jpg", 3)];
    await putFiles(sources(), [
      ["pinned.jpg", pinned],
      ["waived.jpg", waived],
      ["refused.jpg", refused],
    ]);
    const checksum = { expected: sha256Of(pinned), actual: sha256Of(pinned), match: true };
    const missingHash = { failureCategory: "missing-hash" };
    const nothing = { checksum: { expected: null, actual: null }, filename: null };
    await putReport(
      [
        { ...result("waived", waived, "waived.jpg"), ...missingHash, waived: true },
        { ...result("pinned", pinned, "pinned.jpg"), checksum },
        { ...result("refused", refused, "refused.jpg"), ...missingHash },
        { ...result("gone", refused, "gone.jpg"), ...nothing, failureCategory: "download-failed", waived: true },
      ],
      { allowUnpinnedSources: true, allowPartial: true, allowNothing: false, outDir: "x" },
    );
    const { pool, notes } = await read();
    const found = pool.images.map(({ origin, isUnpinned }) => [origin, isUnpinned]);
    expect(found.toSorted()).toEqual([
      ["local", undefined],
      ["pinned", undefined],
      ["waived", true],
    ]);
    expect(pool.sourceWaivers).toEqual({
      waivers: ["allowPartial", "allowUnpinnedSources"],
      missingSources: ["gone", "refused"],
    });
    expect(notes).toContain("1 source has no hash in the register, so they cannot be checked: waived");
    expect(notes).toContain("2 sources failed and are not in the pool: gone, refused");
  });

  it.each(["synthetic", "local"])("refuses a source with the id %s: its attribution would be lost", async (id) => {
    const content = await picture("jpg", 1);
    await putFiles(sources(), [["a.jpg", content]]);
    await putReport([result("a", content, "a.jpg"), result(id, content, "a.jpg")]);
    expect(await failure()).toContain(`results[1].id: "${id}" says in a dataset that an image has no source`);
  });

  it("refuses a report that is not one", async () => {
    await putFiles(sources(), [["fetch-report.json", '{"version":"2.0"}']]);
    expect(await failure()).toContain('expected version 1.x (such as 1.1), found "2.0"');
  });
});

describe("readPool on synthetic images", () => {
  it("takes what the manifest lists", async () => {
    const files = await pictures(20);
    await putSynthetic(synthetic(), files);
    await writeFile(synthetic("extra.jpg"), await picture("jpg", 777));
    const { pool, notes } = await read();
    expect(pool.images.map(({ sha256 }) => sha256)).toEqual([...files.values()].map(sha256Of).toSorted());
    expect(pool.images[0]).toMatchObject({ origin: "synthetic", license: "CC0-1.0" });
    expect(pool.synthesis).toEqual({ seed: 7, imageCount: 20, encoders: {} });
    expect(notes).toEqual([`1 images in "${synthetic()}" are not in its manifest and are not used`]);
  });

  it("keeps what the pool was made with", async () => {
    await putSynthetic(synthetic(), await pictures(4));
    const file = synthetic("synthetic-manifest.json");
    const facts = { synthesisVersion: "1", sharpVersion: "0.35.5", libvipsVersion: "8.18.7" };
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...facts }));
    expect((await read()).pool.synthesis).toEqual({
      seed: 7,
      imageCount: 4,
      synthesisVersion: "1",
      encoders: { sharp: "0.35.5", libvips: "8.18.7" },
    });
  });

  it("names what is damaged, missing or outside the folder", async () => {
    await putSynthetic(synthetic(), await pictures(20));
    await writeFile(synthetic("jpg-0.jpg"), "");
    await writeFile(synthetic("jpg-1.jpg"), await picture("jpg", 999));
    await rm(synthetic("png-0.png"));
    const manifest = await readFile(synthetic("synthetic-manifest.json"), "utf8");
    await writeFile(synthetic("synthetic-manifest.json"), manifest.replace('"gif-0.gif"', '"../gif-0.gif"'));
    const text = await failure();
    expect(text).toContain("4 images of the pool cannot be used");
    expect(text).toContain('jpg-0.jpg" is empty (0 bytes); run generate-synthetic again');
    expect(text).toContain('jpg-1.jpg" is not what the manifest lists (SHA-256 differs; ');
    expect(text).toContain('png-0.png" is not there; run generate-synthetic again');
    expect(text).toContain('"../gif-0.gif" is listed in the manifest but lies outside its folder');
  });

  it("refuses images without a manifest: the generation was not finished", async () => {
    await putFiles(synthetic(), await pictures(4));
    expect(await failure()).toContain(
      "holds 4 images but no synthetic-manifest.json: run generate-synthetic again to finish it",
    );
  });

  it("counts an image that is also a source once", async () => {
    const files = await pictures(20);
    await putSynthetic(synthetic(), files);
    await putFiles(sources(), [["copy.jpg", files.get("jpg-0.jpg") ?? ""]]);
    const { pool, notes } = await read();
    expect(pool.images).toHaveLength(20);
    expect(pool.images.every(({ origin }) => origin === "synthetic")).toBe(true);
    expect(notes).toContain('"jpg-0.jpg" counts once; the same content again: "copy.jpg"');
  });
});

describe("readPool on folders that are not there", () => {
  it("minds only those that were asked for", async () => {
    await putFiles(sources(), [["a.jpg", await picture("jpg", 1)]]);
    expect((await read()).pool.images).toHaveLength(1);
    expect(await failure({ synthetic: true, sources: false })).toBe(
      `Cannot read image folder "${synthetic()}": there is no such folder, or it is empty (--synthetic-dir)`,
    );
  });

  it("says where it looked when there is nothing at all", async () => {
    const text = await failure();
    expect(text).toContain("Cannot build tiers: there are no images");
    expect(text).toContain(`looked in: ${synthetic()}`);
    expect(text).toContain("try: pnpm run bench:dataset:synthetic -- --count 600");
  });

  it("names a folder that is a file", async () => {
    await putFiles(root, [["sources", "a file"]]);
    expect(await failure()).toBe(`Cannot read image folder "${sources()}": is a file, not a folder`);
  });
});
