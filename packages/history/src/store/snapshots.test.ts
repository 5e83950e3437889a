import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { checkArtifact, type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { afterAll, describe, expect, it } from "vitest";
import { testRecord } from "../testing.ts";
import { appendToStore, keepSnapshot, readStore } from "./history-store-process.ts";
import { KEPT_SNAPSHOTS, MAX_SNAPSHOT_BYTES } from "./plan-snapshot.ts";
import type { StorePlace } from "./store-place.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "snapshots ü "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newFolder = () => mkdtempSync(path.join(root, "store-"));

const access = {
  env: { PATH: process.env.PATH },
  signal: new AbortController().signal,
  now: () => new Date("2026-03-01T00:00:00Z"),
};
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

/** Of a night that was measured `hour` hours into 2026; later ones have smaller run ids, so that only the time tells. */
function snapshotOf(hour: number, changes: object = {}): SiteSnapshot {
  const runId = 9000 - hour;
  const generatedAt = new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const run = { runId, runAttempt: 1, runUrl: `https://example.org/${runId}`, runCount: 10 };
  const about = { repository: "o/t", workflowName: "w", workflowPath: "w.yml", eventName: "schedule", refName: "main" };
  const set = { sha: "a".repeat(40), tier: "tier200", datasetVersion: "1.0.0", runner: "ubuntu-24.04" };
  const document = {
    schemaVersion: "1.0",
    snapshotId: `${runId}.1`,
    generatedAt,
    asOfDate: "January 1, 2026",
    owner: "o",
    source: { ...run, ...about, ...set, nodeVersion: "22" },
    thresholds: {
      warmThresholdPct: 10,
      coldThresholdPct: 15,
      p95ThresholdPct: 20,
      smallBaselineMs: 100,
      minAbsoluteDeltaMs: 15,
    },
    summary: { totalPairs: 0, alertCount: 0, hasAlerts: false, headValidationPassed: true, baseValidationPassed: true },
    benchmark: { profiles: [], scenarios: [], headline: { profileId: "P2", scenario: "batch-all" } },
    profileScenarioMetrics: {},
    deltas: [],
    ...changes,
  };
  return checkArtifact(siteSnapshot, document, "a snapshot of a test");
}

interface TestStore {
  readonly place: StorePlace;
  /** Paths of all files, sorted. */
  readonly files: () => string[];
  readonly read: (file: string) => string;
  readonly write: (file: string, text: string) => Promise<void>;
}

function folderStore(): TestStore {
  const folder = newFolder();
  return {
    place: { type: "folder", folder },
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
        .toSorted(),
    read: (file) => readFileSync(path.join(folder, file), "utf8"),
    write: async (file, text) => {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    },
  };
}

const BRANCH = "forgebench-data";

function branchStore(): TestStore {
  const remote = path.join(newFolder(), "remote.git");
  git(root, "init", "--quiet", "--bare", remote);
  return {
    place: { type: "branch", remote, branch: BRANCH },
    files: () => git(remote, "ls-tree", "-r", "--name-only", BRANCH).split("\n"),
    read: (file) => git(remote, "show", `${BRANCH}:${file}`),
    write: (file, text) =>
      commitTo(remote, async (work) => {
        await mkdir(path.dirname(path.join(work, file)), { recursive: true });
        await writeFile(path.join(work, file), text);
      }),
  };
}

async function commitTo(remote: string, change: (work: string) => Promise<void>): Promise<void> {
  const work = path.join(newFolder(), "work");
  git(root, "clone", "--quiet", "--branch", BRANCH, remote, work);
  await change(work);
  git(work, "add", "-A");
  git(work, "commit", "--quiet", "-m", "x");
  git(work, "push", "--quiet", "origin", BRANCH);
}

const keep = (store: TestStore, snapshot: SiteSnapshot) => keepSnapshot(store.place, access, snapshot);
const pathOf = (hour: number) => `snapshots/${9000 - hour}.1.json`;
const hours = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ArtifactError)) throw error;
  return [error.message, ...error.details.map(({ text }) => text)].join("\n");
}

