import type { RawRun } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { announce, announceFixed, describeEnd, describeKept } from "./announce.ts";
import { controlCells } from "./controls.ts";
import { planMeasurement } from "./make-schedule.ts";
import { makeCells, makeContext } from "./test-helpers.ts";

const cells = makeCells(["P1"], ["one", "all"], ["cold", "warm"]);
const [cell] = cells;
const controls = cell === undefined ? [] : controlCells({ cell, plantedBy: "node-preload" });

describe("announce", () => {
  const plan = (sampling: Parameters<typeof planMeasurement>[0]["sampling"], controlCells = controls) =>
    planMeasurement({ sampling, design: "blocked", chosenCells: cells, cells, controlCells });

  it("says how much is to be measured", () => {
    expect(announce(makeContext(), plan({ mode: "fixed", runCount: 4 }))).toEqual([
      "measure    P1 × 2 scenarios, head against base, 16 runs",
    ]);
    const slots = { mode: "in-place", reason: "too large" } as const;
    const shard = { index: 2, count: 3 };
    expect(announce(makeContext({ slots, shard }), plan({ mode: "evidence", minBlocks: 2, maxBlocks: 9 }))).toEqual([
      "warning: the builds are run where they are, not from equal copies: too large",
      "measure    P1 × 2 scenarios, head against base, 2–9 blocks a cell, 3 controls, shard 2 of 3",
    ]);
    const dataset = { ...makeContext().dataset, source: "fallback", fallback: { reason: "no release" } };
    expect(announce(makeContext({ dataset }), plan({ mode: "fixed", runCount: 4 }))[0]).toBe(
      "warning: tier30 of dataset 0.0.0-dev is a fallback, built on this machine: no release",
    );
    expect(announce(makeContext(), plan({ mode: "evidence", minBlocks: 2, maxBlocks: 9 }, []))[0]).toMatch(/a cell$/);
  });
});

describe("announceFixed", () => {
  const both = makeCells(["P1"], ["one"], ["cold", "warm"]);
  const cold = makeCells(["P1"], ["all", "two"], ["cold"]);
  const warm = makeCells(["P1"], ["hot"], ["warm"]);

  it("says how many of the runs are cold, and where there are only cold ones", () => {
    expect(announceFixed({ mode: "fixed", runCount: 10 }, [...both, ...cold, ...warm])).toEqual([
      "note: each arm of a pair gets 1 cold and 9 warm runs; --cold-runs N makes more cold ones",
      "note: P1/all, P1/two are only cold: 1 run of each arm, whatever --run-count says; --cold-runs 10 makes 10",
    ]);
    expect(announceFixed({ mode: "fixed", runCount: 10, coldRuns: 3 }, both)).toEqual([
      "note: each arm of a pair gets 3 cold and 9 warm runs",
    ]);
    expect(announceFixed({ mode: "fixed", runCount: 10, coldRuns: 10 }, cold)).toEqual([]);
    expect(announceFixed({ mode: "fixed", runCount: 10 }, makeCells(["P1"], ["x"], ["again", "empty"]))).toEqual([]);
    expect(announceFixed({ mode: "fixed", runCount: 10 }, warm)).toEqual([]);
    expect(announceFixed({ mode: "evidence", minBlocks: 2, maxBlocks: 9 }, both)).toEqual([]);
  });
});

describe("describeEnd", () => {
  it("says nothing of what ended as it should", () => {
    expect(describeEnd([], [{ control: "null", valid: true } as RawRun, { valid: false } as RawRun])).toEqual([]);
  });

  it("names the cells that the time cut short, not all of very many", () => {
    expect(describeEnd(["P1/one/cold (3 blocks)", "P1/all/cold (1 block)"], [])).toEqual([
      "note: the time is over, 2 cells cut short: P1/one/cold (3 blocks), P1/all/cold (1 block); --resume continues",
    ]);
    const [note = ""] = describeEnd(Array(10_000).fill("P1/one/cold (3 blocks)"), []);
    expect(note).toContain("10000 cells cut short");
    expect(note).toContain(", and 9976 more;");
    expect(note.length).toBeLessThan(1000);
  });

  it("warns of controls that failed, with the first reason", () => {
    const failed = { control: "planted-5", valid: false, failures: ["exit 1"] } as Partial<RawRun> as RawRun;
    expect(describeEnd([], [failed, failed])).toEqual(["warning: 2 runs of controls are not valid; the first: exit 1"]);
    expect(describeEnd([], [failed])).toEqual(["warning: 1 run of controls is not valid; the first: exit 1"]);
    const [warning = ""] = describeEnd([], [{ ...failed, failures: ["\u001b[31mred\n::error::x"] }]);
    expect(["\u001b", "\n"].some((char) => warning.includes(char))).toBe(false);
  });

  it("says which metrics of the suite's own have no value, and why", () => {
    const own = { profileId: "P1", scenario: "one", phase: "cold", run: 3, valid: true };
    const without = { ...own, metricProblems: { ops: '"NaN" is no decimal number' } } as unknown as RawRun;
    const failed = { ...without, valid: false, metricProblems: { other: "x" } } as RawRun;
    expect(describeEnd([], [failed, without, without, own as RawRun])).toEqual([
      'note: 2 valid runs have no ops; the first, P1/one/cold, run 3: "NaN" is no decimal number',
    ]);
  });
});

it("describeKept counts against the plan, or the finished cells", () => {
  expect(describeKept({ done: 3, total: 16, note: "" }, 3)).toBe("3 of 16 runs");
  expect(describeKept({ done: 40, total: 100, note: "1/7 cells finished" }, 12)).toBe("12 runs, 1/7 cells finished");
});
