import type { Comparison, ControlsResult, RawRun, RunContext } from "@forgebench/artifacts";
import { verdictKinds } from "@forgebench/artifacts";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import {
  buildContext,
  buildRuns,
  compareRuns,
  healthyControls,
  type MadeUpBlock,
  noisyBlocks,
} from "../test-helpers.ts";
import { carriesEvidence, evidenceOutcome, whyNoEvidence } from "./compare-by-evidence.ts";

const CELLS = ["P1/one/cold", "P1/one/warm", "P2/one/cold", "P2/one/warm"];
const controls = healthyControls();

/** A night of which every cell is 20 quiet blocks, or what `cells` says of it. */
function nightOf(cells: Readonly<Record<string, readonly MadeUpBlock[]>> = {}): RawRun[] {
  return [...CELLS.flatMap((id) => buildRuns(id, cells[id] ?? noisyBlocks(id, 20))), ...controls];
}

const compare = (runs: readonly RawRun[], changes: Partial<RunContext> = {}) =>
  compareRuns(runs, buildContext(CELLS, changes));
const verdicts = ({ cells = [] }: Comparison) => Object.fromEntries(cells.map(({ id, verdict }) => [id, verdict]));

describe("a night", () => {
  it("is green when every cell is the same, and its controls passed", () => {
    const made = compare(nightOf());
    expect(made.controls?.status).toBe("passed");
    expect(verdicts(made)).toEqual(Object.fromEntries(CELLS.map((id) => [`${id}/wall`, "same"])));
    expect(made.outcome).toBe("green");
  });

  it("is a regression when one cell is slower, and names it with both figures", () => {
    const made = compare(nightOf({ "P1/one/warm": noisyBlocks("slow", 30, 12) }));
    expect(made.outcome).toBe("regression");
    expect(made.summary).toMatchObject({ alertCount: 1, hasAlerts: true, incomparableCount: 0 });
    expect(made.pairs[0]?.alerts.map(({ metric }) => metric)).toEqual(["warm-p50"]);
    expect(made.cells?.find(({ id }) => id === "P1/one/warm/wall")).toMatchObject({ isAlert: true, severity: "major" });
  });

  it("is undecided while a gating cell is, and not for another one", () => {
    const loud = { "P2/one/warm": noisyBlocks("loud", 20, 0, 0.5) };
    expect(compare(nightOf(loud)).outcome).toBe("undecided");
    const family = { primary: CELLS.slice(0, 3).map((id) => `${id}/wall`), secondary: ["P2/one/warm/wall"] };
    expect(compare(nightOf(loud), { family }).outcome).toBe("green");
  });
});

