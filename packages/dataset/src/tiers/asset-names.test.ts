import { describe, expect, it } from "vitest";
import { isBuildLeftover, staleArchives } from "./asset-names.ts";

describe("staleArchives", () => {
  it("finds archives of exactly this version and of other tiers, and nothing else", () => {
    const names = [
      "imageforge-bench-tier30-v1.0.0.tar.zst",
      "imageforge-bench-tier60-v1.0.0.tar.zst",
      "imageforge-bench-tier60-v1.0.0-rc.1.tar.zst",
      "imageforge-bench-tier60-v1.0.00.tar.zst",
      "imageforge-bench-tier60-v1.0.0.tar.zst.sig",
      "my-imageforge-bench-tier60-v1.0.0.tar.zst",
      "sha256sums-v1.0.0.txt",
    ];
    expect(staleArchives(names, "1.0.0", ["tier30"])).toEqual(["imageforge-bench-tier60-v1.0.0.tar.zst"]);
  });
});

describe("isBuildLeftover", () => {
  it.each([
    [".tier30.4711.0123456789ab.tmp", true],
    [".imageforge-bench-tier30-v1.0.0.tar.zst.4711.0123456789ab.tmp", true],
    [".sha256sums-v1.0.0.txt.4711.0123456789ab.tmp", true],
    [".dataset-summary.md.4711.0123456789ab.tmp", true],
    ["..build-lock.4711.0123456789ab.tmp", true],
    [".build-lock", false],
    ["tier30", false],
    [".tier30.tmp", false],
    [".holiday.4711.0123456789ab.tmp", false],
  ])("%s: %s", (name, expected) => {
    expect(isBuildLeftover(name)).toBe(expected);
  });
});
