import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { NightCadence, NightRecord } from "@forgebench/artifacts";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { HistoryEntry } from "../store/history-lines.ts";
import { testRecord } from "../testing.ts";
import type { BaseQuestion } from "./base-question.ts";
import { Repository } from "./repository-process.ts";
import { resolveBase } from "./resolve-base.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "base stories "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH };

let folder: string;
let repo: Repository;
let entries: HistoryEntry[];
let runs: number;

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const commit = (name: string) => {
  git("commit", "--quiet", "--allow-empty", "-m", name);
  return git("rev-parse", "HEAD");
};

beforeEach(async () => {
  folder = mkdtempSync(path.join(root, "repo-"));
  git("init", "--quiet");
  repo = await Repository.open(folder, { env });
  entries = [];
  runs = 0;
});

const ask = (question: Partial<BaseQuestion> = {}) =>
  resolveBase(
    { event: "schedule", cadence: "night", head: "HEAD", readEntries: async () => entries, ...question },
    repo,
  );

/** Asks for the base as a night does, records what became of it, and says what it was compared with. */
async function night(outcome: NightRecord["outcome"], asked: NightCadence = "night") {
  const { sha: baseSha, cadence, reason } = await ask({ cadence: asked });
  runs += 1;
  const changes = { headSha: git("rev-parse", "HEAD"), baseSha, outcome } as const;
  entries.push({
    type: "night",
    value: testRecord(String(runs), { ...changes, ...(cadence === "release" ? { cadence } : {}) }),
  });
  return { baseSha, reason };
}

function accept(target: { readonly runId: string } | { readonly headSha: string }) {
  const value = { kind: "night-acceptance", version: "1.0", recordedAt: "2026-02-16T00:00:00Z" };
  entries.push({ type: "acceptance", value: { ...value, by: "Ann", reason: "r", previousSha256: null, ...target } });
}

describe("a Sunday, whose base is the last release", () => {
  let released: string;
  let good: string;
  beforeEach(async () => {
    released = commit("released");
    git("tag", "v1.0.0");
    good = commit("much faster");
    await night("green");
  });

  it("that is green never takes away what is slower than the night before", async () => {
    commit("slower");
    expect(await night("regression")).toMatchObject({ baseSha: good });
    expect(await night("green", "release")).toEqual({
      baseSha: released,
      reason: "the last release, v1.0.0",
    });
    commit("Monday");
    expect(await night("regression")).toMatchObject({ baseSha: good });
  });

  it("is accepted for the Sundays after it, not for the nights", async () => {
    const slow = commit("slower");
    await night("regression");
    await night("regression", "release");
    accept({ runId: "3" });
    expect(await ask({ cadence: "release" })).toMatchObject({ sha: released });
    commit("next");
    expect(await ask()).toMatchObject({ sha: good, reason: "the last green night, 1 of 2026-02-15" });
    expect(await ask({ cadence: "release" })).toEqual({
      sha: slow,
      cadence: "release",
      notes: [],
      reason:
        "the last comparison with a release that a person accepted, 3 of 2026-02-15 (regression, accepted by Ann), after v1.0.0",
    });
    for (const [tag, tagged] of [
      ["v1.1.0", slow],
      ["v1.2.0", "HEAD"],
    ] as const) {
      git("tag", tag, tagged);
      commit("after the release");
      expect(await ask({ cadence: "release" })).toMatchObject({ reason: `the last release, ${tag}` });
    }
  });

  it("an acceptance by commit is of the nights and the Sundays of it", async () => {
    const slow = commit("slower");
    await night("regression");
    await night("regression", "release");
    accept({ headSha: slow });
    expect(await ask()).toMatchObject({ sha: good, reason: expect.stringContaining("accepted night 2") });
    commit("next");
    for (const cadence of ["night", "release"] as const) expect(await ask({ cadence })).toMatchObject({ sha: slow });
  });

  it("an acceptance of a night is none of a Sunday", async () => {
    commit("slower");
    await night("regression");
    await night("regression", "release");
    accept({ runId: "2" });
    commit("next");
    expect(await ask({ cadence: "release" })).toMatchObject({ sha: released });
  });

  it("passes over what was accepted and is gone", async () => {
    commit("slower");
    await night("regression", "release");
    accept({ runId: "2" });
    git("reset", "--quiet", "--hard", good);
    commit("instead");
    expect(await ask({ cadence: "release" })).toMatchObject({
      sha: released,
      notes: [expect.stringContaining("is skipped: the commit is not on the history of")],
    });
  });
});

describe("before there is a release", () => {
  it("a Sunday is a night, and recorded as one", async () => {
    const parent = commit("parent");
    commit("slower");
    expect(await night("regression", "release")).toEqual({
      baseSha: parent,
      reason: "no release is before head yet, so as a night: the first parent of head: no accepted night yet",
    });
    commit("Monday");
    expect(await night("regression")).toMatchObject({ baseSha: parent });
    const fixed = commit("fixed");
    await night("green", "release");
    commit("next");
    expect(await ask()).toMatchObject({ sha: fixed });
  });

  it("the first commit has nothing to be compared with", async () => {
    commit("first");
    await expect(ask({ cadence: "release" })).rejects.toMatchObject({ failure: "unjudged" });
  });
});

