import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import type { RawRun, RunContext } from "@forgebench/artifacts";
import { memoryIo, type ScriptMain, sha256Of } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as compare } from "./compare-benchmark.ts";
import { main as merge } from "./merge-runs.ts";
import { main as pack } from "./pack-evidence.ts";
import { main as run } from "./run-benchmark.ts";
import { type NightSpec, rewriteNight, type WrittenNight, writeNight } from "./test-helpers.ts";
import { main as verify } from "./verify-evidence.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "verify ü ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = (name: string) => path.join(root, name);

const SUBJECT = `
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
const [input, outDir] = process.argv.slice(2);
if (input === "--version") { console.log("1.2.3"); process.exit(0); }
const total = readdirSync(input).length;
const isCached = existsSync(outDir + "/cache");
mkdirSync(outDir, { recursive: true });
writeFileSync(outDir + "/cache", "x");
console.log(JSON.stringify({ summary: { total, processed: isCached ? 0 : total, cached: isCached ? total : 0, failed: 0 } }));
`;
const SUITE = `
name: small
subject:
  argv: [node, "{cli}", "{input}", "{outDir}"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed }
cachePaths: ["{outDir}"]
metrics: [wall, cpu, output_bytes]
profiles: [{ id: P1, arguments: [] }]
scenarios: [{ name: single, files: small }]
`;

beforeAll(() => {
  for (const build of ["head", "base"]) {
    mkdirSync(file(build));
    writeFileSync(file(`${build}/cli.mjs`), `${SUBJECT}// ${build}\n`);
  }
  mkdirSync(file("tier/images"), { recursive: true });
  writeFileSync(file("tier/images/a.jpg"), "a");
  const image = { path: "a.jpg", format: "jpg", sha256: sha256Of("a"), sizeBytes: 1, origin: "synthetic" };
  const tier = {
    version: "1.0",
    datasetVersion: "0.0.0-test",
    tierId: "tier1",
    createdAt: "2026-02-15T00:00:00Z",
    imageRoot: "images",
    files: [{ ...image, license: "CC0-1.0", attribution: "" }],
    singleScenarios: { small: "a.jpg", median: "a.jpg", large: "a.jpg" },
    formatBreakdown: { jpg: 1, png: 0, gif: 0, tiff: 0 },
  };
  writeFileSync(file("tier/tier-manifest.json"), JSON.stringify(tier));
  writeFileSync(file("suite.yaml"), SUITE);
});

async function go(main: ScriptMain, argv: readonly string[]) {
  const io = memoryIo({ cwd: root, env: process.env });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

describe("what the scripts left", () => {
  it("is verified, as a workspace and as a bundle", { tags: ["slow"] }, async () => {
    const tier = ["--tier-manifest", "tier/tier-manifest.json", "--suite", "suite.yaml"];
    const builds = ["--cli-path", "head/cli.mjs", "--base-cli-path", "base/cli.mjs"];
    const blocks = ["--min-blocks", "2", "--max-blocks", "3"];
    expect(await go(run, [...builds, ...tier, ...blocks, "--workspace", "work"])).toMatchObject({ exitCode: 0 });
    const summaries = ["--base-summary", "work/base-summary.json", "--head-summary", "work/summary.json"];
    await go(compare, [...summaries, "--out-json", "compare/compare.json", "--out-md", "compare/compare.md"]);
    await go(pack, [
      "--workspace",
      "work",
      "--compare",
      "compare/compare.json",
      "--suite",
      "suite.yaml",
      "--run-id",
      "7",
      "--out-dir",
      ".",
    ]);
    for (const argv of [
      ["--evidence", "evidence-7.1.tar.zst"],
      ["--evidence", "work", "--suite", "suite.yaml"],
    ]) {
      const { exitCode, stdout, stderr } = await go(verify, argv);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "EVIDENCE=verified\n" });
      expect(stderr).toMatch(/^verified {3}invalid, 6 verdicts by \S+, from 30 runs\n$/);
    }
    expect(await go(verify, ["--evidence", "evidence-7.1.tar.zst", "--suite", "suite.yaml"])).toMatchObject({
      exitCode: 64,
    });
  });
});

/** Nights are written once, and each test gets a copy. */
const written = new Map<string, Promise<WrittenNight>>();
let copyCount = 0;

