import type { RawRun } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { assertSameContext, continuedContext, describeLimits, planWithin, runsOfWholeBlocks } from "./resume.ts";
import { openProtocol } from "./schedule.ts";
import { makeCells, makeContext } from "./test-helpers.ts";

const context = makeContext();

describe("assertSameContext", () => {
  it("takes the same context, made at another time", () => {
    expect(() => assertSameContext(context, { ...context, generatedAt: "2027-01-01T00:00:00Z" })).not.toThrow();
  });

  it.each([
    [{ toolVersion: "9" }, 'Cannot resume: the version of this tool was "0.1.0" and is now "9"'],
    [{ runCount: 5 }, "Cannot resume: --run-count was 4 and is now 5"],
    [{ orderSeed: "other" }, 'Cannot resume: --seed was "seed" and is now "other"'],
    [
      { suite: { name: "small", sha256: "6".repeat(64) } },
      'Cannot resume: the suite file of "small" changed since the earlier runs',
    ],
    [
      { dataset: { ...context.dataset, sha256: "0".repeat(64) } },
      "Cannot resume: the images of the tier changed since the earlier runs",
    ],
    [
      { dataset: { ...context.dataset, datasetVersion: "2.0.0" } },
      /the version and tier of the dataset was \["0.0.0-dev"/,
    ],
    [
      { dataset: { ...context.dataset, source: "fallback", fallback: { reason: "gone" } } },
      /the origin of the dataset .* was \["local",.* and is now \["fallback",.*"gone"\]/,
    ],
    [{ machine: { ...context.machine, id: "0".repeat(64) } }, /the machine was "a{12}…" and is now "0{12}…"/],
    [
      { subjects: { head: { ...context.subjects.head, id: "0".repeat(64) } } },
      /the head \(the build of --cli-path, or its command\) was "b{12}…"/,
    ],
    [
      { subjects: { head: context.subjects.head } },
      /the base \(the build of --base-cli-path, or its command\) was "c{12}…" and is now "none"/,
    ],
    [{ profiles: ["P2"] }, /the choice of cells .* was \[\["P1"\]/],
    [{ slots: { mode: "in-place" as const } }, /the way the builds are placed was not known and is now "in-place"/],
    [{ meter: "none" as const }, /the way CPU time and memory are measured was not known and is now "none"/],
    [{ sampling: { mode: "evidence" as const } }, /the sampling .* was "fixed" and is now "evidence"/],
    [{ shard: { index: 2, count: 3 } }, 'Cannot resume: --shard was "1/1" and is now "2/3"'],
    [
      { family: { primary: ["P1/one/cold/wall"], secondary: [] } },
      /the family that the error is shared over was not known/,
    ],
    [{ controls: { absentBecause: "no" } }, 'the plan of the controls was not known and is now {"absentBecause":"no"}'],
    [{ timeoutMs: 5000 }, /--timeout-seconds was not known and is now 5/],
  ])("refuses %j", (changes, message) => {
    expect(() => assertSameContext(context, { ...context, ...changes })).toThrow(message);
    expect(() => assertSameContext(context, { ...context, ...changes })).toThrow(UsageError);
  });
});

describe("assertSameContext names content that changed", () => {
  const suiteDataset = { ...context.dataset, source: "suite" as const };
  const [before, now] = [
    { ...context, dataset: suiteDataset },
    { ...context, dataset: { ...suiteDataset, sha256: "0".repeat(64) } },
  ];
  const { head } = context.subjects;
  const changedHead = { ...head, id: "0".repeat(64), filesSha256: "1".repeat(64) };
  const changedProgram = { ...head, id: "0".repeat(64), cliSha256: "1".repeat(64) };

  it.each([
    [
      before,
      now,
      { inputs: '"s/a.json" of the inputs' },
      'Cannot resume: "s/a.json" of the inputs changed since the earlier runs',
    ],
    [before, now, {}, "Cannot resume: the inputs of small (of any of its scenarios) changed since the earlier runs"],
    [
      context,
      { ...context, subjects: { head: changedHead } },
      {},
      "a file beside the suite that the command names changed",
    ],
    [
      context,
      { ...context, subjects: { head: changedHead } },
      { besideSuite: ["{suiteDir}/work.py"] },
      'Cannot resume: "{suiteDir}/work.py", which the command names, changed since the earlier runs',
    ],
    [
      context,
      { ...context, subjects: { head: changedProgram } },
      {},
      "the program that the command starts changed since",
    ],
  ])("%#", (earlier, later, changed, message) => {
    expect(() => assertSameContext(earlier, later, changed)).toThrow(message);
    expect(() => assertSameContext(earlier, later, changed)).toThrow(
      expect.objectContaining({ details: [{ label: "try", text: expect.stringContaining("undo the change") }] }),
    );
  });
});

it("assertSameContext tells the numbers of blocks apart", () => {
  const sampling = { mode: "evidence" as const, minBlocks: 13, maxBlocks: 60, timeBudgetMinutes: 5 };
  const changed = (changes: Partial<typeof sampling>) => () =>
    assertSameContext({ ...context, sampling }, { ...context, sampling: { ...sampling, ...changes } });
  expect(changed({})).not.toThrow();
  expect(changed({ minBlocks: 12 })).toThrow("--min-blocks was 13 and is now 12");
  expect(changed({ maxBlocks: 61 })).toThrow("--max-blocks was 60 and is now 61");
  expect(changed({ timeBudgetMinutes: 6 })).toThrow("--time-budget-minutes was 5 and is now 6");
});

describe("continuedContext", () => {
  const sampling = { mode: "evidence" as const, minBlocks: 2, maxBlocks: 9, timeBudgetMinutes: 5 };
  const earlier = makeContext({ sampling, runCount: 9 });
  const goOn = (
    changes: Partial<typeof sampling>,
    { isMaxBlocksGiven = true, from = earlier, more = {} as Partial<typeof context> } = {},
  ) => {
    const asked = { ...sampling, ...changes };
    const now = makeContext({ sampling: asked, runCount: asked.maxBlocks, orderSeed: "fresh", ...more });
    return continuedContext(from, { now, isSeedGiven: more.orderSeed !== undefined, isMaxBlocksGiven });
  };
  const withoutBudget = { mode: "evidence" as const, minBlocks: 2, maxBlocks: 9 };

  it("stays as it was where nothing changes", () => {
    expect(goOn({})).toBe(earlier);
    expect(goOn({ maxBlocks: 60 }, { isMaxBlocksGiven: false })).toBe(earlier);
    expect(goOn({ maxBlocks: 4 }, { isMaxBlocksGiven: false })).toBe(earlier);
  });

  it("takes more blocks and another time budget, and keeps what they were", () => {
    const raised = goOn({ maxBlocks: 12 });
    expect(raised).toEqual({
      ...earlier,
      runCount: 12,
      sampling: { ...sampling, maxBlocks: 12, earlier: [{ maxBlocks: 9, timeBudgetMinutes: 5 }] },
    });
    const now = makeContext({ sampling: { ...withoutBudget, maxBlocks: 12 }, runCount: 12 });
    const endless = continuedContext(raised, { now, isSeedGiven: true, isMaxBlocksGiven: true });
    expect(endless.sampling).toEqual({
      ...withoutBudget,
      maxBlocks: 12,
      earlier: [
        { maxBlocks: 9, timeBudgetMinutes: 5 },
        { maxBlocks: 12, timeBudgetMinutes: 5 },
      ],
    });
    expect(describeLimits(earlier, endless)).toEqual([
      "note: at most 12 blocks a cell instead of 9, no time budget instead of 5 minutes",
    ]);
    expect(describeLimits(earlier, earlier)).toEqual([]);
  });

  it("refuses fewer blocks, another least number, and all else that differs", () => {
    expect(() => goOn({ maxBlocks: 8 })).toThrow("Cannot resume: --max-blocks was 9 and is now 8");
    expect(() => goOn({ minBlocks: 3 })).toThrow("Cannot resume: --min-blocks was 2 and is now 3");
    expect(() => goOn({ maxBlocks: 12 }, { more: { orderSeed: "other" } })).toThrow("--seed was");
    expect(() => goOn({ maxBlocks: 12 }, { more: { meter: "wait4" } })).toThrow("CPU time");
    expect(() => goOn({}, { more: { sampling: { mode: "fixed" } } })).toThrow("the sampling");
  });

  it("gives the plan its limits", () => {
    const plan = {
      arms: ["head"] as const,
      sampling: withoutBudget,
      cellPlans: openProtocol(makeCells(["P1"], ["one"], ["warm"]), 9),
    };
    expect(planWithin(plan, goOn({ maxBlocks: 12 }))).toMatchObject({
      sampling: { maxBlocks: 12, minBlocks: 2 },
      cellPlans: [{ blockCount: 12 }],
    });
    const fixed = { ...plan, sampling: { mode: "fixed", runCount: 4 } as const };
    expect(planWithin(fixed, context)).toBe(fixed);
  });
});

describe("runsOfWholeBlocks", () => {
  const arms = ["head", "base"] as const;
  const cellPlans = openProtocol(makeCells(["P1"], ["one"], ["cold", "warm"]), 3);
  const run = (phase: "cold" | "warm", block: number, arm: "head" | "base", more: Partial<RawRun> = {}) =>
    ({ profileId: "P1", scenario: "one", phase, block, arm, ...more }) as RawRun;
  const block = (phase: "cold" | "warm", number: number) => arms.map((arm) => run(phase, number, arm));
  const kept = (runs: readonly RawRun[]) => runsOfWholeBlocks(runs, { arms, cellPlans });

  it("keeps whole blocks in the order in which they were run", () => {
    const runs = [...block("warm", 0), ...block("cold", 0), ...block("warm", 1)];
    expect(kept(runs)).toEqual(runs);
    expect(kept([...runs, run("cold", 1, "base")])).toEqual(runs);
  });

  it("drops what no schedule gave: an arm twice, a third one, a gap, a block too many, another cell, a control", () => {
    const first = block("warm", 0);
    const odd = [
      [run("warm", 1, "head"), run("warm", 1, "head")],
      [...block("warm", 1), run("warm", 1, "head")],
      block("warm", 2),
      [run("warm", 1, "head", { scenario: "other" }), run("warm", 1, "base", { scenario: "other" })],
      arms.map((arm) => run("warm", 0, arm, { control: "null" })),
    ];
    for (const runs of odd) expect(kept([...first, ...runs])).toEqual(first);
    const all = [0, 1, 2, 3].flatMap((number) => block("cold", number));
    expect(kept(all)).toEqual(all.slice(0, 6));
  });
});
