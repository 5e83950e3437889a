import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readEvidenceBundle } from "@forgebench/evidence";
import { memoryIo, type ScriptMain } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as append } from "./append-history.ts";
import { main as compare } from "./compare-benchmark.ts";
import { main as exportSnapshot } from "./export-site-snapshot.ts";
import { main as report } from "./format-report.ts";
import { main as pack } from "./pack-evidence.ts";
import { writeNight } from "./test-helpers.ts";
import { main as verify } from "./verify-evidence.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "accepted ü ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const read = (name: string) => readFileSync(path.join(root, name), "utf8");

const REASON = "worth it: <b>`x`</b> | @team";
const ACCEPTED = ["--accepted-by", "ann[bot]", "--acceptance-reason", REASON];
const SHA = "a".repeat(40);

async function go(main: ScriptMain, argv: readonly string[]) {
  const io = memoryIo({ cwd: root, env: { PATH: process.env.PATH }, now: () => new Date("2026-02-15T00:00:00Z") });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const SIDES = ["--base-summary", "night/base-summary.json", "--head-summary", "night/summary.json"];
const compareNight = (...more: string[]) =>
  go(compare, [...SIDES, "--out-json", "night/compare.json", "--out-md", "night/c.md", "--mode", "strict", ...more]);
const exportNight = (...more: string[]) =>
  go(exportSnapshot, [
    ...[...SIDES, "--compare", "night/compare.json", "--out", "snapshot.json", "--sha", SHA, "--tier", "tier30"],
    ...["--repository", "o/n", "--workflow-name", "CI", "--workflow-path", "ci.yml", "--run-id", "7"],
    ...["--run-attempt", "1", "--run-url", "https://github.com/o/n/actions/runs/7", "--event-name", "schedule"],
    ...["--ref-name", "main", "--run-count", "10", "--dataset-version", "1.0.0", "--runner", "ubuntu-24.04"],
    ...["--node-version", "22", "--headline-profile", "P1", "--headline-scenario", "single"],
    ...["--allow-non-canonical", ...more],
  ]);

beforeAll(async () => {
  await writeNight(path.join(root, "night"), { factors: { "P1/single/cold": 1.2 } });
});

describe("a regression that is accepted", () => {
  const acceptance = { by: "ann[bot]", reason: REASON };

  it("stands in comparison, report, evidence, history and snapshot; verdict and exit code stay", async () => {
    expect((await compareNight()).exitCode).toBe(2);
    const before = JSON.parse(read("night/compare.json"));
    const { exitCode, stdout } = await compareNight(...ACCEPTED);
    expect([exitCode, stdout]).toEqual([
      2,
      expect.stringContaining("OUTCOME=regression\nREGRESSED_CELLS=P1/single/cold/wall\n"),
    ]);
    expect(JSON.parse(read("night/compare.json"))).toEqual({ ...before, acceptance });

    await go(report, ["--compare", "night/compare.json", "--out", "report.md"]);
    expect(read("report.md")).toMatch(
      /^> \*\*Accepted\*\* by ann\\\[bot\\\]: worth it: &lt;b&gt;\\`x\\`&lt;\/b&gt; \\\| @\u2060team\n>\n> \*\*Regression\.\*\*/,
    );

    const files = ["--workspace", "night", "--compare", "night/compare.json", "--suite", "night/suite.yaml"];
    expect((await go(pack, [...files, "--run-id", "7", "--out-dir", "."])).exitCode).toBe(0);
    const bundle = await readEvidenceBundle(path.join(root, "evidence-7.1.tar.zst"));
    expect(JSON.parse(bundle.members.get("compare.json")?.toString() ?? "{}")).toMatchObject({ acceptance });
    expect(await go(verify, ["--evidence", "evidence-7.1.tar.zst"])).toMatchObject({ stdout: "EVIDENCE=verified\n" });
    const night = ["--bundle", "evidence-7.1.tar.zst", "--event", "schedule", "--ref-name", "main", "--head-sha", SHA];
    expect((await go(append, ["--store", "history", ...night])).stdout).toContain("HISTORY=appended");

    expect((await exportNight()).exitCode).toBe(0);
    expect(JSON.parse(read("snapshot.json"))).toMatchObject({ outcome: "regression", acceptance });
    expect((await exportNight(...ACCEPTED)).exitCode).toBe(0);
    const other = await exportNight("--accepted-by", "Bob", "--acceptance-reason", REASON);
    expect([other.exitCode, other.stderr]).toEqual([65, expect.stringContaining('by "ann[bot]"')]);
  });

  it("is no evidence where nothing regressed", async () => {
    await writeNight(path.join(root, "green"));
    const file = path.join(root, "green/compare.json");
    const green = JSON.parse(readFileSync(file, "utf8"));
    expect(green.outcome).toBe("green");
    writeFileSync(file, `${JSON.stringify({ ...green, acceptance }, null, 2)}\n`);
    const { exitCode, stderr } = await go(verify, ["--evidence", "green"]);
    expect([exitCode, stderr]).toEqual([
      65,
      expect.stringMatching(/compare\.json: acceptance: stored .* recomputed nothing/),
    ]);
  });
});
