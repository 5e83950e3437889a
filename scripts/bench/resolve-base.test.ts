import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { appendToStore } from "@forgebench/history";
import { testRecord } from "@forgebench/history/testing";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main as appendHistory } from "./append-history.ts";
import { main as compareBenchmark } from "./compare-benchmark.ts";
import { main } from "./resolve-base.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "resolve base ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH };
const repo = path.join(root, "repo");
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: repo, encoding: "utf8" }).trim();
let commits: string[] = [];

beforeAll(async () => {
  await mkdir(repo);
  git("-c", "init.defaultBranch=main", "init", "--quiet");
  commits = [0, 1, 2].map((index) => {
    git("commit", "--quiet", "--allow-empty", "-m", `c${index}`);
    return git("rev-parse", "HEAD");
  });
});

async function run(argv: readonly string[], variables: Record<string, string> = {}) {
  const io = memoryIo({ cwd: repo, env: { ...env, ...variables } });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const record = (folder: string, runId: string, headSha: string) =>
  appendToStore(
    { type: "folder", folder },
    { env, signal: new AbortController().signal, now: () => new Date() },
    () => ({ type: "night", value: testRecord(runId, { headSha }) }),
  );
const schedule = (store: string) => ["--event", "schedule", "--history", store];

it("prints the base and the reason, one line each, to the next step too", async () => {
  const folder = path.join(root, "history");
  await record(folder, "1", commits[0] ?? "");
  const file = path.join(root, "github-output");
  const { exitCode, stdout, stderr } = await run(schedule("../history"), { GITHUB_OUTPUT: file });
  const expected = `BASE_SHA=${commits[0]}\nBASE_REASON=the last green night, 1 of 2026-02-15\nBASE_CADENCE=night\n`;
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: expected, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(expected);
});

it("takes an empty folder and a branch that is not there yet for a first night, but no missing folder", async () => {
  const isNight = "BASE_CADENCE=night\n";
  const first = `BASE_SHA=${commits[1]}\nBASE_REASON=the first parent of head: no accepted night yet\n${isNight}`;
  await mkdir(path.join(root, "empty"));
  for (const store of ["../empty", ".#", `file://${repo}`]) expect((await run(schedule(store))).stdout).toBe(first);
  git("tag", "v1.0.0", commits[0] ?? "");
  const released = `BASE_SHA=${commits[0]}\nBASE_REASON=the last release, v1.0.0: no accepted night yet\n${isNight}`;
  expect((await run(schedule("../empty"))).stdout).toBe(released);
  git("tag", "--delete", "v1.0.0");
  const missing = await run(schedule("../missing"));
  expect(missing).toMatchObject({ exitCode: 65, stdout: "" });
  expect(missing.stderr).toContain("there is no such folder; make an empty one to start a history");
  expect((await run(schedule("../missing.git#"))).exitCode).toBe(69);
});

it("notes a cut last line and nights whose commit is gone, and refuses a damaged history", async () => {
  const folder = path.join(root, "worn");
  await record(folder, "1", commits[0] ?? "");
  await record(folder, "2", "f".repeat(40));
  await record(folder, "3", commits[1] ?? "");
  const part = path.join(folder, "nights/000001.jsonl");
  await truncate(part, readFileSync(part).length - 20);
  const { exitCode, stdout, stderr } = await run(schedule("../worn"));
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`BASE_SHA=${commits[0]}\n`),
  });
  expect(stderr.split("\n")).toEqual([
    "note: the last line of the history is cut and left out",
    "note: the night of ffffffffffff is skipped: the commit is not in the repository, because the branch was rewritten or head is older",
    "",
  ]);
  const text = readFileSync(part, "utf8");
  await truncate(part, text.indexOf("\n") - 3);
  await record(folder, "4", commits[1] ?? "");
  await truncate(part, 5);
  expect((await run(schedule("../worn"))).stdout).toContain("no accepted night yet");
});

it("compares as a night where no release is there yet, and says so", async () => {
  const { exitCode, stdout } = await run(["--cadence", "release"]);
  const reason = "no release is before head yet, so as a night: the first parent of head: no history was named";
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `BASE_SHA=${commits[1]}\nBASE_REASON=${reason}\nBASE_CADENCE=night\n`,
  });
});

it("needs no history for a pull request, nor for a base that is asked for", async () => {
  const folder = path.join(root, "damaged");
  await record(folder, "1", commits[0] ?? "");
  await writeFile(path.join(folder, "nights/000001.jsonl"), "no line of a history\n");
  const store = ["--history", "../damaged"];
  const [base = "", parent = ""] = commits;
  for (const named of [store, ["--history", "../missing"], ["--history", "../missing.git#"]]) {
    const pull = await run(["--event", "pull_request", "--pull-request-base", base, ...named]);
    expect(pull).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`BASE_SHA=${base}\n`), stderr: "" });
    const dispatch = await run(["--event", "workflow_dispatch", "--dispatch-base", parent, ...named]);
    expect(dispatch).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`BASE_SHA=${parent}\n`),
      stderr: "",
    });
  }
  expect((await run(schedule("../damaged"))).exitCode).toBe(65);
  expect((await run(["--event", "workflow_dispatch", ...store])).exitCode).toBe(65);
});

