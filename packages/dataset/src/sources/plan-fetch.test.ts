import type { RegisterEntry, Source } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { type EarlierFile, earlierFiles, knownSha256, planRemovals } from "./earlier-fetch.ts";
import { endFetch } from "./fetch-ending.ts";
import { blankResult, type FetchOutcome, type FetchResult, withFile, withoutFile } from "./fetch-results.ts";
import { fetchReportOf } from "./fetch-totals.ts";
import { planFetch } from "./plan-fetch.ts";

const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];
const source: Source = {
  id: "pier",
  url: "https://images.example.org/pier.jpg",
  license: "CC-BY-4.0",
  attribution: "A. Person",
  filename: "pier.jpg",
  sha256: ONE,
  enabled: true,
  title: "Pier",
};
const entry = (changes: Partial<Source> = {}): RegisterEntry => {
  const changed = { ...source, ...changes };
  return { id: changed.id, enabled: changed.enabled, source: changed };
};
const wrong: RegisterEntry = { id: "pier", enabled: true, problems: ["url: no", "id: no"], stated: { license: "CC0" } };
const settled = (of: RegisterEntry, allowUnpinnedSources = false) => {
  const plan = planFetch(of, { allowUnpinnedSources });
  return "settled" in plan ? (plan.settled.result.failureCategory ?? plan.settled.result.status) : "to fetch";
};
const blank = blankResult(entry());
const failure = { problem: "no", attempts: 2, isService: false };

describe("an entry", () => {
  it.each([
    ["right", entry(), "to fetch", "to fetch"],
    ["without a hash", entry({ sha256: null }), "missing-hash", "to fetch"],
    ["switched off", entry({ enabled: false, sha256: null }), "disabled", "disabled"],
    ["wrong", wrong, "schema-invalid", "schema-invalid"],
    ["wrong and switched off", { ...wrong, enabled: false }, "disabled", "disabled"],
  ])("that is %s", (_, of, strict, waived) => {
    expect([settled(of), settled(of, true)]).toEqual([strict, waived]);
  });

  it("that is wrong keeps what it states, and never an empty title", () => {
    expect(blankResult(wrong)).toMatchObject({ url: null, license: "CC0", attribution: null, filename: null });
    expect(blank).toMatchObject({ title: "Pier", checksum: { expected: ONE, actual: null, match: null } });
    expect(blankResult(entry({ title: "" }))).not.toHaveProperty("title");
  });
});

describe("what came", () => {
  it("is a waiver without a hash to compare with, and a mismatch with another one", () => {
    const file = { sha256: TWO, sizeBytes: 5 };
    expect(withFile(blankResult(entry({ sha256: null })), "present", file)).toMatchObject({ waived: true });
    expect(withFile(blank, "downloaded", { ...file, sha256: ONE })).toMatchObject({ waived: false, sizeBytes: 5 });
    const categories = [undefined, ONE, TWO].map(
      (actualSha256) =>
        withoutFile(blank, { ...failure, ...(actualSha256 === undefined ? {} : { actualSha256 }) }).result
          .failureCategory,
    );
    expect(categories).toEqual(["download-failed", "download-failed", "checksum-mismatch"]);
  });
});

describe("files of an earlier run", () => {
  const earlier: EarlierFile = { id: "pier", url: source.url, filename: "pier.jpg", sha256: TWO };
  const present = withFile(blank, "present", { sha256: ONE, sizeBytes: 5 });

  it("are those that it brought, by bare names", () => {
    const report = (changes: Partial<FetchResult>) =>
      fetchReportOf({}, { path: "sources.json", sha256: ONE }, [{ ...present, ...changes }]);
    expect(earlierFiles(report({}))).toEqual([{ ...earlier, sha256: ONE }]);
    for (const filename of ["../x.jpg", "a/b.jpg", ".x.jpg", "a\\b.jpg"]) {
      expect(earlierFiles(report({ filename }))).toEqual([]);
    }
    expect(earlierFiles(report({ failureCategory: "checksum-mismatch" }))).toEqual([]);
  });

  it("vouch for a source without a hash, of the same address alone", () => {
    expect(knownSha256({ ...source, sha256: null }, [earlier])).toBe(TWO);
    expect(knownSha256({ ...source, sha256: null, url: "https://other.example.org/" }, [earlier])).toBeUndefined();
    expect(knownSha256(source, [earlier])).toBe(ONE);
  });

  it("go when this run does not stand for them, unless somebody changed them", () => {
    expect(planRemovals([earlier], [present])).toEqual([]);
    expect(planRemovals([earlier], [])).toMatchObject([{ filename: "pier.jpg", ifSha256: { sha256: TWO } }]);
  });

  it("go in any case when the register denies their bytes, not because its entry is wrong", () => {
    const { result } = withoutFile(blank, { ...failure, actualSha256: TWO });
    expect(planRemovals([], [result])).toEqual([{ filename: "pier.jpg", why: expect.stringContaining("register") }]);
    expect(planRemovals([], [{ ...blank, failureCategory: "schema-invalid" }])).toEqual([]);
  });
});

describe("the end", () => {
  const came: FetchOutcome = { result: withFile(blank, "downloaded", { sha256: ONE, sizeBytes: 5 }) };
  const failed = (isService: boolean) => withoutFile(blank, { ...failure, isService });

  it.each([
    ["all came", [came], false, undefined, 0],
    ["one failed", [came, failed(false)], false, "data", 0],
    ["one failed, which is allowed", [came, failed(false)], true, undefined, 1],
    ["nothing came", [failed(false)], true, "data", 0],
    ["only services failed", [came, failed(true)], false, "service", 0],
    ["a service and another failed", [failed(true), failed(false)], false, "data", 0],
    ["nothing was asked for", [], true, undefined, 0],
  ])("when %s", (_, outcomes, allowPartial, expected, warningCount) => {
    const { error, warnings } = endFetch(outcomes, { allowPartial });
    expect([error?.failure, warnings.length]).toEqual([expected, warningCount]);
  });

  it("names ten failures and counts the others", () => {
    const { error } = endFetch(Array(13).fill(failed(false)), { allowPartial: false });
    expect(error?.message).toBe("Cannot fetch 13 of 13 sources (13 download-failed)");
    expect(error?.details.map(({ label }) => label)).toEqual([...Array(10).fill("failed"), "also", "try"]);
  });
});
