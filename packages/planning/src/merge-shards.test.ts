import { checkArtifact, type RawRun, type RunContext, runContext } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellNamed } from "./cell-names.ts";
import { mergeShards } from "./merge-shards.ts";
import { type MadeUpCell, makeRuns } from "./testing.ts";
import type { ShardLog } from "./whole-blocks.ts";

const ids = ["P1/one/cold", "P1/one/warm", "P1/all/cold", "P2/one/cold", "P2/all/warm"];
const suiteCells = ids.flatMap(cellNamed);
const controls = ["control/null", "control/planted-5", "control/planted-10"];

const hex = (character: string) => character.repeat(64);
const machine = (character = "a"): RunContext["machine"] => ({
  id: hex(character),
  platform: "linux",
  arch: "x64",
  cpuModel: `model ${character}`,
  cpuCount: 2,
  memoryGiB: 8,
  virtualization: "none",
  cgroupCpuLimit: "none",
  cgroupMemoryLimit: "none",
  runnerImage: "none",
  nodeMajor: 20,
});

function makeContext(index: number, count: number, cells: readonly string[], changes: Partial<RunContext> = {}) {
  return checkArtifact(
    runContext,
    {
      kind: "run-context",
      version: "1.0",
      generatedAt: `2026-02-15T0${index % 10}:00:00Z`,
      toolVersion: "0.1.0",
      orderSeed: `seed-${index}`,
      design: "blocked",
      suite: { name: "small", sha256: hex("5") },
      machine: machine(),
      dataset: { datasetVersion: "0.0.0-dev", tierId: "tier30", sha256: hex("d"), source: "local" },
      subjects: {
        head: { id: hex("b"), cliSha256: hex("1"), nodeVersion: "20.20.2" },
        base: { id: hex("c"), cliSha256: hex("2"), nodeVersion: "20.20.2" },
      },
      runCount: 60,
      profiles: ["P1"],
      scenarios: ["one"],
      cells,
      meter: "wait4",
      timeoutMs: 600_000,
      sampling: { mode: "evidence", minBlocks: 13, maxBlocks: 60 },
      family: { primary: ids.map((id) => `${id}/wall`), secondary: [] },
      controls: { cell: "P1/one/warm", plantedBy: "node-preload" },
      shard: { index, count },
      ...changes,
    },
    "run-context.json",
  );
}

interface LogSpec {
  readonly changes?: Partial<RunContext>;
  readonly runs?: readonly RawRun[];
  readonly truncated?: boolean;
}

function makeLog(index: number, count: number, cells: readonly string[], spec: LogSpec = {}): ShardLog {
  const madeUp = [...cells, ...controls].map((id): MadeUpCell => ({ id, wallMs: 100, blockCount: 3 }));
  const runs = spec.runs ?? makeRuns(madeUp, { shard: { index, count } });
  const context = makeContext(index, count, cells, spec.changes);
  return {
    path: `shard-${index}/raw-runs.jsonl`,
    contextPath: `shard-${index}/run-context.json`,
    context,
    logged: runs.map((run) => ({ run, line: JSON.stringify(run) })),
    truncated: spec.truncated ?? false,
  };
}

const merge = (logs: readonly ShardLog[], allowMissingShards = false) =>
  mergeShards(logs, { suiteCells, allowMissingShards });

/** A merged measurement as the log of its workspace. */
const asLog = ({ context, runs, lines }: ReturnType<typeof merge>): ShardLog => ({
  path: "m/raw-runs.jsonl",
  contextPath: "m/run-context.json",
  context,
  truncated: false,
  logged: runs.map((run, index) => ({ run, line: lines[index] ?? "" })),
});

function withMachine(run: RawRun, { context }: ShardLog) {
  const own = { ...run, machineId: context.machine.id };
  return { run: own, line: JSON.stringify(own) };
}

