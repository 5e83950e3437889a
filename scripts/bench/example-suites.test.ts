import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArtifact, parseRawRuns, runContext } from "@forgebench/artifacts";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "./run-benchmark.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "example suites ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const suites = path.join(PROJECT_ROOT, "docs/examples/suites");

/** Where a program is; undefined, with a word about it, where it is not installed. */
function programOf(name: string): string | undefined {
  try {
    return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
  } catch {
    process.stderr.write(`skipped: the example suite of ${name}, which is not installed here\n`);
    return undefined;
  }
}

async function run(suite: string, args: readonly string[]) {
  const workspace = path.join(folder, suite);
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
  const exitCode = await main(
    ["--suite", path.join(suites, suite), "--workspace", workspace, "--no-waiting", ...args],
    io,
  );
  expect(io.stderrText()).not.toContain("error");
  expect(exitCode).toBe(0);
  const read = (name: string) => readFileSync(path.join(workspace, name), "utf8");
  return {
    runs: parseRawRuns(read("raw-runs.jsonl"), "raw-runs.jsonl").runs,
    context: parseArtifact(runContext, read("run-context.json"), "run-context.json"),
  };
}

const [zstd, jq, python] = [programOf("zstd"), programOf("jq"), programOf("python3")];

describe("the example suites", () => {
  it.skipIf(zstd === undefined)("compare two levels of zstd", async () => {
    const { runs, context } = await run("zstd.yaml", ["--run-count", "2"]);
    expect(context.cells).toEqual(["default/words/cold", "default/words/warm"]);
    const sizes = (arm: string) => new Set(runs.filter((own) => own.arm === arm).map(({ outputBytes }) => outputBytes));
    expect(sizes("head").size).toBe(1);
    expect([...sizes("head")][0]).toBeLessThan([...sizes("base")][0] ?? 0);
  });

  it.skipIf(jq === undefined)("compare two builds of jq, with controls", async () => {
    const program = realpathSync(jq ?? "");
    const args = ["--cli-path", program, "--base-cli-path", program, "--min-blocks", "1", "--max-blocks", "1"];
    const { runs, context } = await run("jq.yaml", args);
    expect(context.cells).toEqual(["length/readings/warm", "group/readings/warm"]);
    expect(runs.filter(({ control }) => control === "planted-10")).toHaveLength(context.meter === "wait4" ? 2 : 0);
  });

  it.skipIf(python === undefined)("measure a Python script that lies beside its suite", async () => {
    const { runs } = await run("python.yaml", ["--run-count", "2"]);
    expect(runs.map(({ command }) => command[1])).toEqual(Array(4).fill("{suiteDir}/count_words.py"));
    expect(runs.every(({ metrics }) => (metrics?.words_per_second ?? 0) > 1000)).toBe(true);
  });
});
