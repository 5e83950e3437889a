import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArtifact, parseRawRuns, runContext, summary } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import { chooseMeter } from "@forgebench/runner";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { main as compare } from "./compare-benchmark.ts";
import { main as pack } from "./pack-evidence.ts";
import { main } from "./run-benchmark.ts";
import { main as verify } from "./verify-evidence.ts";

const PACKING = [
  "--workspace",
  ".",
  "--compare",
  "compare.json",
  "--suite",
  "../suite.yaml",
  "--out-dir",
  "e",
  "--run-id",
  "1",
];

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "run command ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const hasHelper = chooseMeter().name === "wait4";

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(file("data"), { recursive: true });
  writeFileSync(file("data/a.json"), '{"a":1}');
  writeFileSync(file("data/b.json"), '{"b":2}');
});

async function run(suite: string, args: readonly string[] = []) {
  writeFileSync(file("suite.yaml"), suite);
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
  const exitCode = await main(["--suite", "suite.yaml", "--workspace", "w", "--no-waiting", ...args], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const readRuns = () => parseRawRuns(readFileSync(file("w/raw-runs.jsonl"), "utf8"), "raw-runs.jsonl").runs;
const readContext = () => parseArtifact(runContext, readFileSync(file("w/run-context.json"), "utf8"), "c");
const readSummary = (name = "summary.json") => parseArtifact(summary, readFileSync(file(`w/${name}`), "utf8"), name);

const SLEEP = `
name: sleep
subject: { argv: [sleep, 0.01] }
scenarios: [{ name: nap }]
`;

/** Two arms that differ by an argument: what they print of it is what a run says it did. */
const ARMS = `
name: arms
subject: { argv: [sh, -c, 'cat "$1"/*.json > "$2"/all; sleep "$3"', sh, "{input}", "{outDir}", "{arm}"] }
arms: { head: { arguments: [0.02] }, base: { arguments: [0.002] } }
inputs: ["data/*.json"]
scenarios: [{ name: both, phases: [warm] }]
metrics: [wall, cpu, output_bytes]
`;

describe("run-benchmark with any command", () => {
  it("measures a command without CLI, images, report and inputs", async () => {
    const { exitCode, stderr } = await run(SLEEP, ["--run-count", "3"]);
    expect(stderr).toContain(
      "note: each arm of a pair gets 1 cold and 2 warm runs; --cold-runs N makes more cold ones\n",
    );
    expect(exitCode).toBe(0);
    expect(readRuns()).toHaveLength(3);
    expect(readRuns()[0]).toMatchObject({
      command: ["sleep", "0.01"],
      valid: true,
      failures: [],
      exitCode: 0,
      jsonParseError: null,
      total: null,
      processed: null,
      cached: null,
      failed: null,
      errorsLength: null,
      reportDurationMs: null,
    });
    const { dataset, subjects, slots, design } = readContext();
    expect(dataset).toMatchObject({ datasetVersion: "sleep", tierId: "no-inputs", source: "suite" });
    expect([subjects.base, slots, design]).toEqual([undefined, undefined, "sequential"]);
    const { benchmark, profileScenarioSummaries, inputs } = readSummary();
    expect(benchmark).toMatchObject({ cliPath: "sleep", runCount: 3, profiles: [{ id: "default" }] });
    expect(benchmark).not.toHaveProperty("tierManifestPath");
    expect(benchmark.scenarios).toEqual([{ name: "nap" }]);
    expect(inputs).toMatchObject([{ path: "raw-runs.jsonl" }]);
    expect(profileScenarioSummaries.default?.nap).toMatchObject({
      cold: { total: 0, imagesPerSec: 0, perImageMs: 0, reportDurationMs: null },
      warm: { count: 2, imagesPerSecMean: 0, perImageMsMean: 0 },
    });
  });

  it("compares two arms of one suite, on its inputs, and plants slowdowns of the size that is said", async () => {
    const { exitCode, stderr } = await run(ARMS, ["--min-blocks", "2", "--max-blocks", "5"]);
    expect(stderr).not.toContain("plantCommand");
    expect(exitCode).toBe(0);
    const context = readContext();
    expect(context).toMatchObject({
      design: "blocked",
      dataset: { datasetVersion: "arms", tierId: "inputs", source: "suite" },
      controls: { cell: "default/both/warm", ...(hasHelper ? { plantedBy: "plant-helper" } : {}) },
    });
    expect(context.subjects.head.id).not.toBe(context.subjects.base?.id);
    const runs = readRuns();
    expect(runs.every(({ valid }) => valid === true)).toBe(true);
    // Both arms of a control are the base.
    const naps = (wanted: (run: (typeof runs)[number]) => boolean) =>
      new Set(runs.filter(wanted).map(({ command }) => command.at(-1)));
    expect(naps(({ control, arm }) => control === undefined && arm === "head")).toEqual(new Set(["0.02"]));
    expect(naps(({ control, arm }) => control !== undefined || arm === "base")).toEqual(new Set(["0.002"]));
    expect(new Set(runs.map(({ outputBytes }) => outputBytes))).toEqual(new Set([14]));
    const io = memoryIo({ cwd: file("w"), env: {} });
    const summaries = ["--base-summary", "base-summary.json", "--head-summary", "summary.json"];
    await compare([...summaries, "--out-json", "compare.json", "--out-md", "compare.md"], io);
    const { cells, controls } = JSON.parse(readFileSync(file("w/compare.json"), "utf8"));
    expect(cells[0]).toMatchObject({ id: "default/both/warm/wall", blockCount: 5 });
    const suite = ["--suite", "../suite.yaml", "--out-dir", "evidence", "--run-id", "1"];
    expect(await pack(["--workspace", ".", "--compare", "compare.json", ...suite], io)).toBe(0);
    const bundle = /^EVIDENCE_BUNDLE=(.*)$/m.exec(io.stdoutText())?.[1] ?? "";
    expect(await verify(["--evidence", bundle], io), io.stderrText()).toBe(0);
    if (!hasHelper) return;
    const achieved = new Map(
      controls.controls.map((own: { id: string; achievedPct: number }) => [own.id, own.achievedPct]),
    );
    for (const [control, percent] of [
      ["planted-5", 5],
      ["planted-10", 10],
    ] as const) {
      expect(achieved.get(`control/${control}`)).toBeGreaterThan(percent / 1.6);
      // The least disturbed run: other tests may have the processor while the helper burns.
      const shares = runs.flatMap(({ control: own, arm, plantedMs, wallMs }) =>
        own === control && arm === "head" && typeof plantedMs === "number"
          ? [(100 * plantedMs) / (wallMs - plantedMs)]
          : [],
      );
      expect(Math.min(...shares)).toBeLessThan(percent * 1.6);
    }
  });

  it("reads the suite's own metrics, judges them, and says which could not be", async () => {
    const argv = `argv: [sh, -c, 'echo "{\\"ops\\": $1}"; echo "took $1 ms" >&2', sh, "{arm}"] }`;
    const own = [
      "{ id: ops, unit: ops/s, better: higher, kind: rate, from: { json: ops } }",
      "{ id: steps, better: lower, kind: count, noise: exact, from: { regex: 'took ([0-9]+) ms', stream: stderr } }",
      "{ id: missing, better: lower, kind: time, from: { json: nowhere } }",
    ];
    const suite = ARMS.replace(/argv: .*/, argv)
      .replace(/arms: .*/, "arms: { head: { arguments: [80] }, base: { arguments: [100] } }")
      .replace("inputs:", "# ")
      .replace(/metrics: .*/, `metrics: [wall, ${own.join(", ")}]\ngateChanged: [steps]`);
    const { exitCode } = await run(suite, ["--min-blocks", "24", "--max-blocks", "24", "--no-controls"]);
    expect(exitCode).toBe(0);
    expect(readRuns().find(({ arm, control }) => arm === "head" && control === undefined)?.metrics).toEqual({
      ops: 80,
      steps: 80,
      missing: null,
    });
    const io = memoryIo({ cwd: file("w"), env: {} });
    const summaries = ["--base-summary", "base-summary.json", "--head-summary", "summary.json"];
    await compare([...summaries, "--out-json", "compare.json", "--out-md", "compare.md"], io);
    const { cells } = JSON.parse(readFileSync(file("w/compare.json"), "utf8"));
    const cellOf = (metric: string) => cells.find((cell: { metric: string }) => cell.metric === metric);
    expect(cellOf("ops")).toMatchObject({ verdict: "regressed", unit: "ops/s", better: "higher", kind: "rate" });
    expect(cellOf("ops").changePct).toBeCloseTo(-20, 3);
    expect(cellOf("steps")).toMatchObject({ verdict: "changed", isAlert: true });
    expect(cellOf("missing")).toMatchObject({
      verdict: "incomparable",
      reason: expect.stringContaining("have no missing"),
    });
    expect(await pack(PACKING, io)).toBe(0);
    const bundle = /^EVIDENCE_BUNDLE=(.*)$/m.exec(io.stdoutText())?.[1] ?? "";
    expect(await verify(["--evidence", bundle], io), io.stderrText()).toBe(0);
    const context = readFileSync(file("w/run-context.json"), "utf8");
    writeFileSync(file("w/run-context.json"), context.replace('"better": "higher"', '"better": "lower"'));
    expect(await verify(["--evidence", ".", "--suite", "../suite.yaml"], io)).not.toBe(0);
    expect(io.stderrText()).toContain(`run-context.json: ops: better: stored "lower", recomputed "higher"`);
  });

  it("readies phases of the suite's own before each run, and what fills them once", async () => {
    // Says what it finds, and leaves a file for whoever comes after.
    const suite = `
name: phases
subject: { argv: [sh, -c, 'cd "$0" && echo $(ls) >&2; touch left kept', "{outDir}"] }
phases:
  again: { removes: ["{outDir}/left"], prepare: [touch, "{outDir}/made 1"] }
  empty: { fill: false, removes: ["{outDir}"] }
  shared: { fill: false }
  broken: { fill: false, prepare: [sh, -c, "echo no luck >&2; exit 4"] }
  stuck: { prepare: [sh, -c, "exit 5"] }
scenarios:
  - { name: s, phases: [empty, cold, again, warm, shared] }
  - { name: t, phases: [broken, stuck] }
`;
    const { exitCode, stderr } = await run(suite, ["--run-count", "2"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      "failed   head  default/t/broken, run 1: the prepare command of phase broken ended with 4: no luck",
    );
    const found = (phase: string) => readRuns().flatMap((own) => (own.phase === phase ? [own.stderr.trim()] : []));
    expect(stderr).toContain(
      "default/t/stuck, run 3: while the folder of stuck was filled: the prepare command of phase stuck ended with 5",
    );
    expect([found("cold"), found("warm"), found("again"), found("empty"), found("shared")]).toEqual([
      [""],
      ["kept left"],
      ["kept made 1", "kept made 1"],
      ["", ""],
      ["", "kept left"],
    ]);
    expect(readContext().cells).toEqual([
      ...[
        "default/s/cold",
        "default/s/warm",
        "default/s/empty",
        "default/s/again",
        "default/s/shared",
        "default/t/broken",
        "default/t/stuck",
      ],
    ]);
    const { benchmark, profileScenarioSummaries } = readSummary();
    expect(benchmark.scenarios).toEqual([
      { name: "s", phases: ["empty", "cold", "again", "warm", "shared"] },
      { name: "t", phases: ["broken", "stuck"] },
    ]);
    expect(profileScenarioSummaries.default?.s).toMatchObject({ runCount: 8, cold: {}, warm: { count: 1 } });
    const runsOf = (phase: string) => readRuns().flatMap((own) => (own.phase === phase ? [own.run] : []));
    expect([runsOf("cold"), runsOf("warm"), runsOf("empty"), runsOf("again")]).toEqual([[1], [2], [3, 4], [5, 6]]);
  });

  it("says the limit that ended what prepares a phase", async () => {
    const suite = `${SLEEP.replace("name: nap", "name: nap, phases: [p]")}phases: { p: { fill: false, prepare: [sleep, 20] } }\n`;
    const { exitCode, stderr } = await run(suite, ["--run-count", "1", "--timeout-seconds", "1"]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/the prepare command of phase p was ended by the time limit after 1\.\d s/);
  });

  it("judges, packs and verifies a night of the suite's own phases", async () => {
    const suite = `${ARMS.replace("[warm]", "[again]")}phases: { again: { removes: ["{outDir}"] } }\n`;
    const { exitCode } = await run(suite, ["--min-blocks", "2", "--max-blocks", "2"]);
    expect(exitCode).toBe(0);
    expect(readContext().controls).toMatchObject({ cell: "default/both/again" });
    const io = memoryIo({ cwd: file("w"), env: {} });
    const summaries = ["--base-summary", "base-summary.json", "--head-summary", "summary.json"];
    await compare([...summaries, "--out-json", "compare.json", "--out-md", "compare.md"], io);
    const { cells, pairs, warnings } = JSON.parse(readFileSync(file("w/compare.json"), "utf8"));
    expect(cells[0]).toMatchObject({ id: "default/both/again/wall", phase: "again", blockCount: 2 });
    expect(pairs[0]).toMatchObject({ head: { coldMs: null, warmP50Ms: null } });
    expect(JSON.stringify(warnings)).not.toContain("phase-not-measured");
    expect(await pack(PACKING, io), io.stderrText()).toBe(0);
    const bundle = /^EVIDENCE_BUNDLE=(.*)$/m.exec(io.stdoutText())?.[1] ?? "";
    expect(await verify(["--evidence", bundle], io), io.stderrText()).toBe(0);
  });

  it("runs what lies beside the suite, and shows no folder of this machine", async () => {
    writeFileSync(file("work.sh"), '#!/bin/sh\necho "$0 failed in $(pwd)" >&2\nexit 3\n');
    chmodSync(file("work.sh"), 0o755);
    const suite = SLEEP.replace("[sleep, 0.01]", '["{suiteDir}/work.sh", "{suiteDir}/data"]');
    const { exitCode } = await run(suite, ["--run-count", "1"]);
    expect(exitCode).toBe(3);
    const text = ["raw-runs.jsonl", "run-context.json", "summary.json"].map((name) =>
      readFileSync(file(`w/${name}`), "utf8"),
    );
    expect(text.join("")).not.toContain(folder);
    expect(readRuns()[0]).toMatchObject({
      command: ["{suiteDir}/work.sh", "{suiteDir}/data"],
      failures: ["exit 3"],
      stderr: "{suiteDir}/work.sh failed in scratch/cold/head/default/nap\n",
    });
    expect(readSummary().benchmark.cliPath).toBe("{suiteDir}/work.sh");
    expect(readContext().subjects.head.filesSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows of an absolute path in a command its last part", async () => {
    writeFileSync(file("data/tool"), '#!/bin/sh\ncat "$1"\n');
    chmodSync(file("data/tool"), 0o755);
    const suite = SLEEP.replace(
      "[sleep, 0.01]",
      `[${JSON.stringify(file("data/tool"))}, ${JSON.stringify(file("data/a.json"))}]`,
    );
    expect((await run(suite, ["--run-count", "1"])).exitCode).toBe(0);
    const text = ["raw-runs.jsonl", "run-context.json", "summary.json"].map((name) =>
      readFileSync(file(`w/${name}`), "utf8"),
    );
    expect(text.join("")).not.toContain(folder);
    expect(readRuns()[0]?.command).toEqual(["…/tool", "…/a.json"]);
    expect(readSummary().benchmark.cliPath).toBe("…/tool");
  });

  it("ends when a command writes to its input", async () => {
    const suite = `${SLEEP.replace("[sleep, 0.01]", '[sh, -c, "echo x >> $0", "{inputFile}"]')}inputs: [data/a.json]\n`;
    const { exitCode, stderr } = await run(suite, ["--run-count", "1"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('the input of "nap" changed during the measurement: "a.json" has other bytes');
    expect(readFileSync(file("data/a.json"), "utf8")).toBe('{"a":1}');
  });

  it("makes more cold runs where that is asked for, and says where there are only cold ones", async () => {
    const suite = SLEEP.replace("{ name: nap }", "{ name: nap, phases: [cold] }, { name: doze }");
    const only = await run(suite, ["--run-count", "2", "--scenarios", "nap"]);
    expect(only.stderr).toContain(
      "default/nap is only cold: 1 run of each arm, whatever --run-count says; --cold-runs 2",
    );
    expect(readRuns()).toHaveLength(1);
    const more = await run(suite, ["--run-count", "2", "--cold-runs", "3"]);
    expect(more.stderr).not.toContain("only cold");
    expect(more.exitCode).toBe(0);
    expect(readContext()).toMatchObject({ runCount: 2, sampling: { mode: "fixed", coldRuns: 3 } });
    expect(
      readRuns()
        .map(({ scenario, phase, run }) => `${scenario} ${phase} ${run}`)
        .toSorted(),
    ).toEqual([
      ...["doze cold 1", "doze cold 2", "doze cold 3", "doze warm 4", "nap cold 1", "nap cold 2", "nap cold 3"],
    ]);
    expect(readSummary().validation).toEqual({ passed: true, failureCount: 0, failures: [] });
    const resumed = await run(suite, ["--run-count", "2", "--resume"]);
    expect(resumed.stderr).toContain("--cold-runs was 3 and is now 1");
    expect(resumed.exitCode).toBe(64);
  });

  it("names the file that changed since the measurement that is to go on", async () => {
    writeFileSync(file("work.sh"), 'exit $(cat "$1"/*.json | wc -l)\n');
    const suite = `${SLEEP.replace("[sleep, 0.01]", '[sh, "{suiteDir}/work.sh", "{input}"]')}inputs: ["data/*.json"]\n`;
    writeFileSync(file("data/b.json"), '{"b":2}\n');
    // A run that is not valid: what was there is kept.
    expect((await run(suite, ["--run-count", "2"])).exitCode).toBe(3);
    const resumed = async () => {
      const { exitCode, stderr } = await run(suite, ["--run-count", "2", "--resume"]);
      expect(exitCode).toBe(64);
      return stderr;
    };
    writeFileSync(file("data/b.json"), "{}");
    // Twice: being refused changes nothing.
    for (const _ of [1, 2])
      expect(await resumed()).toContain('Cannot resume: "nap/b.json" of the inputs changed since the earlier runs');
    writeFileSync(file("data/b.json"), '{"b":2}\n');
    writeFileSync(file("work.sh"), "exit 0\n");
    expect(await resumed()).toContain(
      'Cannot resume: "{suiteDir}/work.sh", which the command names, changed since the earlier runs',
    );
  });

  it("uses one CLI for two arms that differ by their arguments", async () => {
    writeFileSync(file("tool.sh"), "echo $1 > $2/out\n");
    const suite = ARMS.replace(/argv: .*/, 'argv: [sh, "{cli}", "{arm}", "{outDir}"] }').replace("inputs:", "# ");
    const { exitCode } = await run(suite, ["--run-count", "1", "--cli-path", "tool.sh"]);
    expect(exitCode).toBe(0);
    const { head, base } = readContext().subjects;
    expect(head.cliSha256).toBe(base?.cliSha256);
    expect(head.id).not.toBe(base?.id);
    expect([readSummary(), readSummary("base-summary.json")].map(({ benchmark }) => benchmark.cliPath)).toEqual([
      ...["../tool.sh", "../tool.sh"],
    ]);
  });

  it.each<[string, string, string[], string, number]>([
    [
      "a CLI for a command without",
      SLEEP,
      ["--cli-path", "x.js"],
      '--cli-path: the command of suite "sleep" has no {cli}',
      64,
    ],
    ["a base for a command without", SLEEP, ["--base-cli-path", "x.js"], "--base-cli-path: the command of suite", 64],
    [
      "images for a suite without",
      SLEEP,
      ["--tier-manifest", "t.json"],
      '--tier-manifest: suite "sleep" names its own inputs',
      64,
    ],
    ["no CLI where one is needed", SLEEP.replace("[sleep", '[sleep, "{cli}"'), [], "missing --cli-path", 64],
    [
      "no images where they are needed",
      SLEEP.replace("name: nap", "name: nap, files: all"),
      [],
      "missing --tier-manifest",
      64,
    ],
    ["more cold runs by evidence", ARMS, ["--cold-runs", "3"], "--cold-runs: by evidence", 64],
    [
      "a program that is not there",
      SLEEP.replace("[sleep", "[slep"),
      [],
      '"slep" is not on the PATH, "sleep" is meant?',
      65,
    ],
    [
      "an input that is not there",
      ARMS.replace("data/*.json", "data/*.jsn"),
      [],
      'inputs[0]: "data/*.jsn" matches no file',
      65,
    ],
    [
      "one file of several",
      ARMS.replace('"{input}"', '"{inputFile}"'),
      [],
      '{inputFile} is the one file of the input, and "both" has 2',
      65,
    ],
  ])("refuses %s, before the first run", async (_, suite, args, message, code) => {
    const { exitCode, stderr } = await run(suite, args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
  });
});
