import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawPowerChart, type PowerPoint, type PowerSeries } from "./power-chart.ts";

const point = (effectPct: number, rate: number): PowerPoint => ({
  effectPct,
  rate,
  low: Math.max(0, rate - 0.05),
  high: Math.min(1, rate + 0.05),
});
const series = (name: string, ...rates: number[]): PowerSeries => ({
  name,
  points: rates.map((rate, index) => point(index * 5, rate)),
});
const panel = (title: string, ...all: PowerSeries[]) => ({ title, xLabel: "planted slowdown, %", series: all });

/** Every `<name attributes>` of the picture. */
function elements(svg: string, name: string): string[] {
  return [...svg.matchAll(new RegExp(`<${name}[ >][^>]*>?`, "g"))].map(([text]) => text);
}

describe("a power chart", () => {
  const svg = drawPowerChart({
    title: "Found slowdowns",
    panels: [
      panel("quiet", series("ours", 0, 0.97, 1), series("other", 0.2, 0.5, 1)),
      panel("loaded", series("ours", 0, 0.4, 0.9)),
    ],
  });

  it("says what it shows without being seen", () => {
    expect(svg).toMatch(
      /^<svg [^>]*role="img"[^>]*>\n<title>Found slowdowns<\/title>\n<desc>quiet\. ours finds 0 %: 0\.0 %, 5 %: 97\.0 %/,
    );
  });

  it("needs nothing from elsewhere", () => {
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /href|url\(|https?:|<script|<style|@import/,
    );
  });

  it("draws each series once in its panel, from 0 to 100 %, the same in all panels", () => {
    const lines = elements(svg, "polyline").map((line) => [
      /points="([^"]*)"/.exec(line)?.[1],
      /stroke-dasharray="([^"]*)"/.exec(line)?.[1],
    ]);
    expect(lines).toEqual([
      ["52,202 202,139 352,34", "8 4"],
      ["52,244 202,40.3 352,34", "none"],
      ["52,244 202,160 352,55", "none"],
    ]);
  });

  it("names the lines at their ends, none upon another, and in the legend", () => {
    expect(svg.match(/>ours</g)).toHaveLength(3);
    const heights = [...svg.matchAll(/x="372" y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThanOrEqual(14);
  });

  it("moves names apart wherever the lines end", () => {
    const low = drawPowerChart({
      title: "t",
      panels: [panel("p", series("a", 0.5), series("b", 0.5), series("c", 0.49))],
    });
    const heights = [...low.matchAll(/x="372" y="([\d.]+)"/g)].map(([, y]) => Number(y)).sort((a, b) => a - b);
    expect(heights).toHaveLength(3);
    expect((heights[1] ?? 0) - (heights[0] ?? 0)).toBeGreaterThanOrEqual(14);
    expect((heights[2] ?? 0) - (heights[1] ?? 0)).toBeGreaterThanOrEqual(14);
  });

  it("draws a whisker with two caps for each point", () => {
    const thin = elements(svg, "line").filter((line) => line.includes('stroke-width="1"'));
    expect(thin).toHaveLength(9 * 3);
  });
});

it("keeps names from acting, and the picture well-formed, whatever they hold", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("</text><script>", '"onload="x', "&amp;", "\ud800", "\uffff"),
  );
  const value = fc.oneof(fc.double(), fc.double({ min: 0, max: 1 }), fc.constantFrom(Number.NaN, 1e308, -1e308));
  const points = fc.array(fc.record({ effectPct: value, rate: value, low: value, high: value }), { maxLength: 4 });
  const panels = fc.array(
    fc.record({
      title: hostile,
      xLabel: hostile,
      series: fc.array(fc.record({ name: hostile, points }), { maxLength: 8 }),
    }),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(hostile, panels, (title, all) => {
      const svg = drawPowerChart({ title, panels: all });
      const tags = [...svg.matchAll(/<\/?([a-z]+)/g)].map(([, name]) => name);
      expect(new Set(tags)).toEqual(
        new Set(tags.filter((name) => /^(svg|title|desc|rect|text|line|path|polyline|g)$/.test(name ?? ""))),
      );
      expect(svg).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)|[\ufffe\uffff]|\p{Surrogate}/u);
      for (const attribute of svg.matchAll(/ (?:[xy][12]?|points|transform|width|height)="([^"]*)"/g)) {
        expect(attribute[1]).not.toMatch(/NaN|Infinity|e\+/);
      }
      for (const name of ["svg", "g", "text", "title", "desc"]) {
        expect(svg.split(`</${name}>`).length).toBe(svg.split(new RegExp(`<${name}[ >]`)).length);
      }
    }),
    { numRuns: 100 },
  );
});

it("draws no panel, no series and a single point", () => {
  expect(drawPowerChart({ title: "t", panels: [] })).toContain("</svg>");
  expect(drawPowerChart({ title: "t", panels: [panel("empty")] })).toContain("empty");
  expect(drawPowerChart({ title: "t", panels: [panel("one", series("a", 0.5))] })).toContain('points="202,139"');
});
