import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { probeMachine } from "./machine-probe.ts";
import { fixedProtocol, type PlannedRun, planRuns } from "./schedule.ts";
import { makeCells, makeSuite } from "./test-helpers.ts";
import { WorkspaceStage } from "./workspace-folder.ts";

const scratch = realpathSync(mkdtempSync(path.join(os.tmpdir(), "stage ü-")));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const cliPlaces = {
  A: { head: "/s/A/head/cli.js", base: "/s/A/base/cli.js" },
  B: { head: "/s/B/head/cli.js", base: "/s/B/base/cli.js" },
};

function makeStage(cachePaths: readonly string[] = ["{outDir}", "{manifest}"], plantPreload?: string, changes = {}) {
  return new WorkspaceStage({
    suite: makeSuite({ cachePaths }),
    suitePath: "suite.yaml",
    scratch,
    cliPlaces,
    inputs: { folders: { one: "/in/one" }, files: { one: ["a.jpg"] }, reread: async () => undefined },
    searchPath: "/bin",
    plantPreload,
    shownPlaces: [[scratch, "."]],
    ...changes,
  });
}

const blocks = planRuns({
  orderSeed: "s",
  arms: ["head", "base"],
  cellPlans: fixedProtocol(makeCells(["P1"], ["one"], ["cold", "warm"]), 3),
});
const runOf = (phase: "cold" | "warm", arm: "head" | "base"): PlannedRun => {
  const found = blocks.flatMap(({ runs }) => runs).find((run) => run.cell.phase === phase && run.arm === arm);
  if (found === undefined) throw new Error("not planned");
  return found;
};

describe("WorkspaceStage", () => {
  it("gives both arms places and an environment of the same size, without anything of the caller's", async () => {
    const stage = makeStage();
    const [head, base] = [await stage.prepare(runOf("warm", "head")), await stage.prepare(runOf("warm", "base"))];
    const size = ({ env, ...places }: typeof head) => [
      JSON.stringify(env).length,
      ...Object.values(places).map((place) => place?.length),
    ];
    expect(size(head)).toEqual(size(base));
    expect(Object.keys(head.env).sort()).toEqual(["HOME", "LANG", "PATH", "TMPDIR", "TZ"]);
    expect(existsSync(head.env.HOME ?? "") && existsSync(head.env.TMPDIR ?? "") && existsSync(head.cwd)).toBe(true);
    expect(existsSync(head.outDir)).toBe(false);
    expect(stage.shown(`${head.cwd} ${scratch}`)).toBe("warm/head/P1/one .");
  });

  it("lets a cold run find nothing of the one before, and removes it after the block", async () => {
    const stage = makeStage(["{outDir}", "home/.cache"]);
    const first = await stage.prepare(runOf("cold", "head"));
    mkdirSync(path.join(first.cwd, "home/.cache"), { recursive: true });
    mkdirSync(first.outDir);
    writeFileSync(path.join(first.outDir, "x"), "12345");
    mkdirSync(path.join(first.outDir, "deep"));
    writeFileSync(path.join(first.outDir, "deep/y"), "123");
    expect(await stage.outputBytes(first)).toBe(8);
    const second = await stage.prepare(runOf("cold", "head"));
    expect(second).toEqual(first);
    expect(existsSync(second.outDir) || existsSync(path.join(second.cwd, "home/.cache"))).toBe(false);
    expect(await stage.outputBytes(second)).toBe(0);
    const [block] = blocks.filter(({ cell }) => cell.phase === "cold");
    if (block !== undefined) await stage.finishBlock(block);
    expect(existsSync(second.cwd)).toBe(false);
  });

  it("has a place for the one file of the input, the suite's folder and no CLI, and makes the output folder", async () => {
    const bare = makeSuite({ scenarios: [{ name: "one" }], subject: { argv: ["sleep", "1"] } });
    const stage = makeStage([], undefined, { suite: bare, cliPlaces: undefined, suiteDir: "/suites" });
    const places = await stage.prepare(runOf("cold", "head"));
    expect(places).toMatchObject({ inputFile: "/in/one/a.jpg", suiteDir: "/suites" });
    expect(places).not.toHaveProperty("cli");
    expect(existsSync(places.outDir)).toBe(true);
    const two = { folders: { one: "/in/one" }, files: { one: ["a", "b"] }, reread: async () => undefined };
    expect(await makeStage([], undefined, { inputs: two }).prepare(runOf("cold", "head"))).not.toHaveProperty(
      "inputFile",
    );
  });

  it("keeps what a warm run left, and lets each arm fill its folder once", async () => {
    const stage = makeStage();
    const run = runOf("warm", "head");
    expect([
      stage.claimFill(run.cell, "head"),
      stage.claimFill(run.cell, "head"),
      stage.claimFill(run.cell, "base"),
    ]).toEqual([true, false, true]);
    const { cwd } = await stage.prepare(run);
    writeFileSync(path.join(cwd, "kept"), "");
    await stage.prepare(run);
    for (const block of blocks) if (block.cell.phase === "warm") await stage.finishBlock(block);
    expect(existsSync(path.join(cwd, "kept"))).toBe(true);
  });

  it.each([path.join(scratch, "precious"), "..", "../base", "{input}", "."])(
    "refuses to remove %j",
    async (cachePath) => {
      await expect(makeStage([cachePath]).prepare(runOf("cold", "head"))).rejects.toThrow(
        `Cannot read suite "suite.yaml": cachePaths: ${JSON.stringify(cachePath)} leads out of the folder of the run`,
      );
    },
  );
});

