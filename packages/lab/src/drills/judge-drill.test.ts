import type { ComparedCell } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { DRILLS, type Drill } from "./drill-list.ts";
import { type DrillResult, judgeDrill } from "./judge-drill.ts";

const drillOf = (id: string): Drill => {
  const found = DRILLS.find((drill) => drill.id === id);
  if (found === undefined) throw new Error(`there is no drill ${id}`);
  return found;
};

function cell(
  metric: string,
  verdict: ComparedCell["verdict"],
  ends: readonly [number, number] = [-1, 1],
): ComparedCell {
  const arm = { median: 100, validCount: 20, failedCount: 0 };
  return {
    id: `P1/single-small/warm/${metric}`,
    profileId: "P1",
    scenario: "single-small",
    phase: "warm",
    metric,
    unit: "ms",
    better: "lower",
    family: "primary",
    gating: true,
    verdict,
    isAlert: verdict === "regressed",
    severity: null,
    base: arm,
    head: arm,
    blockCount: 20,
    changePct: 0,
    detectablePct: 4,
    moreBlocks: null,
    interval: { lowPct: ends[0], highPct: ends[1], kind: "sequence", levelPct: 95 },
    evidence: null,
    warnings: [],
  };
}

function judged(id: string, cells: readonly ComparedCell[], rest: Partial<DrillResult> = {}) {
  const exitCode = cells.some(({ isAlert }) => isAlert) ? 2 : 0;
  const whole = {
    drill: drillOf(id),
    cells,
    controls: "passed",
    exitCode,
    achievedPct: null,
    durationMinutes: 1,
    load: 0.5,
  } as const;
  return judgeDrill({ ...whole, ...rest });
}

describe("judging", () => {
  it.each([
    ["none", "wall", "same", { faults: [], isMissed: false }],
    ["none", "wall", "undecided", { faults: [], isMissed: true }],
    ["none", "cpu", "improved", { faults: ["cpu is improved, must be same or undecided"] }],
    ["slower-3", "wall", "same", { faults: [], isMissed: true }],
    ["slower-5", "wall", "regressed", { faults: [], isMissed: false }],
    ["slower-5", "wall", "undecided", { faults: [], isMissed: true }],
    ["slower-5", "wall", "same", { faults: ["wall is same, must be regressed or undecided"] }],
    [
      "slower-10",
      "wall",
      "undecided",
      { faults: ["wall is undecided, must be regressed; only 4.0 % could be found with this noise"] },
    ],
    ["duration", "reported_duration", "regressed", { faults: [], isMissed: false }],
    ["memory", "peak_memory", "same", { faults: ["peak_memory is same, must be regressed"] }],
    ["output", "output_bytes", "changed", { faults: [], isMissed: false }],
    ["output", "output_bytes", "same", { faults: ["output_bytes is same, must be changed"] }],
  ] as const)("%s: %s %s", (id, metric, verdict, answer) => {
    expect(judged(id, [cell(metric, verdict, [-1, 4])])).toMatchObject(answer);
  });

  it("asks for the truth in the interval, as exactly as it is planted", () => {
    const faultsOf = (ends: readonly [number, number]) =>
      judged("slower-3", [cell("wall", "same", ends)], { achievedPct: 3 }).faults;
    expect(faultsOf([-1, 2.6])).toEqual([]);
    expect(faultsOf([3.4, 9])).toEqual([]);
    expect(faultsOf([-1, 2.4])).toEqual(["the interval -1.0 % to +2.4 % does not contain +3.0 %"]);
    expect(faultsOf([3.6, 9])).toEqual(["the interval +3.6 % to +9.0 % does not contain +3.0 %"]);
  });

  it("asks for the exit code of the verdict, and leaves it to controls that did not pass", () => {
    const found = [cell("wall", "regressed", [5, 12])];
    expect(judged("slower-10", found, { exitCode: 0 }).faults).toEqual(["an alert, and exit 0 instead of 2"]);
    expect(judged("slower-10", found, { exitCode: 3, controls: "red" }).faults).toEqual([]);
    expect(judged("none", [cell("wall", "same")], { exitCode: 2 }).faults).toHaveLength(1);
  });

  it("takes other metrics for no answer", () => {
    expect(judged("memory", [cell("wall", "regressed")]).faults).toEqual(["peak_memory was not compared"]);
  });
});
