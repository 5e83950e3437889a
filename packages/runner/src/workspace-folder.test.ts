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

function makeStage(cachePaths: readonly string[] = ["{outDir}", "{manifest}"]) {
  return new WorkspaceStage({
    suite: makeSuite({ cachePaths }),
    suitePath: "suite.yaml",
    scratch,
    cliPlaces,
    inputs: { folders: { one: "/in/one" }, reread: async () => undefined },
    searchPath: "/bin",
    shownPlaces: [[scratch, "."]],
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
      ...Object.values(places).map((place) => place.length),
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