describe("WorkspaceStage, for controls", () => {
  const controlOf = (control: "null" | "planted-10", arm: "head" | "base"): PlannedRun => {
    const run = runOf("warm", arm);
    return { ...run, cell: { ...run.cell, control } };
  };

  it("runs the base in both arms, in folders of their own, with environments of one size", async () => {
    const stage = makeStage(undefined, "/pre load.cjs");
    const places = [];
    for (const arm of ["head", "base"] as const) places.push(await stage.prepare(controlOf("planted-10", arm)));
    const [head, base] = places;
    expect([head?.cli, base?.cli].toSorted()).toEqual(["/s/A/base/cli.js", "/s/B/base/cli.js"]);
    expect([head, base].map((place) => stage.shown(place?.outDir ?? ""))).toEqual([
      "control/planted-10/warm/head/P1/one/out",
      "control/planted-10/warm/base/P1/one/out",
    ]);
    expect(JSON.stringify(head).length).toBe(JSON.stringify(base).length);
    expect([head?.env.FORGEBENCH_PLANT_FACTOR, base?.env.FORGEBENCH_PLANT_FACTOR]).toEqual(["0.10", "0.00"]);
    expect(head?.env.NODE_OPTIONS).toBe('--require "/pre load.cjs"');
    expect(base?.env.NODE_OPTIONS).toBe(head?.env.NODE_OPTIONS);
    expect((await makeStage().prepare(controlOf("null", "head"))).env).not.toHaveProperty("NODE_OPTIONS");
    expect((await stage.prepare(runOf("warm", "head"))).env).not.toHaveProperty("NODE_OPTIONS");
  });

  it("fills the warm folders of each control on their own", () => {
    const stage = makeStage();
    const claims = [runOf("warm", "head"), controlOf("null", "head"), controlOf("planted-10", "head")];
    expect(claims.map(({ cell, arm }) => stage.claimFill(cell, arm))).toEqual([true, true, true]);
    expect(claims.map(({ cell, arm }) => stage.claimFill(cell, arm))).toEqual([false, false, false]);
  });

  it("reads what was planted, of this run only, and lets the next one know what comes after its end", async () => {
    const stage = makeStage(undefined, "/pre load.cjs");
    const run = controlOf("planted-10", "head");
    const first = await stage.prepare(run);
    expect(first.env.FORGEBENCH_PLANT_TAIL).toBe("0".repeat(20));
    writeFileSync(first.env.FORGEBENCH_PLANT_FILE ?? "", "50000000 5000000\n");
    expect(await stage.plantedMs(run, first, 58)).toBe(5);
    const second = await stage.prepare(run);
    expect(Number(second.env.FORGEBENCH_PLANT_TAIL)).toBe(3e6);
    expect(await stage.plantedMs(run, second, 58)).toBeNull();
    expect(await stage.plantedMs(runOf("warm", "head"), first, 58)).toBeNull();
  });

  it("tells the helper by how much, and has nothing that Node would load", async () => {
    const stage = makeStage(undefined, undefined, { hasPlantHelper: true });
    const run = controlOf("planted-10", "head");
    const { env } = await stage.prepare(run);
    expect(env).toMatchObject({ FORGEBENCH_PLANT_FACTOR: "0.10" });
    expect(env).not.toHaveProperty("NODE_OPTIONS");
    expect((await stage.prepare(runOf("warm", "head"))).env).not.toHaveProperty("FORGEBENCH_PLANT_FACTOR");
  });

  it("removes what a cold control leaves", async () => {
    const stage = makeStage();
    const run = { ...controlOf("null", "head"), cell: { ...controlOf("null", "head").cell, phase: "cold" as const } };
    const { cwd } = await stage.prepare(run);
    expect(existsSync(cwd)).toBe(true);
    await stage.finishBlock({ cell: run.cell, block: 0, runs: [run] });
    expect(existsSync(cwd)).toBe(false);
  });
});

describe("probeMachine", () => {
  it("names the same machine alike, and another runner image otherwise", () => {
    expect(probeMachine({})).toEqual(probeMachine({ HOME: "/x" }));
    expect(probeMachine({ ImageOS: "ubuntu24" })).toMatchObject({
      runnerImage: "ubuntu24",
      nodeMajor: Number(process.versions.node.split(".")[0]),
    });
    expect(probeMachine({ ImageOS: "ubuntu24" }).id).not.toBe(probeMachine({}).id);
  });
});
