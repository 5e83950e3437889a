import fc from "fast-check";
import { expect, it } from "vitest";
import { formatChange, formatCount, formatDifference, formatDuration, formatRatio } from "./format-figures.ts";

it.each([
  [null, "–"],
  [0, "0 ms"],
  [0.0614, "61.4 µs"],
  [0.9996, "1.00 ms"],
  [1.5, "1.50 ms"],
  [61.44, "61.4 ms"],
  [118.144, "118 ms"],
  [999.4, "999 ms"],
  [999.6, "1.00 s"],
  [1920, "1.92 s"],
  [79_600, "79.6 s"],
  [999_400, "999 s"],
  [999_600, "16.7 min"],
  [3_600_000_000, "1000 h"],
  [-8.8, "−8.80 ms"],
])("a time of %d ms is %s", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

it.each([
  [null, "–"],
  [6.84, "+6.8 %"],
  [-0.94, "−0.9 %"],
  [0.04, "0.0 %"],
  [-0.04, "0.0 %"],
  [76.352628, "+76.4 %"],
  [1234.56, "+1234.6 %"],
])("a change of %d per cent is %s", (changePct, text) => {
  expect(formatChange(changePct)).toBe(text);
});

it("shows three significant figures, within half of the last one", () => {
  const sizes: Readonly<Record<string, number>> = { µs: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 3.5e9, noNaN: true }), (durationMs) => {
      const [digits = "", unit = ""] = formatDuration(durationMs).split(" ");
      expect(digits.replace(".", "")).toMatch(/^\d{3}$/);
      const shownMs = Number(digits) * (sizes[unit] ?? Number.NaN);
      expect(Math.abs(shownMs - durationMs) / durationMs).toBeLessThanOrEqual(0.005 + 1e-9);
    }),
  );
});

it("counts and compares in words", () => {
  expect(formatCount(1, "pair")).toBe("1 pair");
  expect(formatCount(0, "pair")).toBe("0 pairs");
  expect(formatDifference(7.3)).toBe("+7.30 ms");
  expect(formatDifference(-7.3)).toBe("−7.30 ms");
  expect(formatRatio(23.17)).toBe("23.2×");
  expect(formatRatio(undefined)).toBe("–");
});
