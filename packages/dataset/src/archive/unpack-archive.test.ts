import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TierManifest } from "@forgebench/artifacts";
import { serializeArtifact, tierManifest } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putFiles, sha256Of } from "../testing.ts";
import { contentSha256Of } from "../tiers/tier-documents.ts";
import type { ExpectedTier } from "./compare-tier.ts";
import { packArchive } from "./tier-archive.ts";
import { inspectTierArchive, unpackTier } from "./unpack-archive.ts";

let root = "";
let archive = "";
let expected: ExpectedTier = { tierId: "", datasetVersion: "", sha256: "", imageCount: 0 };
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "unpack-"));
  ({ archive, expected } = await makeArchive("tier4", ["ATTRIBUTION.md"]));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const IMAGES = new Map([
  ["a.jpg", Buffer.alloc(9_000_000, "photo")],
  ["b.png", Buffer.alloc(511, 1)],
  ["c.gif", Buffer.alloc(0)],
  ["d.tiff", Buffer.alloc(512, 2)],
]);

function manifestOf(tierId: string): TierManifest {
  const format = (name: string) => (["jpg", "png", "gif", "tiff"] as const).find((one) => name.endsWith(one)) ?? "jpg";
  const files = [...IMAGES].map(([name, content]) => ({
    path: name,
    format: format(name),
    sha256: sha256Of(content),
    sizeBytes: content.length,
    origin: "synthetic",
    license: "CC0-1.0",
    attribution: "",
  }));
  return {
    kind: "tier-manifest",
    version: "1.0",
    datasetVersion: "1.0.0",
    tierId,
    createdAt: "2026-01-01T00:00:00.000Z",
    imageRoot: "images",
    files,
    singleScenarios: { small: "c.gif", median: "b.png", large: "a.jpg" },
    formatBreakdown: { jpg: 1, png: 1, gif: 1, tiff: 1 },
    contentSha256: contentSha256Of(files),
  };
}

/** An archive as a build makes it. */
async function makeArchive(tierId: string, documents: readonly string[] = []) {
  const folder = path.join(root, "in", tierId);
  const manifest = manifestOf(tierId);
  const contents = new Map<string, Buffer>([
    ...[...IMAGES].map(([name, content]) => [`images/${name}`, content] as const),
    ...documents.map((name) => [name, Buffer.from("text")] as const),
    ["tier-manifest.json", Buffer.from(serializeArtifact(tierManifest, manifest, "m"))],
  ]);
  await putFiles(folder, contents);
  const files = [...contents].map(([name, { length }]) => ({
    path: `${tierId}/${name}`,
    file: path.join(folder, name),
    sizeBytes: length,
  }));
  const file = path.join(root, `${tierId}.tar.zst`);
  const packed = await packArchive(file, [`${tierId}/`, `${tierId}/images/`], files, { mtimeSeconds: 1_767_225_600 });
  const { datasetVersion, contentSha256 } = manifest;
  return { archive: file, expected: { tierId, datasetVersion, contentSha256, imageCount: IMAGES.size, ...packed } };
}

/** A folder in which nothing but `place` may appear. */
async function watched(): Promise<{ readonly parent: string; readonly place: string }> {
  const parent = await mkdtemp(path.join(root, "watched-"));
  return { parent, place: path.join(parent, "tier") };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );

