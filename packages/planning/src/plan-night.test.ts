import { checkArtifact, type NightPlan, nightPlan } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import type { Phase } from "./cell-names.ts";
import { formatNightPlan, planHeadline } from "./night-plan-text.ts";
import { type NightCell, type NightRequest, planNight } from "./plan-night.ts";
import { type MadeUpCell, makeRuns } from "./testing.ts";

const MINUTE = 60_000;

/** Cells of one phase by `PROFILE/SCENARIO`; with a `?` at the end they do not gate. */
function cellsOf(...names: string[]): NightCell[] {
  return names.map((name) => {
    const [profileId = "", scenario = ""] = name.replace("?", "").split("/");
    return { profileId, scenario, phase: "cold" as Phase, gating: !name.endsWith("?") };
  });
}

/** A history in which a block of each cell takes so many minutes. */
const history = (minutesByCell: Record<string, number>, blockCount = 2) =>
  makeRuns(
    Object.entries(minutesByCell).map(
      ([id, minutes]): MadeUpCell => ({ id, wallMs: (minutes * MINUTE) / 2, blockCount }),
    ),
  );

function requestOf(cells: NightCell[], minutesByCell: Record<string, number>, changes: Partial<NightRequest> = {}) {
  return {
    cells,
    histories: [{ runs: history(minutesByCell), isByEvidence: false }],
    budgetMinutes: 60,
    shardCount: 1,
    controlsPerShard: 3,
    minBlocks: 13,
    maxBlocks: 60,
    expectedBlocks: undefined,
    shardCommand: ({ index, count, cells: own }) => `run ${index}/${count} ${own.join(",")}`,
    pilotCommand: (ids) => `pilot ${ids.join(",")}`,
    ...changes,
  } satisfies NightRequest;
}

const planOf = (request: NightRequest): NightPlan =>
  checkArtifact(
    nightPlan,
    {
      kind: "night-plan",
      version: "1.0",
      generatedAt: "2026-02-15T00:00:00Z",
      suite: { name: "small", sha256: "a".repeat(64) },
      ...planNight(request),
      warnings: [],
      inputs: [],
    },
    "night-plan.json",
  );