/** What merging throws. */
function refusalOf(...logs: ShardLog[]): ArtifactError | OperationError {
  try {
    merge(logs);
  } catch (error) {
    if (error instanceof ArtifactError || error instanceof OperationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("shards", () => {
  it("become one measurement, whatever the order in which they are given", () => {
    const first = makeLog(1, 2, ids.slice(3), { changes: { machine: machine("e") } });
    const second = makeLog(2, 2, ids.slice(0, 3));
    const merged = merge([second, first]);
    expect(merged).toEqual(merge([first, second]));
    expect(merged.runs.map(({ shard }) => shard?.index).join("")).toBe(`${"1".repeat(30)}${"2".repeat(36)}`);
    expect(merged.context).toMatchObject({
      orderSeed: "seed-1",
      generatedAt: "2026-02-15T01:00:00Z",
      cells: ids,
      shard: { index: 1, count: 1 },
      profiles: ["P1", "P2"],
      scenarios: ["one", "all"],
      shards: [
        { index: 1, orderSeed: "seed-1", machine: { id: hex("e") } },
        { index: 2, orderSeed: "seed-2", machine: { id: hex("a") } },
      ],
    });
    expect(merged.notes).toEqual([]);
  });

  it("keep their lines as they were written, and their controls", () => {
    const logs = [makeLog(1, 2, ids.slice(3)), makeLog(2, 2, ids.slice(0, 3))];
    const merged = merge(logs);
    expect(merged.lines).toEqual(logs.flatMap(({ logged }) => logged.map(({ line }) => line)));
    expect(merged.runs.filter(({ control }) => control === "null")).toHaveLength(2 * 3 * 2);
  });

  it("say their shard in every run, also where a log left it out", () => {
    const bare = makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount: 2 }]);
    const merged = merge([makeLog(1, 2, ["P1/one/cold"], { runs: bare }), makeLog(2, 2, ["P1/one/warm"])]);
    expect(merged.runs[0]?.shard).toEqual({ index: 1, count: 2 });
    expect(JSON.parse(merged.lines[0] ?? "")).toMatchObject({ shard: { index: 1, count: 2 } });
  });

  it("lose only cut blocks, and it is said", () => {
    const whole = makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount: 3 }]);
    const merged = merge([makeLog(1, 1, ["P1/one/cold"], { runs: whole.slice(0, -1), truncated: true })]);
    expect(merged.runs).toEqual(whole.slice(0, 4).map((run) => ({ ...run, shard: { index: 1, count: 1 } })));
    expect(merged.notes).toEqual([
      'the cut last line of "shard-1/raw-runs.jsonl" is left out',
      '1 run of cut blocks left out of "shard-1/raw-runs.jsonl"',
    ]);
  });

  it("of one arm are whole with one run a block", () => {
    const runs = makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount: 3 }], { arms: ["head"] });
    const head = makeContext(1, 1, []).subjects.head;
    expect(merge([makeLog(1, 1, ["P1/one/cold"], { runs, changes: { subjects: { head } } })]).runs).toHaveLength(3);
  });

  it("may be merged again as they are", () => {
    const once = merge([makeLog(1, 2, ids.slice(3)), makeLog(2, 2, ids.slice(0, 3))]);
    expect(merge([asLog(once)])).toEqual(once);
  });
});

