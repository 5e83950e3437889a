/** @module-tag slow */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { scriptFile } from "@forgebench/io";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "quickstart test "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts it as `npm run bench -- ARGS` does, with a small dataset and one cell. */
function start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const small = ["--count", "4", "--tier", "2", "--cell", "P1/single-small/warm", "--max-blocks", "13"];
  const child = spawn(process.execPath, [scriptFile("quickstart"), ...small, "--workspace", folder, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => (texts[name] += text));
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...texts })));
  return { child, ended };
}

const rawRuns = () => path.join(folder, "4-run/raw-runs.jsonl");
const runCount = () => (existsSync(rawRuns()) ? readFileSync(rawRuns(), "utf8").trim().split("\n").length : 0);

it("prints the command that goes on when it is interrupted, refuses a second run, and goes on", async () => {
  const first = start();
  while (runCount() < 6) await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await start().ended;
  expect(second).toMatchObject({ code: 73, stdout: "" });
  expect(second.stderr).toMatch(/^error: Cannot use the folder ".*": process \d+ is writing to it\n/);
  first.child.kill("SIGINT");
  const { code, stdout, stderr } = await first.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  const command = /^go on {6}npm run bench -- (.*)$/m.exec(stderr)?.[1] ?? "";
  expect(command).toMatch(/--cell P1\/single-small\/warm .* --resume$/);
  const keptCount = runCount();
  expect(keptCount).toBeGreaterThanOrEqual(6);

  const resumed = await start("--resume", "--time-budget-minutes", "0.1").ended;
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/^resume {5}\d+ runs exist already/m);
  expect(resumed.stderr).not.toMatch(/moved aside/);
  // One cell and three controls, at most 13 blocks of two runs each.
  expect(runCount()).toBeGreaterThan(keptCount);
  expect(runCount()).toBeLessThanOrEqual(4 * 13 * 2);
});

it("ends with the verdict in its first line and its last, and with 0 whatever it is", async () => {
  const { code, stdout, stderr } = await start("--time-budget-minutes", "0.1").ended;
  expect(code, stderr).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toMatch(/^(Undecided|Invalid|Nothing changed|No regression|Regression)\./);
  expect(lines.at(-1)).toMatch(/^Verdict: /);
  for (const line of lines) if (line.length > 80) expect(line).not.toMatch(/ /);
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  expect(JSON.parse(read("7-site/site-benchmark-snapshot.json")).source.repository).toBe("local/imageforge");
  expect(read("8-website/preview.html") + read("8-website/pull-request.html")).not.toContain("localhost");
});

it("is a gate with --mode strict, and only then", async () => {
  // The head fails in every run.
  const cli = path.join(folder, "failing", "cli.js");
  mkdirSync(path.dirname(cli), { recursive: true });
  writeFileSync(cli, "process.exit(1);\n");
  const advisory = await start("--cli-path", cli, "--time-budget-minutes", "0.1").ended;
  expect(advisory, advisory.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\s*Invalid\./) });
  expect(advisory.stdout).toMatch(/\nVerdict: invalid/);
  const strict = await start("--cli-path", cli, "--mode", "strict", "--time-budget-minutes", "0.1").ended;
  expect(strict.code).toBe(3);
});
