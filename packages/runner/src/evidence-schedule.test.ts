import type { RawRun } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cell, cellId } from "./cells.ts";
import { controlCells } from "./controls.ts";
import { type BlocksNeeded, type EvidenceOptions, EvidenceSchedule } from "./evidence-schedule.ts";
import { measure } from "./measure.ts";
import { runsOfWholeBlocks } from "./resume.ts";
import { openProtocol, planRuns } from "./schedule.ts";
import { ScriptedExecutor, type ScriptedRun } from "./scripted-executor.ts";
import { makeCells, makeFacts, makeReport, makeSuite, NamesOnlyStage } from "./test-helpers.ts";

const arms = ["head", "base"] as const;
const facts = makeFacts(makeSuite(), { plantedBy: "node-preload" });
const cells = [
  ...makeCells(["P1", "P2"], ["one", "all"], ["cold", "warm"]),
  ...controlCells({ cell: { profileId: "P1", scenario: "one", phase: "warm" }, plantedBy: "node-preload" }),
];
const never: BlocksNeeded = () => Infinity;
/** Needs nothing more where this holds, else nobody can tell. */
const until =
  (isDecided: (runs: readonly RawRun[]) => boolean): BlocksNeeded =>
  (runs) =>
    isDecided(runs) ? 0 : Infinity;

type Changes = Partial<EvidenceOptions> & { readonly cells?: readonly Cell[]; readonly maxBlocks?: number };

function optionsOf({ cells: some = cells, maxBlocks = 6, ...changes }: Changes): EvidenceOptions {
  const cellPlans = openProtocol(some, maxBlocks);
  return { orderSeed: "seed", arms, cellPlans, minBlocks: 2, blocksNeeded: never, earlierRuns: [], ...changes };
}

/** Runs it all on a subject that takes as long as its cell and block say, or fails where `fails` says so. */
async function run(
  changes: Changes,
  fails: (run: Cell & { readonly arm: string; readonly block: number }) => boolean = () => false,
) {
  const options = optionsOf(changes);
  const filled = new Set<string>();
  const executor = new ScriptedExecutor(({ run: planned }): ScriptedRun => {
    const { cell, arm, block } = planned ?? { cell: cells[0] as Cell, arm: "head", block: 0 };
    const total = cell.scenario === "all" ? 30 : 1;
    const key = `${arm} ${cellId(cell)}`;
    const cached = cell.phase === "warm" && filled.has(key) ? total : 0;
    filled.add(key);
    const wallMs = 10 + cellId(cell).length + ((block * 7) % 5);
    if (fails({ ...cell, arm, block })) return { exitCode: 1, wallMs };
    return { wallMs, stdout: makeReport({ total, cached }) };
  });
  const schedule = new EvidenceSchedule(options);
  const stage = new NamesOnlyStage();
  const { earlierRuns } = options;
  const runs = await measure({
    schedule,
    facts,
    executor,
    stage,
    timeoutMs: 1,
    earlierRuns,
    keep: async () => undefined,
  });
  return { runs, schedule, stage };
}

const blocksOf = (runs: readonly RawRun[]) => [...new Set(runs.map((own) => `${cellId(own)}#${own.block}`))];
const countsOf = (runs: readonly RawRun[]) => {
  const counts = new Map<string, number>();
  for (const key of blocksOf(runs)) counts.set(key.split("#")[0] ?? "", (counts.get(key.split("#")[0] ?? "") ?? 0) + 1);
  return counts;
};

/** Stops a cell after a number of blocks that only its own runs decide. */
const whimsical = until((runs) => {
  const last = runs.at(-1);
  return last !== undefined && Math.floor(last.wallMs + (last.block ?? 0)) % 3 === 0;
});

