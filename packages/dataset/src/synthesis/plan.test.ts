import { imageFormats } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apportion } from "./apportion.ts";
import { type ImagePlan, planSynthesis } from "./plan.ts";

const SEED = 20260215;
const BUCKETS = ["small", "medium", "large", "very-large"] as const;
const LONG_SIDES = { small: [320, 800], medium: [801, 1600], large: [1601, 2600], "very-large": [3000, 5400] } as const;

const seeds = fc.integer({ min: 0, max: 4_294_967_295 });
const counts = fc.integer({ min: 1, max: 400 });

function countBy<T>(plans: readonly ImagePlan[], keys: readonly T[], keyOf: (plan: ImagePlan) => T): number[] {
  return keys.map((key) => plans.filter((plan) => keyOf(plan) === key).length);
}

describe("planSynthesis", () => {
  it("holds the shares of formats and size classes for every seed and count", () => {
    fc.assert(
      fc.property(seeds, counts, (seed, count) => {
        const plans = planSynthesis(seed, count);
        expect(plans).toHaveLength(count);
        expect(countBy(plans, imageFormats, (plan) => plan.format)).toEqual(apportion(count, [65, 25, 5, 5]));
        expect(countBy(plans, BUCKETS, (plan) => plan.bucket)).toEqual(apportion(count, [40, 40, 16, 4]));
      }),
      { numRuns: 60 },
    );
  });

  it("spreads jpg, png and tiff evenly over the size classes", () => {
    fc.assert(
      fc.property(counts, (count) => {
        const others = planSynthesis(SEED, count).filter(({ format }) => format !== "gif");
        const ofBucket = countBy(others, BUCKETS, (plan) => plan.bucket);
        for (const format of ["jpg", "png", "tiff"] as const) {
          const plans = others.filter((plan) => plan.format === format);
          for (const [index, cell] of countBy(plans, BUCKETS, (plan) => plan.bucket).entries()) {
            expect(Math.abs(cell - (plans.length * (ofBucket[index] ?? 0)) / Math.max(1, others.length))).toBeLessThan(
              1,
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gives every image a name, a stream and a size of its own class", () => {
    fc.assert(
      fc.property(seeds, counts, (seed, count) => {
        const plans = planSynthesis(seed, count);
        expect(new Set(plans.map(({ file }) => file)).size).toBe(count);
        expect(new Set(plans.map(({ label }) => label)).size).toBe(count);
        for (const { bucket, width, height, format, frames } of plans) {
          const [min, max] = LONG_SIDES[bucket];
          expect(Math.max(width, height)).toBeGreaterThanOrEqual(min);
          expect(Math.max(width, height)).toBeLessThanOrEqual(format === "gif" ? 480 : max);
          expect(Math.min(width, height)).toBeGreaterThanOrEqual(160);
          expect(frames > 1).toBe(format === "gif");
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is the same for the same seed and count, and another for another seed", () => {
    expect(planSynthesis(SEED, 60)).toEqual(planSynthesis(SEED, 60));
    expect(planSynthesis(SEED + 1, 60)).not.toEqual(planSynthesis(SEED, 60));
  });

  it("has about 0.8 megapixels an image", () => {
    for (const [seed, count] of [
      [SEED, 800],
      [SEED, 600],
      [7, 200],
    ] as const) {
      const plans = planSynthesis(seed, count);
      const mean = plans.reduce((sum, { width, height }) => sum + width * height, 0) / count / 1e6;
      expect(mean).toBeGreaterThan(0.7);
      expect(mean).toBeLessThan(0.9);
    }
  });

  it("has every kind of storage in a pool of 40, whatever the seed", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const plans = planSynthesis(seed, 40);
      const turned = plans.filter(({ format }) => format === "jpg").map(({ orientation }) => orientation);
      expect([...new Set(turned)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(plans.every(({ format, orientation }) => format === "jpg" || orientation === 1)).toBe(true);
      const encodings = plans.map(({ encoding }) => encoding);
      expect(
        encodings.some(({ hasAlpha }) => hasAlpha),
        `alpha, seed ${seed}`,
      ).toBe(true);
      expect(
        encodings.some(({ bitsPerSample }) => bitsPerSample === 16),
        `16 bits, seed ${seed}`,
      ).toBe(true);
      expect(
        encodings.some(({ colourSpace }) => colourSpace === "grey"),
        `grey, seed ${seed}`,
      ).toBe(true);
      expect(
        encodings.some(({ colourSpace }) => colourSpace === "cmyk"),
        `CMYK, seed ${seed}`,
      ).toBe(true);
      expect(plans.some(({ frames }) => frames > 1)).toBe(true);
    }
  });

  it("stores only what the format can hold", () => {
    for (const { format, encoding } of planSynthesis(SEED, 800)) {
      if (encoding.bitsPerSample === 16) expect(["png", "tiff"]).toContain(format);
      if (encoding.hasAlpha) expect(format).toBe("png");
      if (encoding.colourSpace === "cmyk") expect(["jpg", "tiff"]).toContain(format);
      if (format === "gif") expect(encoding.colourSpace).toBe("rgb");
    }
  });
});
