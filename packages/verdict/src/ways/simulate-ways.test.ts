import { describe, expect, it } from "vitest";
import {
  type IndependentPlan,
  LONE_RULE,
  type ProportionPlan,
  simulateIndependent,
  simulateProportion,
} from "./simulate-ways.ts";

/** What a share may be by chance, where `expected` is the most that it is to be. */
const atMost = (expected: number, count: number) => expected + 3 * Math.sqrt((expected * (1 - expected)) / count);

const SESSIONS: IndependentPlan = {
  seed: "test",
  comparisons: 120,
  rule: LONE_RULE,
  sessionCount: 10,
  change: 0,
  sessionShift: 0.05,
  withinNoise: [0.01, 0.05],
  sampleCounts: [10, 30],
  tails: "normal",
  drift: "none",
  baseIs: "latest",
};

describe("sessions that differ by up to 5 %", () => {
  it.each([3, 10])("are seldom called different with %i earlier ones", (sessionCount) => {
    const { higher, lower, same, covered } = simulateIndependent({ ...SESSIONS, sessionCount });
    expect(higher).toBeLessThanOrEqual(atMost(0.005, 120));
    expect(lower).toBeLessThanOrEqual(atMost(0.005, 120));
    expect(same).toBe(0);
    expect(covered).toBeGreaterThan(0.9);
  });

  it("do not hide 10 % with ten earlier ones", () => {
    expect(simulateIndependent({ ...SESSIONS, change: Math.log(1.1) }).higher).toBeGreaterThan(0.68);
  });

  it("are called different no more often with outliers", () => {
    const { higher, lower } = simulateIndependent({ ...SESSIONS, tails: "heavy" });
    expect(higher + lower).toBeLessThanOrEqual(atMost(0.01, 120));
  });
});

const COUNTS: ProportionPlan = {
  seed: "test",
  comparisons: 120,
  rule: LONE_RULE,
  taskCount: 200,
  repeats: 3,
  baseRate: 0.9,
  headRate: 0.9,
  concentration: Number.POSITIVE_INFINITY,
  stickiness: 0,
  form: "shared",
};

describe.each([
  { name: "tries alike", plan: {} },
  { name: "one try", plan: { repeats: 1 } },
  { name: "hard and easy tasks", plan: { concentration: 1 } },
  { name: "tries that repeat one another", plan: { concentration: 2, stickiness: 0.8 } },
  { name: "unequal repeats", plan: { repeats: [1, 5] as const } },
  { name: "a rate near 100 %", plan: { baseRate: 0.99, headRate: 0.99 } },
])("success counts with $name", ({ plan }) => {
  it.each(["shared", "other"] as const)("of %s tasks they are seldom called different, and intervals hold", (form) => {
    const { higher, lower, covered } = simulateProportion({ ...COUNTS, ...plan, form });
    expect(higher + lower).toBeLessThanOrEqual(atMost(0.01, 120));
    expect(covered).toBeGreaterThan(1 - atMost(0.05, 120));
  });

  it("in blocks are seldom called different", () => {
    const { higher, lower, covered } = simulateProportion({ ...COUNTS, ...plan, form: "blocked", comparisons: 24 });
    expect(higher + lower).toBeLessThanOrEqual(atMost(0.01, 24));
    expect(covered).toBeGreaterThan(1 - atMost(0.05, 24));
  });
});

it.each(["shared", "other", "blocked"] as const)(
  "%s tasks: 90 against 80 per cent of 200 is found, 60 per cent always",
  (form) => {
    const comparisons = form === "blocked" ? 24 : 100;
    expect(simulateProportion({ ...COUNTS, headRate: 0.8, form, comparisons }).lower).toBeGreaterThan(
      form === "blocked" ? 0.6 : 0.9,
    );
    expect(simulateProportion({ ...COUNTS, headRate: 0.6, form, comparisons: 24 }).lower).toBe(1);
  },
);

it("a rate that differs by the margin is called the same at most once in twenty", () => {
  expect(simulateProportion({ ...COUNTS, headRate: 0.85 }).same).toBeLessThanOrEqual(atMost(0.05, 120));
  const blocked = simulateProportion({ ...COUNTS, headRate: 0.85, form: "blocked", comparisons: 24 });
  expect(blocked.same).toBeLessThanOrEqual(atMost(0.05, 24));
});
