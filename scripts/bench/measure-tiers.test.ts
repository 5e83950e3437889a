import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { measurement, parseArtifact } from "@forgebench/artifacts";
import { EXIT, memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./measure-tiers.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "measure tiers "));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const HAS_TOOLS = (() => {
  try {
    return execFileSync("sh", ["-c", "command -v tar && command -v zstd && command -v bash"]).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!HAS_TOOLS)("measure-tiers", () => {
  it("packs real files, compares with tar and zstd, and cleans up", async () => {
    const io = memoryIo({ cwd: root, env: { PATH: process.env.PATH } });
    const exitCode = await main(
      ["--size-mb", "2", "--pairs", "2", "--workspace", "work", "--out-json", "out.json"],
      io,
    );
    // How fast this machine is right now is not for a test to say.
    expect([EXIT.ok, EXIT.gate], io.stderrText()).toContain(exitCode);
    const { figures } = parseArtifact(measurement, await readFile(path.join(root, "out.json"), "utf8"), "out.json");
    expect(figures.find(({ name }) => name === "size of the tier")).toMatchObject({ value: 2, unit: "MB" });
    expect(figures.find(({ name }) => name === "time ratio")?.value).toBeGreaterThan(0);
    expect(io.stdoutText()).toContain("time ratio");
    expect(io.stdoutText()).toContain("MEASUREMENT_JSON=");
    expect(await readdir(root)).toEqual(["out.json"]);
  });
});
