import { execFileSync } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { hashTierDocuments } from "@forgebench/dataset";
import { pictures, putSynthetic } from "@forgebench/dataset/testing";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as build } from "./build-tiers.ts";
import { main } from "./verify-dataset.ts";

let root = "";
const at = (...parts: string[]) => path.join(root, ...parts);
const CHECKSUMS = "sha256sums-v1.0.0.txt";
const MANIFEST = "benchmark-dataset-manifest-v1.0.0.json";
const ARCHIVE = "imageforge-bench-tier10-v1.0.0.tar.zst";

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "verify dataset ü "));
  await putSynthetic(at("synthetic"), await pictures(20));
  await mkdir(at("none"));
  for (const [place, seed] of [
    ["good", "1"],
    ["other", "2"],
  ] as const) {
    const inputs = ["--synthetic-dir", at("synthetic"), "--sources-dir", at("none"), "--seed", seed];
    const outputs = ["--out-dir", at(place, "assets"), "--build-dir", at(place, "build")];
    const io = memoryIo({ cwd: root });
    const code = await build(["--dataset-version", "1.0.0", "--tiers", "10,20", ...inputs, ...outputs], io);
    expect(io.stderrText() + code).toMatch(/0$/);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function verify(dataset: string, ...more: readonly string[]) {
  const io = memoryIo({ cwd: root });
  const exitCode = await main(["--dataset", dataset, ...more], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

/** A copy that may be changed. */
async function copyOf(...parts: string[]): Promise<string> {
  const copy = path.join(await mkdtemp(at("copy-")), parts.at(-1) ?? "");
  await cp(at(...parts), copy, { recursive: true });
  return copy;
}

/** What is said of a changed copy, which is exit 65. */
async function objections(dataset: string, ...more: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await verify(dataset, ...more);
  expect(stderr).toContain("exit 65");
  expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: "DATASET=different\n" });
  return stderr;
}

const tier = (place = "good") => [place, "build", "v1.0.0", "tier10"];
/** What a download would have written down. */
async function resolvedOf(folder: string) {
  const signal = new AbortController().signal;
  const { tierId, datasetVersion, contentSha256 } = JSON.parse(
    await readFile(path.join(folder, "tier-manifest.json"), "utf8"),
  );
  const documents = await hashTierDocuments(folder, signal);
  return {
    kind: "dataset-resolved",
    version: "1.0",
    source: "local",
    tierId,
    datasetVersion,
    contentSha256,
    documents,
  };
}

const contentOf = async () => JSON.parse(await readFile(at(...tier(), "tier-manifest.json"), "utf8")).contentSha256;

it("finds a built dataset right: assets, archive and tier, also against the checksums of a release", async () => {
  const content = await contentOf();
  const expected = ["--expect", at("good", "assets", CHECKSUMS)];
  for (const more of [[], expected]) {
    const assets = await verify(at("good", "assets"), ...more);
    expect(assets.stderr).toContain("verified   dataset 1.0.0, 3 files");
    expect(assets.stdout).toMatch(
      new RegExp(`^DATASET=verified\nDATASET_CONTENT_SHA256=tier10=${content},tier20=\\w{64}\n$`),
    );
    for (const place of [at(...tier()), at("good", "assets", ARCHIVE)]) {
      const { exitCode, stdout, stderr } = await verify(place, ...more);
      expect(stderr).toContain("verified   tier10 of 1.0.0, 10 images");
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: `DATASET=verified\nDATASET_CONTENT_SHA256=${content}\n`,
      });
    }
  }
  const shallow = await verify(at("good", "assets"), "--shallow");
  expect(shallow).toMatchObject({ exitCode: 0, stdout: "DATASET=verified\n" });
});

it("says what another machine made otherwise", async () => {
  const expected = ["--expect", at("other", "assets", CHECKSUMS)];
  const assets = await objections(at("good", "assets"), ...expected);
  expect(assets).toMatch(/2 things are wrong|3 things are wrong/);
  expect(assets).toMatch(new RegExp(`differs   ${ARCHIVE}: expected sha256 \\w{64}, found sha256 \\w{64}`));
  expect(await objections(at(...tier()), ...expected)).toContain(ARCHIVE);
  expect(await objections(at("good", "assets", ARCHIVE), ...expected)).toContain(ARCHIVE);
  await writeFile(at("few.txt"), `${"0".repeat(64)}  notes.txt\n`);
  const few = await objections(at("good", "assets"), "--expect", at("few.txt"));
  expect(few).toContain("notes.txt: expected sha256 0000");
  expect(few).toContain(`${MANIFEST}: expected no such file, found sha256`);
});

