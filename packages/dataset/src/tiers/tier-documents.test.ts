import { readFileSync } from "node:fs";
import { checkArtifact, datasetManifest, tierManifest } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { madeUpImage, sha256Of } from "../testing.ts";
import { mergePool } from "./pool.ts";
import { datasetSummary } from "./summary-text.ts";
import { buildDatasetManifest, buildTierManifest, contentSha256Of } from "./tier-documents.ts";

const identity = { datasetVersion: "1.0.0", createdAt: new Date("2026-01-01T00:00:00Z"), seed: 1 };
const images = [
  madeUpImage(1, "jpg", { sizeBytes: 500 }),
  madeUpImage(2, "png", { sizeBytes: 20 }),
  madeUpImage(3, "gif", { sizeBytes: 300, origin: "local", license: "unspecified", file: "/home/me/wedding.gif" }),
  madeUpImage(4, "tiff", { sizeBytes: 300, origin: "a|b", license: "<b>", attribution: "x\n| y" }),
];
const plan = { id: "tier4", size: 4, images };
const manifest = buildTierManifest(plan, identity);

describe("buildTierManifest", () => {
  it("fits its schema and keeps where each image comes from, but no local name", () => {
    expect(checkArtifact(tierManifest, manifest, "tier-manifest.json")).toEqual(manifest);
    expect(JSON.stringify(manifest)).not.toContain("wedding");
    expect(manifest.files).toContainEqual({
      path: `${sha256Of("made up 1").slice(0, 16)}.jpg`,
      format: "jpg",
      sha256: sha256Of("made up 1"),
      sizeBytes: 500,
      width: 1200,
      height: 300,
      sizeClass: "medium",
      origin: "synthetic",
      license: "CC0-1.0",
      attribution: "",
      sourceFile: "1.jpg",
    });
  });

  it("chooses the single images by size, ties by content", () => {
    const [first] = [images[2], images[3]].toSorted((a, b) => ((a?.sha256 ?? "") < (b?.sha256 ?? "") ? -1 : 1));
    expect(manifest.singleScenarios.small).toMatch(/\.png$/);
    expect(manifest.singleScenarios.median).toContain(first?.sha256.slice(0, 16));
    expect(manifest.singleScenarios.large).toMatch(/\.jpg$/);
  });

  it("refuses two images whose names would be one", () => {
    const twin = { ...madeUpImage(1, "jpg"), sha256: `${sha256Of("made up 1").slice(0, 16)}${"0".repeat(48)}` };
    expect(() => buildTierManifest({ id: "tier2", size: 2, images: [madeUpImage(1, "jpg"), twin] }, identity)).toThrow(
      "begin alike",
    );
  });
});

describe("contentSha256Of", () => {
  it("is the SHA-256 of the sorted lines, whatever the order of the files", () => {
    const [a, b] = [
      { sha256: "b".repeat(64), path: "a.jpg" },
      { sha256: "a".repeat(64), path: "b.jpg" },
    ];
    const expected = sha256Of(`${"a".repeat(64)}  b.jpg\n${"b".repeat(64)}  a.jpg\n`);
    expect(contentSha256Of([a, b])).toBe(expected);
    expect(contentSha256Of([b, a])).toBe(expected);
  });
});