describe("refused with both values", () => {
  const { subjects, dataset } = makeContext(1, 1, []);
  const cases: readonly (readonly [string, Partial<RunContext>, string])[] = [
    ["suites", { suite: { name: "small", sha256: hex("6") } }, `the suite is "${hex("6")}", elsewhere "${hex("5")}"`],
    [
      "datasets",
      { dataset: { datasetVersion: "1", tierId: "t", sha256: hex("e"), source: "local" } },
      "the dataset is",
    ],
    [
      "versions of a dataset",
      { dataset: { ...dataset, datasetVersion: "0.0.1" } },
      'the version and tier of the dataset is ["0.0.1","tier30"], elsewhere ["0.0.0-dev","tier30"]',
    ],
    [
      "origins of a dataset",
      { dataset: { ...dataset, source: "fallback", fallback: { reason: "no release" } } },
      'the origin of the dataset is ["fallback",null,null,null,"no release"], elsewhere ["local",',
    ],
    ["heads", { subjects: { ...subjects, head: { ...subjects.head, id: hex("9") } } }, "the head is"],
    ["bases", { subjects: { head: subjects.head } }, "the base is none, elsewhere"],
    ["tool versions", { toolVersion: "0.2.0" }, 'the tool version is "0.2.0", elsewhere "0.1.0"'],
    ["samplings", { sampling: { mode: "fixed" } }, "the sampling is"],
    ["families", { family: { primary: [], secondary: [] } }, "the family that the error is shared over is"],
    ["controls", { controls: { absentBecause: "--no-controls was given" } }, "the plan of the controls is"],
    ["meters", { meter: "none" }, 'the meter is "none", elsewhere "wait4"'],
    ["time limits", { timeoutMs: 5 }, "the time limit is 5, elsewhere 600000"],
  ];

  it.each(cases)("different %s", (_, changes, message) => {
    const error = refusalOf(makeLog(1, 2, ids.slice(3)), makeLog(2, 2, ids.slice(0, 3), { changes }));
    expect(error).toBeInstanceOf(ArtifactError);
    expect(error.message).toContain(`Cannot merge run context "shard-2/run-context.json": ${message}`);
    expect(error.details).toContainEqual({ label: "other", text: "shard-1/run-context.json" });
  });

  it("different counts, the same shard twice, a shard beyond the count", () => {
    expect(refusalOf(makeLog(1, 2, ids), makeLog(2, 3, [])).message).toContain(
      "the number of shards is 3, elsewhere 2",
    );
    expect(refusalOf(makeLog(1, 2, ids.slice(2)), makeLog(1, 2, ids.slice(0, 2))).message).toContain(
      "shard 1 of 2, and so is",
    );
    expect(refusalOf(makeLog(3, 2, ids)).message).toContain("is number 3 of 2");
  });

  it("a cell in two shards, and one on two machines", () => {
    const twice = refusalOf(makeLog(1, 2, ["P1/one/cold"]), makeLog(2, 2, ["P1/one/cold"]));
    expect(twice.message).toContain('P1/one/cold was measured in "shard-1/raw-runs.jsonl" too');
    const moved = makeRuns([{ id: "P1/one/cold", wallMs: 1, blockCount: 2 }]).map((run) => ({
      ...run,
      machineId: hex(run.block === 0 ? "a" : "e"),
    }));
    expect(refusalOf(makeLog(1, 1, ["P1/one/cold"], { runs: moved })).message).toContain(
      `line 3: is of the machine ${hex("e")}, the context says ${hex("a")}`,
    );
  });

  it("a run twice, one of another shard, one without block, one of a base that there is not", () => {
    const runs = makeRuns([{ id: "P1/one/cold", wallMs: 1, blockCount: 1 }]);
    const refused = (own: readonly RawRun[], changes = {}) =>
      refusalOf(makeLog(1, 1, ["P1/one/cold"], { runs: own, changes })).message;
    expect(refused([...runs, ...runs])).toContain("line 3: P1/one/cold, block 0, head occurs twice");
    expect(refused(runs.map((run) => ({ ...run, shard: { index: 2, count: 2 } })))).toContain(
      "is of shard 2, the context says 1",
    );
    expect(refused(runs.map(({ block: _, ...run }) => run))).toContain("line 1: has no block");
    expect(refused(runs, { subjects: { head: subjects.head } })).toContain("line 2: is of the base");
  });

  it.each<[string, Partial<RawRun>, string]>([
    ["dataset", { datasetSha256: hex("e") }, `is of the dataset ${hex("e")}, the context says ${hex("d")}`],
    ["machine", { machineId: hex("e") }, `is of the machine ${hex("e")}, the context says ${hex("a")}`],
    ["head", { subjectId: hex("9") }, `is of the subject ${hex("9")}, the context says ${hex("b")}`],
    ["base", { subjectId: hex("b"), arm: "base" }, `is of the subject ${hex("b")}, the context says ${hex("c")}`],
    [
      "base of a control",
      { subjectId: hex("b"), control: "null" },
      `is of the subject ${hex("b")}, the context says ${hex("c")}`,
    ],
    ["cell", { scenario: "all" }, "is of P1/all/cold, which is none of the cells of the context"],
    ["duration", { wallMs: 0 }, "took 0 ms, which is impossible"],
  ])("a run of another %s than its own context says", (_, changes, message) => {
    const [first, ...rest] = makeRuns([{ id: "P1/one/cold", wallMs: 1, blockCount: 1 }]);
    const runs = [...rest, { ...first, ...changes } as RawRun];
    const error = refusalOf(makeLog(1, 1, ["P1/one/cold"], { runs }));
    expect(error).toBeInstanceOf(ArtifactError);
    expect(error.message).toContain(`"shard-1/raw-runs.jsonl": line 2: ${message}`);
  });

  it("a run of another machine than that of its shard, in a workspace that was merged before", () => {
    const logs = [makeLog(1, 2, ids.slice(3), { changes: { machine: machine("e") } }), makeLog(2, 2, ids.slice(0, 3))];
    const once = merge(logs.map((log) => ({ ...log, logged: log.logged.map(({ run }) => withMachine(run, log)) })));
    expect(merge([asLog(once)])).toEqual(once);
    const elsewhere = asLog(once)
      .logged.filter(({ run }) => run.shard?.index === 2 && run.control === undefined)
      .map((own) => ({ ...own, run: { ...own.run, shard: { index: 1, count: 2 }, machineId: hex("e") } }));
    expect(refusalOf({ ...asLog(once), logged: [...asLog(once).logged, ...elsewhere] }).message).toContain(
      "was measured in shard 1, before in 2; a cell is measured whole in one",
    );
    const [first, ...rest] = asLog(once).logged.map((logged) => logged);
    const moved = { ...first?.run, machineId: hex("a") } as RawRun;
    expect(refusalOf({ ...asLog(once), logged: [{ run: moved, line: "" }, ...rest] }).message).toContain(
      `line 1: is of the machine ${hex("a")}, the context says ${hex("e")}`,
    );
  });

  it("a cell that the suite does not have", () => {
    expect(refusalOf(makeLog(1, 2, ["P9/x/cold"]), makeLog(2, 2, ids)).message).toContain(
      "P9/x/cold: not in the suite",
    );
  });
});

