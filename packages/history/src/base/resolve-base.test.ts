import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { NightEvent, NightRecord } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HistoryEntry } from "../store/history-lines.ts";
import { testRecord } from "../testing.ts";
import type { BaseQuestion } from "./base-question.ts";
import { Repository } from "./repository-process.ts";
import { resolveBase } from "./resolve-base.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "base ü "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH };

const author = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
const gitIn =
  (folder: string) =>
  (...args: string[]) =>
    execFileSync("git", [...author, ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();

const folder = path.join(root, "repo");
const git = gitIn(folder);
const commit = (name: string) => {
  git("commit", "--quiet", "--allow-empty", "-m", name);
  return git("rev-parse", "HEAD");
};

/** c0 (v1.0.0) – c1 – c2 (v1.9.0) – c3 (v1.10.0, v2.0.0-rc.1) – c4 on main; side, from c1; lost, which no branch has. */
let [c0, c1, c2, c3, c4, side, lost] = ["", "", "", "", "", "", ""];
let repo: Repository;
beforeAll(async () => {
  gitIn(root)("init", "--quiet", folder);
  c0 = commit("c0");
  git("tag", "-a", "v1.0.0", "-m", "x");
  c1 = commit("c1");
  c2 = commit("c2");
  git("tag", "v1.9.0");
  git("tag", "vX");
  c3 = commit("c3");
  git("tag", "v1.10.0");
  git("tag", "v2.0.0-rc.1");
  c4 = commit("c4");
  git("checkout", "--quiet", "-b", "side", c1);
  side = commit("side");
  git("tag", "v9.0.0");
  git("checkout", "--quiet", "--orphan", "other");
  lost = commit("lost");
  git("checkout", "--quiet", "main");
  repo = await Repository.open(folder, { env });
});

const night = (runId: string, headSha: string, changes: Partial<NightRecord> = {}): HistoryEntry => ({
  type: "night",
  value: testRecord(runId, { headSha, ...changes }),
});
const acceptance = (target: { readonly runId: string } | { readonly headSha: string }): HistoryEntry => ({
  type: "acceptance",
  value: {
    kind: "night-acceptance",
    version: "1.0",
    recordedAt: "2026-02-16T00:00:00Z",
    by: "Ann\u001b[31m\nB",
    reason: "r",
    previousSha256: null,
    ...target,
  },
});
type Asked = Partial<BaseQuestion> & { readonly entries?: readonly HistoryEntry[] | undefined };
const ask = (asked: Asked = {}, of: Repository = repo) => {
  const { entries, ...question } = { entries: [], ...asked };
  const readEntries = entries === undefined ? undefined : async () => entries;
  return resolveBase({ event: "schedule", cadence: "night", head: "HEAD", readEntries, ...question }, of);
};
const failureOf = (question: Asked, of?: Repository) =>
  ask(question, of).then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );

describe("a scheduled night", () => {
  it("is compared with the last green one", async () => {
    const entries = [night("1", c1), night("2", c2), night("3", c3, { outcome: "regression" })];
    expect(await ask({ entries })).toEqual({
      sha: c2,
      cadence: "night",
      reason: "the last green night, 2 of 2026-02-15",
      notes: [],
    });
  });

  it.each<[string, Partial<NightRecord>]>([
    ["a regression", { outcome: "regression" }],
    ["undecided", { outcome: "undecided" }],
    ["invalid", { outcome: "invalid" }],
    ["failed", { outcome: "failed" }],
    ...(["workflow_dispatch", "pull_request", "push", "local"] satisfies NightEvent[]).map(
      (event): [string, Partial<NightRecord>] => [`of the event ${event}`, { event }],
    ),
  ])("is never compared with one that was %s", async (_, changes) => {
    expect((await ask({ entries: [night("1", c1), night("2", c3, changes)] })).sha).toBe(c1);
  });

  it("is compared with a red or undecided one that a person accepted, by run or by commit", async () => {
    for (const outcome of ["regression", "undecided"] as const) {
      const red = night("2", c3, { outcome });
      for (const accepted of [acceptance({ runId: "2" }), acceptance({ headSha: c3 })]) {
        const { sha, reason } = await ask({ entries: [night("1", c1), red, accepted] });
        expect(sha).toBe(c3);
        expect(reason).toBe(
          `the last night that a person accepted, 2 of 2026-02-15 (${outcome}, accepted by Ann\\x1b[31m / B)`,
        );
      }
    }
  });

  it("is not compared with one that was accepted before it was, that another acceptance is of, or that judged nothing", async () => {
    const red = night("2", c3, { outcome: "regression" });
    const cases = [
      [acceptance({ runId: "2" }), red],
      [acceptance({ headSha: c3 }), red],
      [red, acceptance({ runId: "3" })],
      [red, acceptance({ headSha: c2 })],
      [night("2", c3, { outcome: "invalid" }), acceptance({ runId: "2" })],
      [night("2", c3, { outcome: "failed" }), acceptance({ runId: "2" })],
      [night("2", c3, { outcome: "regression", event: "push" }), acceptance({ runId: "2" })],
    ];
    for (const tail of cases) expect((await ask({ entries: [night("1", c1), ...tail] })).sha).toBe(c1);
  });

  it("is not compared with itself while there is an older night, and says so", async () => {
    const entries = [night("1", c1), night("2", c2), night("3", c4), night("4", c4)];
    expect(await ask({ entries })).toEqual({
      sha: c2,
      cadence: "night",
      reason: "the last green night, 2 of 2026-02-15, at another commit: head itself is that of the green night 4",
      notes: [],
    });
    const alone = await ask({ entries: [night("4", c4)] });
    const why = "the last release, v1.10.0: head is that of the night 4, and no older one is accepted";
    expect(alone).toMatchObject({ sha: c3, reason: why });
  });

  it("is compared with the last release while there is no accepted night, else with the first parent", async () => {
    expect(await ask()).toEqual({
      sha: c3,
      cadence: "night",
      reason: "the last release, v1.10.0: no accepted night yet",
      notes: [],
    });
    const red = night("1", c2, { outcome: "regression" });
    const rewritten = await ask({ head: c2, entries: [red, night("2", "f".repeat(40))] });
    expect(rewritten).toEqual({
      sha: c0,
      cadence: "night",
      reason: "the last release, v1.0.0: no accepted night is on the history of head",
      notes: [expect.stringContaining("skipped: the commit is not in the repository")],
    });
    expect(await failureOf({ head: c0 })).toMatchObject({ failure: "unjudged" });
    const bare = gitIn(root)("clone", "--quiet", "--no-tags", folder, path.join(root, "untagged"));
    expect(bare).toBe("");
    const untagged = await Repository.open(path.join(root, "untagged"), { env });
    const parent = { sha: c3, cadence: "night", reason: "the first parent of head: no accepted night yet", notes: [] };
    expect(await ask({ head: c4 }, untagged)).toEqual(parent);
    gitIn(path.join(root, "untagged"))("merge", "--quiet", "--no-ff", "-m", "m", "origin/side");
    expect((await ask({}, untagged)).sha).toBe(c4);
  });

  it("passes over nights whose commit was rewritten away or lies elsewhere, each told once", async () => {
    const gone = "f".repeat(40);
    const entries = [night("1", c1), night("2", side), night("3", lost), night("4", gone), night("5", gone)];
    const { sha, notes } = await ask({ entries });
    expect(sha).toBe(c1);
    expect(notes).toEqual([
      `the night of ffffffffffff is skipped: the commit is not in the repository, because the branch was rewritten or head is older`,
      expect.stringContaining(
        `${lost.slice(0, 12)} is skipped: the commit is not on the history of ${c4.slice(0, 12)}`,
      ),
      expect.stringContaining(`${side.slice(0, 12)} is skipped`),
    ]);
  });

  it("needs a history, and a head that is there", async () => {
    expect(await failureOf({ entries: undefined })).toBeInstanceOf(UsageError);
    expect((await ask({ entries: undefined, event: "local" })).reason).toBe(
      "the first parent of head: no history was named",
    );
    expect(await failureOf({ head: "e".repeat(40) })).toMatchObject({
      failure: "data",
      message: expect.stringContaining("--head: "),
    });
  });
});

describe("other events and cadences", () => {
  it("take the last release by version, never that of head nor of another branch", async () => {
    const release = (head: string) => ask({ cadence: "release", head });
    expect(await release(c4)).toEqual({
      sha: c3,
      cadence: "release",
      reason: "the last release, v1.10.0",
      notes: [],
    });
    expect((await release(c3)).sha).toBe(c2);
    expect(await release(c2)).toMatchObject({ sha: c0, reason: "the last release, v1.0.0" });
    expect(await failureOf({ cadence: "release", head: c0 })).toMatchObject({ failure: "unjudged" });
  });

  it("take where a pull request left its base", async () => {
    const pull = { event: "pull_request", entries: undefined } as const;
    expect(await ask({ ...pull, head: side, pullRequestBase: c4 })).toMatchObject({ sha: c1, notes: [] });
    expect((await ask({ ...pull, head: c3, pullRequestBase: c4 })).notes).toEqual([
      expect.stringContaining("compared with itself"),
    ]);
    expect(await failureOf(pull)).toBeInstanceOf(UsageError);
    expect(await failureOf({ ...pull, head: side, pullRequestBase: lost })).toMatchObject({ failure: "unjudged" });
  });

  it("take the base that a dispatch asks for, else that of a night", async () => {
    const entries = [night("1", c1)];
    const dispatch = { event: "workflow_dispatch", entries } as const;
    expect(await ask({ ...dispatch, dispatchBase: c2.slice(0, 9) })).toMatchObject({ sha: c2 });
    expect((await ask({ ...dispatch, dispatchBase: c4 })).notes).toHaveLength(1);
    expect((await ask(dispatch)).sha).toBe(c1);
    expect(await failureOf({ ...dispatch, dispatchBase: "0".repeat(40) })).toBeInstanceOf(OperationError);
  });
});

describe("a repository", () => {
  it("that is shallow is refused when it lacks what is needed, with the remedy", async () => {
    const clone = path.join(root, "shallow");
    gitIn(root)("clone", "--quiet", "--depth=2", `file://${folder}`, clone);
    const shallow = await Repository.open(clone, { env });
    expect((await ask({ entries: [night("1", c3)] }, shallow)).sha).toBe(c3);
    const cases = [{ entries: [night("1", c1)] }, { cadence: "release", head: c3 }, { head: c3 }] as const;
    for (const question of cases) {
      const error = await failureOf(question, shallow);
      expect(error).toMatchObject({ failure: "data", message: expect.stringContaining("is a shallow clone") });
      expect(error).toMatchObject({ details: [{ text: expect.stringContaining("--unshallow") }] });
    }
  });

  it("must be one", async () => {
    for (const place of [root, path.join(root, "nowhere")]) {
      await expect(Repository.open(place, { env })).rejects.toThrow(`Cannot read the repository "${place}"`);
    }
  });
});
