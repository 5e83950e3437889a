import type { RawRun } from "@forgebench/artifacts";
import { buildSummary } from "@forgebench/artifacts/testing";
import { compareByThreshold } from "@forgebench/evidence";
import { buildContext, buildRuns, compareRuns, noisyBlocks } from "@forgebench/evidence/testing";
import { SeededRandom } from "@forgebench/stats";
import { standardThresholds } from "@forgebench/verdict";
import { describe, expect, it } from "vitest";
import { nullNightFigures } from "./null-night-figures.ts";
import { analyzeNullNights, biasOf, exactShare, type NullNight } from "./null-nights.ts";

const CELL = "P1/one/warm";
const CONTEXT = buildContext([CELL], { controls: { absentBecause: "they were left out" } });

/** Head measured before base; milliseconds. */
function sequentialOf(head: { cold: number; warm: number }, base: { cold: number; warm: number }) {
  const side = ({ cold, warm }: typeof head, sha: string) => ({
    summary: buildSummary({ "P1/one": { coldMs: cold, warmP50Ms: warm, warmP95Ms: warm } }),
    sha256: sha.repeat(64),
  });
  return compareByThreshold({
    head: side(head, "1"),
    base: side(base, "2"),
    thresholds: standardThresholds,
    gateMode: "strict",
    generatedAt: "2026-02-15T00:00:00.000Z",
    inputs: [],
  });
}

const level = { cold: 1000, warm: 1000 };

function nightOf(runs: readonly RawRun[], sequential = sequentialOf(level, level)): NullNight {
  return { runs, comparison: compareRuns(runs, CONTEXT), sequential, durationMs: 30_000 };
}

/** Runs that all take as long as `timeOf` says. */
function runsWith(timeOf: (run: RawRun, index: number, all: readonly RawRun[]) => number): RawRun[] {
  const runs = buildRuns(
    CELL,
    Array.from({ length: 12 }, () => ({ baseMs: 100, headMs: 100 })),
  );
  return runs.map((run, index, all) => ({ ...run, wallMs: timeOf(run, index, all) }));
}

const nightsOf = (count: number, make: (index: number) => NullNight) =>
  Array.from({ length: count }, (_, i) => make(i));

describe("analyzeNullNights", () => {
  it("counts the nights by what was found in them, and what the other protocol found", () => {
    const changes = [0, 0, 20, -20];
    const nights = nightsOf(4, (index) =>
      nightOf(
        buildRuns(CELL, noisyBlocks(`night ${index}`, 25, changes[index])),
        index === 3 ? sequentialOf({ cold: 1300, warm: 1000 }, level) : undefined,
      ),
    );
    const result = analyzeNullNights(nights);
    expect(result.redNights).toMatchObject({ count: 1, sharePct: 25 });
    expect(result.alertNights.count).toBe(1);
    expect(result.improvedNights.count).toBe(1);
    expect(result.undecidedNights.count).toBe(0);
    expect(result.sequentialRedNights.count).toBe(1);
    expect(result.failedNights).toBe(0);
    expect(result.controls.nightCount).toBe(0);
    expect(result.durationMinutes).toBe(2);
    expect(result.cells).toHaveLength(1);
    expect(result.cells[0]).toMatchObject({
      id: CELL,
      meanBlocks: 25,
      verdicts: { same: 2, regressed: 1, improved: 1 },
    });
  });

  it("counts a night with failed runs, and leaves their blocks out", () => {
    const runs = runsWith(() => 100).map((run, index) => (index === 0 ? { ...run, valid: false, wallMs: 5000 } : run));
    const result = analyzeNullNights([nightOf(runs)]);
    expect(result.failedNights).toBe(1);
    expect(result.cells[0]?.headAgainstBase).toMatchObject({ count: 11, mean: { valuePct: 0 } });
    const impossible = nightOf(
      runsWith(() => 100),
      sequentialOf({ cold: 0, warm: 1000 }, level),
    );
    expect(analyzeNullNights([impossible]).failedNights).toBe(1);
  });

  it("tells the bias of arms, slots and positions apart", () => {
    const slots = analyzeNullNights([nightOf(runsWith(({ slot }) => (slot === "B" ? 108 : 100)))]).cells[0];
    expect(slots?.slotAAgainstB.mean.valuePct).toBeCloseTo(100 * (1 / 1.08 - 1), 6);
    expect(slots?.slotAAgainstB.median.highPct).toBeLessThan(-7);
    const positions = analyzeNullNights([nightOf(runsWith(({ position }) => (position === 0 ? 103 : 100)))]).cells[0];
    expect(positions?.firstAgainstSecond.mean.valuePct).toBeCloseTo(3, 6);
    const arms = analyzeNullNights([nightOf(runsWith(({ arm }) => (arm === "head" ? 101 : 100)))]).cells[0];
    expect(arms?.headAgainstBase.median).toMatchObject({
      valuePct: expect.closeTo(1, 6),
      lowPct: expect.closeTo(1, 6),
    });
  });

  it("tells what the run before a block leaves behind, of whichever cell it was", () => {
    const isAfterHead = (run: RawRun, index: number, all: readonly RawRun[]) =>
      all[index - (run.position ?? 0) - 1]?.arm === "head";
    const runs = runsWith((run, index, all) => (run.arm === "head" && isAfterHead(run, index, all) ? 110 : 100));
    const cell = analyzeNullNights([nightOf(runs)]).cells[0];
    expect(cell?.afterHead.mean.valuePct).toBeCloseTo(10, 6);
    expect(cell?.afterBase.mean.valuePct).toBeCloseTo(0, 6);
    // The first block of a night comes after nothing.
    expect((cell?.afterHead.count ?? 0) + (cell?.afterBase.count ?? 0)).toBe(11);
  });

  it("takes one ratio a night from head first, base after it, of either phase", () => {
    const sequential = sequentialOf({ cold: 1300, warm: 1050 }, level);
    const nights = nightsOf(10, () =>
      nightOf(
        runsWith(() => 100),
        sequential,
      ),
    );
    expect(analyzeNullNights(nights).cells[0]?.sequential).toMatchObject({
      count: 10,
      mean: { valuePct: expect.closeTo(5, 6), lowPct: expect.closeTo(5, 6), highPct: expect.closeTo(5, 6) },
    });
    const cold = nights.map((night) => ({
      ...night,
      runs: night.runs.map((run) => ({ ...run, phase: "cold" as const })),
    }));
    expect(analyzeNullNights(cold).cells[0]?.sequential.median.valuePct).toBeCloseTo(30, 6);
  });
});

