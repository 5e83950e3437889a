import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Measurement, measurement, parseArtifact } from "@forgebench/artifacts";
import { EXIT, memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { chooseMeter, METERS } from "@forgebench/runner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./measure-compare.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "measure compare ü "));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const io = memoryIo({ cwd: root, env: { PATH: process.env.PATH } });
  const exitCode = await main(["--workspace", "work", ...argv], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const SMALL = ["--cells", "20", "--verify-cells", "4", "--blocks", "6", "--pairs", "1", "--out-json", "out.json"];

async function readFigures(): Promise<Measurement["figures"]> {
  return parseArtifact(measurement, await readFile(path.join(root, "out.json"), "utf8"), "out.json").figures;
}

describe.skipIf(chooseMeter() === METERS.none)("measure-compare", () => {
  it("compares nights of three sizes, verifies one, and cleans up", async () => {
    const { exitCode, stdout, stderr } = await run(...SMALL);
    // How costs grow on this machine right now is not for a test to say.
    expect([EXIT.ok, EXIT.gate], stderr).toContain(exitCode);
    const figures = await readFigures();
    const names = figures.map(({ name }) => name).filter((name) => name.endsWith("CPU time"));
    expect(names).toEqual([2, 6, 20].map((n) => `compare ${n} cells: CPU time`).concat("verify 4 cells: CPU time"));
    for (const { name, value } of figures) if (!name.startsWith("growth")) expect(value, name).toBeGreaterThan(0);
    expect(figures.find(({ name }) => name.startsWith("growth"))).toMatchObject({ goal: "< 1" });
    expect(stdout).toContain("MEASUREMENT_JSON=");
    expect(await readdir(root)).toEqual(["out.json"]);
  });

  it("lets a reference do the same, and sets goals for the ratios", { tags: ["slow"] }, async () => {
    const { exitCode, stderr } = await run(...SMALL, "--reference", PROJECT_ROOT);
    // As expensive as itself: the goals are missed.
    expect(exitCode, stderr).toBe(EXIT.gate);
    const figures = await readFigures();
    expect(figures.filter(({ goal }) => goal?.startsWith("≤")).map(({ name, goal }) => `${name} ${goal}`)).toEqual([
      "compare, CPU time to the reference's ≤ 0.4",
      "  peak memory ≤ 0.35",
      "verify, CPU time to the reference's ≤ 0.35",
    ]);
  });
});

describe("measure-compare, before it measures", () => {
  it("makes a night for others", async () => {
    expect(await run("--cells", "20", "--blocks", "6", "--make-only", "night")).toMatchObject({ exitCode: EXIT.ok });
    const made = path.join(root, "night");
    expect((await readdir(made)).sort()).toEqual(
      ["base-summary.json", "raw-runs.jsonl", "run-context.json", "suite.yaml", "summary.json"].sort(),
    );
    expect((await readFile(path.join(made, "raw-runs.jsonl"), "utf8")).split("\n")).toHaveLength(20 * 6 * 2 + 1);
    await rm(made, { recursive: true });
  });

  it("refuses a reference that is no checkout", async () => {
    const { exitCode, stderr } = await run("--reference", ".");
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain("has no bench:compare that node or tsx starts");
    expect(await readdir(root)).not.toContain("work");
  });
});