async function freshNight(spec: NightSpec = {}): Promise<WrittenNight> {
  const key = JSON.stringify(spec);
  const made = written.get(key) ?? writeNight(file(`nights/made-${written.size}`), spec);
  written.set(key, made);
  copyCount += 1;
  const workspace = file(`nights/copy-${copyCount}/run`);
  const night = await made;
  cpSync(night.workspace, workspace, { recursive: true });
  return { ...night, workspace };
}

const verifyNight = (workspace: string) => go(verify, ["--evidence", workspace]);

const VERIFIED = { exitCode: 0, stdout: "EVIDENCE=verified\n" };
const DIFFERENT = { exitCode: 65, stdout: "EVIDENCE=different\n" };

describe("a night that went on with other limits", () => {
  const wentOn = async (earlier: readonly { maxBlocks: number; timeBudgetMinutes?: number }[]) => {
    const { workspace, runs, context } = await freshNight();
    const before = runs.map((run) => ((run.block ?? 0) < 12 ? { ...run, runCount: 12 } : run));
    const sampling = { mode: "evidence" as const, minBlocks: 11, maxBlocks: 14, earlier: [...earlier] };
    await rewriteNight(workspace, { context: { ...context, sampling }, runs: before });
    return { workspace, runs: before, context: { ...context, sampling } };
  };

  it("holds when the context says what they were, and only then", async () => {
    expect(await verifyNight((await wentOn([{ maxBlocks: 12 }])).workspace)).toMatchObject(VERIFIED);
    const { stdout, stderr } = await verifyNight((await wentOn([{ maxBlocks: 13 }])).workspace);
    expect(stdout).toBe(DIFFERENT.stdout);
    expect(stderr).toContain("runCount: stored 12, recomputed 14");
  });

  it("may have cells that an earlier time budget cut", async () => {
    const { workspace, runs, context } = await wentOn([{ maxBlocks: 12, timeBudgetMinutes: 1 }]);
    const isLate = ({ control, block }: RawRun) => control === "planted-5" && (block ?? 0) > 5;
    const cut = runs.filter((run) => !isLate(run));
    await rewriteNight(workspace, { context, runs: cut });
    expect(await verifyNight(workspace)).toMatchObject(VERIFIED);
    const untimed = { ...context, sampling: { ...context.sampling, earlier: [{ maxBlocks: 12 }] } };
    await rewriteNight(workspace, { context: untimed, runs: cut });
    expect(await verifyNight(workspace)).toMatchObject(DIFFERENT);
  });
});

describe("nights that hold", () => {
  it.each<[string, NightSpec]>([
    ["green", {}],
    ["with a regression", { factors: { "P1/single/cold": 1.1 }, scenarios: ["single", "batch"] }],
    ["compared by thresholds", { policy: "threshold" }],
    ["of the fixed protocol", { sampling: { mode: "fixed", runCount: 6 } }],
    ["killed and merged", { killedAfterBlocks: 33 }],
    ["with a time budget", { sampling: { mode: "evidence", minBlocks: 13, maxBlocks: 15, timeBudgetMinutes: 9 } }],
    ["of the second of two shards", { shard: { index: 2, count: 2 } }],
  ])("%s", async (_, spec) => {
    const { workspace } = await freshNight(spec);
    expect(await verifyNight(workspace)).toMatchObject(VERIFIED);
  });
});

describe("a night of two shards, merged", () => {
  const folder = file("nights/shards");
  beforeAll(async () => {
    const shards = [
      ["P1/single/cold", "P1/batch/warm"],
      ["P1/single/warm", "P1/batch/cold"],
    ];
    for (const [at, shardCells] of shards.entries()) {
      const own = { shard: { index: at + 1, count: 2 }, shardCells, orderSeed: `seed ${at + 1}` };
      await writeNight(path.join(folder, String(at + 1)), { scenarios: ["single", "batch"], ...own });
    }
    const at = (name: string) => path.join(folder, name);
    await go(merge, ["--workspaces", `${at("1")},${at("2")}`, "--out-dir", at("night"), "--suite", at("1/suite.yaml")]);
    const summaries = ["--base-summary", at("night/base-summary.json"), "--head-summary", at("night/summary.json")];
    await go(compare, [...summaries, "--out-json", at("night/compare.json"), "--out-md", at("night/compare.md")]);
    cpSync(at("1/suite.yaml"), at("night/suite.yaml"));
  });

  it("is verified by the seed of each", async () => {
    expect(await verifyNight(path.join(folder, "night"))).toMatchObject(VERIFIED);
  });

  it("is different when the seeds are exchanged", async () => {
    const context = path.join(folder, "night/run-context.json");
    const text = readFileSync(context, "utf8");
    writeFileSync(
      context,
      text.replaceAll("seed 1", "seed 3").replaceAll("seed 2", "seed 1").replaceAll("seed 3", "seed 2"),
    );
    const result = await verifyNight(path.join(folder, "night"));
    writeFileSync(context, text);
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toMatch(/line \d+ \(.*\): (position|slot): stored/);
  });
});

