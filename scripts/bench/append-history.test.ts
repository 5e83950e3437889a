import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseStorePlace, readStore } from "@forgebench/history";
import { memoryIo, PROJECT_ROOT, scriptFile } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "./append-history.ts";
import { main as packEvidence } from "./pack-evidence.ts";
import { main as resolveBase } from "./resolve-base.ts";
import { rewriteNight, writeNight } from "./test-helpers.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "append history ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newFolder = () => mkdtempSync(path.join(root, "case-"));
const env = { PATH: process.env.PATH };

type Main = typeof main;
async function run(
  script: Main,
  argv: readonly string[],
  cwd = root,
  variables: Record<string, string | undefined> = {},
) {
  const io = memoryIo({ cwd, env: { ...env, ...variables }, now: () => new Date("2026-02-15T03:00:00Z") });
  const exitCode = await script(argv, io);
  const outputs = io
    .stdoutText()
    .trim()
    .split("\n")
    .map((line) => line.split(/=(.*)/s).slice(0, 2));
  return { exitCode, stderr: io.stderrText(), outputs: Object.fromEntries(outputs) as Record<string, string> };
}

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

function repository(commitCount: number) {
  const folder = newFolder();
  git(folder, "init", "--quiet");
  const commits = Array.from({ length: commitCount }, (_, index) => {
    git(folder, "commit", "--quiet", "--allow-empty", "-m", `c${index}`);
    return git(folder, "rev-parse", "HEAD");
  });
  return { folder, commits };
}

const failed = (store: string, runId: string) => [
  ...["--store", store, "--failed", "no runner", "--run-id", runId],
  ...["--event", "schedule", "--ref-name", "main", "--head-sha", "a".repeat(40)],
];
const recorded = async (store: string) =>
  (
    await readStore(parseStorePlace(store, "store", root), {
      env,
      signal: new AbortController().signal,
      now: () => new Date(),
    })
  ).entries;

const SLOWER = { factors: { "P1/single/cold": 1.1 } };

const pack = (workspace: string, identity: readonly string[]) =>
  run(packEvidence, [
    ...["--workspace", workspace, "--compare", path.join(workspace, "compare.json"), "--out-dir", newFolder()],
    ...["--suite", path.join(workspace, "suite.yaml"), ...identity],
  ]);

describe("a night whose files do not give what they say", () => {
  const forged = async (headSha = "a".repeat(40)) => {
    const { workspace } = await writeNight(newFolder(), SLOWER);
    const file = path.join(workspace, "compare.json");
    await writeFile(file, (await readFile(file, "utf8")).replace('"outcome": "regression"', '"outcome": "green"'));
    const packed = await pack(workspace, ["--run-id", "7", "--head-sha", headSha]);
    return ["--bundle", packed.outputs.EVIDENCE_BUNDLE ?? "", "--event", "schedule", "--ref-name", "main"];
  };

  it("is not recorded", async () => {
    const store = newFolder();
    const { exitCode, stderr, outputs } = await run(main, ["--store", store, ...(await forged())]);
    expect({ exitCode, outputs }).toEqual({ exitCode: 65, outputs: { "": undefined } });
    expect(stderr).toContain('compare.json: outcome: stored "green", recomputed "regression"');
    expect(await recorded(store)).toEqual([]);
  });

  it("is recorded unverified when that is asked for, and then never is a base, nor accepted", async () => {
    const { folder, commits } = repository(3);
    const store = newFolder();
    const [old = "", parent = "", head = ""] = commits;
    const [, bundle = ""] = await forged(old);
    const about = ["--store", store, "--event", "schedule", "--ref-name", "main"];
    const { workspace } = await writeNight(newFolder(), SLOWER);
    const red = await pack(workspace, ["--run-id", "8", "--head-sha", old]);
    for (const file of [bundle, red.outputs.EVIDENCE_BUNDLE ?? ""]) {
      const { outputs, stderr } = await run(main, [...about, "--bundle", file, "--unverified"]);
      expect(outputs.HISTORY).toBe("appended");
      expect(stderr).toBe("note: recorded without computing it again; it never becomes a base\n");
    }
    const entries = await recorded(store);
    expect(entries.map(({ value }) => value)).toMatchObject([
      { outcome: "green", verified: false },
      { outcome: "regression", verified: false },
    ]);
    const accepted = await run(main, ["--store", store, "--accept", "8", "--by", "Ann", "--reason", "x"]);
    expect(accepted.exitCode).toBe(64);
    expect(accepted.stderr).toContain("8.1 was regression, unverified");
    const forHead = [...["--event", "schedule", "--history", store, "--repo", folder], "--head", head];
    expect((await run(resolveBase, forHead)).outputs).toEqual({
      BASE_SHA: parent,
      BASE_REASON: "the first parent of head: no accepted night yet",
      BASE_CADENCE: "night",
    });
    const failing = await run(main, [...failed(newFolder(), "1"), "--unverified"]);
    expect(failing).toMatchObject({ exitCode: 64 });
    expect(failing.stderr).toContain("--unverified: goes with --bundle");
  });
});

