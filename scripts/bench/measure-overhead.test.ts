import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { measurement, parseArtifact } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "./measure-overhead.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "overhead-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hasHyperfine(): boolean {
  try {
    execFileSync("hyperfine", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const SMALL = ["--blocks", "2", "--runs-per-block", "2", "--ballast-mb", "0"];

describe("measure-overhead", () => {
  it("says that hyperfine is missing", async () => {
    const io = memoryIo({ cwd: folder, env: { PATH: folder } });
    expect(await main(SMALL, io)).toBe(69);
    expect(io.stderrText()).toContain("error: Cannot measure the overhead: there is no hyperfine on the PATH\n");
  });

  it.runIf(hasHyperfine())(
    "compares each command with hyperfine and judges the two that have a goal",
    { tags: ["slow"] },
    async () => {
      const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
      // Whether the goals are met depends on the machine; that they are judged does not.
      expect([0, 2]).toContain(await main([...SMALL, "--out-json", "overhead.json"], io));
      const { figures } = parseArtifact(measurement, readFileSync(path.join(folder, "overhead.json"), "utf8"), "x");
      expect(figures.filter(({ met }) => met !== undefined).map(({ name }) => name)).toEqual([
        "node -e 0: the runner's figure above it",
        "node, 100 ms: the runner's figure above it",
      ]);
      expect(figures.every(({ unit }) => unit === "ms")).toBe(true);
      expect(io.stdoutText()).toContain(`MEASUREMENT_JSON=${path.join(folder, "overhead.json")}\n`);
    },
  );
});