describe("missing shards", () => {
  it("are named, and what is there", () => {
    const error = refusalOf(makeLog(2, 4, ids));
    expect(error.message).toBe("Cannot merge: shards 1, 3, 4 of 4 are missing");
    expect(error.details[0]?.text).toBe("2: shard-2/raw-runs.jsonl");
  });

  it("may be allowed, and are noted", () => {
    const merged = merge([makeLog(2, 3, ids)], true);
    expect(merged.notes).toEqual([
      "shard 1 is missing: its cells are not judged",
      "shard 3 is missing: its cells are not judged",
    ]);
    expect(merged.context.shards?.map(({ index }) => index)).toEqual([2]);
  });

  it("leave the number of shards, by which the controls share their error, and may be merged in later", () => {
    const logs = [makeLog(1, 3, ids.slice(4)), makeLog(2, 3, ids.slice(2, 4)), makeLog(3, 3, ids.slice(0, 2))];
    const partly = merge(logs.slice(1), true);
    expect(partly.context.shard).toEqual({ index: 2, count: 3 });
    expect(merge([asLog(partly)], true)).toEqual({
      ...partly,
      notes: ["shard 1 is missing: its cells are not judged"],
    });
    expect(refusalOf(asLog(partly)).message).toBe("Cannot merge: shard 1 of 3 is missing");
    expect(refusalOf(asLog(partly), logs[2] as ShardLog).message).toContain("is shard 3 of 3, and so is");
    const all = merge(logs);
    expect(all.context.shard).toEqual({ index: 1, count: 1 });
    const later = merge([asLog(partly), ...logs.slice(0, 1)]);
    expect(later.context).toEqual(all.context);
    expect(later.runs).toEqual(all.runs);
  });
});

