import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openTier, prepareInputs } from "./inputs-folder.ts";
import { makeSuite } from "./test-helpers.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "inputs ü-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const { scenarios } = makeSuite();
const manifestPath = path.join(root, "tier-manifest.json");
const images = { "small.jpg": "s", "sub/mid ü.png": "mid", "large.jpg": "large" };
const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");

function makeManifest(changes: Partial<TierManifest> = {}): TierManifest {
  const files = Object.entries(images).map(([file, text]) => ({
    path: file,
    format: file.endsWith("png") ? "png" : "jpg",
    sha256: sha256Of(text),
    sizeBytes: text.length,
    origin: "synthetic",
    license: "CC0-1.0",
    attribution: "",
  }));
  return checkArtifact(
    tierManifest,
    {
      version: "1.0",
      datasetVersion: "0.0.0-dev",
      tierId: "tier3",
      createdAt: "2026-02-15T00:00:00Z",
      imageRoot: "images",
      files,
      singleScenarios: { small: "small.jpg", median: "sub/mid ü.png", large: "large.jpg" },
      formatBreakdown: { jpg: 2, png: 1, gif: 0, tiff: 0 },
      ...changes,
    },
    "tier-manifest.json",
  );
}

beforeEach(() => {
  rmSync(path.join(root, "images"), { recursive: true, force: true });
  rmSync(path.join(root, "in"), { recursive: true, force: true });
  mkdirSync(path.join(root, "images/sub"), { recursive: true });
  for (const [file, text] of Object.entries(images)) writeFileSync(path.join(root, "images", file), text);
});

const prepare = async (manifest: TierManifest) =>
  prepareInputs(await openTier(manifest, manifestPath), scenarios, path.join(root, "in"));
const listFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

describe("prepareInputs", () => {
  it("gives each scenario a folder with its images and nothing else, apart from the tier", async () => {
    writeFileSync(path.join(root, "images/stranger.jpg"), "x");
    const inputs = await prepare(makeManifest());
    expect(inputs.imageCounts).toEqual({ one: 1, all: 3 });
    expect(listFiles(inputs.folders.one ?? "")).toBe(1);
    expect(listFiles(inputs.folders.all ?? "")).toBe(3);
    writeFileSync(path.join(inputs.folders.one ?? "", "small.jpg"), "changed");
    expect(readFileSync(path.join(root, "images/small.jpg"), "utf8")).toBe("s");
  });

  it("names the content by the same hash whether the manifest says it or not", async () => {
    const lines = Object.entries(images).map(([file, text]) => `${sha256Of(text)}  ${file}\n`);
    const expected = sha256Of(lines.sort().join(""));
    expect((await prepare(makeManifest())).datasetSha256).toBe(expected);
    expect((await prepare(makeManifest({ contentSha256: expected }))).datasetSha256).toBe(expected);
    expect((await prepare(makeManifest({ files: Object.keys(images) }))).datasetSha256).toBe(expected);
    await expect(prepare(makeManifest({ contentSha256: "0".repeat(64) }))).rejects.toThrow(
      `contentSha256: the files listed give ${expected}, the manifest says 0000`,
    );
  });

  it("follows links to images", async () => {
    unlinkSync(path.join(root, "images/small.jpg"));
    symlinkSync("large.jpg", path.join(root, "images/small.jpg"));
    await expect(prepare(makeManifest())).rejects.toThrow('"small.jpg" has 5 bytes, the manifest says 1');
  });

  it.each(["/etc", "..", "images/../../x", "../images"])("refuses the image root %j", async (imageRoot) => {
    await expect(openTier(makeManifest({ imageRoot }), manifestPath)).rejects.toThrow(
      `imageRoot: ${JSON.stringify(imageRoot)} leads out of the folder of the manifest`,
    );
  });

  it("refuses links out of the tier, of an image or of the image root", async () => {
    const outside = mkdtempSync(path.join(os.tmpdir(), "outside-"));
    for (const name of ["small.jpg", "large.jpg"]) writeFileSync(path.join(outside, name), images[name as "small.jpg"]);
    unlinkSync(path.join(root, "images/small.jpg"));
    symlinkSync(path.join(outside, "small.jpg"), path.join(root, "images/small.jpg"));
    const refused = 'files[0]: "small.jpg" is a link that leads out of the folder of the manifest';
    await expect(openTier(makeManifest(), manifestPath)).rejects.toThrow(refused);
    rmSync(path.join(root, "images"), { recursive: true });
    symlinkSync(outside, path.join(root, "images"));
    await expect(openTier(makeManifest(), manifestPath)).rejects.toThrow(refused);
    rmSync(outside, { recursive: true });
  });

  it("refuses an image whose content is another one of the same size", async () => {
    writeFileSync(path.join(root, "images/small.jpg"), "t");
    await expect(prepare(makeManifest())).rejects.toThrow(ArtifactError);
    await expect(prepare(makeManifest())).rejects.toThrow(
      `Cannot use tier manifest "${manifestPath}": files: "small.jpg" has SHA-256 ${sha256Of("t")}, the manifest says ${sha256Of("s")}`,
    );
  });
});

