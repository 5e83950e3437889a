import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type NightPlan, nightPlan, parseArtifact } from "@forgebench/artifacts";
import { memoryIo, sha256Of } from "@forgebench/io";
import { makeRuns } from "@forgebench/planning/testing";
import { afterAll, expect, it } from "vitest";
import { main } from "./plan-night.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "plan ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};

const suiteOf = (scenarios: readonly string[]) => `name: small
subject:
  argv: [node, "{cli}", "{input}", "{profile}"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed }
profiles: [{ id: P1, arguments: [] }]
scenarios:
${scenarios.map((name) => `  - { name: ${name}, files: all, phases: [cold] }`).join("\n")}
`;

const log = (ids: readonly string[], wallMs = 100) =>
  makeRuns(
    ids.map((id) => ({ id, wallMs, gapMs: 10, blockCount: 2 })),
    { changes: { datasetSha256: "d".repeat(64) } },
  )
    .map((run) => `${JSON.stringify(run)}\n`)
    .join("");

let home = folder;
const plan = (...args: string[]) => planTo("plan.json", ...args);

async function planTo(outJson: string, ...args: string[]) {
  const io = memoryIo({ cwd: folder, env: { HOME: home } });
  const suite = args.includes("--suite") ? [] : ["--suite", "a suite.yaml"];
  const exitCode = await main([...suite, "--budget-minutes", "600", "--out-json", outJson, ...args], io);
  return { exitCode, stderr: io.stderrText() };
}

const planned = (): NightPlan =>
  parseArtifact(nightPlan, readFileSync(path.join(folder, "plan.json"), "utf8"), "plan.json");

it("names its inputs by hash and no folder of the machine", async () => {
  put("a suite.yaml", suiteOf(["one", "all"]));
  put("night/raw-runs.jsonl", log(["P1/one/cold", "P1/all/cold"]));
  // The same log twice is one history.
  expect((await plan("--history", "night,night/raw-runs.jsonl")).exitCode).toBe(0);
  expect(planned().inputs).toEqual([
    { path: "a suite.yaml", sha256: sha256Of(suiteOf(["one", "all"])) },
    { path: "night/raw-runs.jsonl", sha256: sha256Of(log(["P1/one/cold", "P1/all/cold"])) },
  ]);
  expect(planned().shards[0]?.command).toContain("--suite 'a suite.yaml'");
  expect(readFileSync(path.join(folder, "plan.json"), "utf8")).not.toContain(folder);
});

it("warns of a history of other data", async () => {
  put("a suite.yaml", suiteOf(["one"]));
  put("night/raw-runs.jsonl", log(["P1/one/cold"]));
  put("other/raw-runs.jsonl", log(["P1/one/cold"]).replaceAll("d".repeat(64), "e".repeat(64)));
  const { stderr } = await plan("--history", "night,other");
  expect(stderr).toContain("warning: the history is of 2 datasets");
  expect(planned().warnings).toHaveLength(1);
});

it("does not overwrite a history, and writes no plan when there is none", async () => {
  put("a suite.yaml", suiteOf(["one"]));
  put("night/raw-runs.jsonl", log(["P1/one/cold"]));
  const refused = await planTo("night/raw-runs.jsonl", "--history", "night");
  expect(refused.exitCode).toBe(64);
  expect(refused.stderr).toContain("is also given as --history");
  rmSync(path.join(folder, "plan.json"), { force: true });
  const { exitCode, stderr } = await plan();
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/pilot +pnpm run bench:run -- --suite 'a suite.yaml' .*--run-count 4 --cell P1\/one\/cold$/m);
  expect(() => planned()).toThrow("ENOENT");
});

it("tells each of several shards all cells of the night and its own", async () => {
  put("a suite.yaml", suiteOf(["one", "all"]));
  put("night/raw-runs.jsonl", log(["P1/one/cold", "P1/all/cold"]));
  await plan("--history", "night", "--shards", "2");
  expect(planned().shards.map(({ command }) => command.replace(/.*--cell/, ""))).toEqual([
    " P1/one/cold,P1/all/cold --shard 1/2 --shard-cells P1/all/cold",
    " P1/one/cold,P1/all/cold --shard 2/2 --shard-cells P1/one/cold",
  ]);
});

it("says when there are more shards than cells to judge", async () => {
  put("a suite.yaml", suiteOf(["one", "all"]));
  put("night/raw-runs.jsonl", log(["P1/one/cold", "P1/all/cold"]));
  const { stderr } = await plan("--history", "night", "--shards", "99");
  expect(planned().shards).toHaveLength(2);
  expect(stderr).toContain(
    "warning: 2 of the 99 shards are used: 2 cells are judged, and each cell is measured in one shard only",
  );
});

it("prices the controls of any subject, and nothing where a suite asks for none", async () => {
  const native = suiteOf(["one"]).replace("argv: [node", "argv: [env, node");
  put("night/raw-runs.jsonl", log(["P1/one/cold"]));
  for (const [suite, cellCount] of [
    [suiteOf(["one"]), 3],
    [native, 3],
    [`${native}plantCommand: [slow-by, "{factor}", "{command}"]\n`, 3],
    [`${native}controls: none\n`, 0],
  ] as const) {
    put("a suite.yaml", suite);
    await plan("--history", "night");
    expect(planned().controls.cellsPerShard).toBe(cellCount);
  }
});

it("names the suite so that its commands find it, below the home folder by a tilde", async () => {
  put("night/raw-runs.jsonl", log(["P1/one/cold"]));
  const outside = realpathSync(mkdtempSync(path.join(os.tmpdir(), "suites-")));
  const commandFor = async (file: string) => {
    writeFileSync(file, suiteOf(["one"]));
    await plan("--history", "night", "--suite", file);
    return planned().shards[0]?.command.split(" --cli-path")[0];
  };
  try {
    put("below/x.yaml", "");
    expect(await commandFor(path.join(outside, "x.yaml"))).toBe(`pnpm run bench:run -- --suite ${outside}/x.yaml`);
    expect(await commandFor(path.join(folder, "below/x.yaml"))).toBe("pnpm run bench:run -- --suite below/x.yaml");
    home = outside;
    const inHome = await commandFor(path.join(outside, "a suite.yaml"));
    expect(inHome).toBe("pnpm run bench:run -- --suite ~/'a suite.yaml'");
    expect(readFileSync(path.join(folder, "plan.json"), "utf8")).not.toContain(outside);
  } finally {
    home = folder;
    rmSync(outside, { recursive: true, force: true });
  }
});

it("reads and plans 10,000 cells", { tags: ["slow"] }, async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `s${index}`);
  put("a suite.yaml", suiteOf(names));
  put("night/raw-runs.jsonl", log(names.map((name) => `P1/${name}/cold`)));
  const { exitCode, stderr } = await plan("--history", "night", "--shards", "4");
  expect(exitCode).toBe(0);
  expect(stderr.split("\n").length).toBeLessThan(100);
});
