import { type ImageFormat, imageFormats } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madeUpImage } from "../testing.ts";
import { formatQuota } from "./format-quota.ts";
import { planTiers } from "./plan-tiers.ts";
import { type PoolImage, sizeClasses, sizeClassOf } from "./pool.ts";

const tierSizes = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 });

/** A pool that fills a tier of 120, with a random surplus and random size classes. */
const pool = fc
  .record({ surplus: fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }), offset: fc.nat(1_000_000) })
  .chain(({ surplus, offset }) => {
    const quota = formatQuota(120);
    const formats = imageFormats.flatMap((format, index) =>
      new Array<ImageFormat>(quota[format] + (surplus[index] ?? 0)).fill(format),
    );
    return fc
      .array(fc.constantFrom(400, 1200, 2000, 4000), { minLength: formats.length, maxLength: formats.length })
      .map((widths) =>
        formats.map((format, index) => madeUpImage(offset + index, format, { width: widths[index] ?? 400 })),
      );
  });

const names = (images: readonly PoolImage[]) => images.map(({ sha256 }) => sha256);
const countOf = (images: readonly PoolImage[], format: ImageFormat) =>
  images.filter((image) => image.format === format).length;

describe("planTiers", () => {
  it("gives each tier exactly the quota of each format, and no image twice", () => {
    fc.assert(
      fc.property(pool, tierSizes, fc.nat(), (images, sizes, seed) => {
        for (const tier of planTiers(images, { tierSizes: sizes, seed })) {
          expect(new Set(names(tier.images)).size).toBe(tier.size);
          const quota = formatQuota(tier.size);
          for (const format of imageFormats) expect(countOf(tier.images, format)).toBe(quota[format]);
        }
      }),
    );
  });

  it("puts every smaller tier inside every larger one", () => {
    fc.assert(
      fc.property(pool, tierSizes, fc.nat(), (images, sizes, seed) => {
        const tiers = planTiers(images, { tierSizes: sizes, seed });
        expect(tiers.map(({ size }) => size)).toEqual(sizes.toSorted((a, b) => a - b));
        for (const [index, tier] of tiers.entries()) {
          const larger = new Set(names(tiers[index + 1]?.images ?? tier.images));
          expect(names(tier.images).every((name) => larger.has(name))).toBe(true);
        }
      }),
    );
  });

  it("keeps the size classes of the pool within each format, as nearly as whole images allow", () => {
    fc.assert(
      fc.property(pool, fc.integer({ min: 1, max: 120 }), fc.nat(), (images, size, seed) => {
        const [tier] = planTiers(images, { tierSizes: [size], seed });
        for (const format of imageFormats) {
          const all = images.filter((image) => image.format === format);
          const chosen = tier?.images.filter((image) => image.format === format) ?? [];
          for (const sizeClass of sizeClasses) {
            const share = all.filter((image) => sizeClassOf(image) === sizeClass).length / all.length;
            const count = chosen.filter((image) => sizeClassOf(image) === sizeClass).length;
            // Webster can leave the exact share by a little more than one image, in rare cases.
            expect(Math.abs(count - share * chosen.length)).toBeLessThan(1.5);
          }
        }
      }),
    );
  });

  it("does not depend on order, folders, names or the other tiers that are asked for", () => {
    fc.assert(
      fc.property(pool, tierSizes, fc.nat(), fc.nat(), (images, sizes, seed, turn) => {
        const moved = images.map((image, index) => ({
          ...image,
          file: `/elsewhere/${turn}-${index}`,
          sourceFile: `${index}`,
        }));
        const at = turn % moved.length;
        const turned = [...moved.slice(at), ...moved.slice(0, at)].reverse();
        const expected = planTiers(images, { tierSizes: sizes, seed });
        const found = planTiers(turned, { tierSizes: sizes.toReversed(), seed });
        expect(found.map((tier) => names(tier.images))).toEqual(expected.map((tier) => names(tier.images)));
        for (const tier of expected) {
          const [alone] = planTiers(images, { tierSizes: [tier.size], seed });
          expect(names(alone?.images ?? [])).toEqual(names(tier.images));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("chooses other images for another seed", () => {
    const images = Array.from({ length: 200 }, (_, index) => madeUpImage(index, index % 4 === 0 ? "png" : "jpg"));
    const all = [...images, madeUpImage(900, "gif"), madeUpImage(901, "gif"), madeUpImage(902, "tiff")];
    const chosen = (seed: number) => names(planTiers(all, { tierSizes: [30], seed })[0]?.images ?? []);
    expect(chosen(1)).toEqual(chosen(1));
    expect(chosen(1)).not.toEqual(chosen(2));
  });

  it("names the tier, the format, what there is and how many synthetic images would do", () => {
    const images = [
      ...Array.from({ length: 40 }, (_, index) => madeUpImage(index, "jpg")),
      ...Array.from({ length: 20 }, (_, index) => madeUpImage(100 + index, "png")),
      ...Array.from({ length: 2 }, (_, index) => madeUpImage(200 + index, "gif")),
      madeUpImage(300, "tiff", { origin: "local" }),
    ];
    expect(planTiers(images, { tierSizes: [30], seed: 1 })).toHaveLength(1);
    const error = thrownBy(() => planTiers(images, { tierSizes: [30, 60], seed: 1 }));
    expect(error.failure).toBe("data");
    expect(error.message).toBe("Cannot fill tier60: it needs 3 gif images, the pool has 2");
    expect(error.details).toEqual([
      { label: "pool", text: "40 jpg, 20 png, 2 gif, 1 tiff" },
      { label: "need", text: "39 jpg, 15 png, 3 gif, 3 tiff for tier60, the largest" },
      // 39/0.65 = 60 for jpg, 15/0.25 = 60 for png, 3/0.05 = 60 for gif; of tiff only 2 are missing.
      { label: "try", text: "pnpm run bench:dataset:synthetic -- --count 60, or fewer images with --tiers" },
    ]);
  });
});

function thrownBy(work: () => unknown): OperationError {
  try {
    work();
  } catch (error) {
    if (error instanceof OperationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
