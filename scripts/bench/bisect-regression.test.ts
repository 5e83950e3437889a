import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./bisect-regression.ts";
import { oneCellSuite, writeSmallTier } from "./test-helpers.ts";

const COMMIT_COUNT = Number(process.env.FORGEBENCH_BISECT_COMMITS ?? 5);
const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "bisect ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: file("tool") })
    .toString()
    .trim();

/** A tiny CLI that sleeps. */
const subject = (seconds: number) => `
if [ "$1" = --version ]; then echo 1.0.0; exit 0; fi
sleep ${seconds}
echo '{"summary":{"total":1,"processed":1,"cached":0,"failed":0,"durationMs":1},"errors":[]}'
`;
const SUITE = oneCellSuite('[sh, "{cli}", "{input}"]');

/** The good commit and those after it. */
let commits: string[];
const culprit = Math.ceil(COMMIT_COUNT / 2);

function commit(text: string): string {
  writeFileSync(file("tool/src.sh"), text);
  git("add", "src.sh");
  git("commit", "-q", "--allow-empty", "-m", "change");
  return git("rev-parse", "HEAD");
}

beforeAll(() => {
  mkdirSync(file("tool"));
  git("init", "-q", "-b", "main");
  commits = Array.from({ length: COMMIT_COUNT + 1 }, (_, number) =>
    commit(`${subject(number >= culprit ? 0.09 : 0.05)}# ${number}\n`),
  );
  writeFileSync(file("suite.yaml"), SUITE);
  writeSmallTier(file("tier"));
});
beforeEach(() => rmSync(file("w"), { recursive: true, force: true }));

const BUILD = "mkdir -p dist && cp src.sh dist/cli.sh";
const ARGS = [
  ...["--tier-manifest", "tier/tier-manifest.json", "--suite", "suite.yaml", "--workspace", "w", "--repo", "tool"],
  ...["--cell", "P1/single/cold", "--cli", "dist/cli.sh"],
];

async function bisect(good: string, bad: string, ...more: string[]) {
  const build = more.includes("--build-command") ? [] : ["--build-command", BUILD];
  const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH, GITHUB_TOKEN: "ghs_canary" } });
  const exit = await main([...ARGS, "--good", good, "--bad", bad, ...build, ...more], io);
  return { exit, out: io.stdoutText(), said: io.stderrText() };
}

const at = (number: number) => commits.at(number) ?? "";

function expectNothingLeft(): void {
  expect(existsSync(file("w/builds")) ? readdirSync(file("w/builds")) : []).toEqual([]);
  expect(git("worktree", "list").split("\n")).toHaveLength(1);
}

describe("a planted slow commit", () => {
  it("is found", { tags: ["slow"] }, async () => {
    const { exit, out, said } = await bisect(at(0), at(-1));
    expect([exit, out], said).toEqual([0, `CULPRIT_SHA=${at(culprit)}\nCONFIDENCE=0.95\n`]);
    expect(readdirSync(file("w/visits")).length).toBeGreaterThan(2);
    expectNothingLeft();
  });

  it("is in the range that is left where commits do not build", { tags: ["slow"] }, async () => {
    const broken = `grep -q '# ${culprit}$' src.sh && exit 1; ${BUILD}`;
    const { exit, out, said } = await bisect(at(culprit - 1), at(culprit + 1), "--build-command", broken);
    expect([exit, out], said).toEqual([3, `SUSPECTS=${at(culprit)}..${at(culprit + 1)}\nCONFIDENCE=0.95\n`]);
    expect(said).toMatch(/skipped \w{12}: it does not build, exit 1/);
    expectNothingLeft();
  });

  it("is not claimed when the time is up before", async () => {
    const { exit, out, said } = await bisect(at(0), at(-1), "--time-budget-minutes", "0.01");
    expect([exit, out]).toEqual([3, ""]);
    expect(said).toMatch(/the time is up[\s\S]*was not seen again/);
    expectNothingLeft();
  });
});

describe("what is wrong", () => {
  it.each<[string, () => [string, string, ...string[]], number, string]>([
    ["a good commit that does not build", () => [at(0), at(-1), "--build-command", "false"], 65, "does not build"],
    ["commits that were mixed up", () => [at(-1), at(0)], 65, "swap --good and --bad"],
    ["the same commit twice", () => [at(0), at(0).slice(0, 12)], 65, 'both are the commit "'],
    ["a commit that is not there", () => [at(0), "0123456789abcdef"], 65, "git fetch"],
  ])("is said of %s", async (_what, commitsOf, exit, said) => {
    expect(await bisect(...commitsOf())).toMatchObject({ exit, out: "", said: expect.stringContaining(said) });
    expectNothingLeft();
  });
});