it("reads the images that no scenario uses too: they are part of the dataset that is named", async () => {
  writeFileSync(path.join(root, "images/large.jpg"), "lArge");
  const single = scenarios.filter(({ files }) => files === "small");
  const preparing = async (manifest: TierManifest) =>
    prepareInputs(await openTier(manifest, manifestPath), single, path.join(root, "in"));
  await expect(preparing(makeManifest())).rejects.toThrow(`"large.jpg" has SHA-256 ${sha256Of("lArge")}`);
  const lines = Object.entries({ ...images, "large.jpg": "lArge" }).map(
    ([file, text]) => `${sha256Of(text)}  ${file}\n`,
  );
  const { datasetSha256 } = await preparing(makeManifest({ files: Object.keys(images) }));
  expect(datasetSha256).toBe(sha256Of(lines.sort().join("")));
});

describe("openTier", () => {
  it("names every kind of wrong file", async () => {
    unlinkSync(path.join(root, "images/large.jpg"));
    mkdirSync(path.join(root, "images/large.jpg"));
    unlinkSync(path.join(root, "images/sub/mid ü.png"));
    const files = [
      "small.jpg",
      "small.jpg",
      "sub/mid ü.png",
      "large.jpg",
      "../tier-manifest.json",
      "/etc/hostname",
      "a/../../x",
    ];
    const error: unknown = await openTier(
      makeManifest({ files, singleScenarios: { small: "other.jpg", median: "small.jpg", large: "small.jpg" } }),
      manifestPath,
    ).catch((reason) => reason);
    expect(error).toBeInstanceOf(ArtifactError);
    expect((error as ArtifactError).issues.map(({ path: where, message }) => `${where} ${message}`)).toEqual([
      'files[1] "small.jpg" is listed twice',
      'files[2] "sub/mid ü.png" does not exist',
      'files[3] "large.jpg" is no file',
      'files[4] "../tier-manifest.json" leads out of the image root',
      'files[5] "/etc/hostname" leads out of the image root',
      " and 2 more",
    ]);
  });
});

it.each([
  [
    "other bytes",
    (folder: string) => writeFileSync(path.join(folder, "small.jpg"), "t"),
    '"small.jpg" has other bytes',
  ],
  ["a file less", (folder: string) => rmSync(path.join(folder, "small.jpg")), '"small.jpg" is gone'],
  ["a file more", (folder: string) => writeFileSync(path.join(folder, "new"), ""), '"new" was added'],
])("reread notices %s in the input of a scenario", async (_, change, message) => {
  const inputs = await prepareInputs(await openTier(makeManifest(), manifestPath), scenarios, path.join(root, "in"));
  for (const [scenario, folder] of Object.entries(inputs.folders)) {
    await inputs.reread(scenario);
    if (!readdirSync(folder).includes("small.jpg")) continue;
    change(folder);
    await expect(inputs.reread(scenario)).rejects.toThrow(
      `Cannot go on: the input of "${scenario}" changed during the measurement: ${message}`,
    );
  }
  expect.hasAssertions();
});