type Runs = readonly RawRun[];

/** Writes the runs of a night anew, and all that is made from them too, as somebody who hides a change would. */
async function forge(night: WrittenNight, change: (runs: Runs) => Runs, context: RunContext = night.context) {
  await rewriteNight(night.workspace, { context, runs: change(night.runs) });
  return verifyNight(night.workspace);
}

/** Changes the text of one file and nothing else. */
async function edit({ workspace }: WrittenNight, name: string, change: (text: string) => string) {
  const place = path.join(workspace, name);
  const before = readFileSync(place, "utf8");
  writeFileSync(place, change(before));
  expect(readFileSync(place, "utf8")).not.toBe(before);
  return verifyNight(workspace);
}

const findRun = (runs: Runs, arm: "head" | "base", block: number) =>
  runs.findIndex((run) => run.control === undefined && run.phase === "cold" && run.arm === arm && run.block === block);
const changed = (runs: Runs, at: number, changes: Partial<RawRun>) =>
  runs.map((own, index) => (index === at ? { ...own, ...changes } : own));

describe("a comparison that does not say what limited the blocks, as those of before", () => {
  it("is verified, and one that says it wrong is not", async () => {
    const written = await edit(await freshNight(), "compare.json", (text) =>
      text.replace(/ {2}"sampling": \{[^}]*\},\n/, ""),
    );
    expect(written).toMatchObject({ exitCode: 0 });
    const wrong = await edit(await freshNight(), "compare.json", (text) =>
      text.replace(/("sampling": \{[^}]*"maxBlocks": )\d+/, "$1777"),
    );
    expect(wrong).toMatchObject(DIFFERENT);
    expect(wrong.stderr).toContain("compare.json: sampling.maxBlocks: stored 777, recomputed");
  });
});

describe("nights in which somebody changed one thing", () => {
  it("names a duration by the figures that it changes", async () => {
    const night = await freshNight();
    const line = night.runs.findIndex((own) => own.phase === "warm" && own.arm === "head" && own.control === undefined);
    const result = await edit(night, "raw-runs.jsonl", (text) => {
      const lines = text.split("\n");
      lines[line] = lines[line]?.replace(/"wallMs":[\d.]+/, '"wallMs":380') ?? "";
      return lines.join("\n");
    });
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toContain("summary.json: inputs, sha256 of raw-runs.jsonl: stored ");
    expect(result.stderr).toMatch(/summary\.json: profileScenarioSummaries\.P1\.single\.warm\.wallMs\.mean: stored \d/);
    expect(result.stderr).toMatch(/compare\.json: P1\/single\/warm\/wall: .*: stored \S+, recomputed/);
  });

  it("names a verdict that was flipped, and what it should be", async () => {
    const night = await freshNight({ factors: { "P1/single/cold": 1.2 } });
    const result = await edit(night, "compare.json", (text) =>
      text.replace('"verdict": "regressed"', '"verdict": "same"'),
    );
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toContain(
      'compare.json: P1/single/cold/wall: verdict: stored "same", recomputed "regressed"',
    );
    expect(result.stderr).not.toContain("more;");
  });

  it("names a comparison that says the same in other bytes", async () => {
    const result = await edit(await freshNight(), "compare.json", (text) => JSON.stringify(JSON.parse(text)));
    expect(result.stderr).toContain("compare.json: bytes: stored the same values, written differently");
  });

  it("names the rules when they are others, and the version that has them", async () => {
    const result = await edit(await freshNight(), "compare.json", (text) =>
      text.replace(/("method": )"[^"]*"/, '$1"bayes-9"'),
    );
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toContain('the evidence was decided by "bayes-9"');
    expect(result.stderr).toContain("bench:verify of the version that made it, 0.1.0");
  });

  it("names a suite with other margins", async () => {
    const result = await edit(
      await freshNight(),
      "suite.yaml",
      (text) => `${text}margins: { equivalencePct: 9, minEffectPct: 2 }\n`,
    );
    expect(result.stderr).toMatch(/suite\.yaml: its sha256 is \w{12}…, but the runs were made with the suite/);
    expect(result.stderr).toContain("give the suite file that the runs were made with: --suite FILE");
  });
});

