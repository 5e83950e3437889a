import type { Design, Sample } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proportion } from "./proportion.ts";
import { LONE_RULE } from "./simulate-ways.ts";
import { SIMULATED_RATE, SIMULATED_TIME, simulatedSeries } from "./simulated-series.ts";
import type { WayAnswer } from "./way.ts";

type Try = Omit<Sample, "status">;

/** `outcomes[t]` holds the tries of task t: "1101". */
function tries(outcomes: readonly string[], name = "task"): Try[] {
  return outcomes.flatMap((own, index) =>
    [...own].map((digit) => ({ value: Number(digit), task: `${name} ${index}` })),
  );
}

function judged(base: readonly Try[], head: readonly Try[], design: Design = "sequential"): WayAnswer {
  return proportion(
    { base: simulatedSeries(SIMULATED_RATE, design, base), head: simulatedSeries(SIMULATED_RATE, design, head) },
    LONE_RULE,
  );
}

const tasks = (count: number, outcome: string) => new Array<string>(count).fill(outcome);

describe("the same tasks on both sides", () => {
  it("are judged by McNemar's exact test when each was tried once", () => {
    const base = tries([...tasks(12, "0"), ...tasks(1, "1"), ...tasks(87, "1")]);
    const head = tries([...tasks(12, "1"), ...tasks(1, "0"), ...tasks(87, "1")]);
    const answer = judged(base, head);
    expect(answer).toMatchObject({ direction: "higher", count: 100 });
    expect(answer.estimate).toBeCloseTo(0.11, 12);
    // 1 + 13 of the 2¹³ ways to give signs.
    expect(answer.evidence?.logHigher).toBeCloseTo(-Math.log(14 / 8192), 10);
    expect(answer.interval?.low).toBeGreaterThan(0);
  });

  it("count repeats once: ten tries of a task that all go one way prove no more than one", () => {
    const of = (digits: number) =>
      judged(
        tries([...tasks(7, "1".repeat(digits)), ...tasks(93, "1".repeat(digits))]),
        tries([...tasks(7, "0".repeat(digits)), ...tasks(93, "1".repeat(digits))]),
      );
    expect(of(10).evidence?.logLower).toBeCloseTo(of(1).evidence?.logLower ?? 0, 10);
    expect(of(10).direction).toBe("open");
  });

  it("are the same when all agree and there are enough, and never with certainty", () => {
    const answer = judged(tries(tasks(200, "111")), tries(tasks(200, "111")));
    expect(answer).toMatchObject({ direction: "same", estimate: 0 });
    expect(answer.interval?.low).toBeLessThan(-0.01);
    expect(answer.interval?.high).toBeGreaterThan(0.01);
    expect(answer.detectable).toBeGreaterThan(0.05);
    const few = judged(tries(tasks(30, "111")), tries(tasks(30, "111")));
    expect(few.direction).toBe("open");
    expect(few.more).toBeGreaterThan(5);
  });

  it("are not called the same when nobody says how they were tried, or when the rule forbids it", () => {
    expect(judged(tries(tasks(200, "1")), tries(tasks(200, "1")), "unknown").direction).toBe("open");
    const pair = { base: simulatedSeries(SIMULATED_RATE, "sequential", tries(tasks(200, "1"))) };
    expect(proportion({ ...pair, head: pair.base }, { ...LONE_RULE, canBeSame: false }).direction).toBe("open");
  });

  it("say same of a proved change that is too small to matter", () => {
    // 40 of 4,000 tasks: one per cent, proved, and within 5.
    const answer = judged(tries([...tasks(40, "0"), ...tasks(3960, "1")]), tries(tasks(4000, "1")));
    expect(answer.direction).toBe("same");
    expect(answer.evidence?.logHigher).toBeGreaterThan(20);
  });

  it("are too few below ten", () => {
    const answer = judged(tries(tasks(9, "111")), tries(tasks(9, "000")));
    expect(answer).toMatchObject({ direction: "open", estimate: -1, count: 9 });
    expect(answer.reason).toBe("too few tasks: 9, at least 10 are needed");
  });

  it("leave out what one side alone tried, failed runs and missing values", () => {
    const base = tries(tasks(60, "1"));
    const head = tries(tasks(58, "1"));
    const answer = proportion(
      {
        base: simulatedSeries(SIMULATED_RATE, "sequential", base),
        head: {
          ...simulatedSeries(SIMULATED_RATE, "sequential", head),
          samples: [
            ...head.map((own): Sample => ({ ...own, status: "valid" })),
            { value: 0, task: "task 58", status: "failed" },
            { value: null, task: "task 59", status: "valid" },
          ],
        },
      },
      LONE_RULE,
    );
    expect(answer).toMatchObject({ count: 58, estimate: 0 });
    expect(answer.reason).toContain("2 tasks that one side alone has");
  });
});