describe("the documents of a dataset", () => {
  const archive = { sha256: "c".repeat(64), sizeBytes: 9_999 };
  const tiers = [{ plan, manifest, archive, archiveName: "imageforge-bench-tier4-v1.0.0.tar.zst" }];
  const pool = mergePool(images);

  it("fit their schema and name no local file", () => {
    const document = buildDatasetManifest(tiers, pool, identity);
    expect(checkArtifact(datasetManifest, document, "manifest.json")).toEqual(document);
    expect(document.tiers[0]).toMatchObject({ ...archive, imageCount: 4, contentSha256: manifest.contentSha256 });
    expect(JSON.stringify(document)).not.toContain("wedding");
  });

  it("record what the bytes follow from, and what was passed over", () => {
    const synthesis = { seed: 7, imageCount: 60, encoders: { sharp: "0.35.5" } };
    const sourceWaivers = { waivers: ["allowPartial"], missingSources: ["gone"] };
    const unpinned = madeUpImage(9, "jpg", {
      origin: "pier",
      isUnpinned: true,
      title: "T",
      sourceUrl: "https://a.example",
    });
    const single = { id: "tier1", size: 1, images: [unpinned] };
    const [first] = tiers;
    if (first === undefined) throw new Error("no tier");
    const own = { ...first, plan: single, manifest: buildTierManifest(single, identity) };
    const whole = { ...mergePool([unpinned, ...images]), synthesis, sourceWaivers };
    const { sourcePolicy, reproduction } = buildDatasetManifest([own], whole, identity);
    expect(sourcePolicy).toMatchObject({ unpinnedSources: ["pier"], ...sourceWaivers });
    expect(reproduction).toMatchObject({ synthesis, packing: { level: 3, frameBytes: 4 << 20 } });
    expect(own.manifest.files[0]).toMatchObject({ title: "T", sourceUrl: "https://a.example" });
    expect(JSON.stringify(own.manifest)).not.toContain("isUnpinned");
  });

  it("name the compressor that the archives are packed with", () => {
    for (const name of ["dataset", "archives"]) {
      const file = new URL(`../../../${name}/package.json`, import.meta.url);
      const { dependencies } = JSON.parse(readFileSync(file, "utf8"));
      const compressor = `@mongodb-js/zstd ${dependencies["@mongodb-js/zstd"]}`;
      expect(buildDatasetManifest(tiers, pool, identity).reproduction?.packing?.compressor).toBe(compressor);
    }
  });

  it("show what comes from outside as text, in as many cells as the table has", () => {
    const summary = datasetSummary({ identity, tiers, pool, notes: ["see [x](javascript:1)"] });
    expect(summary).toContain("| 1 | a\\|b | &lt;b&gt; | x \\| y |");
    expect(summary).toContain("- see \\[x\\](javascript:1)");
    expect(summary).toContain("/home/me/wedding.gif");
    expect(summary).toContain("| tier4 | 4 | 1 | 1 | 1 | 1 |");
  });

  it("lets no name, licence or attribution become HTML, a link, a mention or an entity", () => {
    const hostile = [
      "<img src=x onerror=alert(1)> &lt;b&gt; &#64;all",
      "https://evil.example WWW.evil.example me@evil.example",
      "@everyone @org/team #1 [a](b) ![c](d)",
      "**b** ~~s~~ $x$ `c` \\| \u202e\u001b[31m\r\n# h",
    ];
    const [file = "", license = "", attribution = "", note = ""] = hostile;
    const image = madeUpImage(1, "jpg", { origin: "local", file, license, attribution });
    const single = { ...plan, images: [image] };
    const tier = { plan: single, manifest: buildTierManifest(single, identity), archive, archiveName: file };
    const summary = datasetSummary({ identity, tiers: [tier], pool: mergePool([image]), notes: [note, ...hostile] });
    // From the first part that holds text from outside.
    const outside = summary.slice(summary.indexOf("## Origins")).replace(/^(#+ |\|)|\|$| \| /gm, " ");
    const bare = outside.replace(/\\[\\`*_[\]#|~$:.]/g, "").replace(/&(amp|lt|gt);/g, "");
    expect(bare).not.toMatch(/[\\`*_[\]#|~$<>&\u202e]|(?!\n)\p{Cc}|:\/\/|www\.|@(?!\u2060)/iu);
    expect(summary).toContain("&lt;img src=x onerror=alert(1)&gt; &amp;lt;b&amp;gt; &amp;\\#\u206064;all");
    expect(summary).toContain("https\\://evil.example WWW\\.evil.example me@\u2060evil.example");
  });
});
