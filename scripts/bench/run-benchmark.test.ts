import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseRawRuns } from "@forgebench/artifacts";
import { PROJECT_ROOT, sha256OfFile } from "@forgebench/io";
import { fixedProtocol, planRuns } from "@forgebench/runner";
import { describe, expect, it } from "vitest";
import {
  BOTH,
  blocksOf,
  COMMON,
  exitOf,
  file,
  folder,
  HEAD,
  lastOfEach,
  lineCount,
  processesIn,
  readContext,
  readRuns,
  readSummary,
  run,
  SUITE,
  startLauncher,
  useBuilds,
  waitFor,
} from "./measuring/test-helpers.ts";

useBuilds();

describe("run-benchmark", () => {
  it("measures two arms in blocks and sums each up", async () => {
    const { exitCode, stdout, stderr } = await run([...BOTH, "--profiles", "ok", "--run-count", "3"]);
    expect(stderr).toContain("measure    ok × 2 scenarios, head against base, 12 runs\n");
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      `RAW_RUNS_JSONL=${file("w/raw-runs.jsonl")}\nSUMMARY_JSON=${file("w/summary.json")}\nBASE_SUMMARY_JSON=${file("w/base-summary.json")}\nVALIDATION_PASSED=1\n`,
    );
    const runs = readRuns();
    expect(runs.every(({ valid }) => valid === true)).toBe(true);
    for (let index = 0; index < runs.length; index += 2) {
      const [first, second] = [runs[index], runs[index + 1]];
      expect([first?.arm, second?.arm].sort()).toEqual(["base", "head"]);
      expect([first?.slot, second?.slot].sort()).toEqual(["A", "B"]);
      expect(first?.block).toBe(second?.block);
    }
    const context = readContext();
    expect(context).toMatchObject({
      design: "blocked",
      runCount: 3,
      slots: { mode: "copied" },
      cells: ["ok/single/cold", "ok/single/warm", "ok/batch/cold", "ok/batch/warm"],
      subjects: { head: { cliVersion: "1.2.3" } },
    });
    expect(context.orderSeed).toMatch(/^[0-9a-f]{32}$/);
    expect(context.subjects.head.cliSha256).toBe(context.subjects.base?.cliSha256);
    expect(context.subjects.head.id).not.toBe(context.subjects.base?.id);
    const [head, base] = [readSummary(), readSummary("base-summary.json")];
    expect(head).toMatchObject({
      arm: "head",
      benchmark: {
        cliPath: "../head build/cli.mjs",
        tierManifestPath: "../tier/tier-manifest.json",
        runCount: 3,
        scenarios: [
          { name: "single", expectedTotal: 1 },
          { name: "batch", expectedTotal: 3 },
        ],
      },
    });
    expect(head.profileScenarioSummaries.ok?.batch).toMatchObject({
      runCount: 3,
      imageCount: 3,
      cold: { total: 3, processed: 3, cached: 0, originalBytes: 100 },
      warm: { count: 2 },
    });
    expect(head.inputs).toEqual([
      { path: "raw-runs.jsonl", sha256: await sha256OfFile(file("w/raw-runs.jsonl")) },
      { path: "../tier/tier-manifest.json", sha256: await sha256OfFile(file("tier/tier-manifest.json")) },
    ]);
    expect(head).toMatchObject({ design: "blocked", slots: { mode: "copied" }, meter: context.meter });
    expect(base).toMatchObject({
      arm: "base",
      subject: { id: context.subjects.base?.id },
      dataset: head.dataset,
      machine: head.machine,
      suite: head.suite,
    });
    expect(existsSync(file("w/scratch"))).toBe(false);
  });

  it("writes nothing that names this machine's folders, its user or the caller's environment", async () => {
    await run([...BOTH, "--profiles", "exit1", "--scenarios", "single", "--run-count", "2"]);
    const artifacts = ["raw-runs.jsonl", "run-context.json", "summary.json", "base-summary.json"]
      .map((name) => readFileSync(file(`w/${name}`), "utf8"))
      .join("");
    for (const secret of [folder, os.tmpdir(), os.homedir(), "s3cret", os.hostname()])
      expect(artifacts).not.toContain(`${secret}/`);
    expect(artifacts).toContain("Error: no luck in scratch/");
  });

  it("measures one arm, one cell, with a given seed, and the same order again", async () => {
    const args = [...HEAD, "--cell", "ok/batch/warm/wall", "--run-count", "6", "--seed", "fixed"];
    expect((await run(args)).exitCode).toBe(0);
    const first = blocksOf(readRuns());
    const context = readFileSync(file("w/run-context.json"), "utf8");
    expect(readContext()).toMatchObject({ design: "sequential", orderSeed: "fixed", cells: ["ok/batch/warm"] });
    expect(readSummary().profileScenarioSummaries).toMatchObject({
      ok: { batch: { cold: null, warm: { count: 6 }, speedup: null } },
    });
    expect(existsSync(file("w/base-summary.json"))).toBe(false);
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("raw-runs.previous.jsonl");
    expect(readFileSync(file("w/run-context.previous.json"), "utf8")).toBe(context);
    expect(blocksOf(readRuns())).toEqual(first);
    expect(blocksOf([...parseRawRuns(readFileSync(file("w/raw-runs.previous.jsonl"), "utf8"), "x").runs])).toEqual(
      first,
    );
  });

  it("measures a part of the cells, with the family and the blocks of the whole", async () => {
    const args = [...BOTH, "--cell", "ok/single/cold,ok/single/warm", "--run-count", "2", "--shard"];
    expect((await run([...args, "2/2"])).exitCode).toBe(0);
    const shard = { index: 2, count: 2 };
    expect(readContext()).toMatchObject({
      cells: ["ok/single/warm"],
      shard,
      sampling: { mode: "fixed" },
      family: { primary: ["ok/single/cold/wall", "ok/single/warm/wall"], secondary: [] },
      controls: { absentBecause: "the number of runs was fixed" },
    });
    expect(readRuns()).toMatchObject([{ shard, block: 0, run: 2 }, { shard }]);
    const { exitCode, stderr } = await run([...args, "3/3"]);
    expect(stderr).toContain("--shard: 3/3 has no cell, there are only 2");
    expect(exitCode).toBe(64);
  });

  it("plants by the command of a suite whose subject is not started as node", { tags: ["slow"] }, async () => {
    const argv = 'argv: [/usr/bin/env, node, "{cli}", "{input}", "{profile}", "{outDir}"]';
    const planting = `plantCommand: [/bin/sh, -c, 'exec "$@"', "{factor}", "{command}"]\n`;
    writeFileSync(file("env.yaml"), SUITE.replace(/argv: .*/, argv) + planting);
    const args = [...BOTH, "--cell", "ok/single/cold", "--min-blocks", "1", "--max-blocks", "1"];
    expect((await run(lastOfEach([...args, "--suite", "env.yaml"]))).exitCode).toBe(0);
    expect(readContext().controls).toEqual({ cell: "ok/single/warm", plantedBy: "plant-command" });
    const controls = readRuns().filter(({ control }) => control !== undefined);
    expect(controls.map(({ valid, plantedMs }) => [valid, plantedMs])).toEqual(Array(6).fill([true, null]));
    const slowed = controls.find(({ control, arm }) => control === "planted-10" && arm === "head");
    expect(slowed?.command.slice(0, 5)).toEqual(["/bin/sh", "-c", 'exec "$@"', "0.10", "/usr/bin/env"]);
  });

  it("plants into any command by the helper, and nothing where the suite asks for none", {
    tags: ["slow"],
  }, async () => {
    const native = SUITE.replace(/argv: .*/, 'argv: [/usr/bin/env, node, "{cli}", "{input}", "{profile}", "{outDir}"]');
    const args = [...BOTH, "--cell", "ok/single/cold", "--min-blocks", "1", "--max-blocks", "1", "--suite", "env.yaml"];
    writeFileSync(file("env.yaml"), native);
    expect((await run(lastOfEach(args))).exitCode).toBe(0);
    const { controls, meter } = readContext();
    const hasHelper = meter === "wait4";
    expect(controls).toMatchObject({
      cell: "ok/single/warm",
      ...(hasHelper ? { plantedBy: "plant-helper" } : { unplantedBecause: expect.any(String) }),
    });
    const planted = readRuns().filter(({ control }) => control !== undefined);
    expect(planted.map(({ valid }) => valid)).toEqual(Array(hasHelper ? 6 : 2).fill(true));
    const slowed = planted.find(({ control, arm }) => control === "planted-10" && arm === "head");
    expect(slowed?.plantedMs ?? 1).toBeGreaterThan(0);
    writeFileSync(file("env.yaml"), `${native}controls: none\n`);
    expect((await run(lastOfEach(args))).exitCode).toBe(0);
    expect(readContext().controls).toEqual({ absentBecause: "the suite asks for none" });
  });

  it.each([
    ["hang", "ended by the time limit after"],
    ["silent", "the subject printed no report"],
    ["text", "the subject's report is not JSON"],
    ["flood", "the subject printed 100.0 MB, too much to keep"],
    ["signal", "ended by SIGSEGV"],
    ["exit1", "exit 1"],
    ["child", "left 1 process behind"],
    ["failed", "failed is 1, expected 0"],
    ["total", "total is 2, expected the 1 of the input"],
    ["errors", "errors: 1, expected none; the first: one"],
  ])("keeps a subject's %s, names it, and exits 3 with the artifacts written", async (mode, message) => {
    const { exitCode, stdout, stderr } = await run([
      ...HEAD,
      "--cell",
      `${mode}/single/cold`,
      "--timeout-seconds",
      // The others have all the time that they need.
      mode === "hang" ? "1" : "300",
    ]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain("VALIDATION_PASSED=0\n");
    expect(stderr).toContain(`failed   head  ${mode}/single/cold, run 1: ${message}`);
    const [record] = readRuns();
    expect(record).toMatchObject({
      valid: false,
      failures: [
        expect.stringContaining(message),
        ...(mode === "failed" ? [expect.anything()] : mode === "total" ? [expect.anything()] : []),
      ],
    });
    expect(readSummary()).toMatchObject({
      validation: {
        passed: false,
        failureCount: 1,
        failures: [{ profileId: mode, scenario: "single", phase: "cold", run: 1 }],
      },
    });
    expect(existsSync(file("w/scratch"))).toBe(true);
  });
});

