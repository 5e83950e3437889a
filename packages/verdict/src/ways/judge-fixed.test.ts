import { describe, expect, it } from "vitest";
import { DEFAULT_MARGINS, ruleOf } from "../rules.ts";
import { judgeFixedBlocks } from "./judge-fixed.ts";

const rule = ruleOf("primary", 1, DEFAULT_MARGINS);
const sizesOf = (n: number) => Array.from({ length: n }, (_, index) => 1e-6 * 2 ** index);

/** All ways to give signs to the sizes, about a centre. */
function signed(n: number, center: number): number[][] {
  const sizes = sizesOf(n);
  return Array.from({ length: 2 ** n }, (_, code) =>
    sizes.map((size, index) => center + ((code >> index) & 1 ? size : -size)),
  );
}

describe.each([5, 6, 7, 8, 9, 10, 11, 12])("of %i blocks, counted over all signs", (n) => {
  it("a change of exactly the margin is called same in at most 5 %", () => {
    const all = signed(n, rule.margin).map((differences) => judgeFixedBlocks(differences, { ...rule, logNeeded: 99 }));
    const sameCount = all.filter(({ direction }) => direction === "same").length;
    expect(sameCount / all.length).toBeLessThanOrEqual(0.05);
    expect(sameCount).toBeGreaterThan(0);
  });

  it("nothing is named on either side in more than its share of the error", () => {
    const all = signed(n, 0).map((differences) => judgeFixedBlocks(differences, { ...rule, canBeSame: false }));
    const named = all.filter(({ direction }) => direction === "higher" || direction === "lower");
    expect(named.length / all.length).toBeLessThanOrEqual(0.0064);
    const mirrored = named.filter(({ direction }) => direction === "higher").length;
    expect(mirrored * 2).toBe(named.length);
  });
});

it("finds, proves, and does not know", () => {
  const of = (center: number) => sizesOf(12).map((size, index) => center + (index % 2 === 0 ? size : -size));
  expect(judgeFixedBlocks(of(0.08), rule)).toMatchObject({ direction: "higher", decidedAfterBlocks: 12 });
  expect(judgeFixedBlocks(of(-0.08), rule)).toMatchObject({ direction: "lower", decidedAfterBlocks: 12 });
  expect(judgeFixedBlocks(of(0), rule)).toMatchObject({ direction: "same", decidedAfterBlocks: 12 });
  expect(judgeFixedBlocks([0.08, -0.09, 0.1], rule)).toMatchObject({ direction: "open", decidedAfterBlocks: null });
  expect(judgeFixedBlocks([], rule).direction).toBe("open");
});
