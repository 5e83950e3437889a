import fc from "fast-check";
import { expect, it } from "vitest";
import { holm } from "./holm.ts";

/** A claim falls when every set of claims that holds it is refused by Bonferroni: the closed procedure behind Holm's. */
function byClosure(logEValues: readonly number[], familyCount: number, alpha: number): boolean[] {
  const logs = [...logEValues, ...new Array<number>(familyCount - logEValues.length).fill(Number.NEGATIVE_INFINITY)];
  const sets = Array.from({ length: 2 ** familyCount }, (_, code) =>
    logs.map((_, index) => ((code >> index) & 1) === 1),
  );
  const isRefused = (set: readonly boolean[]) => {
    const count = set.filter(Boolean).length;
    return logs.some((log, index) => set[index] === true && log >= Math.log(count / alpha));
  };
  return logEValues.map((_, index) => sets.filter((set) => set[index] === true).every(isRefused));
}

const logs = fc.array(
  fc.oneof(fc.double({ min: 0, max: 8, noNaN: true }), fc.constantFrom(Number.NEGATIVE_INFINITY, 0, 300, Math.log(20))),
  { maxLength: 6 },
);

it("is the closed procedure by brute force", () => {
  fc.assert(
    fc.property(logs, fc.integer({ min: 0, max: 3 }), (given, unmeasured) => {
      const familyCount = given.length + unmeasured;
      expect(holm(given, familyCount, 0.05)).toEqual(byClosure(given, familyCount, 0.05));
    }),
    { seed: 7, numRuns: 300 },
  );
});

it("leaves the share of what fell to the rest, and stops at the first that stays", () => {
  const needed = (count: number) => Math.log(count / 0.05);
  expect(holm([needed(3), needed(2), needed(1)], 3, 0.05)).toEqual([true, true, true]);
  expect(holm([needed(1), needed(3), needed(2) - 0.001], 3, 0.05)).toEqual([false, true, false]);
});

it("never takes the family for smaller than the list", () => {
  expect(holm([Math.log(10), Math.log(10)], 0, 0.05)).toEqual([false, false]);
  expect(holm([], 24, 0.01)).toEqual([]);
});
