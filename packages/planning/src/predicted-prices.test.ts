import { pipelineCellName } from "@forgebench/series";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Phase } from "./cell-names.ts";
import { pricePredictor } from "./predicted-prices.ts";

const cells = ["P1", "P2", "P3"].flatMap((profileId) =>
  ["one", "all"].flatMap((scenario) => (["cold", "warm"] as Phase[]).map((phase) => ({ profileId, scenario, phase }))),
);
const predict = (known: Record<string, number>, profileId: string, scenario: string, phase: Phase) =>
  pricePredictor(cells, new Map(Object.entries(known)))({ profileId, scenario, phase });

it("scales what another profile costs there by what the two cost elsewhere", () => {
  const known = { "P1/one/cold": 100, "P1/all/cold": 2000, "P2/one/cold": 300 };
  expect(predict(known, "P2", "all", "cold")).toBe(6000);
});

it("scales the other phase when the profile was never run in this one", () => {
  const known = { "P1/one/cold": 100, "P1/one/warm": 50, "P2/one/warm": 60 };
  expect(predict(known, "P2", "one", "cold")).toBe(120);
});

it("says nothing of a profile, or a scenario, of which nothing is known", () => {
  expect(predict({ "P1/one/cold": 100, "P1/all/cold": 2000 }, "P2", "one", "cold")).toBeUndefined();
  expect(predict({ "P1/one/cold": 100, "P2/one/cold": 300 }, "P2", "all", "cold")).toBeUndefined();
  expect(predict({}, "P1", "one", "cold")).toBeUndefined();
});

it("is right wherever prices are a factor of the profile times a factor of the scenario", () => {
  const factor = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(fc.array(factor, { minLength: 5, maxLength: 5 }), fc.nat(cells.length - 1), (factors, missing) => {
      const priceOf = (cell: (typeof cells)[number]) =>
        (factors[["P1", "P2", "P3"].indexOf(cell.profileId)] ?? 1) *
        (cell.scenario === "one" ? 1 : (factors[3] ?? 1)) *
        (cell.phase === "cold" ? 1 : (factors[4] ?? 1));
      const target = cells[missing];
      if (target === undefined) return;
      const known = new Map(
        cells.filter((cell) => cell !== target).map((cell) => [pipelineCellName(cell), priceOf(cell)]),
      );
      const predicted = pricePredictor(cells, known)(target) ?? Number.NaN;
      expect(Math.abs(predicted / priceOf(target) - 1)).toBeLessThan(1e-9);
    }),
  );
});
