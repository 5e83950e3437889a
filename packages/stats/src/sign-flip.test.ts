import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signFlipTails } from "./sign-flip.ts";

/** The share of all 2ⁿ ways to give signs whose sum is at least that of the numbers. */
function countedTail(numbers: readonly number[]): number {
  const sum = numbers.reduce((total, own) => total + own, 0);
  const sums = Array.from({ length: 2 ** numbers.length }, (_, code) =>
    numbers.reduce((total, own, index) => total + ((code >> index) & 1 ? own : -own), 0),
  );
  return sums.filter((other) => other >= sum).length / sums.length;
}

describe("the tails", () => {
  it("are what counting all signs gives", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 9 }), (numbers) => {
        const { higher, lower } = signFlipTails(numbers);
        expect(higher).toBeCloseTo(countedTail(numbers), 12);
        expect(lower).toBeCloseTo(countedTail(numbers.map((own) => -own)), 12);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("are those of a sign test when all are alike: McNemar's exact test", () => {
    // 9 of 10 discordant pairs: (1 + 10) / 1024.
    expect(signFlipTails([1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 0, 0, 0]).higher).toBeCloseTo(11 / 1024, 15);
  });

  it("do not depend on the order and swap with the signs", () => {
    const numbers = [3, -1, 0, 2, 2, -3, 5, 1];
    expect(signFlipTails(numbers.toReversed())).toEqual(signFlipTails(numbers));
    const { higher, lower } = signFlipTails(numbers);
    const mirrored = signFlipTails(numbers.map((own) => -own));
    expect(mirrored.higher).toBeCloseTo(lower, 14);
    expect(mirrored.lower).toBeCloseTo(higher, 14);
  });

  it("say nothing when there is nothing to say", () => {
    expect(signFlipTails([])).toEqual({ higher: 1, lower: 1 });
    expect(signFlipTails([0, 0, Number.NaN])).toEqual({ higher: 1, lower: 1 });
  });
});

it("takes very many for normal, close to what is exact", () => {
  const of = (count: number) => Array.from({ length: count }, (_, index) => (index % 50 < 26 ? 1 : -1));
  const exact = signFlipTails(of(5000)).higher;
  // (n/25)/√n = √n/25: 2.83 standard errors.
  expect(exact).toBeGreaterThan(0.0022);
  expect(exact).toBeLessThan(0.0025);
  const { higher, lower } = signFlipTails(of(1_000_000));
  expect(higher).toBeLessThan(1e-200);
  expect(lower).toBeCloseTo(1, 12);
});