describe.each([
  ["a folder", folderStore],
  ["a branch", branchStore],
])("snapshots in %s", (_, makeStore) => {
  it("stand beside the nights, whole, and readers of the nights do not see them", async () => {
    const store = makeStore();
    expect(await keep(store, snapshotOf(1))).toMatchObject({ status: "appended", path: pathOf(1) });
    await appendToStore(store.place, access, () => ({ type: "night", value: testRecord("1") }));
    expect((await keep(store, snapshotOf(2))).status).toBe("appended");
    expect(store.files()).toEqual(["nights/000001.jsonl", pathOf(2), pathOf(1)].toSorted());
    expect(JSON.parse(store.read(pathOf(1)))).toEqual(snapshotOf(1));
    expect((await readStore(store.place, access)).entries).toHaveLength(1);
  });

  it("are kept once; one that was exported later and says something else counts, an earlier one does not", async () => {
    const store = makeStore();
    const exported = (day: number, changes = {}) =>
      snapshotOf(1, { exportedAt: `2026-02-0${day}T00:00:00Z`, asOfDate: `February ${day}, 2026`, ...changes });
    const statuses: string[] = [];
    for (const given of [
      exported(2),
      exported(2),
      exported(3),
      exported(4, { canonical: false }),
      exported(2),
      exported(1, { owner: "somebody else" }),
    ]) {
      statuses.push((await keep(store, given)).status);
    }
    expect(statuses).toEqual(["appended", "unchanged", "unchanged", "replaced", "unchanged", "unchanged"]);
    expect(store.files()).toEqual([pathOf(1)]);
    expect(JSON.parse(store.read(pathOf(1)))).toMatchObject({ canonical: false, asOfDate: "February 4, 2026" });
  });

  it("of two writers at once are both kept", async () => {
    const store = makeStore();
    const both = await Promise.all([1, 2].map((hour) => keep(store, snapshotOf(hour))));
    expect(both.map(({ status }) => status)).toEqual(["appended", "appended"]);
    await Promise.all([
      keep(store, snapshotOf(3)),
      appendToStore(store.place, access, () => ({ type: "night", value: testRecord("1") })),
    ]);
    expect(store.files()).toEqual(["nights/000001.jsonl", pathOf(1), pathOf(2), pathOf(3)].toSorted());
  });

  it(`are the ${KEPT_SNAPSHOTS} newest: older ones go, and what is older still is not kept`, {
    tags: ["slow"],
  }, async () => {
    const store = makeStore();
    await appendToStore(store.place, access, () => ({ type: "night", value: testRecord("1") }));
    await keep(store, snapshotOf(2));
    await store.write("snapshots/README.md", "of a person\n");
    const bulk = hours(3, KEPT_SNAPSHOTS + 1).map((hour) => [pathOf(hour), JSON.stringify(snapshotOf(hour))] as const);
    if (store.place.type === "folder") for (const [file, text] of bulk) await store.write(file, text);
    else {
      await commitTo(store.place.remote, async (work) => {
        for (const [file, text] of bulk) await writeFile(path.join(work, file), text);
      });
    }
    expect(await keep(store, snapshotOf(1))).toMatchObject({ status: "too old", parts: [], removed: [] });
    const newest = KEPT_SNAPSHOTS + 2;
    expect(await keep(store, snapshotOf(newest))).toMatchObject({ status: "appended", removed: [pathOf(2)] });
    expect(store.files()).toEqual(
      ["nights/000001.jsonl", "snapshots/README.md", ...hours(3, newest).map(pathOf)].toSorted(),
    );
  });

  it("that cannot be read, or are of another run, are named and nothing changes", async () => {
    const store = makeStore();
    await keep(store, snapshotOf(1));
    await store.write(pathOf(2), "{");
    await store.write(pathOf(3), JSON.stringify(snapshotOf(4)));
    await store.write(pathOf(5), JSON.stringify({ ...snapshotOf(5), owner: "" }));
    const before = store.files();
    const said = await failure(keep(store, snapshotOf(6)));
    expect(said).toContain(`${pathOf(2)}: not JSON`);
    expect(said).toContain(`${pathOf(3)}, snapshotId: it belongs to another run: 8996.1`);
    expect(said).toContain(`${pathOf(5)}, owner: `);
    expect(said).toContain("restore the file from git, or remove it");
    expect(store.files()).toEqual(before);
  });

  it("with an id of another run, or too large, are refused", async () => {
    const store = makeStore();
    const other = snapshotOf(1, { snapshotId: "7.1" });
    expect(await failure(keep(store, other))).toContain('snapshotId: "7.1" is not 8999.1');
    const large = snapshotOf(1, { owner: "x".repeat(MAX_SNAPSHOT_BYTES) });
    expect(await failure(keep(store, large))).toMatch(/it has 1000\d+ bytes; at most 10000000 are allowed/);
    await keep(store, snapshotOf(1));
    await store.write(pathOf(2), "x".repeat(MAX_SNAPSHOT_BYTES + 1));
    expect(await failure(keep(store, snapshotOf(3)))).toContain("it has 10000001 bytes");
  });
});

it("a link in the place of a snapshot is refused, on a branch", async () => {
  const store = branchStore();
  await keep(store, snapshotOf(1));
  if (store.place.type !== "branch") throw new Error("not a branch");
  await commitTo(store.place.remote, (work) => symlink("/etc/passwd", path.join(work, pathOf(2))));
  expect(await failure(keep(store, snapshotOf(3)))).toContain("is no file, but a blob of mode 120000");
});

it("a branch of other files is refused although a snapshot is to be kept", async () => {
  const store = branchStore();
  await keep(store, snapshotOf(1));
  await store.write("src.ts", "x");
  await expect(keep(store, snapshotOf(2))).rejects.toThrow('it has "src.ts", which is no part of a history');
});
