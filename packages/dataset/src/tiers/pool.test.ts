import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madeUpImage, sha256Of } from "../testing.ts";
import { mergePool, sizeClassOf } from "./pool.ts";

describe("mergePool", () => {
  const bytes = { sha256: sha256Of("same"), sizeBytes: 4 };
  const local = madeUpImage(1, "jpg", { ...bytes, origin: "local", license: "unspecified", file: "/b/own.jpg" });
  const synthetic = madeUpImage(1, "jpg", { ...bytes, file: "/a/0001.jpg", sourceFile: "0001.jpg" });
  const fetched = madeUpImage(1, "jpg", { ...bytes, origin: "harbour", license: "CC-BY-4.0", file: "/c/x.jpg" });
  const later = madeUpImage(1, "jpg", { ...bytes, origin: "pier", license: "CC-BY-4.0", file: "/c/w.jpg" });

  it("counts the same content once, as the best documented of its images", () => {
    const { images, duplicates } = mergePool([local, later, synthetic, madeUpImage(2, "png"), fetched]);
    expect(images).toHaveLength(2);
    expect(duplicates).toEqual([{ kept: fetched, dropped: [later, synthetic, local] }]);
    expect(mergePool([local, synthetic]).images).toEqual([synthetic]);
  });

  it("does not depend on the order", () => {
    const all = [local, synthetic, fetched, later, madeUpImage(5, "gif"), madeUpImage(6, "tiff")];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (images) => {
        expect(mergePool(images)).toEqual(mergePool(all));
      }),
    );
  });
});

describe("sizeClassOf", () => {
  it.each([
    [800, 100, "small"],
    [100, 801, "medium"],
    [1600, 1600, "medium"],
    [2800, 10, "large"],
    [2801, 10, "very-large"],
  ])("%i × %i is %s", (width, height, expected) => {
    expect(sizeClassOf({ width, height })).toBe(expected);
  });
});