describe("bad input", () => {
  it.each([
    [
      "an unknown profile",
      [...HEAD, "--profiles", "P9"],
      64,
      '--profiles: "P9" is not in the suite\n  expected   ok, hang',
    ],
    [
      "an unknown scenario",
      [...HEAD, "--scenarios", "x"],
      64,
      '--scenarios: "x" is not in the suite\n  expected   single, batch',
    ],
    [
      "an unknown cell",
      [...HEAD, "--cell", "ok/single/hot"],
      64,
      '--cell: "ok/single/hot" is not one of the chosen cells',
    ],
    ["a missing CLI", [...COMMON, "--cli-path", "nope.js"], 64, `--cli-path: there is no file "${file("nope.js")}"`],
    [
      "a missing base CLI",
      [...HEAD, "--base-cli-path", "tier"],
      64,
      `--base-cli-path: "${file("tier")}" is not a file`,
    ],
    ["a word for a number", [...HEAD, "--run-count", "abc"], 64, '--run-count: "abc" is not a number'],
    [
      "a workspace below a file",
      [...HEAD, "--workspace", "suite.yaml/w"],
      73,
      `Cannot make the folder "${file("suite.yaml/w")}"`,
    ],
    [
      "a workspace that is a file",
      [...HEAD, "--workspace", "suite.yaml"],
      73,
      `Cannot make the folder "${file("suite.yaml")}"`,
    ],
    [
      "a missing suite",
      [...HEAD, "--suite", "no.yaml"],
      65,
      `Cannot read suite "${file("no.yaml")}": there is no such file`,
    ],
    ["a suite that is none", [...HEAD, "--suite", "head build/cli.mjs"], 65, "Cannot read suite"],
    [
      "a foreign tier manifest",
      [...HEAD, "--tier-manifest", "foreign.json"],
      65,
      `Cannot read tier manifest "${file("foreign.json")}": version: expected version 1.x`,
    ],
    [
      "a truncated tier manifest",
      [...HEAD, "--tier-manifest", "cut.json"],
      65,
      `Cannot read tier manifest "${file("cut.json")}": not JSON`,
    ],
    ["an empty tier manifest", [...HEAD, "--tier-manifest", "empty.json"], 65, "the file is empty"],
    [
      "a tier without its images",
      [...HEAD, "--tier-manifest", "alone.json"],
      65,
      `Cannot use tier manifest "${file("alone.json")}": files[0]: "a.jpg" does not exist`,
    ],
  ])("%s is refused with its exit code and a message", async (_, args, code, message) => {
    const manifest = readFileSync(file("tier/tier-manifest.json"), "utf8");
    writeFileSync(file("foreign.json"), '{"name":"forgebench"}');
    writeFileSync(file("cut.json"), manifest.slice(0, 200));
    writeFileSync(file("empty.json"), "");
    writeFileSync(file("alone.json"), manifest);
    const { exitCode, stdout, stderr } = await run(lastOfEach(args));
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
    expect(stdout).toBe("");
  });

  it("shows a bug of its own with its stack, even one that has a code as the system's refusals do", async () => {
    const now = (): Date => new Date(path.join(undefined as unknown as string));
    const { exitCode, stderr } = await run([...HEAD, "--profiles", "ok"], { now });
    expect(stderr).toMatch(/^TypeError: The "path" argument.*\n {4}at (.|\n)*\nerror: The "path" argument/);
    expect(exitCode).toBe(70);
  });

  it("names an input that cannot be read, not the workspace", async () => {
    // The super-user reads files whatever their mode: a file that goes away stands for one that may not be read.
    const now = (): Date => new Date(readFileSync(file("tier/images/gone.jpg"), "utf8"));
    const { exitCode, stderr } = await run([...HEAD, "--profiles", "ok"], { now });
    expect(stderr).toContain(`error: Cannot read input "${file("tier/images/gone.jpg")}": there is no such file\n`);
    expect(exitCode).toBe(65);
  });

  it("names the workspace when the system refuses something in it", async () => {
    const now = (): Date => new Date(String(writeFileSync(file("w"), "")));
    const { exitCode, stderr } = await run([...HEAD, "--profiles", "ok"], { now });
    expect(stderr).toContain(`error: Cannot work in the workspace "${file("w")}": a folder has that name`);
    expect(exitCode).toBe(73);
  });

  it("refuses a workspace in which another run is going on", async () => {
    const subject = startLauncher([...HEAD, "--cell", "hang/single/cold"]);
    await waitFor(() => existsSync(file("w/raw-runs.jsonl")));
    const { exitCode, stderr } = await run([...HEAD, "--profiles", "ok"]);
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`Cannot use the folder "${file("w")}": process ${subject.pid} is writing to it`);
    subject.kill("SIGTERM");
    expect(await exitOf(subject)).toBe(143);
  });
});