describe("a base that was built from another commit than is said", () => {
  const [measured, claimed] = ["b".repeat(40), "c".repeat(40)];
  const identity = ["--run-id", "7", "--head-sha", "a".repeat(40)];
  const builtNight = async () => {
    const { workspace, runs, context } = await writeNight(newFolder());
    const base = { ...(context.subjects.base ?? context.subjects.head), commit: measured };
    await rewriteNight(workspace, { runs, context: { ...context, subjects: { ...context.subjects, base } } });
    return workspace;
  };

  it("is not packed", async () => {
    const workspace = await builtNight();
    const { exitCode, stderr, outputs } = await pack(workspace, [...identity, "--base-sha", claimed]);
    expect([exitCode, outputs.EVIDENCE_BUNDLE]).toEqual([65, undefined]);
    expect(stderr).toContain(`base was built from "${measured}", but its commit is said to be "${claimed}"`);
    expect((await pack(workspace, [...identity, "--base-sha", measured])).exitCode).toBe(0);
  });

  it.each([[], ["--unverified"]])("is not recorded of a bundle that names none, with %j", async (...more) => {
    const { outputs } = await pack(await builtNight(), identity);
    const night = ["--bundle", outputs.EVIDENCE_BUNDLE ?? "", "--event", "schedule", "--ref-name", "main"];
    const store = newFolder();
    const { exitCode, stderr } = await run(main, ["--store", store, ...night, "--base-sha", claimed, ...more]);
    expect([exitCode, await recorded(store)]).toEqual([65, []]);
    expect(stderr).toContain(`base was built from "${measured}", but its commit is said to be "${claimed}"`);
    expect((await run(main, ["--store", store, ...night, "--base-sha", measured, ...more])).exitCode).toBe(0);
  });
});

describe("a week of nights", () => {
  it("moves the base with every green or accepted night, and with no other", { tags: ["slow"] }, async () => {
    const { folder, commits } = repository(6);
    const remote = path.join(newFolder(), "data.git");
    git(root, "init", "--quiet", "--bare", remote);
    const store = `${remote}#`;
    const bases: string[] = [];
    const night = async (index: number, outcome: "green" | "regression" | "failed") => {
      const [head = "", runId] = [commits[index], String(100 + index)];
      const base = await run(resolveBase, [
        "--event",
        "schedule",
        "--history",
        store,
        "--repo",
        folder,
        "--head",
        head,
      ]);
      const sha = base.outputs.BASE_SHA ?? "";
      bases.push(`c${commits.indexOf(sha)}`);
      const about = [
        "--store",
        store,
        "--event",
        "schedule",
        "--ref-name",
        "main",
        "--base-reason",
        base.outputs.BASE_REASON ?? "",
      ];
      if (outcome === "failed") {
        const flags = ["--failed", "no runner", "--run-id", runId, "--head-sha", head];
        return expect((await run(main, [...about, ...flags])).outputs.HISTORY).toBe("appended");
      }
      const { workspace } = await writeNight(newFolder(), outcome === "green" ? {} : SLOWER);
      const packed = await pack(workspace, ["--run-id", runId, "--head-sha", head, "--base-sha", sha]);
      const bundle = packed.outputs.EVIDENCE_BUNDLE ?? "";
      expect((await run(main, [...about, "--bundle", bundle])).outputs).toEqual({
        HISTORY_PARTS: "nights/000001.jsonl",
        HISTORY: "appended",
      });
      expect((await run(main, [...about, "--bundle", bundle])).outputs.HISTORY).toBe("unchanged");
    };
    await night(1, "green");
    await night(2, "regression");
    await night(3, "failed");
    await night(4, "green");
    await night(5, "regression");
    await run(main, ["--store", store, "--accept", "105", "--by", "Ann", "--reason", "worth it"]);
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "c6");
    const last = await run(resolveBase, ["--event", "schedule", "--history", store], folder);
    expect(bases).toEqual(["c0", "c1", "c1", "c1", "c4"]);
    expect(last).toMatchObject({ exitCode: 0, outputs: { BASE_SHA: commits[5] } });
    expect(last.outputs.BASE_REASON).toBe(
      "the last night that a person accepted, 105 of 2026-02-15 (regression, accepted by Ann)",
    );
    expect((await run(main, ["--store", store, "--verify"])).stderr).toBe(
      "history    5 nights and 1 acceptance, every line in its place\n",
    );
    const [first] = await recorded(store);
    expect(first?.value).toMatchObject({
      controls: "passed",
      machine: { cpuCount: 2 },
      dataset: { tierId: "tier30" },
    });
  });
});