describe("fails closed", () => {
  const failed = { valid: false, exitCode: 1 };
  const spoilt = (id: string, spoil: (run: RawRun) => RawRun | undefined) =>
    nightOf().flatMap((run) =>
      `${run.profileId}/${run.scenario}/${run.phase}` === id && run.control === undefined ? (spoil(run) ?? []) : [run],
    );
  const [cell = ""] = CELLS;
  const family = (changes: Partial<NonNullable<RunContext["family"]>>) => ({
    family: { primary: CELLS.map((id) => `${id}/wall`), secondary: [], ...changes },
  });
  const cases: Readonly<Record<string, readonly [readonly RawRun[], Partial<RunContext>?]>> = {
    "no runs at all": [[]],
    "a cell without runs": [spoilt(cell, () => undefined)],
    "one arm missing": [spoilt(cell, (run) => (run.arm === "head" ? undefined : run))],
    "all runs of a cell failed": [spoilt(cell, (run) => ({ ...run, ...failed }))],
    "every run failed": [nightOf().map((run) => ({ ...run, ...failed }))],
    NaN: [spoilt(cell, (run) => ({ ...run, wallMs: Number.NaN }))],
    "zero durations": [spoilt(cell, (run) => ({ ...run, wallMs: 0 }))],
    "negative durations": [spoilt(cell, (run) => ({ ...run, wallMs: -run.wallMs }))],
    "constant samples": [spoilt(cell, (run) => ({ ...run, wallMs: 100 }))],
    "every line twice": [[...nightOf(), ...nightOf()]],
    "no family": [nightOf(), { family: undefined }],
    "an empty family": [nightOf(), family({ primary: [] })],
    "an unknown metric in the family": [
      nightOf(),
      family({ primary: [...CELLS.map((id) => `${id}/wall`), "P1/one/cold/speed"] }),
    ],
    "a word in the family that is no cell": [
      nightOf(),
      family({ primary: [...CELLS.map((id) => `${id}/wall`), "wall"] }),
    ],
    "a cell of another shard": [spoilt(cell, () => undefined), { cells: CELLS.slice(1) }],
    "controls planned, none run": [nightOf().filter(({ control }) => control === undefined)],
    "no null control": [nightOf().filter(({ control }) => control !== "null")],
    "a planted slowdown that was not found": [
      [
        ...nightOf().filter(({ control }) => control !== "planted-5"),
        ...buildRuns("control/planted-5", noisyBlocks("p", 30)),
      ],
    ],
    "controls of which one run is left": [
      nightOf().filter(({ control, block = 0 }) => control === undefined || block === 0),
    ],
    "a null that shows a difference": [
      [
        ...nightOf().filter(({ control }) => control !== "null"),
        ...buildRuns("control/null", noisyBlocks("n", 30, 20)),
      ],
    ],
  };

  it.each(Object.entries(cases))("%s", (_, [runs, changes]) => {
    expect(compare(runs, changes).outcome).toBe("invalid");
  });

  it.each([
    [CELLS, "neither arm has a run", /--resume/],
    [CELLS.slice(1), "it belongs to another shard", /bench:merge/],
  ])("says of a missing cell which it is, and why: cells %o", (cells, reason, remedy) => {
    const missing = compare(
      spoilt(cell, () => undefined),
      { cells: [...cells] },
    ).cells?.[0];
    expect(missing).toMatchObject({ id: "P1/one/cold/wall", profileId: "P1", scenario: "one", phase: "cold", reason });
    expect(missing?.remedy).toMatch(remedy);
  });

  it("one block of each cell decides nothing", () => {
    expect(compare(nightOf().filter(({ control, block = 0 }) => control !== undefined || block === 0)).outcome).toBe(
      "undecided",
    );
  });

  it("a regression that was found stands when a planted one was missed, and falls when the null is red", () => {
    const slow = { "P1/one/warm": noisyBlocks("slow", 30, 12) };
    const without = (id: RawRun["control"]) => nightOf(slow).filter(({ control }) => control !== id);
    expect(compare(without("planted-5")).outcome).toBe("regression");
    const red = buildRuns("control/null", noisyBlocks("n", 30, 20));
    expect(compare([...without("null"), ...red]).outcome).toBe("invalid");
  });

  it("names an unknown metric, and what would be right", () => {
    const made = compare(nightOf(), family({ secondary: ["P1/one/cold/speed"] }));
    const unknown = made.cells?.find(({ id }) => id === "P1/one/cold/speed");
    expect(unknown).toMatchObject({ verdict: "incomparable", reason: '"speed" is no metric', gating: false });
    expect(unknown?.remedy).toContain("wall, reported_duration");
    expect(made.outcome).toBe("green");
  });

  it.each([
    { dataset: { datasetVersion: "1.0.1", tierId: "tier30", sha256: "e".repeat(64), source: "release" } },
    { suite: { name: "imageforge", sha256: "6".repeat(64) } },
    { machine: { id: "f".repeat(64) } },
  ])("sides that differ in %o are not compared, whatever the runs say", (changes) => {
    const made = compareRuns(nightOf(), buildContext(CELLS), changes);
    expect(made.incomparable?.map(({ reason }) => reason)).toEqual([`different-${Object.keys(changes)[0]}`]);
    expect(made.outcome).toBe("invalid");
  });
});