it("compares a push with the commit before it, however many commits it has", async () => {
  const [base = "", parent = "", head = ""] = commits;
  const push = (before: string, ...more: string[]) => run(["--event", "push", "--before", before, ...more]);
  const answer = {
    exitCode: 0,
    stdout: `BASE_SHA=${base}\nBASE_REASON=the commit before the push\nBASE_CADENCE=night\n`,
  };
  expect(await push(base)).toEqual({ ...answer, stderr: "" });
  // No release is there yet, and the history is not asked.
  expect(await push(base, "--cadence", "release", "--history", "../missing.git#")).toMatchObject({ exitCode: 69 });
  expect(await push(base, "--cadence", "release")).toEqual({ ...answer, stderr: "" });
  expect(await push(base, "--history", "../missing.git#")).toEqual({ ...answer, stderr: "" });
  const taken = await push(head, "--head", parent);
  expect(taken.stdout).toContain(`BASE_SHA=${head}\n`);
  expect(taken.stderr).toBe(
    `note: the push took ${head.slice(0, 12)} from its branch; head is compared with it anyway\n`,
  );
  git("tag", "v1.0.0", parent);
  expect((await push(base, "--cadence", "release")).stdout).toContain("BASE_CADENCE=release\n");
  expect((await push(base)).stdout).toBe(answer.stdout);
  git("tag", "--delete", "v1.0.0");
});

it("falls back to the parent, with a note, where no commit was there before a push", async () => {
  const fallback = "the first parent of head: no history was named";
  for (const [before, why] of [
    ["0".repeat(40), "the branch is new"],
    ["f".repeat(40), `the commit before the push, "${"f".repeat(40)}", is missing`],
  ] as const) {
    const { exitCode, stdout, stderr } = await run(["--event", "push", "--before", before]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`BASE_SHA=${commits[1]}\nBASE_REASON=${fallback}\nBASE_CADENCE=night\n`);
    expect(stderr).toBe(`note: ${why}, so ${fallback}\n`);
  }
  const shallow = path.join(root, "shallow");
  git("clone", "--quiet", "--depth", "1", `file://${repo}`, shallow);
  const missing = await run(["--event", "push", "--before", commits[0] ?? "", "--repo", shallow]);
  expect(missing).toMatchObject({ exitCode: 65, stdout: "" });
  expect(missing.stderr).toContain("is missing in the shallow clone");
});

it("checks the reason of an acceptance as those steps do that record it after the measurement", async () => {
  const texts = [
    "worth it",
    "x".repeat(200),
    "ü ✓ `$(id)`",
    "x".repeat(201),
    "x".repeat(501),
    "a\nb",
    "a\u2028b",
    " ",
    "",
  ];
  const steps = [
    [compareBenchmark, ["--base-summary", "b", "--head-summary", "h", "--out-json", "o", "--accepted-by", "Ann"]],
    [appendHistory, ["--store", "../nothing", "--accept", "1", "--by", "Ann"]],
  ] as const;
  for (const text of texts) {
    const early = await run(["--event", "workflow_dispatch", "--acceptance-reason", text]);
    expect(early.exitCode, text).toBe(text.length <= 200 && /^[^\n\u2028]*\S[^\n\u2028]*$/.test(text) ? 0 : 64);
    if (early.exitCode !== 0) {
      expect(early).toMatchObject({
        stdout: "",
        stderr: expect.stringContaining("one line of at most 200 characters"),
      });
      continue;
    }
    for (const [step, argv] of steps) {
      const io = memoryIo({ cwd: repo, env });
      const flag = step === appendHistory ? "--reason" : "--acceptance-reason";
      await step([...argv, flag, text], io);
      expect(io.stderrText()).not.toContain(flag);
    }
  }
});

it("says which flag is missing, misplaced or wrong", async () => {
  const cases: [readonly string[], number, string][] = [
    [["--event", "schedule"], 64, "missing --history"],
    [["--event", "pull_request"], 64, "missing --pull-request-base"],
    [["--event", "push", "--pull-request-base", "0123456"], 64, "--pull-request-base is for --event pull_request"],
    [["--event", "schedule", "--before", "0123456"], 64, "--before is for --event push"],
    [["--event", "push", "--before", "main"], 64, "--before"],
    [["--event", "push", "--before", commits[0] ?? "", "--head", "f".repeat(40)], 65, "--head:"],
    [["--event", "pull_request", "--pull-request-base", "0".repeat(40)], 65, "is no commit of the repository"],
    [["--head", "f".repeat(40)], 65, `--head: "${"f".repeat(40)}" is no commit`],
    [["--cadence", "release", "--head", commits[0] ?? ""], 3, "is the first commit"],
    [["--head", commits[0] ?? ""], 3, "is the first commit"],
    [["--event", "schedule", "--cadence", "release"], 64, "missing --history"],
    [["--event", "schedule", "--acceptance-reason", "x"], 64, "--acceptance-reason is for --event workflow_dispatch"],
    [
      [...schedule("https://example.org/a.git#"), "--token-env", "NO_TOKEN"],
      64,
      '--token-env: the variable "NO_TOKEN"',
    ],
  ];
  for (const [argv, code, message] of cases) {
    const { exitCode, stdout, stderr } = await run(argv);
    expect({ argv, exitCode, stdout }).toEqual({ argv, exitCode: code, stdout: "" });
    expect(stderr).toContain(message);
  }
});