it("does not call a branch verified that is not there", async () => {
  const remote = path.join(newFolder(), "data.git");
  git(root, "init", "--quiet", "--bare", remote);
  const verify = () => run(main, ["--store", `${remote}#nights`, "--verify"]);
  const { exitCode, stderr, outputs } = await verify();
  expect([exitCode, outputs.HISTORY]).toEqual([65, undefined]);
  expect(stderr).toContain(`Cannot read history "${remote}#nights": there is no branch "nights"`);
  expect((await run(main, failed(`${remote}#nights`, "1"))).exitCode).toBe(0);
  expect((await verify()).outputs.HISTORY).toBe("verified");
});

describe("a writer", () => {
  it("needs what a night is told from outside", async () => {
    const store = newFolder();
    const without = async (flag: string) => {
      const argv = failed(store, "1");
      argv.splice(argv.indexOf(flag), 2);
      const { exitCode, stderr } = await run(main, argv);
      expect(exitCode).toBe(64);
      return stderr;
    };
    for (const flag of ["--run-id", "--ref-name", "--head-sha"])
      expect(await without(flag)).toContain(`missing ${flag}`);
    expect(await without("--failed")).toContain("nothing to do");
    expect(await recorded(store)).toEqual([]);
  });

  it("hands a token to git alone, and shows it nowhere", async () => {
    const secret = "s3cr3t-of-the-test";
    const flags = [...failed("http://127.0.0.1:9/a.git#", "1"), "--token-env", "T"];
    const { exitCode, stderr, outputs } = await run(main, flags, root, { T: secret });
    expect(exitCode).toBe(69);
    expect(stderr).toContain('Cannot fetch the history "http://127.0.0.1:9/a.git#forgebench-data"');
    expect(stderr + JSON.stringify(outputs)).not.toContain(secret);
    expect((await run(main, flags, root, { T: `${secret}\nx` })).stderr).toContain(
      'the variable "T" holds more than a token',
    );
    expect((await run(main, [...failed(newFolder(), "1"), "--token-env", "T"], root, { T: secret })).stderr).toContain(
      "https:// only",
    );
  });

  it("that is killed while it pushes leaves a whole history, with the night or without", async () => {
    const remote = path.join(newFolder(), "data.git");
    git(root, "init", "--quiet", "--bare", remote);
    const store = `${remote}#`;
    expect((await run(main, failed(store, "1"))).exitCode).toBe(0);
    const reached = path.join(newFolder(), "reached");
    const over = `${reached} and over`;
    await mkdir(path.join(remote, "hooks"), { recursive: true });
    await writeFile(
      path.join(remote, "hooks/pre-receive"),
      `#!/bin/sh\ntouch '${reached}'\nsleep 1\ntouch '${over}'\n`,
      {
        mode: 0o755,
      },
    );
    const child = spawn(process.execPath, [scriptFile("append-history"), ...failed(store, "2")], {
      cwd: PROJECT_ROOT,
      // What it leaves when it is killed goes with the test.
      env: { ...process.env, TMPDIR: root },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (!existsSync(reached)) await sleep(5);
    child.kill("SIGKILL");
    await ended;
    rmSync(path.join(remote, "hooks/pre-receive"));
    expect((await recorded(store)).length).toBeGreaterThanOrEqual(1);
    // The other side is still at work on what it was sent.
    while (!existsSync(over)) await sleep(5);
    expect(["appended", "unchanged"]).toContain((await run(main, failed(store, "2"))).outputs.HISTORY);
    expect((await recorded(store)).map(({ value }) => value.runId)).toEqual(["1", "2"]);
    expect((await run(main, ["--store", store, "--verify"])).exitCode).toBe(0);
  });

  it("is one of two processes that write at once", async () => {
    const folder = path.join(newFolder(), "history");
    const writing = ["1", "2"].map((runId) => {
      const child = spawn(process.execPath, [scriptFile("append-history"), ...failed(folder, runId)], {
        cwd: PROJECT_ROOT,
        stdio: "ignore",
      });
      return new Promise((resolve) => child.once("exit", resolve));
    });
    expect(await Promise.all(writing)).toEqual([0, 0]);
    expect((await recorded(folder)).map(({ value }) => value.runId).toSorted()).toEqual(["1", "2"]);
  });
});
