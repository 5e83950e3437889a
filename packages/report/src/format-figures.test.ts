import fc from "fast-check";
import { expect, it } from "vitest";
import {
  changeUnitOf,
  formatBytes,
  formatChange,
  formatCount,
  formatDifference,
  formatDuration,
  formatEvidence,
  formatExactly,
  formatFigure,
  formatInterval,
  formatRate,
  formatRatio,
  formatShare,
} from "./format-figures.ts";

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

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [999.6, "1.00 kB"],
  [2_100_000, "2.10 MB"],
  [81_234_567, "81.2 MB"],
  [5e15, "5000 TB"],
  [-2000, "−2.00 kB"],
])("a size of %d bytes is %s", (sizeBytes, text) => {
  expect(formatBytes(sizeBytes)).toBe(text);
});

it("shows a figure in the unit of its metric, rounded or exactly", () => {
  expect(formatFigure(61.44, "ms")).toBe("61.4 ms");
  expect(formatFigure(2_100_021, "bytes")).toBe("2.10 MB");
  expect(formatFigure(12.345, "images/s")).toBe("12.3 images/s");
  expect(formatFigure(-0.5, "")).toBe("−0.500");
  expect(formatFigure(null, "ms")).toBe("–");
  expect(formatExactly(2_100_021, "bytes")).toBe("2,100,021 B");
  expect(formatExactly(null, "bytes")).toBe("–");
});

it("shows intervals, shares and factors of evidence", () => {
  expect(formatInterval(-0.94, 1.1)).toBe("[−0.9, +1.1]");
  expect(formatInterval(5.1, null, false)).toBe("[5.1, not yet]");
  expect(formatInterval(null, null)).toBe("[not yet]");
  expect(formatInterval(-0.01, 0.01)).toBe("[0.0, 0.0]");
  expect([0.01, 0.0064, 0.00164, 0.95].map(formatShare)).toEqual(["1 %", "0.64 %", "0.164 %", "95 %"]);
  expect([0, 0.034, 7.5, 7500, 421_345, 4.2e19].map(formatEvidence)).toEqual([
    ...["0", "0.034", "7.5", "7500", "4.2e5", "4.2e19"],
  ]);
});

it("changes of a proportion are in percentage points, and its levels rates in per cent", () => {
  expect(formatChange(-30, changeUnitOf({ kind: "proportion" }))).toBe("−30.0 points");
  expect(formatChange(-30, changeUnitOf({ kind: "time" }))).toBe("−30.0 %");
  expect(formatChange(-30, changeUnitOf({}))).toBe("−30.0 %");
  expect([formatRate(0.925), formatRate(1), formatRate(null)]).toEqual(["92.5 %", "100.0 %", "–"]);
});