describe("nights in which somebody made all files fit a change", () => {
  it.each<[string, (runs: Runs) => Runs, string]>([
    [
      "a run removed",
      (runs) => runs.toSpliced(findRun(runs, "head", 3), 1),
      "P1/single/cold, block 3: arms: stored base, recomputed one run of each arm",
    ],
    [
      "a block removed",
      (runs) => runs.filter((own) => !(own.phase === "cold" && own.control === undefined && own.block === 4)),
      "P1/single/cold: blocks: stored block 5, recomputed block 4",
    ],
    ["a block removed and the rest renumbered", (runs) => renumbered(runs, 4), ": position: stored "],
    [
      "the last blocks of a cell removed",
      (runs) => runs.filter((own) => own.phase !== "cold" || (own.block ?? 0) < 8),
      "P1/single/cold: number of blocks: stored 8, recomputed more, since it is not decided",
    ],
    [
      "a line twice",
      (runs) => runs.flatMap((own, index) => (index === findRun(runs, "head", 3) ? [own, own] : [own])),
      "block 3: arms: stored base, head, head",
    ],
    ["two arms swapped", (runs) => swapped(runs, 5), ": position: stored "],
    ["two lines exchanged", (runs) => exchanged(runs, 6, 7), "raw-runs.jsonl: line 7: order of runs: stored"],
    [
      "two blocks exchanged",
      (runs) => [...runs.slice(2, 4), ...runs.slice(0, 2), ...runs.slice(4)],
      "raw-runs.jsonl: line 1: order of runs: stored",
    ],
    ["another slot", (runs) => changed(runs, 9, { slot: runs[9]?.slot === "A" ? "B" : "A" }), "line 10 ("],
    ["another machine", (runs) => changed(runs, 9, { machineId: "0".repeat(64) }), "machineId: stored"],
    ["another build", (runs) => changed(runs, 9, { subjectId: "0".repeat(64) }), "subjectId: stored"],
    ["another dataset", (runs) => changed(runs, 9, { datasetSha256: "0".repeat(64) }), "datasetSha256: stored"],
    [
      "another shard",
      (runs) => changed(runs, 9, { shard: { index: 4, count: 4 } }),
      "shard.index: stored 4, recomputed 1",
    ],
    ["a number of another run", (runs) => changed(runs, 9, { run: 40 }), "run: stored 40"],
    [
      "a failed run called valid",
      (runs) => changed(runs, 9, { exitCode: 1 }),
      "valid: stored true, recomputed false: exitCode is 1",
    ],
    [
      "a run with errors called valid",
      (runs) => changed(runs, 9, { errorsLength: 2 }),
      "valid: stored true, recomputed false: errorsLength is 2",
    ],
    [
      "a cached cold run called valid",
      (runs) => changed(runs, findRun(runs, "head", 3), { processed: 2, cached: 1 }),
      "valid: stored true, recomputed false: not processed = total",
    ],
    [
      "a slow run called not valid",
      (runs) => changed(runs, 9, { valid: false }),
      "valid: stored false, recomputed true: it names no failure",
    ],
  ])("names %s", async (_, change, named) => {
    const result = await forge(await freshNight(), change);
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toContain(named);
  });

  it("names another order seed by the runs that it does not draw, and counts the rest", async () => {
    const night = await freshNight();
    const result = await forge(night, (runs) => runs, { ...night.context, orderSeed: "another" });
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toMatch(/line \d+ \(.*\): position: stored 0, recomputed 1/);
    expect(result.stderr).toMatch(/more {3}\d+ more; all: \d+ in raw-runs\.jsonl/);
  });

  it("names a family that is not the suite's", async () => {
    const night = await freshNight();
    const family = { ...night.context.family, primary: ["P1/single/cold/wall"], secondary: [] };
    const result = await forge(night, (runs) => runs, { ...night.context, family });
    expect(result.stderr).toContain("run-context.json: family.primary");
  });

  it("names a cell that was measured on after it was decided", async () => {
    const night = await freshNight({ sampling: { mode: "evidence", minBlocks: 20, maxBlocks: 20 } });
    const sampling = { mode: "evidence" as const, minBlocks: 13, maxBlocks: 20 };
    const result = await forge(night, (runs) => runs, { ...night.context, sampling });
    expect(result.stderr).toMatch(/number of blocks: stored 20, recomputed 1\d, then decided/);
  });
});

