/** @module-tag slow */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT, scriptFile } from "@forgebench/io";
import { entriesOf, type RunEvent, readWorkflow, rehearseWorkflow, type Stage, textOf } from "@forgebench/rehearsal";
import { transformSync } from "esbuild";
import { execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readText } from "./source-tree.ts";
import { asWorkflow } from "./workflows/action-text.ts";
import { ACTION_FILE } from "./workflows/check-action.ts";

const action = readText(PROJECT_ROOT, ACTION_FILE);
const SCENERY = path.join(PROJECT_ROOT, "packages/rehearsal/scenery");
/** What would run a command if it were not one word. */
const EVIL = "of $(touch pwned) 'it' `id`";

describe("the action in a repository of somebody else", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "bench action "));
    makeRepository(path.join(folder, "source"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("measures, judges and reports a regression, and a strict gate says no", async () => {
    const report = await play(folder, {
      suite: `suite ${EVIL}.yaml`,
      "cli-path": "cli.mjs",
      "build-command": "true",
      "run-count": "3",
      tier: "2",
      images: "6",
      mode: "strict",
      results: `results ${EVIL}`,
      cadence: "release",
    });
    const [job] = report.jobs;
    const failed = job?.steps.filter(({ outcome }) => outcome === "failure");
    expect(failed).toMatchObject([{ name: "A verdict of a strict gate", exitCode: 2 }]);
    expect(job?.outputs).toMatchObject({ outcome: "regression", verdict: "2" });
    expect(job?.outputs["base-sha"]).toMatch(/^[0-9a-f]{40}$/);
    expect(job?.summary).toMatch(/\*\*Alert\.\*\* `P2.* slower/);
    expect(existsSync(path.join(PROJECT_ROOT, "pwned"))).toBe(false);
    const artifact = path.join(folder, "stage/artifacts/forgebench");
    expect(readFileSync(path.join(artifact, "report.md"), "utf8")).toBe(job?.summary);
    for (const name of ["raw-runs.jsonl", "summary.json", "base-summary.json", "compare.json"]) {
      expect(existsSync(path.join(artifact, name)), name).toBe(true);
    }
    const skipped = job?.steps.filter(({ outcome }) => outcome === "skipped").map(({ name }) => name);
    expect(skipped).toEqual(["Download the dataset"]);
  });

  it("compares a push with the commit before it, on images that lie elsewhere", async () => {
    const images = path.join(folder, "images elsewhere");
    makeImages(images);
    const before = commitOf(path.join(folder, "source"), "v1.0.0");
    const report = await play(
      folder,
      {
        suite: `suite ${EVIL}.yaml`,
        "cli-path": "cli.mjs",
        "build-command": "true",
        "run-count": "2",
        "tier-manifest": path.join(images, "v0.0.0-own/tier2/tier-manifest.json"),
      },
      { before },
    );
    const [job] = report.jobs;
    // Its parent would be another base.
    expect(job?.outputs["base-sha"]).toBe(before);
    expect(job?.steps.filter(({ outcome }) => outcome === "failure")).toEqual([]);
    const skipped = job?.steps.filter(({ outcome }) => outcome === "skipped").map(({ name }) => name);
    expect(skipped).toEqual(expect.arrayContaining(["Download the dataset", "Make images"]));
  });
});

function commitOf(work: string, revision: string): string {
  return execaSync("git", ["rev-parse", revision], { cwd: work }).stdout;
}

/** As docs/in-your-ci.md tells people with images of their own. */
function makeImages(folder: string): void {
  const run = (script: string, ...args: string[]) => execaSync(process.execPath, [scriptFile(script), ...args]);
  const own = path.join(folder, "own");
  run("generate-synthetic", "--count", "6", "--out-dir", own);
  const version = ["--dataset-version", "0.0.0-own", "--tiers", "2"];
  run("build-tiers", ...version, "--sources-dir", own, "--out-dir", path.join(folder, "a"), "--build-dir", folder);
}

/** A repository with a program, whose newest commit is slower than its release, and a suite with a name that nobody should have. */
function makeRepository(work: string): void {
  mkdirSync(work);
  const identity = { GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.org" };
  const env = {
    ...identity,
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@example.org",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  const git = (...args: string[]) => execaSync("git", args, { cwd: work, env });
  const subject = readFileSync(path.join(SCENERY, "subject.ts"), "utf8");
  const program = (workMs: number) =>
    transformSync(subject.replace("WORK_MS = 100", `WORK_MS = ${workMs}`), { loader: "ts", format: "esm" }).code;
  git("init", "-q", "-b", "main");
  cpSync(path.join(SCENERY, "suite.yaml"), path.join(work, `suite ${EVIL}.yaml`));
  for (const [workMs, tag] of [
    [100, "v1.0.0"],
    [200, "between"],
    [300, "v1.1.0"],
  ] as const) {
    writeFileSync(path.join(work, "cli.mjs"), program(workMs));
    git("add", "-A");
    git("commit", "-q", "-m", tag);
    git("tag", tag);
  }
}

/** Its steps as a runner would play them, but for the installation, which is there. */
async function play(folder: string, given: Readonly<Record<string, string>>, payload: RunEvent["payload"] = {}) {
  const made = asWorkflow({ file: ACTION_FILE, text: action })?.text ?? "";
  const install = /^ {6}- name: Install Forgebench\n(?: {8}.*\n)+/m;
  expect(made).toMatch(install);
  // A rehearsal runs every step by bash.
  const text = made.replace(install, '      - run: git clone -q "$SOURCE" .\n').replaceAll("        shell: bash\n", "");
  const workflow = await readWorkflow("action.yml", text);
  const inputs = entriesOf(entriesOf(workflow.on).find(([name]) => name === "workflow_dispatch")?.[1]).flatMap(
    ([name, block]) => (name === "inputs" ? entriesOf(block) : []),
  );
  const defaults = inputs.map(([name, input]) => [name, textOf(new Map(entriesOf(input)).get("default")) ?? ""]);
  const event: RunEvent = {
    name: "push",
    payload,
    inputs: { ...Object.fromEntries(defaults), ...given },
    repository: "octo-org/tool",
    sha: "a".repeat(40),
    ref: "refs/tags/v1.1.0",
    actor: "ann",
    runId: "7",
    runAttempt: 1,
  };
  return rehearseWorkflow(workflow, event, stageIn(folder, "before" in payload ? "push" : "stage"));
}

function stageIn(folder: string, name: string): Stage {
  const place = path.join(folder, name);
  mkdirSync(path.join(place, "artifacts"), { recursive: true });
  const own = {
    GITHUB_ACTION_PATH: path.dirname(path.join(PROJECT_ROOT, ACTION_FILE)),
    SOURCE: path.join(folder, "source"),
  };
  return {
    folder: place,
    apiUrl: "http://127.0.0.1:1",
    gitUrl: "http://127.0.0.1:1",
    pagesUrl: "https://github.com",
    vars: {},
    secrets: {},
    environmentSecrets: {},
    tokenOf: () => "no-token",
    artifactsOfRuns: {},
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...own },
    stepTimeoutMs: 600_000,
    onProgress: () => undefined,
  };
}