describe("resume", () => {
  const ARGS = [...BOTH, "--profiles", "ok", "--run-count", "5"];

  it("completes what was killed at any point, and ends with whole blocks in the planned order", {
    tags: ["slow"],
  }, async () => {
    let measuring = startLauncher([...ARGS, "--seed", "killed"]);
    for (const wanted of [3, 8]) {
      await waitFor(() => lineCount() >= wanted);
      measuring.kill("SIGKILL");
      await exitOf(measuring);
      // What a kill in the middle of a write leaves.
      writeFileSync(file("w/raw-runs.jsonl"), '{"timestamp":"2026-', { flag: "a" });
      if (wanted === 3) measuring = startLauncher([...ARGS, "--resume"]);
    }
    const { exitCode, stderr } = await run([...ARGS, "--resume"]);
    expect(stderr).toMatch(/resume {5}\d+ runs exist already/);
    expect(exitCode).toBe(0);
    const cells = (["single", "batch"] as const).flatMap((scenario) =>
      (["cold", "warm"] as const).map((phase) => ({ profileId: "ok", scenario, phase })),
    );
    const plan = planRuns({ orderSeed: "killed", arms: ["head", "base"], cellPlans: fixedProtocol(cells, 5) });
    expect(blocksOf(readRuns())).toEqual(
      plan.flatMap(({ runs }) =>
        runs.map(
          ({ cell, block, arm, slot }) => `${cell.profileId}/${cell.scenario}/${cell.phase}#${block} ${arm} ${slot}`,
        ),
      ),
    );
    expect(readSummary().profileScenarioSummaries.ok?.batch).toMatchObject({ runCount: 5, warm: { count: 4 } });
  });

  it("ends the subject that a killed measurement left running, before anything is measured", async () => {
    const measuring = startLauncher([...HEAD, "--cell", "hang/single/cold"]);
    await waitFor(() => existsSync(file("w/scratch/cold/head/hang/single/out/cache")));
    measuring.kill("SIGKILL");
    await exitOf(measuring);
    expect(processesIn(file("w/scratch"))).not.toEqual([]);
    expect((await run([...HEAD, "--cell", "ok/single/cold"])).exitCode).toBe(0);
    expect(processesIn(file("w/scratch"))).toEqual([]);
  });

  it("begins when there is nothing, and does nothing when all is done", async () => {
    const args = [...HEAD, "--cell", "ok/single/cold", "--resume"];
    expect((await run(args)).exitCode).toBe(0);
    const before = readFileSync(file("w/raw-runs.jsonl"), "utf8");
    expect((await run(args)).exitCode).toBe(0);
    expect(readFileSync(file("w/raw-runs.jsonl"), "utf8")).toBe(before);
  });

  it("refuses another measurement, naming what differs, and leaves the old one as it is", async () => {
    const args = [...HEAD, "--cell", "ok/single/cold"];
    await run(args);
    const before = readdirSync(file("w")).sort();
    const { exitCode, stderr } = await run([...args, "--run-count", "4", "--resume"]);
    expect(stderr).toContain("Cannot resume: --run-count was 10 and is now 4");
    expect(exitCode).toBe(64);
    expect(
      readdirSync(file("w"))
        .filter((name) => name !== "scratch")
        .sort(),
    ).toEqual(before);
    expect((await run([...args, "--resume", "--seed", "other"])).stderr).toContain("Cannot resume: --seed was");
    writeFileSync(file("w/raw-runs.jsonl"), "{}\n");
    const damaged = await run([...args, "--resume"]);
    expect(damaged.stderr).toContain(`Cannot read raw runs "${file("w/raw-runs.jsonl")}": line 1, timestamp`);
    expect(damaged.exitCode).toBe(65);
  });

  it("keeps the folders of failed runs when it refuses to go on, and removes them when it goes on", {
    tags: ["slow"],
  }, async () => {
    const args = [...HEAD, "--cell", "exit1/single/warm"];
    expect((await run(args)).exitCode).toBe(3);
    const runFolder = file("w/scratch/warm/head/exit1/single");
    expect(existsSync(runFolder)).toBe(true);
    expect((await run([...args, "--run-count", "4", "--resume"])).exitCode).toBe(64);
    writeFileSync(path.join(runFolder, "mark"), "");
    expect((await run([...args, "--seed", "other", "--resume"])).exitCode).toBe(64);
    expect(existsSync(path.join(runFolder, "mark"))).toBe(true);
    expect((await run([...args, "--resume"])).exitCode).toBe(3);
    expect(existsSync(path.join(runFolder, "mark"))).toBe(false);
  });

  it("leaves no summary beside other runs when it is killed while it begins", async () => {
    const args = [...HEAD, "--cell", "ok/single/cold"];
    expect((await run(args)).exitCode).toBe(0);
    // A folder that is in the way of the old runs ends it in the middle, as a kill would.
    mkdirSync(file("w/raw-runs.previous.jsonl"));
    const { exitCode, stderr } = await run(args);
    expect(stderr).toContain(`Cannot move "${file("w/raw-runs.jsonl")}" aside`);
    expect(exitCode).toBe(73);
    expect(existsSync(file("w/summary.json"))).toBe(false);
    expect(readRuns()).toHaveLength(1);
  });

  it("keeps what is finished when it is interrupted, and ends the subject", async () => {
    const cells = ["ok", "hang"].map((profileId) => ({ profileId, scenario: "single", phase: "cold" as const }));
    const isHangLast = (orderSeed: string) =>
      planRuns({ orderSeed, arms: ["head"], cellPlans: fixedProtocol(cells, 2) }).at(-1)?.cell.profileId === "hang";
    const seed = ["a", "b", "c", "d", "e", "f", "g", "h"].find(isHangLast) ?? "";
    const measuring = startLauncher([...HEAD, "--cell", "ok/single/cold,hang/single/cold", "--seed", seed]);
    await waitFor(() => existsSync(file("w/scratch/cold/head/hang/single/out/cache")));
    measuring.kill("SIGINT");
    expect(await exitOf(measuring)).toBe(130);
    expect(processesIn(file("w/scratch"))).toEqual([]);
    expect(readRuns()).toMatchObject([{ profileId: "ok", valid: true }]);
  });
});

describe("the launcher", () => {
  it("runs from any folder, through a link, with spaces and other letters in the paths", async () => {
    symlinkSync(path.join(PROJECT_ROOT, "scripts/bench/run-benchmark.mjs"), file("a link.mjs"));
    symlinkSync(file("head build"), file("linked build"));
    symlinkSync(file("tier"), file("linked tier"));
    mkdirSync(file("real work ü"));
    symlinkSync(file("real work ü"), file("w"));
    const child = spawn(
      process.execPath,
      [
        file("a link.mjs"),
        "--",
        "--cli-path=linked build/cli.mjs",
        "--tier-manifest",
        "linked tier/tier-manifest.json",
        "--suite",
        "suite.yaml",
        "--workspace",
        "w",
        "--cell",
        "ok/batch/cold",
        "--no-waiting",
      ],
      { cwd: folder },
    );
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    expect(await exitOf(child)).toBe(0);
    expect(stdout).toContain(`SUMMARY_JSON=${file("real work ü/summary.json")}\n`);
    rmSync(file("w"));
  });
});
