import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DatasetManifest } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeUpImage, putFiles, sha256Of } from "../testing.ts";
import { datasetDocuments } from "./dataset-documents.ts";
import { compareChecksums, type ExpectedBuild, type FoundBuild, refuseDifferences } from "./expected-build.ts";
import { readExpectedBuild } from "./expected-files.ts";
import { mergePool, type SynthesisFacts } from "./pool.ts";
import { buildTierManifest } from "./tier-documents.ts";

const encoders = { sharp: "0.35.5", libvips: "8.18.7" };
const synthesis: SynthesisFacts = { seed: 7, imageCount: 60, synthesisVersion: "1", encoders };

interface Changes {
  readonly datasetVersion?: string;
  readonly createdAt?: string;
  readonly seed?: number;
  readonly synthesis?: SynthesisFacts;
  readonly firstImage?: number;
  readonly sizes?: readonly number[];
  readonly poolSize?: number;
  readonly missingSources?: readonly string[];
  /** Of what is in the archives besides the images. */
  readonly packed?: string;
}

/** The documents of a build of made-up images, as they would be with other inputs. */
function documentsOf(changes: Changes = {}) {
  const { firstImage = 0, sizes = [1, 2], packed = "", datasetVersion = "1.0.0", seed = 1 } = changes;
  const createdAt = new Date(changes.createdAt ?? "2026-01-01T00:00:00Z");
  const identity = { datasetVersion, createdAt, seed };
  const all = Array.from({ length: changes.poolSize ?? 3 }, (_, index) => madeUpImage(firstImage + index, "jpg"));
  const tiers = sizes.map((size) => {
    const plan = { id: `tier${size}`, size, images: all.slice(0, size) };
    const manifest = buildTierManifest(plan, identity);
    const archive = { sha256: sha256Of(`${manifest.contentSha256}${packed}${datasetVersion}`), sizeBytes: 1 };
    return { plan, manifest, archive, archiveName: `imageforge-bench-tier${size}-v${datasetVersion}.tar.zst` };
  });
  const pool = { ...mergePool(all), synthesis: changes.synthesis ?? synthesis, ...waiversOf(changes) };
  return datasetDocuments({ identity, tiers, pool, notes: [] });
}

function waiversOf({ missingSources }: Changes) {
  return missingSources === undefined ? {} : { sourceWaivers: { waivers: ["allowPartial"], missingSources } };
}

function expected(changes: Changes = {}): ExpectedBuild {
  const { checksums, manifest } = documentsOf(changes);
  return { file: "/r/sha256sums-v1.0.0.txt", checksums, manifest };
}

/** What a build says that was expected to be another; empty when it is the same. */
function refusal(wanted: ExpectedBuild, changes: Changes = {}): string {
  const { checksums, manifest } = documentsOf(changes);
  const found: FoundBuild = { checksums, manifest, encoders };
  try {
    refuseDifferences(wanted, found);
    return "";
  } catch (error) {
    if (!(error instanceof OperationError) || error.failure !== "data") throw error;
    return [error.message, ...error.details.map(({ label, text }) => `${label}: ${text}`)].join("\n");
  }
}

describe("compareChecksums", () => {
  it("finds what differs, is missing and is extra", () => {
    const [a, b, c] = ["a", "b", "c"].map((text) => sha256Of(text));
    const list = (sums: Record<string, string | undefined>) =>
      Object.entries(sums).map(([file, sha256 = ""]) => ({ file, sha256 }));
    expect(compareChecksums(list({ one: a, two: b, three: c }), list({ two: b, one: c, four: a }))).toEqual({
      different: [{ file: "one", expected: a, found: c }],
      missing: [{ file: "three", sha256: c }],
      extra: [{ file: "four", sha256: a }],
    });
  });
});

