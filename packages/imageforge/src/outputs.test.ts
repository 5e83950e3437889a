import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXIT } from "./errors.ts";
import type { Input } from "./inputs.ts";
import type { Settings } from "./options.ts";
import { findCollisions, planOutputs, refuseCollisions } from "./outputs.ts";

const settings = (widths: readonly number[] = []): Settings => ({
  formats: ["webp", "avif"],
  quality: 80,
  blur: true,
  widths,
});
const input = (source: string): Input => ({ source, stem: source.replace(/\.\w+$/, ""), file: `/in/${source}` });
const paths = (stem: string, widths: readonly number[], imageWidth: number) =>
  planOutputs(stem, settings(widths), imageWidth).map(({ path }) => path);

describe("planOutputs", () => {
  it("makes one file a format without widths, and one a format and width with them", () => {
    expect(paths("a/b", [], 500)).toEqual(["a/b.webp", "a/b.avif"]);
    expect(paths("b", [100, 200], 200)).toEqual(["b-100w.webp", "b-100w.avif", "b-200w.webp", "b-200w.avif"]);
  });

  it("leaves larger widths out, and falls back to the image's own width when all are larger", () => {
    expect(paths("b", [100, 201], 200)).toEqual(["b-100w.webp", "b-100w.avif"]);
    expect(paths("b", [201, 300], 200)).toEqual(["b.webp", "b.avif"]);
  });

  it("never enlarges and always makes something", () => {
    const widths = fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 6 });
    fc.assert(
      fc.property(widths, fc.integer({ min: 1, max: 3000 }), (list, imageWidth) => {
        const planned = planOutputs("s", settings(list), imageWidth);
        expect(planned.length).toBeGreaterThan(0);
        for (const { width } of planned) expect(width ?? imageWidth).toBeLessThanOrEqual(imageWidth);
      }),
    );
  });
});

describe("findCollisions", () => {
  it.each([
    [["a.jpg", "a.png"], []],
    [["a.jpg", "A.png"], []],
    [["caf\u00e9.jpg", "cafe\u0301.png"], []],
    [["x/a.jpg", "X/a.jpg"], []],
    [["a.jpg", "a-320w.jpg"], [320]],
  ])("finds %j", (sources, widths) => {
    expect(findCollisions(sources.map(input), settings(widths))).toHaveLength(1);
  });

  it("takes the same name in other folders, and a name like a width's without that width", () => {
    expect(findCollisions(["a.jpg", "x/a.png", "y/a.gif"].map(input), settings([320]))).toEqual([]);
    expect(findCollisions(["a.jpg", "a-320w.jpg"].map(input), settings([640]))).toEqual([]);
  });

  it("leaves no two images with a common output", () => {
    const name = fc.constantFrom("a", "A", "b", "a-1w", "a-2w", "x/a", "x/A-1w");
    const sources = fc.uniqueArray(
      fc.tuple(name, fc.constantFrom("jpg", "png")).map((parts) => parts.join(".")),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(sources, fc.subarray([1, 2]), fc.integer({ min: 1, max: 3 }), (list, widths, imageWidth) => {
        const inputs = list.map(input);
        fc.pre(findCollisions(inputs, settings(widths)).length === 0);
        const all = inputs.flatMap(({ stem }) => paths(stem, widths, imageWidth)).map((file) => file.toLowerCase());
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});

describe("refuseCollisions", () => {
  it("names both images and the file that they would share", () => {
    const attempt = () => refuseCollisions(["a.jpg", "a.png"].map(input), settings());
    expect(attempt).toThrow(expect.objectContaining({ exitCode: EXIT.input }));
    expect(attempt).toThrow('"a.jpg" and "a.png" would both be written to "a.webp"');
  });

  it("says when only letter case differs, and cuts a long list", () => {
    expect(() => refuseCollisions(["a.jpg", "A.png"].map(input), settings())).toThrow(/"a\.webp" and "A\.webp", one/);
    const many = Array.from({ length: 12 }, (_, index) => [`${index}.jpg`, `${index}.png`]).flat();
    expect(() => refuseCollisions(many.map(input), settings())).toThrow("and 2 more");
  });
});
