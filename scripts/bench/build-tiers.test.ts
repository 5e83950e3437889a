import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { datasetManifest, parseArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { picture, pictures, putFiles, putSynthetic } from "@forgebench/dataset/testing";
import { memoryIo } from "@forgebench/io";
import { SeededRandom } from "@forgebench/stats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./build-tiers.ts";
import { hashesBelow, type ScriptStart, startScript } from "./test-helpers.ts";

/** tar asks it to unpack. */
const HAS_ZSTD = spawnSync("zstd", ["--version"]).status === 0;

const TIERS = [10, 20, 40];

let root = "";
const at = (...parts: string[]) => path.join(root, ...parts);

/** 40 synthetic images and, in another folder, 20 of a person's. */
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "build tiers ü "));
  await putSynthetic(at("synthetic"), await pictures(40));
  await putFiles(at("sources"), await pictures(20, 500));
  await mkdir(at("none"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Place {
  readonly synthetic?: string;
  readonly sources?: string;
  /** Folder of all output. */
  readonly to: string;
  readonly more?: readonly string[];
}

function argumentsOf({ synthetic = at("synthetic"), sources = at("sources"), to, more = [] }: Place): string[] {
  const inputs = ["--synthetic-dir", synthetic, "--sources-dir", sources];
  const outputs = ["--out-dir", path.join(to, "assets"), "--build-dir", path.join(to, "build")];
  return ["--dataset-version", "1.0.0", "--tiers", TIERS.join(), ...inputs, ...outputs, ...more];
}

async function build(place: Place, env: Record<string, string> = {}) {
  const io = memoryIo({ cwd: root, env });
  const exitCode = await main(argumentsOf(place), io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

async function readTier(to: string, id: string): Promise<TierManifest> {
  const file = path.join(to, "build", "v1.0.0", id, "tier-manifest.json");
  return parseArtifact(tierManifest, await readFile(file, "utf8"), file);
}

/** A fetch report of one source without a hash. */
function reportOf(source: {
  readonly id: string;
  readonly filename: string;
  readonly title: string;
  readonly url: string;
}) {
  const names = ["enabled", "disabled", "downloaded", "failed", "missingHash", "checksumMismatch", "downloadFailed"];
  const totals = Object.fromEntries([...names, "schemaInvalid"].map((name) => [name, 0]));
  return (content: Buffer) => ({
    kind: "fetch-report",
    version: "1.1",
    options: { allowUnpinnedSources: true, allowPartial: false },
    totals,
    results: [
      {
        ...source,
        status: "downloaded",
        failureCategory: null,
        waived: true,
        checksum: { expected: null, actual: createHash("sha256").update(content).digest("hex"), match: null },
        license: "CC-BY-4.0",
        attribution: "A. Person",
      },
    ],
  });
}

/** The script as a user starts it. */
function start(args: readonly string[], options: ScriptStart = {}) {
  return startScript("build-tiers", args, { cwd: root, ...options });
}

describe("a build", () => {
  it("writes tiers, archives, manifest, checksums and a summary, and prints where", async () => {
    const to = at("plain");
    const { exitCode, stdout, stderr } = await build({ to });
    expect(stderr).toContain("20 images");
    expect(stderr).toContain("tier40     40 images (26 jpg, 10 png, 2 gif, 2 tiff), ");
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        `DATASET_MANIFEST=${to}/assets/benchmark-dataset-manifest-v1.0.0.json`,
        `DATASET_CHECKSUMS=${to}/assets/sha256sums-v1.0.0.txt`,
        `DATASET_SUMMARY=${to}/build/v1.0.0/dataset-summary.md`,
        "",
      ].join("\n"),
    );
    expect((await readdir(path.join(to, "build", "v1.0.0"))).toSorted()).toEqual([
      "dataset-summary.md",
      "tier10",
      "tier20",
      "tier40",
    ]);
    expect(await readFile(path.join(to, "build/v1.0.0/dataset-summary.md"), "utf8")).toContain(
      "| tier40 | 40 | 26 | 10 | 2 | 2 |",
    );
  });

  it("has exact formats, nested tiers, images that are what the manifest says, and provenance", async () => {
    const tiers = await Promise.all(TIERS.map((size) => readTier(at("plain"), `tier${size}`)));
    const contents = tiers.map(({ files }) => files.map((file) => (typeof file === "string" ? file : file.sha256)));
    expect(tiers.map(({ formatBreakdown }) => formatBreakdown)).toEqual([
      { jpg: 7, png: 2, gif: 1, tiff: 0 },
      { jpg: 13, png: 5, gif: 1, tiff: 1 },
      { jpg: 26, png: 10, gif: 2, tiff: 2 },
    ]);
    for (const [index, list] of contents.slice(0, -1).entries()) {
      expect(list.every((sha256) => contents[index + 1]?.includes(sha256))).toBe(true);
    }
    const origins = new Set(tiers[2]?.files.map((file) => (typeof file === "string" ? "" : file.origin)));
    expect(origins).toEqual(new Set(["synthetic", "local"]));
    const hashes = await hashesBelow(at("plain/build/v1.0.0/tier40/images"));
    expect(Object.keys(hashes)).toHaveLength(40);
    for (const file of tiers[2]?.files ?? []) {
      if (typeof file !== "string") expect(hashes[file.path]).toBe(file.sha256);
    }
  });

  it.skipIf(!HAS_ZSTD)("is accepted by sha256sum, tar and zstd (skipped without zstd)", async () => {
    const assets = at("plain", "assets");
    const checked = execFileSync("sha256sum", ["--strict", "-c", "sha256sums-v1.0.0.txt"], { cwd: assets }).toString();
    expect(checked.trim().split("\n")).toEqual([
      "benchmark-dataset-manifest-v1.0.0.json: OK",
      ...TIERS.map((size) => `imageforge-bench-tier${size}-v1.0.0.tar.zst: OK`),
    ]);
    const manifestFile = path.join(assets, "benchmark-dataset-manifest-v1.0.0.json");
    const manifest = parseArtifact(datasetManifest, await readFile(manifestFile, "utf8"), manifestFile);
    await mkdir(at("extracted"));
    for (const { archiveName, tierManifestPath, imageCount, contentSha256 } of manifest.tiers) {
      const archive = path.join(assets, archiveName);
      const listed = execFileSync("tar", ["--zstd", "-tf", archive]).toString().trim().split("\n");
      expect(listed).toEqual(listed.toSorted());
      expect(listed).toHaveLength(imageCount + 4);
      execFileSync("tar", ["--zstd", "-xf", archive, "-C", at("extracted")]);
      const images = at("extracted", path.dirname(tierManifestPath), "images");
      // The identity of the content, computed as the documentation says.
      const shell = "sha256sum * | LC_ALL=C sort | sha256sum";
      expect(execFileSync("sh", ["-c", shell], { cwd: images }).toString()).toBe(`${contentSha256}  -\n`);
    }
    const unpacked = await hashesBelow(at("plain", "build", "v1.0.0"));
    delete unpacked["dataset-summary.md"];
    expect(await hashesBelow(at("extracted"))).toEqual(unpacked);
  });

  it("has the same bytes in another place, zone, locale and umask, and with other names, times, modes and order", async () => {
    const files = await readdir(at("sources"));
    const random = new SeededRandom("names");
    await putFiles(
      at("renamed"),
      await Promise.all(
        random.shuffle(files).map(async (name, index) => {
          return [
            `${"z".repeat(index % 5)}/${index} ${index % 2}.${name.split(".")[1]}`,
            await readFile(at("sources", name)),
          ] as const;
        }),
      ),
    );
    await mkdir(at("elsewhere/synthetic"), { recursive: true });
    for (const [index, name] of random.shuffle(await readdir(at("synthetic"))).entries()) {
      await writeFile(at("elsewhere/synthetic", name), await readFile(at("synthetic", name)));
      await utimes(at("elsewhere/synthetic", name), 1e9 - index, 1e9 + 86_400 * index);
      await chmod(at("elsewhere/synthetic", name), index % 2 === 0 ? 0o400 : 0o777);
    }
    const args = argumentsOf({ synthetic: "elsewhere/synthetic", sources: at("renamed"), to: "second" });
    const env = { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", UV_THREADPOOL_SIZE: "1" };
    const { code, output } = await start(args, { env, umask: "077" }).ended;
    expect(output).toContain("DATASET_MANIFEST=");
    expect(code).toBe(0);
    expect(await hashesBelow(at("second/assets"))).toEqual(await hashesBelow(at("plain/assets")));
    const [second, first] = await Promise.all([hashesBelow(at("second/build")), hashesBelow(at("plain/build"))]);
    // The summary names the local files.
    delete second["v1.0.0/dataset-summary.md"];
    delete first["v1.0.0/dataset-summary.md"];
    expect(second).toEqual(first);
    const images = at("second/build/v1.0.0/tier40/images");
    const modes = await Promise.all(
      (await readdir(images)).map(async (name) => (await stat(path.join(images, name))).mode),
    );
    expect(new Set(modes.map((mode) => (mode & 0o777).toString(8)))).toEqual(new Set(["644"]));
  });

  it("says in folder and archive who made the images, and in the manifest what was waived", async () => {
    const files = [...(await pictures(40, 900))];
    const [, harbour = Buffer.alloc(0)] = files[0] ?? [];
    const report = reportOf({
      id: "harbour",
      filename: "jpg-0.jpg",
      title: "<b>Dawn</b>",
      url: "https://example.org/1",
    });
    await putFiles(at("fetched"), [...files, ["fetch-report.json", JSON.stringify(report(harbour))]]);
    await putSynthetic(at("few"), new Map([["png-0.png", await picture("png", 5)]]));
    const to = at("attributed");
    const { exitCode, stderr } = await build({ synthetic: at("few"), sources: at("fetched"), to });
    expect(stderr).toContain("warning: 1 source has no hash in the register");
    expect(exitCode).toBe(0);
    const text = await readFile(path.join(to, "build/v1.0.0/tier40/ATTRIBUTION.md"), "utf8");
    const archive = path.join(to, "assets/imageforge-bench-tier40-v1.0.0.tar.zst");
    if (HAS_ZSTD)
      expect(execFileSync("tar", ["--zstd", "-xOf", archive, "tier40/ATTRIBUTION.md"]).toString()).toBe(text);
    expect(text).toContain("## CC-BY-4.0\n");
    expect(text).toContain("| &lt;b&gt;Dawn&lt;/b&gt; | A. Person | harbour, [example.org](https://example.org/1) |\n");
    expect(text).toContain("## unspecified\n");
    const manifest = path.join(to, "assets/benchmark-dataset-manifest-v1.0.0.json");
    expect(JSON.parse(await readFile(manifest, "utf8")).sourcePolicy).toMatchObject({
      unpinnedSources: ["harbour"],
      waivers: ["allowUnpinnedSources"],
      missingSources: [],
    });
  });

  it("has the time of SOURCE_DATE_EPOCH, and other images for another seed", async () => {
    const dated = at("dated");
    await build({ to: dated, more: ["--seed", "5"] }, { SOURCE_DATE_EPOCH: "1700000000" });
    const tier = await readTier(dated, "tier10");
    expect(tier.createdAt).toBe("2023-11-14T22:13:20.000Z");
    expect(tier.contentSha256).not.toBe((await readTier(at("plain"), "tier10")).contentSha256);
    const archive = path.join(dated, "assets", "imageforge-bench-tier10-v1.0.0.tar.zst");
    if (HAS_ZSTD)
      expect(execFileSync("tar", ["--zstd", "--utc", "-tvf", archive]).toString()).toContain(
        "2023-11-14 22:13 tier10/",
      );
  });

  it("replaces an earlier build of its version whole, and says so", async () => {
    const to = at("dated");
    expect((await build({ to, more: ["--seed", "5"] }, { SOURCE_DATE_EPOCH: "1700000000" })).stderr).toContain(
      "note: the earlier build of 1.0.0 had the same bytes",
    );
    const args = argumentsOf({ to }).map((arg) => (arg === TIERS.join() ? "10" : arg));
    const io = memoryIo({ cwd: root });
    expect(await main(args, io)).toBe(0);
    expect(io.stderrText()).toContain("note: the earlier build of 1.0.0 was replaced: other bytes");
    expect(io.stderrText()).toContain(`note: removed "${to}/assets/imageforge-bench-tier40-v1.0.0.tar.zst"`);
    expect((await readdir(path.join(to, "assets"))).toSorted()).toEqual([
      "benchmark-dataset-manifest-v1.0.0.json",
      "imageforge-bench-tier10-v1.0.0.tar.zst",
      "sha256sums-v1.0.0.txt",
    ]);
    expect((await readdir(path.join(to, "build", "v1.0.0"))).toSorted()).toEqual(["dataset-summary.md", "tier10"]);
    expect((await readTier(to, "tier10")).contentSha256).toBe((await readTier(at("plain"), "tier10")).contentSha256);
  });
});

describe("a build that cannot be", () => {
  it.each([
    [["--dataset-version", "1.0"], '--dataset-version: "1.0" has the wrong form'],
    [["--dataset-version", "1.0.0/../../x"], '"1.0.0/../../x" has the wrong form'],
    [["--dataset-version", "1.0.0", "--tiers", "30,abc"], '--tiers: "30,abc" has the wrong form'],
    [["--dataset-version", "1.0.0", "--tiers", "0"], '--tiers: "0" has the wrong form'],
    [["--dataset-version", "1.0.0", "--seed", "x"], '--seed: "x" is not a number'],
    [["--dataset-version", "1.0.0", "--out-dir", "a", "--sources-dir", "a"], "would be overwritten"],
    [[], "missing --dataset-version"],
  ])("says what is wrong with %j", async (args, message) => {
    const io = memoryIo({ cwd: root });
    expect(await main(args, io)).toBe(64);
    expect(io.stderrText()).toContain(message);
  });

  it("refuses a wrong SOURCE_DATE_EPOCH", async () => {
    const { exitCode, stderr } = await build({ to: at("never") }, { SOURCE_DATE_EPOCH: "today" });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('SOURCE_DATE_EPOCH: "today" is not a time');
  });

  it("names folders that are not there, and writes nothing", async () => {
    const missing = await build({ sources: at("nowhere"), to: at("never") });
    expect(missing.exitCode).toBe(65);
    expect(missing.stderr).toContain(`Cannot read image folder "${at("nowhere")}": there is no such folder`);
    expect((await build({ synthetic: at("none"), to: at("never") })).stderr).toContain(
      "there is no such folder, or it is empty",
    );
    expect(await readdir(root)).not.toContain("never");
  });

  it("names the tier and the format that lack images, and how many would do", async () => {
    const { exitCode, stderr } = await build({ sources: at("none"), to: at("never"), more: [] });
    expect(exitCode).toBe(0);
    await rm(at("never"), { recursive: true });
    const args = argumentsOf({ sources: at("none"), to: at("never") }).map((arg) =>
      arg === TIERS.join() ? "20,60" : arg,
    );
    const io = memoryIo({ cwd: root });
    expect(await main(args, io)).toBe(65);
    expect(io.stderrText()).toContain("error: Cannot fill tier60: it needs 39 jpg images, the pool has 26");
    expect(io.stderrText()).toContain("pnpm run bench:dataset:synthetic -- --count 60");
    expect(stderr).not.toContain("warning: 0 ");
    expect(await readdir(root)).not.toContain("never");
  });

  it("names damaged images, and writes nothing", async () => {
    const whole = await picture("png", 1);
    await putFiles(at("damaged"), [
      ["cut off.png", whole.subarray(0, whole.length / 2)],
      ["empty.gif", ""],
    ]);
    const { exitCode, stderr } = await build({ sources: at("damaged"), to: at("never") });
    expect(exitCode).toBe(65);
    expect(stderr).toContain("error: Cannot build tiers: 2 images of the pool cannot be used");
    expect(stderr).toContain(`image   "${at("damaged", "cut off.png")}" cannot be decoded as png: `);
    expect(stderr).toContain(`image   "${at("damaged", "empty.gif")}" is empty (0 bytes)`);
    expect(await readdir(root)).not.toContain("never");
  });

  it("leaves alone what is not a tier of this version", async () => {
    await putFiles(at("foreign/build/v1.0.0/tier20"), [["diary.txt", "mine"]]);
    const { exitCode, stderr } = await build({ to: at("foreign") });
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`Cannot replace "${at("foreign/build/v1.0.0/tier20")}": it holds something else`);
    expect(await readFile(at("foreign/build/v1.0.0/tier20/diary.txt"), "utf8")).toBe("mine");
    expect(await readdir(at("foreign/assets"))).toEqual([]);
  });

  it("leaves no checksums behind when the assets cannot all be replaced", async () => {
    const to = at("blocked");
    expect((await build({ to })).exitCode).toBe(0);
    const blocked = path.join(to, "assets", "imageforge-bench-tier40-v1.0.0.tar.zst");
    await rm(blocked);
    await putFiles(blocked, [["in the way", ""]]);
    const { exitCode, stderr } = await build({ to });
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`Cannot write to "${to}/assets": a folder has that name`);
    const names = await readdir(path.join(to, "assets"));
    expect(names).toContain("imageforge-bench-tier10-v1.0.0.tar.zst");
    expect(names.filter((name) => name.startsWith("sha256sums") || name.endsWith(".tmp"))).toEqual([]);
  });

  /** Builds, and does something when the pool has been read and nothing is written yet. */
  async function buildWith(place: Place, onPoolRead: () => void, signal = new AbortController().signal) {
    const io = memoryIo({ cwd: root, signal });
    const write = (text: string) => {
      io.stderr.write(text);
      if (text.startsWith("sources ")) onPoolRead();
    };
    const exitCode = await main(argumentsOf(place), { ...io, stderr: { ...io.stderr, write } });
    return { exitCode, stderr: io.stderrText() };
  }

  it("shows a bug of its own with its stack, even one that has a code as the system's refusals do", async () => {
    const controller = new AbortController();
    const bug = Object.assign(new TypeError("a bug"), { code: "ERR_INVALID_ARG_TYPE" });
    const { exitCode, stderr } = await buildWith({ to: at("bug") }, () => controller.abort(bug), controller.signal);
    expect(stderr).toMatch(/TypeError: a bug\n {4}at .*\nerror: a bug/s);
    expect(exitCode).toBe(70);
  });

  it.each([
    ["is not there", () => undefined],
    ["is a folder", (file: string) => mkdirSync(file)],
  ])("names an image that meanwhile %s, not the output folder", async (reason, replace) => {
    const sources = at("vanishing");
    await putFiles(sources, await pictures(20, 900));
    const vanish = () => {
      for (const name of readdirSync(sources)) {
        rmSync(path.join(sources, name), { recursive: true });
        replace(path.join(sources, name));
      }
    };
    const { exitCode, stderr } = await buildWith({ sources, to: at("vanished") }, vanish);
    expect(stderr).toMatch(new RegExp(`error: Cannot copy "${sources}/[^"]+": it ${reason}\n`));
    expect(exitCode).toBe(65);
    await rm(sources, { recursive: true });
  });

  it.skipIf(process.getuid?.() === 0)("names an output folder that may not be written to", async () => {
    await mkdir(at("locked"), { mode: 0o555 });
    const { exitCode, stderr } = await build({ to: at("locked") });
    expect(exitCode).toBe(73);
    expect(stderr).toContain("permission denied");
  });

  it("says that the disk is full, and leaves nothing half", async () => {
    const to = at("full");
    // A limit on the size of files stands in for a full disk: writes fail in the same places.
    const run = start(argumentsOf({ to }), { umask: "022; ulimit -f 8" });
    const { code, output } = await run.ended;
    expect(output).toMatch(new RegExp(`error: Cannot write to "${to}/[^"]+"`));
    expect(code).toBe(73);
    expect(await hashesBelow(to)).toEqual({});
  });

  it("names an output folder that cannot be made", async () => {
    await writeFile(at("a file"), "");
    const { exitCode, stderr } = await build({ to: at("a file") });
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`"${at("a file/assets")}"`);
  });
});
