import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellId } from "./cells.ts";
import { fixedProtocol, planRuns } from "./schedule.ts";
import { makeCells } from "./test-helpers.ts";

const cells = makeCells(["P1", "P2", "P3"], ["small", "all"], ["cold", "warm"]);
const arms = ["head", "base"] as const;
const plan = (orderSeed: string, runCount: number, some = cells) =>
  planRuns({ orderSeed, arms, cellPlans: fixedProtocol(some, runCount) });

describe("fixedProtocol", () => {
  it("plans one cold run and the rest warm", () => {
    const counts = fixedProtocol(makeCells(["P1"], ["all"], ["cold", "warm"]), 10);
    expect(counts.map(({ cell, blockCount, firstRun }) => [cell.phase, blockCount, firstRun])).toEqual([
      ["cold", 1, 1],
      ["warm", 9, 2],
    ]);
  });

  it("leaves out a phase without runs, and makes all runs warm when no cold one is chosen", () => {
    expect(fixedProtocol(makeCells(["P1"], ["all"], ["cold", "warm"]), 1)).toHaveLength(1);
    expect(fixedProtocol(makeCells(["P1"], ["all"], ["cold", "warm"]), 10, 4)).toMatchObject([
      { cell: { phase: "cold" }, blockCount: 4, firstRun: 1 },
      { cell: { phase: "warm" }, blockCount: 9, firstRun: 5 },
    ]);
    expect(fixedProtocol(makeCells(["P1"], ["all"], ["cold", "warm", "half", "full"]), 5, 2)).toMatchObject([
      { cell: { phase: "cold" }, blockCount: 2, firstRun: 1 },
      { cell: { phase: "warm" }, blockCount: 4, firstRun: 3 },
      { cell: { phase: "half" }, blockCount: 5, firstRun: 7 },
      { cell: { phase: "full" }, blockCount: 5, firstRun: 12 },
    ]);
    expect(fixedProtocol(makeCells(["P1"], ["all"], ["cold"]), 10, 4)).toMatchObject([{ blockCount: 4, firstRun: 1 }]);
    expect(fixedProtocol(makeCells(["P1"], ["all"], ["warm"]), 3)).toMatchObject([{ blockCount: 3, firstRun: 1 }]);
  });
});

describe("planRuns", () => {
  it("gives every cell each of its blocks once, both arms in it once, in different slots", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 12 }),
        fc.subarray(cells, { minLength: 1 }),
        (seed, runCount, some) => {
          const blocks = plan(seed, runCount, some);
          const expected = fixedProtocol(some, runCount).flatMap(({ cell, blockCount }) =>
            Array.from({ length: blockCount }, (_, block) => `${cellId(cell)}#${block}`),
          );
          expect(blocks.map(({ cell, block }) => `${cellId(cell)}#${block}`).sort()).toEqual(expected.sort());
          for (const { cell, block, runs } of blocks) {
            expect(runs.map(({ arm }) => arm).sort()).toEqual(["base", "head"]);
            expect(runs.map(({ slot }) => slot).sort()).toEqual(["A", "B"]);
            expect(runs.map(({ position }) => position)).toEqual([0, 1]);
            for (const run of runs) expect(run).toMatchObject({ cell, block });
          }
        },
      ),
    );
  });

  it("goes round: no cell is more than one block ahead of another that has blocks left", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 9 }), (seed, runCount) => {
        const rounds = plan(seed, runCount).map(({ block }) => block);
        expect(rounds).toEqual(rounds.toSorted((a, b) => a - b));
      }),
    );
  });

  it("plans the same for the same seed, and a cell's coins do not depend on the other cells", () => {
    fc.assert(
      fc.property(fc.string(), fc.subarray(cells, { minLength: 1 }), (seed, some) => {
        const coins = (planned: ReturnType<typeof plan>) =>
          planned.map(
            ({ cell, block, runs }) =>
              [`${cellId(cell)}#${block}`, runs.map(({ arm, slot }) => arm + slot).join()] as const,
          );
        const all = new Map(coins(plan(seed, 7)));
        for (const [key, drawn] of coins(plan(seed, 6, some))) expect(drawn).toBe(all.get(key));
      }),
    );
  });

  it("treats the arms alike: swapped names give the mirrored plan", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const cellPlans = fixedProtocol(cells, 6);
        const swapped = planRuns({ orderSeed: seed, arms: ["base", "head"], cellPlans });
        for (const [index, { runs }] of planRuns({ orderSeed: seed, arms, cellPlans }).entries()) {
          expect(swapped[index]?.runs.map(({ arm }) => arm)).toEqual(runs.map(({ arm }) => arm).toReversed());
        }
      }),
    );
  });

  it("draws order and slot fairly and independently", () => {
    // 6,000 blocks: each of the four combinations is expected 1,500 times, with a standard deviation of 34.
    const runs = planRuns({
      orderSeed: "fair",
      arms,
      cellPlans: cells.slice(0, 6).map((cell) => ({ cell, blockCount: 1000, firstRun: 1 })),
    }).map(({ runs: [first] }) => `${first?.arm} in ${first?.slot}`);
    for (const kind of ["head in A", "head in B", "base in A", "base in B"]) {
      expect(Math.abs(runs.filter((run) => run === kind).length - 1500)).toBeLessThan(150);
    }
  });

  it("draws for each cell on its own", () => {
    const [one, other] = cells
      .slice(0, 2)
      .map((cell) =>
        planRuns({ orderSeed: "own", arms, cellPlans: [{ cell, blockCount: 400, firstRun: 1 }] }).map(
          ({ runs: [first] }) => `${first?.arm} in ${first?.slot}`,
        ),
      );
    const sameCount = one?.filter((drawn, block) => drawn === other?.[block]).length ?? 0;
    // 100 of 400 are expected, with a standard deviation of 9.
    expect(Math.abs(sameCount - 100)).toBeLessThan(45);
  });

  it("draws another order for each round", () => {
    const orders = new Set(
      Array.from({ length: 9 }, (_, round) =>
        plan("rounds", 10)
          .filter(({ cell, block }) => block === round && cell.phase === "warm")
          .map(({ cell }) => cellId(cell))
          .join(),
      ),
    );
    expect(orders.size).toBeGreaterThan(5);
  });

  it("with one arm still changes between the slots", () => {
    const runs = planRuns({ orderSeed: "one", arms: ["head"], cellPlans: fixedProtocol(cells, 20) }).flatMap(
      ({ runs: own }) => own,
    );
    expect(new Set(runs.map(({ slot }) => slot))).toEqual(new Set(["A", "B"]));
    expect(runs.every(({ arm, position }) => arm === "head" && position === 0)).toBe(true);
  });
});