describe("controls", () => {
  it("may be absent when the measurement says why", () => {
    const made = compare(
      nightOf().filter(({ control }) => control === undefined),
      { controls: { absentBecause: "no Node" } },
    );
    expect(made.controls).toMatchObject({ status: "absent", reason: "no controls were run: no Node" });
    expect(made.outcome).toBe("green");
  });

  it("are asked of every shard, each by itself", () => {
    const { machine } = buildContext(CELLS);
    const generatedAt = "2026-02-15T00:00:00.000Z";
    const shards = [1, 2].map((index) => ({ index, orderSeed: "s", machine, generatedAt }));
    const second = healthyControls({ shard: { index: 2, count: 2 } });
    const whole = compare([...nightOf(), ...second], { shards });
    expect(whole.controls).toMatchObject({ status: "passed" });
    expect(whole.controls?.controls.map(({ id }) => id)).toContain("control/planted-5@2");
    const lacking = compare([...nightOf(), ...second.filter(({ control }) => control !== "planted-10")], { shards });
    expect(lacking.controls).toMatchObject({ status: "missed" });
    expect(lacking.controls?.reason).toContain("control/planted-10@2 has no runs");
    expect(lacking.outcome).toBe("invalid");
  });

  it("of one shard by itself go by its number", () => {
    const shard = { index: 2, count: 2 };
    const runs = [...CELLS.flatMap((id) => buildRuns(id, noisyBlocks(id, 20))), ...healthyControls({ shard })];
    expect(compare(runs, { shard }).controls?.status).toBe("passed");
  });

  it("tell what was planted and what was achieved", () => {
    const planted = controls.map((run) =>
      run.control === "planted-10" && run.arm === "head" ? { ...run, plantedMs: run.wallMs / 11 } : run,
    );
    const made = compare([...nightOf().filter(({ control }) => control === undefined), ...planted]);
    const found = made.controls?.controls.find(({ id }) => id === "control/planted-10");
    expect(found).toMatchObject({ plantedPct: 10, passed: true, cell: { verdict: "regressed", isAlert: false } });
    expect(found?.achievedPct).toBeCloseTo(10, 2);
  });
});

describe("shards", () => {
  it("in any split give the verdicts of the whole", () => {
    const cells = { "P1/one/warm": noisyBlocks("slow", 30, 9, 0.02), "P2/one/cold": noisyBlocks("loud", 30, 0, 0.4) };
    const whole = nightOf(cells);
    const given = compare(whole);
    const random = new SeededRandom("split");
    for (let round = 0; round < 5; round += 1) {
      const shardCount = random.integer(2, 4);
      const shardOf = new Map(CELLS.map((id) => [id, random.integer(1, shardCount)]));
      const split = whole.map((run) =>
        run.control === undefined
          ? {
              ...run,
              shard: { index: shardOf.get(`${run.profileId}/${run.scenario}/${run.phase}`) ?? 1, count: shardCount },
            }
          : run,
      );
      const inParts = Array.from({ length: shardCount }, (_, part) =>
        split.filter(({ shard }) => (shard?.index ?? 1) === part + 1),
      );
      const merged = random.shuffle(inParts).flat();
      expect(verdicts(compare(merged))).toEqual(verdicts(given));
      expect(compare(merged).cells?.map(({ evidence }) => evidence)).toEqual(
        given.cells?.map(({ evidence }) => evidence),
      );
    }
  });
});

