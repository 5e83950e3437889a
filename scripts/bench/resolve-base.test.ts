import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { mkdir, truncate } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { appendToStore } from "@forgebench/history";
import { testRecord } from "@forgebench/history/testing";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, expect, it } from "vitest";
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
  const expected = `BASE_SHA=${commits[0]}\nBASE_REASON=the last green night, 1 of 2026-02-15\n`;
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: expected, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(expected);
});

it("takes an empty folder and a branch that is not there yet for a first night, but no missing folder", async () => {
  const first = `BASE_SHA=${commits[1]}\nBASE_REASON=the first parent of head: no accepted night yet\n`;
  await mkdir(path.join(root, "empty"));
  for (const store of ["../empty", ".#", `file://${repo}`]) expect((await run(schedule(store))).stdout).toBe(first);
  git("tag", "v1.0.0", commits[0] ?? "");
  const released = `BASE_SHA=${commits[0]}\nBASE_REASON=the last release, v1.0.0: no accepted night yet\n`;
  expect((await run(schedule("../empty"))).stdout).toBe(released);
  git("tag", "--delete", "v1.0.0");
  const missing = await run(schedule("../missing"));
  expect(missing).toMatchObject({ exitCode: 65, stdout: "" });
  expect(missing.stderr).toContain("there is no such folder; an empty one is a history that has not begun");
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
    "note: the night of ffffffffffff is passed over: the commit is not in the repository, since the branch was rewritten or head is older",
    "",
  ]);
  const text = readFileSync(part, "utf8");
  await truncate(part, text.indexOf("\n") - 3);
  await record(folder, "4", commits[1] ?? "");
  await truncate(part, 5);
  expect((await run(schedule("../worn"))).stdout).toContain("no accepted night yet");
});

it("says which flag is missing, misplaced or wrong", async () => {
  const cases: [readonly string[], number, string][] = [
    [["--event", "schedule"], 64, "missing --history"],
    [["--event", "pull_request"], 64, "missing --pull-request-base"],
    [["--event", "push", "--pull-request-base", "0123456"], 64, "--pull-request-base is for --event pull_request"],
    [["--event", "pull_request", "--pull-request-base", "0".repeat(40)], 65, "is no commit of the repository"],
    [["--head", "f".repeat(40)], 65, `--head: "${"f".repeat(40)}" is no commit`],
    [["--cadence", "release"], 3, "no tag vX.Y.Z is on the history of"],
    [["--head", commits[0] ?? ""], 3, "is the first commit"],
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
