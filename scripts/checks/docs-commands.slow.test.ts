/** @module-tag slow */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  copyProject,
  listDocCommands,
  makePnpmShim,
  type Omission,
  planCommand,
  type Substitution,
} from "./docs-commands/test-helpers.ts";

/** FORGEBENCH_FULL_DOCS=1 runs every command as it is written, in a fresh clone: hours. */
const FULL = process.env.FORGEBENCH_FULL_DOCS === "1";

const SUBSTITUTIONS: readonly Substitution[] = FULL
  ? []
  : [
      {
        pattern: /^npm run bench$/,
        replacement: "npm run bench -- --count 12 --tier 6 --run-count 2",
      },
      { pattern: /--count \d+/, replacement: "--count 12" },
      { pattern: /(bench:dataset:build --.*)$/, replacement: "$1 --tiers 6" },
      { pattern: /\btier30\/tier-manifest\.json/, replacement: "tier6/tier-manifest.json" },
      { pattern: /--profiles \S+/, replacement: "--profiles P1 --scenarios single-small,batch-all" },
      { pattern: /--time-budget-minutes 30/, replacement: "--max-blocks 13 --no-controls" },
      { pattern: /--run-count \d+/, replacement: "--run-count 2" },
      { pattern: /--headline-profile \S+/, replacement: "--headline-profile P1" },
      { pattern: /--tier tier\d+/, replacement: "--tier tier6" },
    ];

const OMISSIONS: readonly Omission[] = [
  { pattern: /^npm (test|run (check|setup))/, reason: "it is what starts this test" },
  { pattern: /^(git clone|cd) /, reason: "this test has its own copy" },
  ...(FULL ? [] : [{ pattern: /bench:(self|overhead|power|aa|drills|noise)/, reason: "a measurement at full size" }]),
];

/** Enough for the longest command on a busy machine; a full run takes what it takes. */
const TIMEOUT_MS = FULL ? 24 * 3_600_000 : 600_000;

const commands = listDocCommands(PROJECT_ROOT);

describe.runIf(commands.length > 0)("the documentation", () => {
  let folder = "";
  let project = "";
  let env: NodeJS.ProcessEnv = {};

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "docs run ")));
    project = path.join(folder, "project");
    if (FULL) execFileSync("git", ["clone", "-q", PROJECT_ROOT, project]);
    else copyProject(PROJECT_ROOT, project);
    const setup = readFileSync(path.join(project, "scripts/launcher/setup.mjs"), "utf8");
    const shim = makePnpmShim(path.join(folder, "bin"), setup);
    // The commands must not take this test run for their own.
    const { NODE_OPTIONS: _1, VITEST: _2, GITHUB_OUTPUT: _3, ...rest } = process.env;
    env = { ...rest, PATH: `${shim}${path.delimiter}${process.env.PATH}` };
    if (FULL) execFileSync("npm", ["run", "--silent", "setup"], { cwd: project, env, stdio: "inherit" });
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const { file, line, command } of commands) {
    const planned = planCommand(command, SUBSTITUTIONS, OMISSIONS);
    if ("reason" in planned) {
      it(`${file}:${line} not run, since ${planned.reason}: ${command}`, () => undefined);
      continue;
    }
    const note = planned.command === command ? "" : `   (written: ${command})`;
    it(`${file}:${line} ${planned.command}${note}`, { timeout: TIMEOUT_MS }, () => {
      const { status, stdout, stderr } = spawnSync("bash", ["-c", planned.command], {
        cwd: project,
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: TIMEOUT_MS,
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(status, `${stdout.slice(-2000)}\n${stderr.slice(-4000)}`).toBe(0);
    });
  }
});