/** Without one cold block, those after it moved up. */
function renumbered(runs: Runs, block: number): Runs {
  return runs.flatMap((own) => {
    if (own.phase !== "cold" || own.control !== undefined || own.block === undefined || own.block < block) return [own];
    return own.block === block ? [] : [{ ...own, block: own.block - 1 }];
  });
}

function swapped(runs: Runs, block: number): Runs {
  const [a, b] = [findRun(runs, "head", block), findRun(runs, "base", block)];
  const [head, base] = [runs[a], runs[b]];
  return changed(
    changed(runs, a, { arm: "base", ...(base?.subjectId === undefined ? {} : { subjectId: base.subjectId }) }),
    b,
    {
      arm: "head",
      ...(head?.subjectId === undefined ? {} : { subjectId: head.subjectId }),
    },
  );
}

function exchanged(runs: Runs, a: number, b: number): Runs {
  const [first, second] = [runs[a], runs[b]];
  if (first === undefined || second === undefined) return runs;
  return runs.with(a, second).with(b, first);
}

describe("what is no evidence", () => {
  it.each<[string, (workspace: string) => void, string]>([
    ["no comparison", (folder) => rmSync(path.join(folder, "compare.json")), "there is no such file"],
    ["no runs file", (folder) => rmSync(path.join(folder, "raw-runs.jsonl")), "there is no such file"],
    ["empty runs", (folder) => writeFileSync(path.join(folder, "raw-runs.jsonl"), ""), "it holds no runs"],
    ["a cut last line", (folder) => appendFileSync(path.join(folder, "raw-runs.jsonl"), "{"), "last line: stored"],
    ["a broken line", (folder) => appendFileSync(path.join(folder, "raw-runs.jsonl"), "{\n"), "not JSON"],
    [
      "bytes that are no text",
      (folder) => writeFileSync(path.join(folder, "summary.json"), Buffer.from([0xff, 0xfe])),
      "not UTF-8",
    ],
    ["an empty context", (folder) => writeFileSync(path.join(folder, "run-context.json"), ""), "the file is empty"],
    ["more blocks than can be judged", (folder) => raiseBlocks(folder), "more than can be verified"],
    ["a document without a bottom", (folder) => nestDeeply(folder), "nested too deeply"],
    ["everything gone", (folder) => rmSync(folder, { recursive: true }), "there is no such file"],
  ])("is refused: %s", async (_, spoil, named) => {
    const { workspace } = await freshNight();
    spoil(workspace);
    const result = await verifyNight(workspace);
    expect(result).toMatchObject(DIFFERENT);
    expect(result.stderr).toContain(named);
  });

  it("is refused when it is a bundle with a changed byte", async () => {
    const { workspace } = await freshNight();
    const files = ["--compare", path.join(workspace, "compare.json"), "--suite", path.join(workspace, "suite.yaml")];
    await go(pack, ["--workspace", workspace, ...files, "--run-id", "8", "--out-dir", "."]);
    expect(await go(verify, ["--evidence", "evidence-8.1.tar.zst"])).toMatchObject(VERIFIED);
    const bytes = readFileSync(file("evidence-8.1.tar.zst"));
    bytes.writeUInt8(bytes.readUInt8(900) ^ 1, 900);
    writeFileSync(file("spoiled.tar.zst"), bytes);
    expect(await go(verify, ["--evidence", "spoiled.tar.zst"])).toMatchObject(DIFFERENT);
  });
});

function raiseBlocks(folder: string): void {
  const place = path.join(folder, "run-context.json");
  writeFileSync(place, readFileSync(place, "utf8").replace(/"maxBlocks": \d+/, '"maxBlocks": 1000000000'));
}

function nestDeeply(folder: string): void {
  const place = path.join(folder, "summary.json");
  const depth = 20_000;
  const deep = `{"a":${"[".repeat(depth)}${"]".repeat(depth)},`;
  writeFileSync(place, readFileSync(place, "utf8").replace('"dataset": {', `"dataset": ${deep}`));
}

it("verifies the 24 cells of a whole night", async () => {
  const { workspace } = await freshNight({ profiles: ["P1", "P2", "P3"], scenarios: ["a", "b", "c", "d"] });
  expect(await verifyNight(workspace)).toMatchObject(VERIFIED);
});