describe("EvidenceSchedule", () => {
  it("with a rule that never stops runs what the plan of all blocks has, in its order", async () => {
    const { runs } = await run({});
    const plan = planRuns({ orderSeed: "seed", arms, cellPlans: openProtocol(cells, 6) });
    const drawn = (block: (typeof plan)[number]["runs"]) =>
      block.map(
        ({ cell, block: number, arm, slot, position }) => `${cellId(cell)}#${number} ${arm} ${slot} ${position}`,
      );
    expect(runs.map((own) => `${cellId(own)}#${own.block} ${own.arm} ${own.slot} ${own.position}`)).toEqual(
      plan.flatMap((block) => drawn(block.runs)),
    );
  });

  it("gives each cell at least the least number, then asks the rule, with all runs of that cell and no others", async () => {
    const asked: (readonly RawRun[])[] = [];
    const { runs } = await run({
      minBlocks: 3,
      blocksNeeded: (own) => {
        asked.push([...own]);
        return own[0]?.phase === "cold" ? 0 : 1;
      },
    });
    for (const [id, blockCount] of countsOf(runs)) expect([id, blockCount]).toEqual([id, id.endsWith("cold") ? 3 : 6]);
    for (const own of asked) {
      expect(new Set(own.map((one) => cellId(one))).size).toBe(1);
      expect(own.length).toBeGreaterThanOrEqual(4);
      expect(own.length % 2).toBe(0);
    }
  });

  it("goes on alike wherever it was cut, at any run", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.integer({ min: 1, max: 4 }),
        fc.subarray(cells, { minLength: 1 }),
        fc.nat(),
        async (orderSeed, minBlocks, some, place) => {
          const changes = { orderSeed, minBlocks, cells: some, blocksNeeded: whimsical };
          const whole = await run(changes, ({ profileId, arm }) => profileId === "P2" && arm === "base");
          const cut = place % (whole.runs.length + 1);
          const plan = { arms, cellPlans: openProtocol(some, 6) };
          const earlierRuns = runsOfWholeBlocks(whole.runs.slice(0, cut), plan);
          expect(earlierRuns).toEqual(whole.runs.slice(0, cut - (cut % 2)));
          const resumed = await run(
            { ...changes, earlierRuns },
            ({ profileId, arm }) => profileId === "P2" && arm === "base",
          );
          const plain = (runs: readonly RawRun[]) =>
            runs.map((one) => [cellId(one), one.block, one.arm, one.slot, one.position, one.run]);
          expect(plain(resumed.runs)).toEqual(plain(whole.runs));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("counts the runs of an arm over both phases of a pair, and those of a control on their own", async () => {
    const { runs } = await run({ blocksNeeded: whimsical });
    for (const own of [
      ["P1", "one", undefined],
      ["P2", "all", undefined],
      ["P1", "one", "null"],
    ]) {
      const [profileId, scenario, control] = own;
      const heads = runs.filter(
        (one) =>
          one.arm === "head" && one.profileId === profileId && one.scenario === scenario && one.control === control,
      );
      expect(heads.map((one) => one.run)).toEqual(heads.map((_, index) => index + 1));
    }
  });

  it.each(["head", "base"])("gives cells up after three blocks in a row in which %s failed, and ends", async (arm) => {
    const { runs } = await run({ maxBlocks: 50 }, (one) => one.arm === arm && one.control === undefined);
    for (const [id, blockCount] of countsOf(runs))
      expect([id, blockCount]).toEqual([id, id.startsWith("control") ? 50 : 3]);
  });

  it("ends when every run of every arm fails", async () => {
    const { runs } = await run({ maxBlocks: 10_000 }, () => true);
    expect(runs).toHaveLength(cells.length * 3 * 2);
  });

  it("passes on what the rule throws, the runs before it kept", async () => {
    const broken: BlocksNeeded = () => {
      throw new RangeError("no rule");
    };
    await expect(run({ blocksNeeded: broken })).rejects.toThrow("no rule");
    const earlierRuns = (await run({})).runs;
    expect(() => new EvidenceSchedule(optionsOf({ blocksNeeded: broken, earlierRuns, maxBlocks: 9 }))).toThrow(
      "no rule",
    );
  });

  it("does not mind a wall clock that goes back", async () => {
    const { runs } = await run({ blocksNeeded: whimsical });
    const earlierRuns = runs
      .slice(0, 20)
      .map((one, index) => ({ ...one, timestamp: `20${40 - index}-01-01T00:00:00Z` }));
    expect(blocksOf((await run({ blocksNeeded: whimsical, earlierRuns })).runs)).toEqual(blocksOf(runs));
  });
});

describe("the time budget", () => {
  const [dear, cheap] = makeCells(["P1"], ["one"], ["cold", "warm"]) as [Cell, Cell];
  const costMs = (cell: Cell) => (cell === dear ? 100 : 10);

  /** Plays blocks that take what their cell costs on a clock of its own; resolves to how many each got. */
  function play(timeBudgetMs: number | undefined, changes: Changes = {}) {
    let nowMs = 5000;
    const schedule = new EvidenceSchedule(
      optionsOf({ cells: [dear, cheap], maxBlocks: 20, timeBudgetMs, nowMs: () => nowMs, ...changes }),
    );
    const counts = { dear: 0, cheap: 0 };
    for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
      nowMs += costMs(block.cell);
      counts[block.cell === dear ? "dear" : "cheap"] += 1;
      schedule.finish(block, [], costMs(block.cell));
    }
    return { counts, schedule, tookMs: nowMs - 5000 };
  }

  it("is no limit when there is none", () => {
    expect(play(undefined)).toMatchObject({ counts: { dear: 20, cheap: 20 } });
    expect(play(undefined).schedule.cutCells()).toEqual([]);
  });

  it("begins no block that would end later, while cheaper cells go on", () => {
    const { counts, schedule, tookMs } = play(380);
    // After a round that takes 110 ms, 270 ms are left: enough for all cheap blocks, and then not for a dear one.
    expect(counts).toEqual({ dear: 1, cheap: 20 });
    expect(tookMs).toBe(300);
    expect(schedule.cutCells()).toEqual(["P1/one/cold (1 block)"]);
  });

  /** Plays cells of 10 ms a block, of which the null needs 9 blocks, the near one 6 and the far one 16; at least 4 each. */
  function playNearAndFar(timeBudgetMs: number) {
    const [near, far] = makeCells(["P1"], ["one"], ["cold", "warm"]) as [Cell, Cell];
    const [control] = controlCells({ cell: near, plantedBy: "node-preload" }) as [Cell];
    let nowMs = 0;
    const order: string[] = [];
    const schedule = new EvidenceSchedule(
      optionsOf({
        cells: [far, near, control],
        minBlocks: 4,
        maxBlocks: 40,
        timeBudgetMs,
        nowMs: () => nowMs,
        blocksNeeded: (runs) => {
          const blockCount = runs.length / 2;
          const [first] = runs;
          const blocksInAll = first?.control !== undefined ? 9 : first?.phase === near.phase ? 6 : 16;
          return Math.max(0, blocksInAll - blockCount);
        },
      }),
    );
    for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
      nowMs += 10;
      const { cell } = block;
      order.push(cell.control === undefined ? (cell === near ? "near" : "far") : "null");
      const own = block.runs.map(({ arm }) => ({ arm, block: block.block, valid: true, wallMs: 5, ...cell }));
      schedule.finish(block, own as unknown as RawRun[], 10);
    }
    const countOf = (name: string) => order.filter((one) => one === name).length;
    return { counts: { near: countOf("near"), far: countOf("far"), null: countOf("null") }, order, schedule };
  }

  it("goes to the controls first, then to the cells that are decided soonest, and back when time is left", () => {
    const { counts, order, schedule } = playNearAndFar(300);
    expect(order.lastIndexOf("null")).toBeLessThan(order.lastIndexOf("far"));
    expect(order.lastIndexOf("near")).toBeLessThan(order.lastIndexOf("far"));
    expect(counts).toEqual({ near: 6, null: 9, far: 14 });
    expect(schedule.cutCells()).toEqual(["P1/one/warm (14 blocks)"]);
  });

  it("gives the null its least number of blocks, and no more before cells that it decides", () => {
    const { counts } = playNearAndFar(140);
    expect(counts.near).toBe(6);
    expect(counts.null).toBeGreaterThanOrEqual(4);
  });

  it("goes by the dearest of the last blocks, not by one of long ago", () => {
    let nowMs = 0;
    const options = optionsOf({ cells: [cheap], maxBlocks: 50, timeBudgetMs: 1000, nowMs: () => nowMs });
    const schedule = new EvidenceSchedule(options);
    const costs = [400, 10, 10, 10, 30, 10];
    for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
      const cost = costs[block.block] ?? 20;
      nowMs += cost;
      schedule.finish(block, [], cost);
    }
    // With 400 ms reserved it would have ended before 600.
    expect(nowMs).toBeGreaterThan(960);
    expect(nowMs).toBeLessThanOrEqual(1000);
  });

  it("is looked at between blocks: what is not known to be dear is begun", () => {
    expect(play(1).counts.dear + play(1).counts.cheap).toBe(1);
  });

  it("says nothing of cells that were finished in time", () => {
    const { counts, schedule } = play(400, { blocksNeeded: () => 0, minBlocks: 2 });
    expect(counts).toEqual({ dear: 2, cheap: 2 });
    expect(schedule.cutCells()).toEqual([]);
  });

  it("starts anew when resumed, and what was cut catches up first", async () => {
    const { runs } = await run({ cells: [dear, cheap], maxBlocks: 4 });
    const earlierRuns = runs.filter(({ phase, block }) => phase === "warm" || block === 0);
    const schedule = new EvidenceSchedule(
      optionsOf({ cells: [dear, cheap], maxBlocks: 6, earlierRuns, timeBudgetMs: 1e6 }),
    );
    const next = Array.from({ length: 5 }, () => {
      const block = schedule.next();
      if (block !== undefined) schedule.finish(block, [], 1);
      return block === undefined ? "" : `${cellId(block.cell)}#${block.block}`;
    });
    expect(next.slice(0, 3)).toEqual(["P1/one/cold#1", "P1/one/cold#2", "P1/one/cold#3"]);
    expect(next.slice(3).toSorted()).toEqual(["P1/one/cold#4", "P1/one/warm#4"]);
  });

  it("never tells less than before, and from the tenth block on what is left within a factor of two, at worst of three", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ costMs: fc.integer({ min: 20, max: 800 }), blocks: fc.integer({ min: 13, max: 26 }) }), {
          minLength: 8,
          maxLength: 12,
        }),
        (subjects) => {
          const some = makeCells(["P1", "P2", "P3"], ["one", "all"], ["cold", "warm"]).slice(0, subjects.length);
          const of = (cell: Pick<Cell, "profileId" | "scenario" | "phase">) =>
            subjects[some.findIndex((one) => cellId(one) === cellId(cell))] ?? { costMs: 1, blocks: 1 };
          let nowMs = 0;
          const options = { cells: some, minBlocks: 13, maxBlocks: 40, nowMs: () => nowMs };
          const blocksNeeded: BlocksNeeded = (runs) => {
            const [first] = runs;
            return first === undefined ? Infinity : Math.max(0, of(first).blocks - runs.length / 2);
          };
          const schedule = new EvidenceSchedule(optionsOf({ ...options, blocksNeeded }));
          const told: { atMs: number; leftMs: number; done: number }[] = [];
          for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
            const { cell, block: number } = block;
            nowMs += of(cell).costMs;
            const own = block.runs.map(({ arm }) => ({ arm, block: number, valid: true, wallMs: 5, ...cell }));
            schedule.finish(block, own as unknown as RawRun[], of(cell).costMs);
            const { done, leftMs = 0 } = schedule.progress();
            told.push({ atMs: nowMs, leftMs, done });
          }
          const dones = told.map(({ done }) => done);
          expect(dones).toEqual(dones.toSorted((a, b) => a - b));
          // Of the last block or two, a factor says little.
          const late = told.slice(9).filter(({ atMs }) => nowMs - atMs >= 0.05 * nowMs);
          const factors = late.map(({ atMs, leftMs }) => Math.exp(Math.abs(Math.log(leftMs / (nowMs - atMs)))));
          expect(Math.max(1, ...factors)).toBeLessThan(3);
          expect(factors.filter((factor) => factor > 2).length).toBeLessThanOrEqual(0.05 * factors.length);
        },
      ),
    );
  });

  it("tells the part of the time that is over from what the cells' own blocks took", () => {
    let nowMs = 0;
    const schedule = new EvidenceSchedule(
      optionsOf({ cells: [dear, cheap], maxBlocks: 4, minBlocks: 4, nowMs: () => nowMs }),
    );
    expect(schedule.progress()).toEqual({ done: 0, total: 100, note: "0/2 cells finished" });
    const seen = [];
    for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
      nowMs += costMs(block.cell);
      schedule.finish(block, [], costMs(block.cell));
      seen.push(schedule.progress());
    }
    // After the first round 110 ms are over and three rounds of the same are left.
    expect(seen[1]).toEqual({ done: 25, total: 100, leftMs: 330, note: "0/2 cells finished" });
    expect(seen.at(-1)).toEqual({ done: 100, total: 100, leftMs: 0, note: "2/2 cells finished" });
  });
});