describe("at the end, by Holm", () => {
  /** Differences of one size: a wealth that can be told from the number of blocks. */
  const slowFor = (count: number) => new Array<MadeUpBlock>(count).fill({ baseMs: 100, headMs: 107 });
  const cells = Array.from({ length: 4 }, (_, index) => `P1/s${index}/cold`);
  const night = (counts: readonly number[]) => [
    ...cells.flatMap((id, index) => buildRuns(id, slowFor(counts[index] ?? 0))),
    ...controls,
  ];
  const judged = (counts: readonly number[]) => compareRuns(night(counts), buildContext(cells)).cells ?? [];

  it("the cells that were decided leave their share to the last", () => {
    const enough =
      Array.from({ length: 30 }, (_, index) => index + 1).find((n) => judged([n])[0]?.verdict === "regressed") ?? 0;
    const almost = enough - 1;
    expect(judged([almost])[0]?.verdict).toBe("undecided");
    const evidence = judged([almost])[0]?.evidence;
    expect(evidence?.higher).toBeGreaterThan((evidence?.needed ?? 0) / 4);
    const [first, second, third, last] = judged([enough, enough, enough, almost]);
    expect([first, second, third].map((cell) => cell?.reason)).toEqual([undefined, undefined, undefined]);
    expect(last).toMatchObject({ verdict: "regressed", isAlert: true, severity: "minor", moreBlocks: null });
    expect(last?.reason).toMatch(/^decided at the end/);
    expect(last?.evidence?.decidedAfterBlocks).toBe(almost);
  });

  it("but not to one that has less than its own share asks, on either side by itself", () => {
    const [, , , last] = judged([20, 20, 20, 4]);
    expect(last?.verdict).toBe("undecided");
  });
});

describe("the outcome", () => {
  type Cell = Parameters<typeof evidenceOutcome>[0][number];
  const statuses: readonly ControlsResult["status"][] = ["passed", "red", "missed", "absent"];
  const settled = new Set(["same", "improved", "changed"]);

  /** What verdicts.md says, in other words than the code. */
  function expected(cells: readonly Cell[], status: ControlsResult["status"]): string {
    const gating = cells.filter((cell) => cell.gating).map(({ verdict }) => verdict);
    if (gating.length === 0 || gating.includes("incomparable") || status === "red") return "invalid";
    if (cells.some(({ isAlert }) => isAlert)) return "regression";
    if (status === "missed") return "invalid";
    return gating.every((verdict) => settled.has(verdict)) ? "green" : "undecided";
  }

  it("follows for every verdict, alert, gate and status of the controls", () => {
    const kinds = verdictKinds.flatMap((verdict) =>
      [true, false].flatMap((gating) => [true, false].map((isAlert): Cell => ({ verdict, gating, isAlert }))),
    );
    for (const status of statuses) {
      for (const first of kinds) {
        expect(evidenceOutcome([first], { status })).toBe(expected([first], status));
        for (const second of kinds) {
          expect(evidenceOutcome([first, second], { status })).toBe(expected([first, second], status));
        }
      }
    }
  });

  it.each([
    [[], "passed", "invalid"],
    [[{ verdict: "same", gating: false, isAlert: false }], "passed", "invalid"],
    [[{ verdict: "same", gating: true, isAlert: false }], "passed", "green"],
    [[{ verdict: "same", gating: true, isAlert: false }], "absent", "green"],
    [[{ verdict: "same", gating: true, isAlert: false }], "missed", "invalid"],
    [[{ verdict: "regressed", gating: true, isAlert: false }], "passed", "undecided"],
    [[{ verdict: "regressed", gating: true, isAlert: true }], "missed", "regression"],
    [[{ verdict: "regressed", gating: true, isAlert: true }], "red", "invalid"],
  ] as const)("of %o with controls %s is %s", (cells, status, outcome) => {
    expect(evidenceOutcome(cells, { status })).toBe(outcome);
  });
});

it("says why runs carry no evidence", () => {
  const context = buildContext(CELLS);
  expect(carriesEvidence(context)).toBe(true);
  expect(carriesEvidence({ ...context, sampling: { mode: "fixed" } })).toBe(false);
  expect(whyNoEvidence({ ...context, design: "sequential" })).toMatch(/not measured in turn/);
  expect(whyNoEvidence({ ...context, family: undefined })).toMatch(/does not say over which cells/);
});

it("judges a thousand cells of one block in seconds", () => {
  const cells = Array.from({ length: 1000 }, (_, index) => `P1/s${index}/cold`);
  const runs = [...cells.flatMap((id) => buildRuns(id, noisyBlocks(id, 1))), ...controls];
  const made = compareRuns(runs, buildContext(cells));
  expect(made.cells).toHaveLength(1000);
  expect(made.outcome).toBe("undecided");
});