it("says so when there is not one whole block", () => {
  expect(refusalOf(makeLog(1, 1, ids, { runs: [] })).message).toBe(
    "Cannot merge: there is no whole block in any of the workspaces",
  );
});

it("gives back the runs of a measurement, however its cells were dealt to shards", () => {
  const all = makeRuns(ids.map((id, index): MadeUpCell => ({ id, wallMs: 100 + index, blockCount: 1 + index })));
  const key = ({ shard: _, ...run }: RawRun) => JSON.stringify(run);
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: ids.length, maxLength: ids.length }),
      fc.integer({ min: 2, max: 5 }),
      (deal, count) => {
        const logs = Array.from({ length: count }, (_, index) => {
          const own = ids.filter((__, position) => (deal[position] ?? 0) % count === index);
          const runs = all
            .filter((run) => own.includes(`${run.profileId}/${run.scenario}/${run.phase}`))
            .map((run) => ({ ...run, shard: { index: index + 1, count } }));
          return makeLog(index + 1, count, own, { runs });
        });
        const merged = merge(logs);
        expect(merged.runs.map(key).sort()).toEqual(all.map(key).sort());
        expect(merged.context.cells).toEqual(ids);
      },
    ),
  );
});

it("merges 10,000 cells", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `P1/s${index}/cold`);
  const half = (index: number) => many.filter((_, position) => position % 2 === index - 1);
  const logs = [1, 2].map((index) => {
    const runs = makeRuns(half(index).map((id): MadeUpCell => ({ id, wallMs: 1, blockCount: 2 })));
    return makeLog(index, 2, half(index), { runs });
  });
  expect(mergeShards(logs, { suiteCells: many.flatMap(cellNamed), allowMissingShards: false }).runs).toHaveLength(
    40_000,
  );
});

describe("shards that went on with other limits", () => {
  const limited = (sampling: object) => ({ sampling: { mode: "evidence" as const, minBlocks: 13, ...sampling } });
  const two = (a: object, b: object) => [
    makeLog(1, 2, ids.slice(3), { changes: limited(a) }),
    makeLog(2, 2, ids.slice(0, 3), { changes: limited(b) }),
  ];

  it("are merged when they have the same most blocks now, and all limits are kept", () => {
    const logs = two(
      { maxBlocks: 90, earlier: [{ maxBlocks: 60, timeBudgetMinutes: 5 }] },
      { maxBlocks: 90, timeBudgetMinutes: 9, earlier: [{ maxBlocks: 70 }, { maxBlocks: 60, timeBudgetMinutes: 5 }] },
    );
    expect(merge(logs).context.sampling).toEqual({
      mode: "evidence",
      minBlocks: 13,
      maxBlocks: 90,
      timeBudgetMinutes: 9,
      earlier: [{ maxBlocks: 60, timeBudgetMinutes: 5 }, { maxBlocks: 70 }],
    });
    expect(merge(two({ maxBlocks: 90 }, { maxBlocks: 90 })).context.sampling).toEqual(
      limited({ maxBlocks: 90 }).sampling,
    );
  });

  it("are refused when one was raised alone", () => {
    const error = refusalOf(...two({ maxBlocks: 60 }, { maxBlocks: 90, earlier: [{ maxBlocks: 60 }] }));
    expect(error.message).toContain('the sampling is ["evidence",13,90], elsewhere ["evidence",13,60]');
  });
});
