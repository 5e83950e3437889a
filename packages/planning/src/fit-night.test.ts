import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FittingCell, fitNight } from "./fit-night.ts";

const cell = (id: string, costMs: number, gating = true): FittingCell => ({ id, costMs, gating });
const shedIds = (cells: FittingCell[], shards: number, capacityMs: number) =>
  fitNight(cells, shards, capacityMs).shed.map((shed) => `${shed.cell.id} ${shed.why}`);

describe("what is shed", () => {
  it("is nothing while all fits", () => {
    expect(shedIds([cell("a", 60), cell("b", 40)], 1, 100)).toEqual([]);
  });

  it("is the dearest that does not gate, and no more than needed", () => {
    const cells = [cell("gate", 50), cell("x", 30, false), cell("y", 20, false), cell("z", 10, false)];
    expect(shedIds(cells, 1, 85)).toEqual(["x over-budget"]);
  });

  it("is a gating cell only when no other is left, and the dearest then", () => {
    const cells = [cell("a", 50), cell("b", 60), cell("x", 5, false)];
    expect(shedIds(cells, 1, 100)).toEqual(["b over-budget"]);
  });

  it("lets cheap cells back into the room that a gating one left", () => {
    const cells = [cell("a", 50), cell("b", 60), cell("x", 30, false), cell("y", 45, false)];
    expect(fitNight(cells, 1, 100).hands[0]?.cells.map(({ id }) => id)).toEqual(["a", "x"]);
  });

  it("is what no shard can carry alone, before anything else goes", () => {
    expect(shedIds([cell("huge", 300), cell("a", 60), cell("x", 40, false)], 4, 100)).toEqual(["huge too-dear"]);
  });
});

it("gives shards about the same time", () => {
  const { hands } = fitNight(
    [7, 6, 5, 4, 3, 2, 1].map((costMs) => cell(`c${costMs}`, costMs)),
    2,
    100,
  );
  expect(hands.map(({ costMs }) => costMs)).toEqual([14, 14]);
});

it("holds for any cells: nothing lost, nothing twice, no shard over its budget, gating last", () => {
  const anyCells = fc.array(fc.record({ costMs: fc.integer({ min: 1, max: 120 }), gating: fc.boolean() }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(anyCells, fc.integer({ min: 1, max: 4 }), (specs, shards) => {
      const cells = specs.map((spec, index) => ({ id: `c${index}`, ...spec }));
      const { hands, shed } = fitNight(cells, shards, 100);
      const kept = hands.flatMap((hand) => hand.cells);
      expect([...kept, ...shed.map((one) => one.cell)].map(({ id }) => id).sort()).toEqual(
        cells.map(({ id }) => id).sort(),
      );
      expect(hands.every((hand) => hand.costMs <= 100 && hand.cells.length > 0)).toBe(true);
      const dearestKept = Math.max(0, ...kept.filter((one) => one.gating).map(({ costMs }) => costMs));
      for (const { cell: one, why } of shed) {
        expect(why === "too-dear").toBe(one.costMs > 100);
        if (why === "over-budget" && one.gating) expect(one.costMs).toBeGreaterThanOrEqual(dearestKept);
      }
    }),
  );
});