describe("other tasks, or none", () => {
  it("are judged as two rates and never called the same", () => {
    const answer = judged(tries(tasks(3000, "1")), tries(tasks(3000, "1"), "other"));
    expect(answer).toMatchObject({ direction: "open", estimate: 0, reason: expect.stringContaining("differ") });
    const nameless = (share: number) =>
      Array.from({ length: 200 }, (_, index) => ({ value: index < 200 * share ? 1 : 0 }));
    expect(judged(nameless(0.9), nameless(0.6))).toMatchObject({ direction: "lower", count: 200 });
    expect(judged(nameless(0.9), nameless(0.88)).direction).toBe("open");
    expect(judged(nameless(0.9).slice(0, 9), nameless(0)).reason).toContain("too few");
  });
});

it("refuses what is no success rate, and a side without samples", () => {
  expect(judged([{ value: 3 }], [{ value: 1 }]).reason).toContain("no successes");
  expect(judged([{ value: Number.NaN }], [{ value: 1 }]).reason).toContain("no successes");
  expect(judged([], [{ value: 1 }])).toMatchObject({ direction: "open", reason: "base has no valid sample" });
  const times = { base: simulatedSeries(SIMULATED_TIME, "sequential", [{ value: 1 }]) };
  expect(proportion(times, LONE_RULE).reason).toBe("head has no valid sample");
});

const outcomes = fc.array(
  fc.tuple(fc.constantFrom("0", "1", "01", "111", "011"), fc.constantFrom("0", "1", "00", "110", "111")),
  {
    minLength: 1,
    maxLength: 40,
  },
);

it.each([
  { form: "the same tasks", name: "task" },
  { form: "other tasks", name: "other" },
])("of $form it mirrors when the arms are swapped, in any order, and never gives NaN", ({ name }) => {
  fc.assert(
    fc.property(outcomes, (pairs) => {
      const [base, head] = [
        tries(pairs.map(([own]) => own)),
        tries(
          pairs.map(([, own]) => own),
          name,
        ),
      ];
      const [given, swapped] = [judged(base, head), judged(head, base)];
      expect(JSON.stringify(given)).not.toContain("NaN");
      expect(given.interval?.low ?? Number.NaN).toBeLessThan(given.interval?.high ?? Number.NaN);
      expect(swapped.estimate).toBeCloseTo(-(given.estimate ?? 0), 12);
      expect(swapped.interval?.low).toBeCloseTo(-(given.interval?.high ?? 0), 10);
      expect(swapped.evidence?.logHigher ?? 0).toBeCloseTo(given.evidence?.logLower ?? 0, 8);
      if (given.detectable !== null) expect(swapped.detectable).toBeCloseTo(given.detectable, 10);
      const random = new SeededRandom("order");
      const shuffled = judged(random.shuffle(base), random.shuffle(head));
      expect(shuffled.direction).toBe(given.direction);
      expect(shuffled.interval?.low).toBeCloseTo(given.interval?.low ?? 9, 10);
    }),
    { seed: 5, numRuns: 60 },
  );
});

it.each([1, 10, 100])("takes more samples than a call takes arguments, %i of each task", (repeats) => {
  const random = new SeededRandom(`many/${repeats}`);
  const side = () =>
    Array.from({ length: 130_000 }, (_, index) => ({
      value: random.chance(0.8) ? 1 : 0,
      task: `${Math.floor(index / repeats)}`,
    }));
  const answer = judged(side(), side());
  expect(answer.count).toBe(130_000 / repeats);
  expect(answer.direction).toBe("same");
});
