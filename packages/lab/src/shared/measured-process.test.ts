import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { memoryIo } from "@forgebench/io";
import { chooseMeter, METERS } from "@forgebench/runner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measuredProcesses, requireFullCost } from "./measured-process.ts";
import { inScratchFolder } from "./scratch-folder.ts";

let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "measured process ü ")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (code: string) =>
  measuredProcesses(folder, memoryIo({ cwd: folder, env: { PATH: "/bin", SECRET: "s3cret" } })).run([
    process.execPath,
    "-e",
    code,
  ]);

describe("measuredProcesses", () => {
  it("runs a command in its folder with the environment of a subject, and says what it took", async () => {
    const cost = await run(
      "console.log(JSON.stringify([process.cwd(), process.env.HOME, process.env.SECRET ?? null]))",
    );
    expect(JSON.parse(cost.stdout)).toEqual([folder, folder, null]);
    expect(cost.wallMs).toBeGreaterThan(0);
  });

  it.skipIf(chooseMeter() === METERS.none)("knows CPU time and memory where there is a meter", async () => {
    const { cpuMs, peakMb } = requireFullCost(await run("Buffer.alloc(50e6, 1)"));
    expect(cpuMs).toBeGreaterThan(0);
    expect(peakMb).toBeGreaterThan(50);
  });

  it("refuses what a failing command took, and a cost without CPU time where it is needed", async () => {
    await expect(run("console.error('no luck'); process.exit(7)")).rejects.toThrow(/ended with 7: no luck/);
    const bare = { wallMs: 1, cpuMs: null, peakMb: null, stdout: "", stderr: "" };
    expect(() => requireFullCost(bare)).toThrow("CPU time and memory");
  });
});

describe("inScratchFolder", () => {
  it("removes the folder whatever comes of it", async () => {
    const scratch = path.join(folder, "scratch");
    await expect(inScratchFolder(scratch, async () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
    expect(await inScratchFolder(scratch, async (made) => made)).toBe(scratch);
    expect(() => realpathSync(scratch)).toThrow("ENOENT");
  });
});