describe("refuseDifferences", () => {
  it("is silent when everything is the same", () => {
    expect(refusal(expected())).toBe("");
  });

  it("names each file with both hashes", () => {
    const wanted = expected({ firstImage: 100, sizes: [2, 3] });
    const text = refusal(wanted);
    const hashes = (from: ExpectedBuild["checksums"], part: string) =>
      from.find(({ file }) => file.includes(part))?.sha256;
    expect(text).toContain(
      'Cannot publish dataset 1.0.0: it is not what "/r/sha256sums-v1.0.0.txt" expects (2 different, 1 missing, 1 extra)',
    );
    const found = documentsOf().checksums;
    const two = `expected ${hashes(wanted.checksums, "tier2-")}, found ${hashes(found, "tier2-")}`;
    expect(text).toContain(`different: imageforge-bench-tier2-v1.0.0.tar.zst: ${two}`);
    expect(text).toContain(`tier3-v1.0.0.tar.zst: expected ${hashes(wanted.checksums, "tier3-")}, not made`);
    expect(text).toContain(`tier1-v1.0.0.tar.zst: found ${hashes(found, "tier1-")}, not expected`);
    expect(text).toContain("images: tier2 has other images");
    expect(text).toContain("tiers: expected tier2, tier3, this build tier1, tier2\ntry: --tiers 2,3\nwritten: nothing");
  });

  it.each<[string, Changes, string, string]>([
    [
      "encoders",
      { synthesis: { ...synthesis, encoders: { ...encoders, sharp: "0.36.0" } }, firstImage: 9 },
      "encoders: expected libvips 8.18.7, sharp 0.36.0; this build libvips 8.18.7, sharp 0.35.5; this machine libvips 8.18.7, sharp 0.35.5",
      "try: make the synthetic pool with the expected encoders",
    ],
    [
      "synthetic pool",
      { synthesis: { ...synthesis, seed: 8, imageCount: 600 }, firstImage: 9 },
      "synthetic: expected 600 images, seed 8, synthesis 1; this build 60 images, seed 7, synthesis 1",
      "try: pnpm run bench:dataset:synthetic -- --count 600 --seed 8",
    ],
    [
      "pool",
      { poolSize: 5 },
      "pool: expected 5 images; this build 3 images",
      "try: the same pictures in --sources-dir",
    ],
    [
      "waivers",
      { missingSources: ["pier"] },
      "sources: expected fetched with allowPartial; missing pier; this build none recorded",
      "try: fetch the sources again",
    ],
    ["seed", { seed: 2 }, "choice: expected seed 2; this build seed 1", "try: --seed 2"],
    [
      "date",
      { createdAt: "2023-11-14T22:13:20Z" },
      "date: expected 2023-11-14T22:",
      "try: SOURCE_DATE_EPOCH=1700000000",
    ],
    [
      "packing alone",
      { packed: "x" },
      "images: tier1 has the same images, but other documents",
      "try: compare the two",
    ],
    [
      "version",
      { datasetVersion: "1.0.1" },
      "version: expected 1.0.1, this build 1.0.0",
      "try: --dataset-version 1.0.1",
    ],
  ])("tells the cause: %s", (_, changes, cause, remedy) => {
    const text = refusal(expected(changes));
    expect(text).toContain(cause);
    expect(text).toContain(remedy);
  });

  it("says so where no manifest tells", () => {
    const wanted = { ...expected({ seed: 2 }), manifest: { reason: "put it beside" } };
    expect(refusal(wanted)).toContain("cause: not known: put it beside");
  });

  it("lists 20 files of a long list, and shows names from outside on one line", () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ file: `\u001b[31m${index}`, sha256: sha256Of("a") }));
    const lines = refusal({ ...expected(), checksums: many }).split("\n");
    expect(lines.filter((line) => line.startsWith("missing"))).toHaveLength(20);
    expect(lines).toContain("and: 4983 more");
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("reads manifests whose policy has another form", () => {
    const { manifest } = documentsOf();
    const foreign: DatasetManifest = { ...manifest, sourcePolicy: { pool: "all", selection: null } };
    const { reproduction: _none, ...older } = foreign;
    const text = refusal({ ...expected({ seed: 2 }), manifest: older });
    expect(text).toContain("choice: expected none recorded; this build seed 1");
    expect(text).toContain("synthetic: expected none recorded; this build 60 images");
    expect(text).not.toContain("encoders");
  });
});

describe("readExpectedBuild", () => {
  let root = "";
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), "expected-"));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const { checksums, checksumsText, manifestText } = documentsOf();
  const manifestName = "benchmark-dataset-manifest-v1.0.0.json";
  const at = (name: string) => path.join(root, name, "sums.txt");

  it("takes the manifest beside the checksums if it is the one they list", async () => {
    await putFiles(path.join(root, "both"), [
      ["sums.txt", checksumsText],
      [manifestName, manifestText],
    ]);
    await putFiles(path.join(root, "alone"), [["sums.txt", checksumsText]]);
    await putFiles(path.join(root, "other"), [
      ["sums.txt", checksumsText],
      [manifestName, manifestText.replace("1.0.0", "1.0.1")],
    ]);
    expect(await readExpectedBuild(at("both"))).toMatchObject({ checksums, manifest: { datasetVersion: "1.0.0" } });
    expect((await readExpectedBuild(at("alone"))).manifest).toEqual({
      reason: `put "${manifestName}" beside the checksums to learn more`,
    });
    expect((await readExpectedBuild(at("other"))).manifest).toEqual({
      reason: `"${manifestName}" beside the checksums is not the one they list`,
    });
  });

  it.each([
    ["", "names no file"],
    [`${checksumsText}${checksumsText}`, "twice"],
    ["not checksums\n", 'line 1: expected "SHA256  FILE"'],
    [`${"a".repeat(64)}  ../x\n`, "line 1"],
    [`${"a".repeat(64)}  x\n`.repeat(20_000), "is larger than any checksums file"],
  ])("refuses %#", async (text, message) => {
    await putFiles(path.join(root, "wrong"), [["sums.txt", text]]);
    await expect(readExpectedBuild(at("wrong"))).rejects.toThrow(ArtifactError);
    await expect(readExpectedBuild(at("wrong"))).rejects.toThrow(message);
  });

  it("names a file that is not there, and a folder", async () => {
    await expect(readExpectedBuild(at("nowhere"))).rejects.toThrow("there is no such file");
    await expect(readExpectedBuild(root)).rejects.toThrow(ArtifactError);
  });
});
