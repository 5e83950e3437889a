import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Comparison, comparison, parseArtifact, type RawRun, type RunContext } from "@forgebench/artifacts";
import { writeTestNight } from "@forgebench/evidence/testing";
import { memoryIo, sha256Of } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "./compare-benchmark.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "compare evidence-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const primary = ["P1/single-small/cold/wall", "P1/single-small/warm/wall"];
const byEvidence: Partial<RunContext> = {
  sampling: { mode: "evidence", minBlocks: 13, maxBlocks: 60 },
  family: { primary, secondary: ["P1/single-small/cold/peak_memory", "P1/single-small/warm/peak_memory"] },
  controls: { absentBecause: "--no-controls" },
};

/** A night of 20 blocks a cell whose wall times are a steady saw, so that every figure is known. */
async function makeNight(
  name: string,
  { context = {}, change = () => 1 }: { context?: Partial<RunContext>; change?: (run: RawRun) => number } = {},
): Promise<string> {
  const { workspace } = await writeTestNight(path.join(folder, name), {
    blockCount: 20,
    context: { ...byEvidence, ...context },
  });
  const file = path.join(workspace, "raw-runs.jsonl");
  const before = readFileSync(file, "utf8");
  const runs: RawRun[] = before
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const after = runs
    .map((run) => ({
      ...run,
      slot: run.position === 0 ? ("A" as const) : ("B" as const),
      wallMs: (100 + ((run.block ?? 0) % 5) + (run.block ?? 0) / 1e4) * (1 + (run.position ?? 0) / 1000) * change(run),
    }))
    .map((run) => `${JSON.stringify(run)}\n`)
    .join("");
  writeFileSync(file, after);
  for (const summary of ["summary.json", "base-summary.json"]) {
    const summaryFile = path.join(workspace, summary);
    writeFileSync(summaryFile, readFileSync(summaryFile, "utf8").replaceAll(sha256Of(before), sha256Of(after)));
  }
  return workspace;
}

async function compare(workspace: string, ...more: readonly string[]) {
  const io = memoryIo({ cwd: workspace });
  const sides = ["--base-summary", "base-summary.json", "--head-summary", "summary.json"];
  const exitCode = await main([...sides, "--out-json", "c.json", "--out-md", "c.md", ...more], io);
  const read = (): Comparison =>
    parseArtifact(comparison, readFileSync(path.join(workspace, "c.json"), "utf8"), "c.json");
  return { exitCode, stderr: io.stderrText(), stdout: io.stdoutText(), read };
}

const slower = (pct: number) => (run: RawRun) => (run.arm === "head" && run.phase === "cold" ? 1 + pct / 100 : 1);

describe("compare-benchmark by evidence", () => {
  it("is the default where the runs carry it, and green when all is the same", async () => {
    const { exitCode, read, stdout } = await compare(await makeNight("same"), "--mode", "strict");
    expect(exitCode).toBe(0);
    expect(read()).toMatchObject({ policy: "evidence", outcome: "green", controls: { status: "absent" } });
    expect(
      read()
        .cells?.map(({ id, verdict }) => `${id} ${verdict}`)
        .slice(0, 2),
    ).toEqual(primary.map((id) => `${id} same`));
    expect(read().inputs?.map((input) => path.basename(input.path))).toContain("run-context.json");
    expect(stdout).toContain("ALERT_COUNT=0");
  });

  it("finds a regression, names it first, and fails in strict mode alone", async () => {
    const night = await makeNight("slower", { change: slower(8) });
    const { exitCode, read, stderr } = await compare(night, "--mode", "strict");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("P1/single-small/cold");
    expect(read().cells?.[0]).toMatchObject({ verdict: "regressed", isAlert: true, severity: "minor" });
    expect(read().pairs[0]?.alerts.map(({ metric }) => metric)).toEqual(["cold"]);
    expect((await compare(night)).exitCode).toBe(0);
  });

  it("is undecided where neither is proved: 3 in strict mode", async () => {
    const noisy = (run: RawRun) => ((run.block ?? 0) % 2 === (run.arm === "head" ? 0 : 1) ? 1.3 : 1);
    const { exitCode, read } = await compare(await makeNight("noisy", { change: noisy }), "--mode", "strict");
    expect(read().outcome).toBe("undecided");
    expect(exitCode).toBe(3);
  });

  it("judges a fixed number of blocks by evidence when asked to, and by thresholds when not", async () => {
    const night = await makeNight("fixed", { context: { sampling: { mode: "fixed" } }, change: slower(8) });
    expect((await compare(night)).read().policy).toBe("threshold");
    const { read } = await compare(night, "--policy", "evidence");
    expect(read().cells?.[0]).toMatchObject({ verdict: "regressed", interval: { kind: "fixed-n" } });
  });

  it("refuses runs that are not those of the summaries", async () => {
    const night = await makeNight("changed");
    const file = path.join(night, "raw-runs.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace('"wallMs":', '"wallMs":1'));
    const { exitCode, stderr } = await compare(night);
    expect(exitCode).toBe(65);
    expect(stderr).toContain("the summary was made from sha256");
  });

  it("says so when the runs are lost, and does without them unless evidence was asked for", async () => {
    const night = await makeNight("lost");
    rmSync(path.join(night, "raw-runs.jsonl"));
    const found = await compare(night);
    expect(found.stderr).toContain("compared by fixed thresholds, since");
    expect(found.read().policy).toBe("threshold");
    const asked = await compare(night, "--policy", "evidence");
    expect(asked.exitCode).toBe(3);
    expect(asked.stderr).toContain("Cannot compare by evidence");
  });

  it("never takes thresholds by itself for a night that was sampled for evidence", async () => {
    const night = await makeNight("no context");
    const file = path.join(night, "summary.json");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace('"design":', '"sampling": { "mode": "evidence" }, "design":'),
    );
    rmSync(path.join(night, "run-context.json"));
    const { exitCode, stderr } = await compare(night);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("Cannot compare by evidence");
    expect((await compare(night, "--policy", "threshold")).exitCode).toBe(0);
  });

  it("refuses a log whose last line is cut, also when the summaries were made from it", async () => {
    const night = await makeNight("cut");
    const file = path.join(night, "raw-runs.jsonl");
    const [before, cut] = [readFileSync(file, "utf8"), readFileSync(file, "utf8").slice(0, -40)];
    writeFileSync(file, cut);
    for (const summary of ["summary.json", "base-summary.json"]) {
      const summaryFile = path.join(night, summary);
      writeFileSync(summaryFile, readFileSync(summaryFile, "utf8").replaceAll(sha256Of(before), sha256Of(cut)));
    }
    const { exitCode, stderr } = await compare(night);
    expect(exitCode).toBe(65);
    expect(stderr).toContain("it is cut");
  });
});
