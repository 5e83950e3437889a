import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { comparison, parseArtifact } from "@forgebench/artifacts";
import { buildSummary } from "@forgebench/artifacts/testing";
import { memoryIo, PROJECT_ROOT, sha256OfFile } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./compare-benchmark.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "compare ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string) => path.join(folder, name);
const sides = ["--base-summary", "base.json", "--head-summary", "head.json"];

beforeAll(() => {
  writeFileSync(file("base.json"), JSON.stringify(buildSummary({ "P1/a": {} })));
  writeFileSync(file("head.json"), JSON.stringify(buildSummary({ "P1/a": { coldMs: 400 } })));
});

/** Runs a launcher as the runbook types it; resolves to its exit code and what it printed. */
function launchScript(launcher: string, args: readonly string[]) {
  return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [launcher, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("the launcher", () => {
  it("runs from any folder, through a link, with spaces and other letters in the paths", async () => {
    symlinkSync(path.join(PROJECT_ROOT, "scripts/bench/compare-benchmark.mjs"), file("a link.mjs"));
    const outs = ["--out-json", "out put/ç.json", "--out-md", "out put/ç.md"];
    const { exitCode, stdout } = await launchScript(file("a link.mjs"), [...sides, ...outs, "--mode", "strict"]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe(`COMPARE_JSON=${file("out put/ç.json")}\nCOMPARE_MD=${file("out put/ç.md")}\nALERT_COUNT=1\n`);
  });

  it("is there for every script that the runbook types with plain Node", async () => {
    const launcher = path.join(PROJECT_ROOT, "scripts/bench/export-site-snapshot.mjs");
    const { exitCode, stderr } = await launchScript(launcher, ["--tier", "30"]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain("error: missing --head-summary");
  });
});

describe("main", () => {
  it("names its inputs by hash, so that the chain can check what belongs together", async () => {
    const io = memoryIo({ cwd: folder });
    expect(await main([...sides, "--out-json", "c.json", "--out-md", "c.md"], io)).toBe(0);
    const made = parseArtifact(comparison, readFileSync(file("c.json"), "utf8"), "c.json");
    expect(made.inputs).toEqual([
      { role: "base", path: "base.json", sha256: await sha256OfFile(file("base.json")) },
      { role: "head", path: "head.json", sha256: await sha256OfFile(file("head.json")) },
    ]);
    expect(readFileSync(file("c.json"), "utf8")).not.toContain(folder);
    expect(readFileSync(file("c.md"), "utf8")).not.toContain(folder);
  });

  it("hands its results to the next step of a workflow", async () => {
    const io = memoryIo({ cwd: folder, env: { GITHUB_OUTPUT: file("github-output") } });
    await main([...sides, "--out-json", "g.json", "--out-md", "g.md"], io);
    expect(readFileSync(file("github-output"), "utf8")).toBe(io.stdoutText());
  });

  it("says which output cannot be made, and keeps the old one", async () => {
    writeFileSync(file("taken"), "");
    mkdirSync(file("is-a-folder.json"));
    for (const out of ["taken/c.json", "is-a-folder.json"]) {
      const io = memoryIo({ cwd: folder });
      expect(await main([...sides, "--out-json", out, "--out-md", "x.md"], io)).toBe(73);
      expect(io.stderrText()).toContain(file(out.split("/")[0] ?? ""));
      expect(io.stdoutText()).toBe("");
    }
  });

  it("cannot be misled into a workflow command by what a summary holds", async () => {
    const hostile = "\n::error::x\u001b[31m";
    writeFileSync(file("hostile.json"), JSON.stringify(buildSummary({ [`${hostile}/${hostile}`]: { coldMs: 0 } })));
    const io = memoryIo({ cwd: folder });
    const args = ["--base-summary", "hostile.json", "--head-summary", "head.json"];
    expect(await main([...args, "--out-json", "h.json", "--out-md", "h.md"], io)).toBe(3);
    const shown = io.stdoutText() + io.stderrText() + readFileSync(file("h.md"), "utf8");
    expect(shown).toContain("::error::x");
    expect(shown).not.toMatch(/^\s*::/m);
    expect(shown).not.toContain("\u001b");
  });
});
