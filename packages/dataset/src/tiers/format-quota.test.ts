import { imageFormats } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSynthesis } from "../synthesis/plan.ts";
import { FORMAT_SHARES_PCT, formatQuota, poolSizeFor } from "./format-quota.ts";

/** The remainders repeat every 20 images; this is far more than one period. */
const SIZES = Array.from({ length: 400 }, (_, index) => index + 1);

describe("formatQuota", () => {
  it.each([
    [30, { jpg: 20, png: 7, gif: 2, tiff: 1 }],
    [200, { jpg: 130, png: 50, gif: 10, tiff: 10 }],
    [500, { jpg: 325, png: 125, gif: 25, tiff: 25 }],
    [1, { jpg: 1, png: 0, gif: 0, tiff: 0 }],
    [10, { jpg: 7, png: 2, gif: 1, tiff: 0 }],
  ])("of %i images", (size, expected) => {
    expect(formatQuota(size)).toEqual(expected);
  });

  it("is the largest remainder: whole shares, plus one for the largest remainders", () => {
    for (const size of SIZES) {
      const quota = formatQuota(size);
      const parts = imageFormats.map((format) => {
        const exact = (size * FORMAT_SHARES_PCT[format]) / 100;
        const whole = Math.floor((size * FORMAT_SHARES_PCT[format]) / 100);
        return { raised: quota[format] - whole, remainder: exact - whole };
      });
      expect(parts.every(({ raised }) => raised === 0 || raised === 1)).toBe(true);
      expect(imageFormats.reduce((sum, format) => sum + quota[format], 0)).toBe(size);
      const raised = parts.filter((part) => part.raised === 1).map(({ remainder }) => remainder);
      const kept = parts.filter((part) => part.raised === 0).map(({ remainder }) => remainder);
      expect(Math.min(...raised, 1)).toBeGreaterThanOrEqual(Math.max(...kept, 0) - 1e-9);
    }
  });

  it("takes nothing from any format when a tier grows", () => {
    for (const size of SIZES) {
      const [before, after] = [formatQuota(size - 1), formatQuota(size)];
      for (const format of imageFormats)
        expect(after[format], `${format} of ${size}`).toBeGreaterThanOrEqual(before[format]);
    }
  });
});

describe("poolSizeFor", () => {
  it("is a count for which generate-synthetic makes enough of each format", () => {
    const need = fc.record({ jpg: fc.nat(90), png: fc.nat(40), gif: fc.nat(12), tiff: fc.nat(12) });
    fc.assert(
      fc.property(need, (needed) => {
        const count = poolSizeFor(needed);
        fc.pre(count > 0);
        const made = planSynthesis(1, count);
        for (const format of imageFormats) {
          expect(made.filter((image) => image.format === format).length).toBeGreaterThanOrEqual(needed[format]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