describe("unpackTier", () => {
  it("gives what was packed, with plain modes whatever the umask, and says how far it is", async () => {
    const { parent, place } = await watched();
    const steps: number[] = [];
    const umask = process.umask(0o077);
    const unpacked = await unpackTier(archive, place, expected, { onProgress: (bytes) => steps.push(bytes) }).finally(
      () => process.umask(umask),
    );
    expect(await readdir(parent)).toEqual(["tier"]);
    expect((await readdir(place)).sort()).toEqual(["ATTRIBUTION.md", "images", "tier-manifest.json"]);
    expect((await readdir(path.join(place, "images"))).sort()).toEqual([...IMAGES.keys()]);
    for (const [name, content] of IMAGES) {
      const file = path.join(place, "images", name);
      expect((await readFile(file)).equals(content)).toBe(true);
      expect((await stat(file)).mode & 0o7777).toBe(0o644);
    }
    for (const folder of [place, path.join(place, "images")]) expect((await stat(folder)).mode & 0o7777).toBe(0o755);
    expect(unpacked).toMatchObject({ sha256: expected.sha256, contentSha256: expected.contentSha256, differences: [] });
    expect(unpacked.manifest).toEqual(manifestOf("tier4"));
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.at(-1)).toBe((await stat(archive)).size);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it("takes an archive without attribution, and only looks when nothing is to be kept", async () => {
    const plain = await makeArchive("tier5");
    const { place } = await watched();
    await unpackTier(plain.archive, place, plain.expected);
    expect((await readdir(place)).sort()).toEqual(["images", "tier-manifest.json"]);
    expect((await inspectTierArchive(plain.archive, {})).differences).toEqual([]);
    expect((await inspectTierArchive(plain.archive, { imageCount: 4, datasetVersion: "2.0.0" })).differences).toEqual([
      { where: "tier-manifest.json: datasetVersion", expected: '"2.0.0"', found: '"1.0.0"' },
    ]);
  });

  it("names what the dataset manifest says otherwise than the tier's own", async () => {
    const singleScenarios = { small: "c.gif", median: "b.png", large: "b.png" };
    const { formatBreakdown } = manifestOf("tier4");
    const { parent, place } = await watched();
    const error = await failure(unpackTier(archive, place, { ...expected, singleScenarios, formatBreakdown }));
    expect(error).toBeInstanceOf(ArtifactError);
    expect(String(error)).toContain(`tier-manifest.json: singleScenarios: found {"small":"c.gif"`);
    expect(String(error)).not.toContain("formatBreakdown");
    expect(await readdir(parent)).toEqual([]);
  });

  it("stops when it is told to, and leaves nothing", async () => {
    const { parent, place } = await watched();
    const controller = new AbortController();
    const stop = () => controller.abort(new Error("told to stop"));
    const unpacking = unpackTier(archive, place, expected, { signal: controller.signal, onProgress: stop });
    await expect(unpacking).rejects.toThrow("told to stop");
    expect(await readdir(parent)).toEqual([]);
  });

  it("leaves a folder alone that is there, and says where it cannot write", async () => {
    const { place } = await watched();
    await mkdir(place);
    await writeFile(path.join(place, "mine.txt"), "mine");
    const there = await failure(unpackTier(archive, place, expected));
    expect(there).toBeInstanceOf(OperationError);
    expect(there).toMatchObject({ failure: "output", message: expect.stringContaining("EEXIST") });
    expect(await readdir(place)).toEqual(["mine.txt"]);
    expect(await failure(unpackTier(archive, path.join(place, "no", "where"), expected))).toMatchObject({
      failure: "output",
    });
  });

  it("says when the archive is not there, no file, or another one", async () => {
    const { parent, place } = await watched();
    const message = async (file: string, changes: Partial<ExpectedTier> = {}) => {
      const error = await failure(unpackTier(file, place, { ...expected, ...changes }));
      expect(error).toBeInstanceOf(ArtifactError);
      expect(await readdir(parent)).toEqual([]);
      return error instanceof ArtifactError ? error.message : "";
    };
    expect(await message(path.join(root, "nowhere"))).toContain("there is no such file");
    expect(await message(root)).toContain("it is no file");
    expect(await message(archive, { sizeBytes: 7 })).toContain("bytes, expected 7");
    expect(await message(archive, { sha256: "0".repeat(64) })).toContain(
      `its sha256 is ${expected.sha256}, expected 000`,
    );
    expect(await message(archive, { tierId: "tier30" })).toContain(
      'begins with "tier4/", not with the folder "tier30/"',
    );
    const secret = path.join(root, "secret");
    await writeFile(secret, "");
    await chmod(secret, 0);
    await truncate(secret, 0);
    if (process.getuid?.() !== 0) expect(await message(secret, { sizeBytes: undefined })).toContain("EACCES");
  });
});
