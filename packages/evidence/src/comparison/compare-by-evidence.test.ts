import type { Comparison, ControlsResult, RawRun, RunContext } from "@forgebench/artifacts";
import { verdictKinds } from "@forgebench/artifacts";
import { SeededRandom } from "@forgebench/stats";
import { evidenceOutcome } from "@forgebench/verdict";
import { describe, expect, it } from "vitest";
import {
  buildContext,
  buildRuns,
  compareRuns,
  healthyControls,
  inTurn,
  type MadeUpBlock,
  noisyBlocks,
} from "../test-helpers.ts";
import { carriesEvidence, whyNoEvidence } from "./compare-by-evidence.ts";

const CELLS = ["P1/one/cold", "P1/one/warm", "P2/one/cold", "P2/one/warm"];
const controls = healthyControls();

/** A night of which every cell is 20 quiet blocks, or what `cells` says of it. */
function nightOf(cells: Readonly<Record<string, readonly MadeUpBlock[]>> = {}): RawRun[] {
  return inTurn([...CELLS.flatMap((id) => buildRuns(id, cells[id] ?? noisyBlocks(id, 20))), ...controls]);
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

it("says what limited the blocks of a cell at last, not what an earlier start did", () => {
  const limits = { mode: "evidence", maxBlocks: 60, timeBudgetMinutes: 2 } as const;
  const sampling = { ...limits, minBlocks: 13, earlier: [{ maxBlocks: 20 }] };
  expect(compare(nightOf(), { sampling }).sampling).toEqual(limits);
  expect(compare(nightOf(), { sampling: { mode: "fixed" } }).sampling).toEqual({ mode: "fixed" });
});

describe("a scenario that does not gate", () => {
  const [ungated = "", ...gating] = CELLS;
  const family = {
    primary: gating.map((id) => `${id}/wall`),
    secondary: [`${ungated}/wall`, ...CELLS.map((id) => `${id}/peak_memory`)],
    exactMetrics: ["output_bytes"],
    gateChanged: ["output_bytes"],
  };
  const large = { head: { peakMemoryBytes: 80_000_000 } };
  const grown = (label: string) => noisyBlocks(label, 30).map((block) => ({ ...block, ...large }));

  it("is shown as regressed or changed, and alarms by no metric", () => {
    const changed = { head: { peakMemoryBytes: 80_000_000, outputBytes: 0 } };
    const slow = noisyBlocks("slow", 30, 20).map((block) => ({ ...block, ...changed }));
    const made = compare(nightOf({ [ungated]: slow }), { family });
    expect(verdicts(made)).toMatchObject({
      [`${ungated}/wall`]: "regressed",
      [`${ungated}/peak_memory`]: "regressed",
      [`${ungated}/output_bytes`]: "changed",
    });
    expect(made.outcome).toBe("green");
    expect(made.summary).toMatchObject({ alertCount: 0, hasAlerts: false });
    expect(made.pairs.flatMap(({ alerts }) => alerts)).toEqual([]);
  });

  it("takes nothing from the secondary metrics of one that does", () => {
    const [gated = ""] = gating;
    expect(compare(nightOf({ [gated]: grown("grown") }), { family }).outcome).toBe("regression");
    expect(compare(nightOf({ [ungated]: grown("grown") }), { family }).outcome).toBe("green");
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
    "a gated exact metric that head does not have": [
      spoilt(cell, (run) => (run.arm === "head" ? { ...run, outputBytes: null } : run)),
      family({ exactMetrics: ["output_bytes"], gateChanged: ["output_bytes"] }),
    ],
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

  it("a summary that says another origin of the dataset than its runs is not believed", () => {
    const context = buildContext(CELLS);
    const dataset = { ...context.dataset, source: "fallback", fallback: { reason: "no release" } };
    const made = compareRuns(nightOf(), context, { dataset });
    expect(made.incomparable?.map(({ message }) => message)).toEqual([
      'Cannot compare: the origin of the dataset of the head summary (["fallback","no release"]) is not that of its runs (["release"])',
    ]);
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

it.each([
  ["far too little", 0.02, "slowed by 2.0 % instead of 10 %"],
  ["far too much", 0.2, "slowed by 20.0 % instead of 10 %"],
])(
  "does not vouch for a night by a planted slowdown that achieved %s, although it was found",
  (_, share, objection) => {
    const planted = controls.map((run) =>
      run.control === "planted-10" && run.arm === "head"
        ? { ...run, plantedMs: (run.wallMs * share) / (1 + share) }
        : run,
    );
    const made = compare([...nightOf().filter(({ control }) => control === undefined), ...planted]);
    const found = made.controls?.controls.find(({ id }) => id === "control/planted-10");
    expect(found).toMatchObject({ passed: false, cell: { verdict: "regressed" } });
    expect(made.controls).toMatchObject({ status: "missed", reason: expect.stringContaining(objection) });
    expect(made.outcome).toBe("invalid");
  },
);

describe("shards", () => {
  it("take no run of another shard for the one before: their lines may lie beside one another", () => {
    const [first = "", second = ""] = CELLS;
    const of = (id: string, index: number) => buildRuns(id, noisyBlocks(id, 40), { shard: { index, count: 2 } });
    const [own, other] = [of(first, 1), of(second, 2)];
    // Slower after head, but only after a run of the other shard.
    const mixed = own.flatMap((run, index) => {
      const before = other[index];
      if (before === undefined) return [run];
      return [before, { ...run, wallMs: run.wallMs * (before.arm === "head" ? 1.1 : 1) }];
    });
    const made = compareRuns(mixed, buildContext([first, second]));
    const codes = made.cells?.find(({ id }) => id === `${first}/wall`)?.warnings.map(({ code }) => code);
    expect(codes).not.toContain("carry-over");
  });

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

describe("a log that is not what it should be is invalid", () => {
  const reasonsOf = (made: Comparison) => made.incomparable?.map(({ reason }) => reason);
  const foreign = "f".repeat(64);
  const alter = (from: number, change: Partial<RawRun>) =>
    nightOf().map((run, index) => (index === from ? { ...run, ...change } : run));
  const cases: Readonly<Record<string, readonly [readonly RawRun[], string]>> = {
    "a run of another dataset": [alter(7, { datasetSha256: foreign }), "foreign-runs"],
    "a run of another machine": [alter(7, { machineId: foreign }), "foreign-runs"],
    "a run of another build": [alter(7, { subjectId: foreign }), "foreign-runs"],
    "a negative duration of a metric that does not gate": [alter(7, { reportDurationMs: -1 }), "impossible-figure"],
    "a clock that goes back by a minute": [alter(7, { timestamp: "2026-02-14T23:59:00.000Z" }), "clock-went-back"],
    "both runs of a block from one slot": [nightOf().map((run) => ({ ...run, slot: "A" as const })), "order-not-drawn"],
    "all of head, then all of base": [
      inTurn(nightOf().toSorted((a, b) => (a.arm === b.arm ? 0 : a.arm === "head" ? -1 : 1))),
      "order-not-drawn",
    ],
    "head first in every block": [
      nightOf()
        .map((run) => run)
        .sort((a, b) => keyOf(a) - keyOf(b))
        .map((run, index) => ({ ...run, position: index % 2 })),
      "order-not-drawn",
    ],
  };
  function keyOf({ timestamp, arm }: RawRun): number {
    return 2 * Math.floor(Date.parse(timestamp) / 2000) + (arm === "head" ? 0 : 1);
  }

  it.each(Object.entries(cases))("%s", (_, [runs, reason]) => {
    const made = compare(runs);
    expect(reasonsOf(made)).toContain(reason);
    expect(made.outcome).toBe("invalid");
  });

  it("a summary of another subject than the runs", () => {
    const subjects = { ...buildContext(CELLS).subjects };
    const subject = { ...subjects.head, id: foreign };
    const made = compareRuns(nightOf(), buildContext(CELLS), { subject });
    expect(reasonsOf(made)).toEqual(["foreign-runs"]);
    expect(made.outcome).toBe("invalid");
  });

  it("but a clock that a time service turned a little is not", () => {
    const runs = nightOf();
    const before = Date.parse(runs[6]?.timestamp ?? "");
    expect(compare(alter(7, { timestamp: new Date(before - 500).toISOString() })).outcome).toBe("green");
  });
});

describe("where no slowdown can be planted", () => {
  const unplanted = { controls: { cell: "P1/one/warm", unplantedBecause: "add plantCommand" } };
  const planted = nightOf();
  const runs = planted.filter(({ control }) => control === undefined || control === "null");
  const withNull = (blocks: readonly MadeUpBlock[]) =>
    compare(
      inTurn([...runs.filter(({ control }) => control === undefined), ...buildRuns("control/null", blocks)]),
      unplanted,
    );

  it("a quiet null is enough for green, and the reason says what was not tried", () => {
    const made = compare(runs, unplanted);
    expect(made.outcome).toBe("green");
    expect(made.controls).toMatchObject({
      status: "passed",
      reason: "the null was quiet; add plantCommand",
      controls: [{ id: "control/null", passed: true }],
    });
  });

  it("a null that shows a difference is red, one of few blocks or none vouches for nothing", () => {
    expect(withNull(noisyBlocks("n", 30, 20))).toMatchObject({ outcome: "invalid", controls: { status: "red" } });
    expect(withNull(noisyBlocks("few", 9))).toMatchObject({ outcome: "invalid", controls: { status: "missed" } });
    expect(withNull([])).toMatchObject({ outcome: "invalid", controls: { status: "missed" } });
  });

  it("a context that disowns planted slowdowns, which were not found, is not believed", () => {
    const made = compare(planted, unplanted);
    expect(made).toMatchObject({ outcome: "invalid", controls: { status: "missed" } });
    expect(made.controls?.reason).toContain("disowns its planted slowdowns");
  });
});

describe("controls that do not vouch", () => {
  const without = (id: string) => nightOf().filter(({ control }) => control !== id);
  const status = (runs: readonly RawRun[], changes: Partial<RunContext> = {}) =>
    compare(inTurn(runs), changes).controls;

  it("a null of a few blocks, which could not have shown anything", () => {
    const made = status([...without("null"), ...buildRuns("control/null", noisyBlocks("few", 9))]);
    expect(made).toMatchObject({ status: "missed" });
    expect(made?.reason).toContain("control/null has only 9 blocks");
  });

  it("a planted slowdown that was far larger than meant, by its own account or by its interval", () => {
    const large = buildRuns("control/planted-5", noisyBlocks("large", 30, 60));
    expect(status([...without("planted-5"), ...large])?.reason).toMatch(/slowed by \d+\.\d % instead of 5 %/);
    const told = buildRuns("control/planted-5", noisyBlocks("told", 30, 5)).map((run) => ({ ...run, plantedMs: 20 }));
    expect(status([...without("planted-5"), ...told])?.status).toBe("missed");
  });

  it("controls that the context disowns", () => {
    expect(status(nightOf(), { controls: { absentBecause: "--no-controls" } })?.status).toBe("missed");
  });
});

describe("at the end, by Holm", () => {
  /** Differences of one size: a wealth that can be told from the number of blocks. */
  const slowFor = (count: number): MadeUpBlock[] =>
    Array.from({ length: count }, (_, block) => ({ baseMs: 100 * (1 + block / 1e3), headMs: 107 * (1 + block / 1e3) }));
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
  const runs = inTurn([...cells.flatMap((id) => buildRuns(id, noisyBlocks(id, 1))), ...controls]);
  const made = compareRuns(runs, buildContext(cells));
  expect(made.cells).toHaveLength(1000);
  expect(made.outcome).toBe("undecided");
});