describe("of a tier folder", () => {
  it("names what is changed, missing, too much, a link, or in the way", async () => {
    const folder = await copyOf(...tier());
    const [one = "", two = "", three = ""] = await readdir(path.join(folder, "images"));
    await appendFile(path.join(folder, "images", one), "x");
    await rm(path.join(folder, "images", two));
    await rename(path.join(folder, "images", three), path.join(folder, three));
    await symlink(path.join("..", three), path.join(folder, "images", three));
    await writeFile(path.join(folder, "images", "extra.jpg"), "x");
    await mkdir(path.join(folder, "images", "sub"));
    const text = await objections(folder);
    expect(text).toMatch(new RegExp(`images/${one}: expected \\d+ bytes, found \\d+ bytes`));
    expect(text).toMatch(new RegExp(`images/${two}: expected sha256 \\w+, found no such file`));
    expect(text).toContain(`images/${three}: expected a file, found a link or special file`);
    expect(text).toContain("images/extra.jpg: expected no such file");
    expect(text).toContain("images/sub: expected a file, found a folder");
    expect(text).toContain(`${three}: expected nothing of that name`);
  });

  it("takes what belongs there besides, and no manifest without hashes", async () => {
    const folder = await copyOf(...tier());
    const resolved = path.join(folder, "dataset-resolved.json");
    await writeFile(resolved, JSON.stringify(await resolvedOf(folder)));
    expect((await verify(folder)).stdout).toContain("DATASET=verified");
    await writeFile(resolved, JSON.stringify({ ...(await resolvedOf(folder)), contentSha256: "0".repeat(64) }));
    expect(await objections(folder)).toMatch(
      /dataset-resolved\.json: contentSha256: expected \w{64}, as .* found 0{64}/,
    );
    await writeFile(resolved, "{}");
    expect(await objections(folder)).toContain("dataset-resolved.json");
    await rm(resolved);
    const file = path.join(folder, "tier-manifest.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    const files = manifest.files.map(({ path: name }: { path: string }) => name);
    await writeFile(file, JSON.stringify({ ...manifest, files }));
    expect(await objections(folder)).toContain("files: expected sha256 and size of each, found only the names of 10");
    await writeFile(file, JSON.stringify({ ...manifest, contentSha256: "0".repeat(64) }));
    expect(await objections(folder)).toContain("tier-manifest.json: contentSha256");
    await rm(path.join(folder, "images"), { recursive: true });
    expect(await objections(folder)).toContain("11 things are wrong");
  });

  it("names another attribution, other licences, and other images of the scenarios", async () => {
    const folder = await copyOf(...tier());
    const attribution = path.join(folder, "ATTRIBUTION.md");
    const file = path.join(folder, "tier-manifest.json");
    const resolved = await resolvedOf(folder);
    await appendFile(attribution, "\n");
    expect(await objections(folder)).toMatch(/ATTRIBUTION\.md: expected sha256 \w{64}, found sha256 \w{64}/);
    // A manifest of before says nothing of it, but what was downloaded is written down.
    const { attributionSha256, ...old } = JSON.parse(await readFile(file, "utf8"));
    expect(attributionSha256).toMatch(/^[0-9a-f]{64}$/);
    await writeFile(file, JSON.stringify(old));
    expect((await verify(folder)).exitCode).toBe(0);
    await writeFile(path.join(folder, "dataset-resolved.json"), JSON.stringify(resolved));
    expect(await objections(folder)).toContain("tier-manifest.json: expected what dataset-resolved.json says");
    await rm(path.join(folder, "dataset-resolved.json"));
    await rm(attribution);
    const manifest = { ...old, attributionSha256 };
    const [first, ...files] = manifest.files;
    const { small, median, large } = manifest.singleScenarios;
    const changed = {
      ...manifest,
      files: [{ ...first, license: "MIT" }, ...files],
      singleScenarios: { small: large, median, large: small },
      formatBreakdown: { ...manifest.formatBreakdown, gif: 9 },
    };
    await writeFile(file, JSON.stringify(changed));
    const text = await objections(folder);
    expect(text).toMatch(/ATTRIBUTION\.md: expected sha256 \w{64}, found no such file/);
    expect(text).toMatch(/tier-manifest\.json: files: expected origins and licences as in the ATTRIBUTION\.md/);
    expect(text).toMatch(/tier-manifest\.json: singleScenarios: expected \{"small"/);
    expect(text).toMatch(/tier-manifest\.json: formatBreakdown: expected .*"gif":1,.* found .*"gif":9,/);
    expect(text).toContain("4 things are wrong");
  });

  it("shows no more than twenty differences", async () => {
    const folder = await copyOf("good", "build", "v1.0.0", "tier20");
    for (let index = 0; index < 30; index += 1) await writeFile(path.join(folder, "images", `${index}.jpg`), "");
    const text = await objections(folder);
    expect(text.match(/^ {2}differs/gm)).toHaveLength(20);
    expect(text).toContain("10 more");
  });
});

it("tells wrong checksums and pipes from a dataset that is different", async () => {
  await writeFile(at("wrong.txt"), "hello\n");
  const wrong = await verify(at(...tier()), "--expect", at("wrong.txt"));
  expect(wrong).toMatchObject({ exitCode: 65, stdout: "" });
  execFileSync("mkfifo", [at("pipe")]);
  expect(await objections(at("pipe"))).toContain("it is no file or folder");
});

describe("of a folder of assets", () => {
  it("names an archive that the manifest does not list", async () => {
    const folder = await copyOf("good", "assets");
    await writeFile(path.join(folder, "imageforge-bench-tier500-v1.0.0.tar.zst"), "x");
    await writeFile(path.join(folder, "imageforge-bench-tier500-v2.0.0.tar.zst"), "x");
    const text = await objections(folder);
    expect(text).toContain(
      "tier500-v1.0.0.tar.zst: expected no such file, found an archive that the manifest does not",
    );
    expect(text).toContain("1 thing is wrong");
  });

  it("names a changed archive, a missing one, and lines that do not belong there", async () => {
    const folder = await copyOf("good", "assets");
    await appendFile(path.join(folder, ARCHIVE), "x");
    const changed = await objections(folder);
    expect(changed).toMatch(new RegExp(`${ARCHIVE}: expected \\d+ bytes, found \\d+ bytes`));
    expect(changed).toContain("is cut within a frame");
    expect(await objections(folder, "--shallow")).not.toContain("is cut within a frame");
    await rm(path.join(folder, ARCHIVE));
    expect(await objections(folder)).toContain(
      `${ARCHIVE}: expected the archive of a tier, found there is no such file`,
    );
    await symlink(at("good", "assets", ARCHIVE), path.join(folder, ARCHIVE));
    expect(await objections(folder)).toContain("found is a link or no file");
    const lines = (await readFile(path.join(folder, CHECKSUMS), "utf8")).split("\n");
    await writeFile(path.join(folder, CHECKSUMS), `${lines[0]}\n${"0".repeat(64)}  more.txt\n`);
    const listed = await objections(folder, "--shallow");
    expect(listed).toContain(`${CHECKSUMS}: more.txt: expected no such line`);
    expect(listed).toContain(`${CHECKSUMS}: ${ARCHIVE}: expected a line for it, found none`);
  });

  it("sees that checksums were made to fit another archive", async () => {
    const folder = await copyOf("good", "assets");
    await cp(at("other", "assets", ARCHIVE), path.join(folder, ARCHIVE));
    const sums = async (place: string) => readFile(at(place, "assets", CHECKSUMS), "utf8");
    const line = (text: string) => text.split("\n").find((one) => one.endsWith(ARCHIVE)) ?? "";
    await writeFile(
      path.join(folder, CHECKSUMS),
      (await sums("good")).replace(line(await sums("good")), line(await sums("other"))),
    );
    const text = await objections(folder);
    expect(text).toContain(`${CHECKSUMS}: ${ARCHIVE}: expected sha256`);
    expect(text).toContain(`${ARCHIVE}: tier-manifest.json: contentSha256 of its files`);
  });

  it("wants one version, and a manifest", async () => {
    const folder = await copyOf("good", "assets");
    await writeFile(path.join(folder, "sha256sums-v2.0.0.txt"), "");
    expect(await objections(folder)).toContain("it holds the versions 1.0.0, 2.0.0, not one");
    await rm(path.join(folder, "sha256sums-v2.0.0.txt"));
    await rm(path.join(folder, MANIFEST));
    expect(await objections(folder)).toContain("ENOENT");
  });
});

it("says of an archive that it is another one, and of other things what they are not", async () => {
  const named = at("imageforge-bench-tier10-v2.0.0.tar.zst");
  await cp(at("good", "assets", ARCHIVE), named);
  expect(await objections(named)).toContain('datasetVersion: expected "2.0.0", found "1.0.0"');
  expect(await objections(at("synthetic"))).toContain("holds neither tier-manifest.json nor sha256sums");
  expect(await objections(at("nowhere"))).toContain("there is no such file");
  expect(await objections(at("synthetic", "synthetic-manifest.json"))).toContain("no Zstandard frame");
  expect(await verify(at(...tier()), "--shallow")).toMatchObject({ exitCode: 64, stdout: "" });
});