/** What {@link planNight} throws. */
function refusalOf(request: NightRequest): OperationError {
  try {
    planNight(request);
  } catch (error) {
    if (error instanceof OperationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a night", () => {
  it("costs its cells and three controls in each shard", () => {
    const plan = planOf(requestOf(cellsOf("P1/one", "P1/all"), { "P1/one/cold": 0.1, "P1/all/cold": 1 }));
    expect(plan.cells.map(({ id, expectedMinutes }) => [id, expectedMinutes])).toEqual([
      ["P1/one/cold", 2],
      ["P1/all/cold", 20],
    ]);
    expect(plan.controls).toMatchObject({ cellsPerShard: 3, blockMs: 6000, expectedMinutesPerShard: 6.3 });
    expect(plan.shards).toEqual([
      {
        index: 1,
        cells: ["P1/one/cold", "P1/all/cold"],
        expectedMinutes: 28.3,
        minimumMinutes: 18.5,
        command: "run 1/1 P1/one/cold,P1/all/cold",
      },
    ]);
    expect(plan.totals).toMatchObject({ cellCount: 2, judgedCount: 2, longestShardMinutes: 28.3 });
  });

  it("fills both warm folders before the first warm block", () => {
    const warm = { profileId: "P1", scenario: "all", phase: "warm" as const, gating: true };
    const plan = planOf(requestOf([warm], { "P1/all/warm": 0.1, "P1/all/cold": 3 }));
    expect(plan.cells[0]).toMatchObject({ setupMs: 3 * MINUTE, expectedMinutes: 5 });
  });

  it("expects as many blocks as each cell took by evidence, and at least the fewest", () => {
    const runs = [...history({ "P1/one/cold": 0.01 }, 5), ...history({ "P1/all/cold": 0.01 }, 40)];
    const plan = planOf(requestOf(cellsOf("P1/one", "P1/all"), {}, { histories: [{ runs, isByEvidence: true }] }));
    expect(plan.cells.map(({ expectedBlocks }) => expectedBlocks)).toEqual([13, 40]);
    expect(plan.blocks).toEqual({ min: 13, expected: 23, max: 60 });
  });

  it("costs only the controls that will run", () => {
    const costOf = (controlsPerShard: number) => {
      const { shards, controls } = planNight(
        requestOf(cellsOf("P1/one"), { "P1/one/cold": 0.1 }, { controlsPerShard }),
      );
      return [controls.cellsPerShard, controls.expectedMinutesPerShard, shards[0]?.expectedMinutes ?? 0] as const;
    };
    const [three, one, none] = [costOf(3), costOf(1), costOf(0)];
    expect([one[0], one[1]]).toEqual([1, three[1] / 3]);
    expect([none[0], none[1]]).toEqual([0, 0]);
    expect(three[2] - one[2]).toBeCloseTo(three[1] - one[1], 3);
  });

  it("prices its controls from controls where a history has them, and takes their blocks for no cell's", () => {
    const cells = { "P1/one/cold": 0.02, "control/null": 0.01, "control/planted-5": 0.01, "control/planted-10": 0.01 };
    const runs = [
      ...history({ "P1/one/cold": 0.02 }, 20),
      ...history({ ...cells, "P1/one/cold": 0.02 }, 60).slice(120),
    ];
    const plan = planOf(requestOf(cellsOf("P1/one"), {}, { histories: [{ runs, isByEvidence: true }] }));
    expect(plan.controls).toMatchObject({ blockMs: 600, expectedBlocks: 20 });
  });

  it("learns from cells that are not planned tonight", () => {
    const known = { "P1/one/cold": 0.1, "P1/all/cold": 1, "P2/one/cold": 0.2 };
    const plan = planOf(requestOf(cellsOf("P2/all"), known));
    expect(plan.cells[0]).toMatchObject({ blockMs: 2 * MINUTE, pricedFrom: "predicted" });
  });

  it("sheds the dearest that does not gate, and says so first", () => {
    const cells = cellsOf("P1/one", "P2/all?", "P1/all?");
    const plan = planOf(requestOf(cells, { "P1/one/cold": 0.1, "P1/all/cold": 1.5, "P2/all/cold": 1.4 }));
    expect(plan.notJudged).toEqual([
      { id: "P1/all/cold", gating: false, reason: "all cells together are more than the budget", expectedMinutes: 30 },
    ]);
    expect(plan.sheddedGating).toBe(false);
    expect(planHeadline(plan)).toBe("2 cells in 1 shard, 36.3 of 60 minutes; not judged: P1/all/cold (30.0 min)");
  });

  it("warns loudly when a gating cell is not judged", () => {
    const plan = planOf(requestOf(cellsOf("P1/one", "P3/all"), { "P1/one/cold": 0.1, "P3/all/cold": 19 }));
    expect(plan.sheddedGating).toBe(true);
    expect(plan.notJudged[0]?.reason).toBe("takes 380 min, but a shard has only 53.7 min beside its controls");
    expect(formatNightPlan(plan)).toContain("warning: 1 gating cell not judged tonight: P3/all/cold;");
  });

  it("needs no more shards than it has cells", () => {
    const plan = planOf(requestOf(cellsOf("P1/one"), { "P1/one/cold": 0.1 }, { shardCount: 5 }));
    expect(plan.shards.map(({ command }) => command)).toEqual(["run 1/1 P1/one/cold"]);
  });

  it("does without a cell that has no price and does not gate", () => {
    const plan = planOf(requestOf(cellsOf("P1/one", "P1/all?"), { "P1/one/cold": 0.1 }));
    expect(plan.notJudged).toMatchObject([{ id: "P1/all/cold", expectedMinutes: null }]);
    expect(planHeadline(plan)).toContain("not judged: P1/all/cold (no price)");
  });

  it("is the same for the same inputs", () => {
    const request = requestOf(cellsOf("P1/a", "P1/b", "P1/c", "P1/d"), {
      "P1/a/cold": 0.2,
      "P1/b/cold": 0.2,
      "P1/c/cold": 0.2,
      "P1/d/cold": 0.2,
    });
    expect(planOf({ ...request, shardCount: 2 })).toEqual(planOf({ ...request, shardCount: 2 }));
  });
});

describe("no night", () => {
  it("is planned when nothing has a price, whether it gates or not", () => {
    expect(refusalOf(requestOf(cellsOf("P1/one?"), {})).message).toBe(
      "Cannot plan the night: 1 cell has no price: P1/one/cold; there is no history",
    );
  });

  it("is planned when a gating cell has no price; the pilot is named", () => {
    const error = refusalOf(requestOf(cellsOf("P1/one", "P1/all"), { "P1/one/cold": 1 }));
    expect(error.failure).toBe("unjudged");
    expect(error.message).toBe(
      "Cannot plan the night: 1 gating cell has no price: P1/all/cold; the 4 runs of the history do not include them",
    );
    expect(error.details).toContainEqual({ label: "pilot", text: "pilot P1/all/cold" });
  });

  it("is planned when the budget carries nothing; what would is named", () => {
    const error = refusalOf(requestOf(cellsOf("P1/one"), { "P1/one/cold": 1 }, { budgetMinutes: 70 }));
    expect(error.message).toBe(
      "Cannot plan the night: a budget of 70.0 min is too small for any cell beside the controls",
    );
    expect(error.details.at(-1)?.text).toBe("--budget-minutes 83 or more");
    expect(planNight(requestOf(cellsOf("P1/one"), { "P1/one/cold": 1 }, { budgetMinutes: 83 })).cells).toHaveLength(1);
  });
});

it("plans 10,000 cells, half of them predicted", () => {
  const names = Array.from({ length: 100 }, (_, p) => Array.from({ length: 50 }, (__, s) => `P${p}/s${s}`)).flat();
  const cells = names.flatMap((name) => {
    const [cold] = cellsOf(name);
    return cold === undefined ? [] : [cold, { ...cold, phase: "warm" as const }];
  });
  const known = Object.fromEntries(
    names
      .filter((_, index) => index % 50 < 25 || index < 50)
      .flatMap((name, index) => [
        [`${name}/cold`, 0.01 + (index % 7) / 10],
        [`${name}/warm`, 0.01],
      ]),
  );
  const plan = planNight(requestOf(cells, known, { budgetMinutes: 600, shardCount: 20 }));
  expect(plan.cells.length + plan.notJudged.length).toBe(10_000);
});
