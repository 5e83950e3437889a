import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArtifact, runContext, summary } from "@forgebench/artifacts";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { main as merge } from "./merge-runs.ts";
import { main } from "./run-benchmark.ts";
import { oneCellSuite, writeSmallTier } from "./test-helpers.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "run base ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: file("tool") })
    .toString()
    .trim();

const SUBJECT = `
import { readdirSync } from "node:fs";
if (process.argv[2] === "--version") { console.log("VERSION"); process.exit(0); }
const total = readdirSync(process.argv[2]).length;
console.log(JSON.stringify({ summary: { total, processed: total, cached: 0, failed: 0, durationMs: 1 }, errors: [] }));
`;
const SUITE = oneCellSuite('[node, "{cli}", "{input}"]');
/** Builds src into dist, and writes down what it sees. */
const BUILD = 'mkdir -p dist && cp src/cli.mjs dist/ && env > "$TMPDIR/seen"';

let good: string;
let bad: string;

function commit(text: string): string {
  mkdirSync(file("tool/src"), { recursive: true });
  writeFileSync(file("tool/src/cli.mjs"), text);
  git("add", "src", ".gitignore");
  git("commit", "-qm", "change");
  return git("rev-parse", "HEAD");
}

beforeAll(() => {
  mkdirSync(file("tool/dist"), { recursive: true });
  writeFileSync(file("tool/.gitignore"), "dist\n");
  git("init", "-q", "-b", "main");
  writeFileSync(file("tool/.git/hooks/post-checkout"), `#!/bin/sh\ntouch '${file("hooked")}'\n`, { mode: 0o755 });
  good = commit(SUBJECT.replace("VERSION", "1.0.0"));
  git("rm", "-q", "src/cli.mjs");
  git("commit", "-qm", "break");
  bad = git("rev-parse", "HEAD");
  commit(SUBJECT.replace("VERSION", "2.0.0"));
  writeFileSync(file("tool/dist/cli.mjs"), SUBJECT.replace("VERSION", "2.0.0"));
  writeFileSync(file("suite.yaml"), SUITE);
  writeSmallTier(file("tier"));
});
beforeEach(() => rmSync(file("w"), { recursive: true, force: true }));

const HEAD = ["--cli-path", "tool/dist/cli.mjs"];
const ARGS = [
  "--tier-manifest",
  "tier/tier-manifest.json",
  "--suite",
  "suite.yaml",
  "--workspace",
  "w",
  "--run-count",
  "1",
  "--no-waiting",
];

async function run(...more: string[]) {
  const env = { PATH: process.env.PATH, TMPDIR: folder, GITHUB_TOKEN: "ghs_canary", GITHUB_OUTPUT: "", ACTIONS_X: "y" };
  const io = memoryIo({ cwd: folder, env });
  const head = more.includes("--cli-path") ? [] : HEAD;
  const exit = await main([...head, ...ARGS, ...more], io);
  return { exit, out: io.stdoutText(), said: io.stderrText() };
}

function expectNothingLeft(): void {
  expect(existsSync(file("w/base-commit"))).toBe(false);
  expect(git("worktree", "list").split("\n")).toHaveLength(1);
}

it("builds the base, measures it, records its commit, and removes it", async () => {
  expect(await run("--base", good.slice(0, 10), "--build-command", BUILD)).toMatchObject({ exit: 0 });
  const context = parseArtifact(runContext, readFileSync(file("w/run-context.json"), "utf8"), "run-context.json");
  expect(context.subjects).toMatchObject({
    head: { cliVersion: "2.0.0" },
    base: { cliVersion: "1.0.0", commit: good },
  });
  const base = parseArtifact(summary, readFileSync(file("w/base-summary.json"), "utf8"), "base-summary.json");
  expect(base).toMatchObject({ subject: { commit: good }, validation: { passed: true } });
  expect(readFileSync(file("seen"), "utf8")).not.toMatch(/canary|GITHUB|ACTIONS/);
  expect(existsSync(file("hooked"))).toBe(false);
  expectNothingLeft();
});

it("says with the end of the output that a base does not build, and leaves nothing", async () => {
  const { exit, out, said } = await run("--base", bad, "--build-command", BUILD);
  expect([exit, out]).toEqual([65, ""]);
  expect(said).toMatch(/The commit \w{12} does not build: exit 1\n[\s\S]*output .*src\/cli\.mjs[\s\S]*--build-command/);
  const noisy = "for i in $(seq 100); do echo line $i; done; printf '::set-output name=X::\\033[31m\\n'; exit 7";
  const second = await run("--base", good, "--build-command", noisy);
  expect(second.said).toMatch(/exit 7[\s\S]*line 100/);
  expect(second.said).not.toMatch(/line 2\n|^\s*output\s+::/m);
  expect(second.said).not.toContain("\u001b");
  expect(await run("--base", good, "--build-command", "true")).toMatchObject({
    exit: 65,
    said: expect.stringContaining('it makes no "dist/cli.mjs"'),
  });
  expectNothingLeft();
});

it("leaves nothing to judge where the base does not build: neither a regression nor green", async () => {
  expect(await run("--base", bad, "--build-command", BUILD)).toMatchObject({ exit: 65, out: "" });
  for (const name of ["run-context.json", "raw-runs.jsonl", "summary.json"])
    expect(existsSync(file(`w/${name}`))).toBe(false);
  const io = memoryIo({ cwd: folder });
  const args = ["--suite", "suite.yaml", "--out-dir", "night", "--allow-missing-shards", "--workspaces"];
  expect(await merge([...args, "w"], io)).toBe(65);
  expect(await merge([...args, "shards/*"], io)).toBe(65);
  expect(io.stderrText()).toContain("if the base does not build, it writes nothing");
  expect(io.stdoutText()).toBe("");
});

it("says what to do where the commit of an earlier night was rewritten away", async () => {
  const { exit, said } = await run("--base", "f".repeat(40));
  expect([exit, said]).toEqual([
    65,
    expect.stringMatching(/there is no commit "f{40}"[\s\S]*git fetch origin[\s\S]*bench:base names/),
  ]);
  expect(existsSync(file("w/raw-runs.jsonl"))).toBe(false);
});

it.each([
  ["a commit that is not there", ["--base", "0123456789abcdef"], 65, "git fetch"],
  ["two bases", ["--base", "0123456", "--base-cli-path", "tool/dist/cli.mjs"], 64, "give one of them"],
  ["a build without a base", ["--build-command", "true"], 64, "--build-command is for --base"],
  ["a name instead of a hash", ["--base", "main; id"], 64, "hexadecimal"],
  ["a CLI that is not there", ["--base", "0123456", "--cli-path", "none.js"], 64, "there is no file"],
  ["a CLI outside of git", ["--base", "0123456", "--cli-path", "suite.yaml"], 64, "lies in no git checkout"],
])("says what is wrong with %s", async (_what, more, exit, said) => {
  expect(await run(...more)).toMatchObject({ exit, out: "", said: expect.stringContaining(said) });
  expectNothingLeft();
});

it("removes what a kill left, and ends a build when it is stopped", async () => {
  git("worktree", "add", "-q", "--detach", file("w/base-commit"), good);
  const script = path.join(PROJECT_ROOT, "scripts/bench/run-benchmark.mjs");
  const args = [...HEAD, ...ARGS, "--base", good, "--build-command", `touch '${file("started")}'; sleep 60`];
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, stdio: "ignore" });
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  while (!existsSync(file("started")) && child.exitCode === null) await sleep(5);
  expect(child.exitCode).toBeNull();
  child.kill("SIGTERM");
  expect(await ended).toBe(143);
  expectNothingLeft();
});