describe("exactShare", () => {
  // Clopper and Pearson's limits; of none and of all they are 0.025 to the power of 1/n.
  it.each([
    [0, 200, 0, 1 - 0.025 ** (1 / 200)],
    [200, 200, 0.025 ** (1 / 200), 1],
    [4, 200, 0.00548, 0.05041],
    [1, 2, 0.01258, 0.98742],
    [0, 5000, 0, 1 - 0.025 ** (1 / 5000)],
  ])("of %i in %i", (count, total, low, high) => {
    const interval = exactShare(count, total);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

describe("biasOf", () => {
  it("has intervals that hold the truth, also where the blocks of a night go together", () => {
    const random = new SeededRandom("bias");
    const held = { mean: 0, median: 0 };
    const simulations = 1000;
    for (let simulation = 0; simulation < simulations; simulation += 1) {
      const together = Array.from({ length: 30 }, () => {
        const ofNight = 0.02 * random.normal();
        return Array.from({ length: random.integer(5, 15) }, () => ofNight + 0.01 * random.normal());
      });
      const { mean } = biasOf(together);
      if ((mean.lowPct ?? 1) <= 0 && (mean.highPct ?? -1) >= 0) held.mean += 1;
      // Of the median the blocks must be on their own, as coins make them.
      const { median } = biasOf([Array.from({ length: 21 }, () => 0.01 * random.normal())]);
      if ((median.lowPct ?? 1) <= 0 && (median.highPct ?? -1) >= 0) held.median += 1;
    }
    expect(held.mean / simulations).toBeGreaterThan(0.92);
    expect(held.mean / simulations).toBeLessThan(0.975);
    expect(held.median / simulations).toBeGreaterThan(0.95);
    expect(held.median / simulations).toBeLessThan(0.99);
  });

  it("has no interval for what is too little", () => {
    const { mean, median } = biasOf([[0.01], [0.02], [], [0.03, 0.04, 0.05]]);
    expect([mean.lowPct, mean.highPct, median.lowPct, median.highPct]).toEqual([null, null, null, null]);
    expect(biasOf([[0.01, 0.02, 0.03, 0.04, 0.05, 0.06]]).median.lowPct).toBeCloseTo(100 * Math.expm1(0.01), 9);
  });
});

describe("nullNightFigures", () => {
  const result = analyzeNullNights(nightsOf(2, () => nightOf(runsWith(() => 100))));
  const withRed = (sharePct: number) => ({ ...result, redNights: { ...result.redNights, sharePct } });

  it("asks for at most two red nights in a hundred", () => {
    const judge = (sharePct: number) => nullNightFigures(withRed(sharePct)).filter(({ met }) => met !== undefined);
    expect(judge(2)).toMatchObject([{ name: "red nights: a cell regressed", goal: "≤ 2", met: true }]);
    expect(judge(2.5)).toMatchObject([{ met: false }]);
  });

  it("shows the other protocol beside it, and controls and failed runs only where there were any", () => {
    const names = (of: typeof result) => nullNightFigures(of).map(({ name }) => name);
    expect(names(result)).toContain("red nights of all head, then all base, by thresholds");
    expect(names(result)).toContain("  all head, then all base, median");
    expect(names(result).join()).not.toMatch(/controls|failed/);
    const more = { ...result, failedNights: 1, controls: { nightCount: 2, red: 1, missed: 0 } };
    expect(nullNightFigures(more)).toContainEqual({ name: "  the null showed a difference", value: 1, unit: "nights" });
    expect(names(more)).toContain("nights with failed runs");
  });
});
