import { checkArtifact, syntheticManifest } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSynthesis } from "./plan.ts";
import {
  describeImage,
  FIXED_DATE,
  type FileFacts,
  isLeftover,
  isPoolName,
  parseKnown,
  planWork,
  poolManifest,
} from "./pool.ts";

const VERSIONS = { sharp: "1.2.3", libvips: "4.5.6" };
const PLANS = planSynthesis(1, 12);
const FILES = PLANS.map((plan, index) => describeImage(plan, facts(index), VERSIONS));
const FOUND = new Map(FILES.map(({ file }, index) => [file, facts(index)]));

function facts(index: number): FileFacts {
  return { sha256: hashOf(index), sizeBytes: index + 1 };
}

function hashOf(index: number): string {
  return index.toString(16).padStart(64, "0");
}

describe("planWork", () => {
  it("makes everything in an empty folder and nothing in a finished one", () => {
    expect(planWork(PLANS, [], new Map(), VERSIONS).make).toEqual(PLANS);
    expect(planWork(PLANS, FILES, FOUND, VERSIONS)).toEqual({ keep: FILES, make: [], remove: [], unknown: [] });
  });

  it("makes again exactly what is missing, damaged, or came from other encoders", () => {
    fc.assert(
      fc.property(fc.subarray(PLANS), fc.subarray(PLANS), (missing, damaged) => {
        const found = new Map(FOUND);
        for (const { file } of damaged) found.set(file, facts(999));
        for (const { file } of missing) found.delete(file);
        const bad = new Set([...missing, ...damaged].map(({ file }) => file));
        const work = planWork(PLANS, FILES, found, VERSIONS);
        expect(work.make).toEqual(PLANS.filter(({ file }) => bad.has(file)));
        expect(work.keep.map(({ file }) => file)).toEqual(
          PLANS.map(({ file }) => file).filter((file) => !bad.has(file)),
        );
      }),
    );
    expect(planWork(PLANS, FILES, FOUND, { ...VERSIONS, sharp: "9.9.9" }).make).toEqual(PLANS);
  });

  it("takes from earlier runs only what it verifies, whatever else an entry says or lacks", () => {
    const edited = FILES.map((entry) => ({ ...entry, width: 1, sizeBytes: 7, bucket: "huge", note: "mine" }));
    const bare = FILES.map(({ file, recipe, sha256 }) => ({ file, recipe, sha256 }));
    for (const known of [edited, bare]) expect(planWork(PLANS, known, FOUND, VERSIONS).keep).toEqual(FILES);
  });

  it("believes the latest word about a file", () => {
    const stale = FILES.map((entry) => ({ ...entry, sha256: hashOf(500) }));
    expect(planWork(PLANS, [...stale, ...FILES], FOUND, VERSIONS).make).toEqual([]);
    expect(planWork(PLANS, [...FILES, ...stale], FOUND, VERSIONS).make).toEqual(PLANS);
  });

  it("removes what an earlier run made and the pool does not need, but not what a person put in its place", () => {
    const fewer = PLANS.slice(0, 10);
    const found = new Map(FOUND).set(PLANS[11]?.file ?? "", facts(700));
    expect(planWork(fewer, FILES, found, VERSIONS).remove).toEqual([PLANS[10]?.file]);
  });

  it("never names a file outside the pool's own names", () => {
    const [first] = FILES;
    if (first === undefined) throw new Error("no files");
    const hostile = ["../../etc/passwd", "/etc/passwd", "0001-landscape.jpg/../../x", "holiday.jpg"].map((file) => ({
      ...first,
      file,
    }));
    const found = new Map(hostile.map((entry) => [entry.file, entry]));
    expect(planWork([], hostile, found, VERSIONS).remove).toEqual([]);
  });

  it("tells which names are taken by files that nobody is known to have made", () => {
    const [first] = PLANS;
    expect(planWork(PLANS, [], new Map([[first?.file ?? "", facts(1)]]), VERSIONS).unknown).toEqual([first?.file]);
  });
});

describe("parseKnown", () => {
  const manifest = JSON.stringify(poolManifest(FILES, { seed: 1, generatedAt: FIXED_DATE, versions: VERSIONS }));
  const log = FILES.map((entry) => `${JSON.stringify(entry)}\n`).join("");

  it("reads a manifest and a log", () => {
    expect(parseKnown(manifest, undefined)).toEqual({ entries: FILES, damaged: false });
    expect(parseKnown(undefined, log)).toEqual({ entries: FILES, damaged: false });
    expect(parseKnown(undefined, undefined)).toEqual({ entries: [], damaged: false });
  });

  it("takes a manifest that is cut off for damaged and a log line that is cut off for not written, at every length", () => {
    fc.assert(
      fc.property(fc.nat({ max: manifest.length - 1 }), fc.nat({ max: log.length }), (manifestEnd, logEnd) => {
        const { entries, damaged } = parseKnown(manifest.slice(0, manifestEnd), log.slice(0, logEnd));
        expect(damaged).toBe(true);
        const lines = log
          .slice(0, logEnd)
          .split("\n")
          .filter((line) => line.endsWith("}"));
        expect(entries.length).toBe(lines.length);
      }),
    );
  });

  it("does not stumble over foreign JSON", () => {
    for (const text of ["null", "[]", "7", '"x"', "{}", '{"files":7}', '{"files":[null,1,{"file":3}]}', "\u0000"]) {
      expect(parseKnown(text, text).entries).toEqual([]);
    }
  });
});

describe("poolManifest", () => {
  it("fits the schema and counts its formats", () => {
    const manifest = poolManifest(FILES, { seed: 1, generatedAt: FIXED_DATE, versions: VERSIONS });
    expect(checkArtifact(syntheticManifest, manifest, "synthetic-manifest.json").count).toBe(12);
    expect(manifest.formatBreakdown).toEqual({ jpg: 8, png: 3, gif: 1, tiff: 0 });
  });
});

describe("names", () => {
  it("knows its own images and leftovers from others", () => {
    expect(["0001-landscape.jpg", "12345-cut-out.png"].map(isPoolName)).toEqual([true, true]);
    expect(["1-landscape.jpg", "0001-cat.jpg", "0001-landscape.webp", "x0001-night.gif"].some(isPoolName)).toBe(false);
    const temporary = (name: string) => `.${name}.4242.0123456789ab.tmp`;
    expect(
      ["0001-night.gif", "synthetic-manifest.json", ".synthetic-progress.jsonl"].map(temporary).map(isLeftover),
    ).toEqual([true, true, true]);
    expect([temporary("letter.txt"), "0001-night.gif", ".0001-night.gif.tmp"].some(isLeftover)).toBe(false);
  });
});
