import path from "node:path";
import { describe, expect, it } from "vitest";
import { inputReference, refuseSharedPaths } from "./artifact-paths.ts";
import { PROJECT_ROOT } from "./script.ts";

describe("inputReference", () => {
  it.each([
    ["/data/a/base.json", "/data/out/compare.json", "/data", "../a/base.json"],
    ["/data/base.json", "/data/compare.json", "/data", "base.json"],
    ["/data/..base.json", "/data/compare.json", "/data", "..base.json"],
    ["/home/ann/base.json", "/data/out/compare.json", "/data", "base.json"],
    ["/work-2/base.json", "/data/compare.json", "/data", "base.json"],
    ["/home/ann/base.json", "/tmp/compare.json", "/", "base.json"],
    [
      path.join(PROJECT_ROOT, "x/base.json"),
      path.join(PROJECT_ROOT, ".tmp/compare.json"),
      "/elsewhere",
      "../x/base.json",
    ],
  ])("names %s in %s, made in %s, as %s", (input, artifact, cwd, expected) => {
    expect(inputReference({ path: input, sha256: "1" }, artifact, cwd)).toEqual({ path: expected, sha256: "1" });
  });
});

describe("refuseSharedPaths", () => {
  it("names both flags", () => {
    expect(() => refuseSharedPaths({ head: "/a", base: "/b" }, { out: "/c", md: "/b" })).toThrow(
      '--md: "/b" is also given as --base and would be overwritten',
    );
    expect(() => refuseSharedPaths({}, { out: "/c", md: "/c" })).toThrow('--md: "/c" is also given as --out');
  });

  it("lets an input stand for two inputs, and outputs be left out", () => {
    expect(() => refuseSharedPaths({ head: "/a", base: "/a" }, { out: undefined, md: undefined })).not.toThrow();
  });
});
