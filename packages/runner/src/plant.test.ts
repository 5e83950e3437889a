import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { controlFactors } from "@forgebench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cell } from "./cells.ts";
import type { RunResult } from "./executor.ts";
import { chooseMeter, METERS } from "./meter-process.ts";
import { nanoseconds, parsePlanted, plantEnvironment, plantedCommand, plantedFactor, withoutPlant } from "./plant.ts";
import { ProcessExecutor } from "./process-executor.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "plant ü ")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const names = chooseMeter().name === "wait4" ? (["wait4", "none"] as const) : (["none"] as const);
const preload = file('a "b\\ c/pre load.cjs');

beforeAll(() => {
  mkdirSync(path.dirname(preload));
  writeFileSync(preload, readFileSync(fileURLToPath(new URL("plant-preload.cjs", import.meta.url))));
  // Works for 30 ms, and shows what of the planting it and its children can see.
  writeFileSync(
    file("subject.mjs"),
    `import { spawnSync } from "node:child_process";
     import { existsSync } from "node:fs";
     import { Worker } from "node:worker_threads";
     const names = () => JSON.stringify(Object.keys(process.env).filter((name) => /PLANT|NODE_OPTIONS/.test(name)));
     const inside = "require('fs').writeSync(1, 'inner ' + Object.keys(process.env).filter((n) => /PLANT|NODE_OPTIONS/.test(n)).length + ';')";
     if (process.argv[2] === "children") {
       console.log(names());
       console.log(spawnSync(process.execPath, ["-e", inside], { encoding: "utf8" }).stdout);
       await new Promise((resolve) => new Worker(inside, { eval: true }).on("exit", resolve));
       console.log("said", existsSync("planted.txt"));
     }
     if (process.argv[2] === "sudden") process.reallyExit(0);
     const until = performance.now() + 30;
     if (process.argv[2] !== "children") console.log(until);
     while (performance.now() < until);
     if (process.argv[2] === "exit") process.exit(0);`,
  );
});

async function run(factor: string, { mode = "", meter = chooseMeter(), tailMs = 0 } = {}) {
  rmSync(file("planted.txt"), { force: true });
  const executor = new ProcessExecutor({ meter, marker: "plant-test" });
  const result: RunResult = await executor.run({
    argv: [process.execPath, file("subject.mjs"), mode],
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", ...plantEnvironment({ preload, factor, file: file("planted.txt"), tailMs }) },
    timeoutMs: 300_000,
  });
  let text = "";
  try {
    text = readFileSync(file("planted.txt"), "utf8");
  } catch {
    // It said nothing.
  }
  return { ...result, planted: parsePlanted(text) };
}

describe.each(names)("the preload, under the meter %s", (name) => {
  const meter = METERS[name];

  it.each(["", "exit"])("burns in proportion to the time since the process was made, ending with %j", async (mode) => {
    for (const factor of ["0.05", "0.10"]) {
      const { exitCode, wallMs, planted, stdout } = await run(factor, { meter, mode });
      const { elapsedMs = 0, burnedMs = 0 } = planted ?? {};
      expect(exitCode).toBe(0);
      // Until then the subject worked, counted from when its process was made.
      expect(elapsedMs).toBeGreaterThan(Number(stdout));
      expect(elapsedMs + burnedMs).toBeLessThan(wallMs);
      expect(burnedMs / elapsedMs).toBeGreaterThanOrEqual(Number(factor) - 1e-6);
    }
  });

  it("adds a part of what earlier runs took after their end", async () => {
    const { planted } = await run("0.10", { meter, tailMs: 2000 });
    const { elapsedMs = 0, burnedMs = 0 } = planted ?? {};
    expect(burnedMs).toBeGreaterThanOrEqual(0.1 * (elapsedMs + 2000) - 1e-3);
  });

  it("burns nothing with factor 0, and says so", async () => {
    const { planted, stdout } = await run("0.00", { meter });
    expect(planted?.burnedMs).toBe(0);
    expect(planted?.elapsedMs).toBeGreaterThan(Number(stdout));
  });
});

describe("the preload", () => {
  it("is nothing that the subject, its children or its workers see or do", async () => {
    const { stdout, planted } = await run("0.10", { mode: "children" });
    expect(stdout.split("\n")[0]).toBe("[]");
    expect(stdout.match(/inner 0;/g)).toHaveLength(2);
    expect(stdout).toContain("said false");
    expect(planted?.burnedMs).toBeGreaterThan(0);
  });

  it("leaves no word when the subject ends without its exit handlers", async () => {
    const { exitCode, planted } = await run("0.10", { mode: "sudden" });
    expect([exitCode, planted]).toEqual([0, undefined]);
  });
});

describe("planting", () => {
  const cell = (control?: keyof typeof controlFactors): Cell => ({
    profileId: "P1",
    scenario: "one",
    phase: "warm",
    control,
  });

  it("slows the head of a planted control and nothing else", () => {
    const factors = (["null", "planted-5", "planted-10", undefined] as const).map((control) =>
      (["head", "base"] as const).map((arm) => plantedFactor({ cell: cell(control), arm })),
    );
    expect(factors).toEqual([
      ["0.00", "0.00"],
      ["0.05", "0.00"],
      ["0.10", "0.00"],
      ["0.00", "0.00"],
    ]);
  });

  it("needs an environment of one size", () => {
    const sizes = [0, 0.4, 12_345.678, -3].map((tailMs) => {
      const env = plantEnvironment({ preload, factor: tailMs > 1 ? "0.10" : "0.00", file: "f", tailMs });
      return JSON.stringify(env).length;
    });
    expect(new Set(sizes).size).toBe(1);
    expect(nanoseconds(5n)).toBe("00000000000000000005");
  });

  it("is nothing that what prepares a run gets", () => {
    const env = { PATH: "/bin", ...plantEnvironment({ preload, factor: "0.10", file: "f", tailMs: 0 }) };
    expect(withoutPlant(env)).toEqual({ PATH: "/bin" });
  });

  it("puts the command of the subject into the one of the suite", () => {
    const template = ["slow-by", "--by={factor}", "{command}", "x{command}"];
    expect(plantedCommand(template, "0.05", ["ruby", "{factor}"])).toEqual([
      "slow-by",
      "--by=0.05",
      "ruby",
      "{factor}",
      "x{command}",
    ]);
  });

  it("reads only what is whole", () => {
    expect(parsePlanted("1500000 250000\n")).toEqual({ elapsedMs: 1.5, burnedMs: 0.25 });
    for (const text of ["", "1500000 25", "x 1\n", "1\n"]) expect(parsePlanted(text)).toBeUndefined();
  });
});
