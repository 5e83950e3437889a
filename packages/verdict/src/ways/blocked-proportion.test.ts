import type { Sample } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { proportion } from "./proportion.ts";
import { LONE_RULE } from "./simulate-ways.ts";
import { SIMULATED_RATE, simulatedSeries } from "./simulated-series.ts";
import type { WayRule } from "./way.ts";

type Try = Omit<Sample, "status">;

/** One block per pair of digits: "10" when base succeeded and head did not. */
function blocks(pairs: readonly string[], taskCount = Number.POSITIVE_INFINITY, rule: WayRule = LONE_RULE) {
  const side = (place: number): Try[] =>
    pairs.map((pair, block) => ({ value: Number(pair[place]), block, task: `${block % taskCount}` }));
  return proportion(
    {
      base: simulatedSeries(SIMULATED_RATE, "blocked", side(0)),
      head: simulatedSeries(SIMULATED_RATE, "blocked", side(1)),
    },
    rule,
  );
}

const many = (count: number, pair: string) => new Array<string>(count).fill(pair);

describe("success counts in blocks", () => {
  it("are decided at the first block that suffices, and stay so whatever follows", () => {
    const found = blocks(many(20, "10"));
    expect(found.direction).toBe("lower");
    const after = found.evidence?.decidedAfterBlocks ?? 0;
    expect(after).toBeGreaterThan(7);
    expect(blocks(many(after - 1, "10")).direction).toBe("open");
    const contradicted = blocks([...many(after, "10"), ...many(300, "01")]);
    expect(contradicted).toMatchObject({ direction: "lower", count: after + 300 });
    expect(contradicted.estimate).toBeGreaterThan(0);
    expect(contradicted.interval?.low).toBeLessThan(contradicted.interval?.high ?? -1);
  });

  it("are the same once enough blocks agree, and not before", () => {
    const answer = blocks(many(200, "11"));
    expect(answer).toMatchObject({ direction: "same", estimate: 0, interval: { kind: "sequence", level: 0.95 } });
    // 1/0.95 a block at the best: ln 20 / ln(1/0.95) = 58.4.
    expect(answer.evidence?.decidedAfterBlocks).toBeGreaterThanOrEqual(59);
    const few = blocks(many(40, "11"));
    expect(few.direction).toBe("open");
    expect(few.more).toBeGreaterThan(10);
    expect(blocks(many(200, "11"), 1000, { ...LONE_RULE, canBeSame: false }).direction).toBe("open");
  });

  it("are not decided by one task that always turns, nor by few tasks", () => {
    const repeated = many(600, "11").map((pair, index) => (index % 20 === 0 ? "10" : pair));
    expect(blocks(repeated, 20).direction).toBe("open");
    expect(blocks(many(400, "10"), 9)).toMatchObject({
      direction: "open",
      reason: "too few tasks: 9, at least 10 are needed",
    });
  });

  it("mirror when the arms are swapped, and never give NaN", () => {
    const random = new SeededRandom("blocked/mirror");
    for (let round = 0; round < 12; round += 1) {
      const pairs = Array.from({ length: random.integer(1, 150) }, () =>
        random.pick(["11", "11", "00", "10", "10", "01"]),
      );
      const given = blocks(pairs, 40);
      const swapped = blocks(
        pairs.map((pair) => `${pair[1]}${pair[0]}`),
        40,
      );
      expect(JSON.stringify(given)).not.toContain("NaN");
      expect(swapped.estimate).toBeCloseTo(-(given.estimate ?? 9), 12);
      expect(swapped.interval?.low).toBeCloseTo(-(given.interval?.high ?? 9), 6);
      expect(swapped.evidence?.logHigher).toBe(given.evidence?.logLower);
      expect(swapped.detectable).toEqual(given.detectable);
    }
  });

  it("without names are tasks of their own; a failed run takes its block along", () => {
    const side = (value: number, failed: number): Sample[] =>
      Array.from({ length: 60 }, (_, block) => ({ value, block, status: block < failed ? "failed" : "valid" }));
    const of = (samples: Sample[]) => ({ ...simulatedSeries(SIMULATED_RATE, "blocked", []), samples });
    expect(proportion({ base: of(side(1, 5)), head: of(side(0, 0)) }, LONE_RULE)).toMatchObject({
      direction: "lower",
      count: 55,
    });
  });

  it("are judged by task when no block is whole", () => {
    const side = (value: number): Try[] => Array.from({ length: 60 }, (_, task) => ({ value, task: `${task}` }));
    const series = (value: number) => simulatedSeries(SIMULATED_RATE, "blocked", side(value));
    expect(proportion({ base: series(1), head: series(0) }, LONE_RULE)).toMatchObject({
      direction: "lower",
      count: 60,
      interval: { kind: "fixed-n" },
    });
  });

  it("take very many blocks", () => {
    const random = new SeededRandom("blocked/many");
    const pairs = Array.from({ length: 20_000 }, () => `${random.integer(0, 1)}${random.integer(0, 1)}`);
    expect(blocks(pairs, 4000)).toMatchObject({ direction: "same", count: 20_000 });
  });
});