describe("the first nights", () => {
  it("keep their base while they are red, also when there is a release in between", async () => {
    const parent = commit("parent");
    commit("slower");
    expect(await night("regression")).toMatchObject({ baseSha: parent });
    commit("next");
    expect(await night("regression")).toEqual({
      baseSha: parent,
      reason: "the base of the oldest night, 1 of 2026-02-15: no accepted night yet",
    });
    git("tag", "v1.0.0");
    const fixed = commit("fixed");
    expect(await night("green")).toMatchObject({ baseSha: parent });
    expect(await night("green")).toEqual({
      baseSha: parent,
      reason:
        "the base of the oldest night, 1 of 2026-02-15: head is that of the night 3, and no older one is accepted",
    });
    commit("after");
    expect(await night("green")).toMatchObject({ baseSha: fixed });
  });

  it("begin at the last release", async () => {
    const released = commit("released");
    git("tag", "v1.0.0");
    commit("parent");
    commit("slower");
    expect(await night("regression")).toMatchObject({ baseSha: released });
    commit("next");
    expect(await night("regression")).toMatchObject({ baseSha: released });
  });

  it("count only when they were verified nights of the schedule with a base before head", async () => {
    const released = commit("released");
    git("tag", "v1.0.0");
    const parent = commit("parent");
    const head = commit("head");
    const others: Partial<NightRecord>[] = [
      ...[
        { event: "workflow_dispatch" },
        { cadence: "release" },
        { verified: false },
        { outcome: "failed", baseSha: null },
      ],
      ...[{ baseSha: head }, { baseSha: "f".repeat(40) }],
    ] as Partial<NightRecord>[];
    const red = (changes: Partial<NightRecord>, index: number): HistoryEntry => ({
      type: "night",
      value: testRecord(String(index), { headSha: head, baseSha: parent, outcome: "regression", ...changes }),
    });
    entries = others.map(red);
    expect(await ask()).toMatchObject({ sha: released, reason: "the last release, v1.0.0: no accepted night yet" });
    entries.push(red({ outcome: "failed" }, others.length));
    expect(await ask()).toMatchObject({ sha: parent });
  });
});

describe("a history of commits that are not there", () => {
  it("passes over a green commit that a forced push took away", async () => {
    const good = commit("good");
    const kept = commit("kept");
    entries.push({ type: "night", value: testRecord("1", { headSha: kept, baseSha: good }) });
    const gone = commit("gone");
    entries.push({ type: "night", value: testRecord("2", { headSha: gone, baseSha: kept }) });
    const remote = mkdtempSync(path.join(root, "remote-"));
    git("init", "--quiet", "--bare", remote);
    git("push", "--quiet", remote, "HEAD:refs/heads/main");
    git("reset", "--quiet", "--hard", kept);
    commit("instead");
    git("push", "--quiet", "--force", remote, "HEAD:refs/heads/main");
    const clone = mkdtempSync(path.join(root, "clone-"));
    git("clone", "--quiet", "--branch", "main", `file://${remote}`, clone);
    repo = await Repository.open(clone, { env });
    expect(await ask()).toEqual({
      sha: kept,
      cadence: "night",
      reason: "the last green night, 1 of 2026-02-15",
      notes: [
        `the night of ${gone.slice(0, 12)} is skipped: the commit is not in the repository, because the branch was rewritten or head is older`,
      ],
    });
  });

  it("of nights on another branch alone, is as one without an accepted night", async () => {
    const shared = commit("shared");
    git("checkout", "--quiet", "-b", "other");
    const other = commit("other");
    const later = commit("later");
    git("checkout", "--quiet", "main");
    commit("parent");
    commit("head");
    entries.push({ type: "night", value: testRecord("1", { headSha: later, baseSha: other }) });
    const why = "no accepted night is on the history of head";
    const notes = [expect.stringContaining(`the night of ${later.slice(0, 12)} is skipped`)];
    expect(await ask()).toMatchObject({
      sha: git("rev-parse", "HEAD^"),
      reason: `the first parent of head: ${why}`,
      notes,
    });
    entries.push({ type: "night", value: testRecord("2", { headSha: later, baseSha: shared }) });
    expect(await ask()).toMatchObject({ sha: shared, reason: `the base of the oldest night, 2 of 2026-02-15: ${why}` });
  });

  it("of head alone, which is never its own base", async () => {
    const parent = commit("parent");
    const head = commit("head");
    for (const baseSha of [head, parent]) {
      entries.push({ type: "night", value: testRecord(baseSha.slice(0, 8), { headSha: head, baseSha }) });
      expect(await ask()).toMatchObject({ sha: parent });
    }
  });
});

it("the history is read only for an answer that depends on it", async () => {
  const first = commit("first");
  commit("head");
  const readEntries = () => Promise.reject(new Error("damaged"));
  const pull = { event: "pull_request", pullRequestBase: first, readEntries } as const;
  expect(await ask(pull)).toMatchObject({ sha: first });
  expect(await ask({ event: "workflow_dispatch", dispatchBase: first, readEntries })).toMatchObject({ sha: first });
  for (const event of ["schedule", "workflow_dispatch"] as const) {
    await expect(ask({ event, readEntries })).rejects.toThrow("damaged");
  }
});
