import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { appendFile, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ArtifactError, OperationError } from "@forgebench/errors";
import { lockFolder, sha256Of } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { testRecord } from "../testing.ts";
import { MAX_PART_BYTES, readHistory } from "./history-lines.ts";
import { appendToStore, readStore } from "./history-store-process.ts";
import type { HistoryDraft } from "./plan-append.ts";
import type { StorePlace } from "./store-place.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "history ü "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newFolder = () => mkdtempSync(path.join(root, "store-"));

const temporary = mkdtempSync(path.join(root, "tmp-"));
beforeAll(() => void vi.stubEnv("TMPDIR", temporary));
afterAll(() => void vi.unstubAllEnvs());
const access = {
  env: { PATH: process.env.PATH },
  signal: new AbortController().signal,
  now: () => new Date("2026-02-15T00:00:00Z"),
};
const folderOf = (folder: string): StorePlace => ({ type: "folder", folder });
const night = (runId: string, changes = {}): HistoryDraft => ({ type: "night", value: testRecord(runId, changes) });
const append = (place: StorePlace, draft: HistoryDraft) => appendToStore(place, access, () => draft);
const runIds = async (place: StorePlace) =>
  (await readStore(place, access)).entries.map(({ value }) => value.runId ?? "");
const partOf = (folder: string, number = 1) => path.join(folder, `nights/00000${number}.jsonl`);

async function failure(promise: Promise<unknown>): Promise<ArtifactError | OperationError> {
  const error = await promise.then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArtifactError || error instanceof OperationError) return error;
  throw error;
}

describe("a history in a folder", () => {
  it("grows by a line a night, each naming the one before", async () => {
    const folder = path.join(newFolder(), "deep er");
    expect(await append(folderOf(folder), night("1"))).toMatchObject({
      status: "appended",
      partPaths: ["nights/000001.jsonl"],
    });
    await append(folderOf(folder), night("2"));
    const [first = "", second = ""] = (await readFile(partOf(folder), "utf8")).split("\n");
    expect(JSON.parse(first)).toEqual({ ...testRecord("1"), previousSha256: null });
    expect(JSON.parse(second).previousSha256).toBe(sha256Of(first));
    expect(readdirSync(folder)).toEqual(["nights"]);
  });

  it("takes a run once: again with the same content is nothing, with other content is refused", async () => {
    const place = folderOf(newFolder());
    await append(place, night("1"));
    const later = night("1", { recordedAt: "2026-03-01T00:00:00Z" });
    expect(await append(place, later)).toMatchObject({ status: "unchanged", partPaths: ["nights/000001.jsonl"] });
    const error = await failure(append(place, night("1", { outcome: "regression" })));
    expect(error.message).toMatch(/^Cannot record the run 1\.1: it is in the history ".*" with another "outcome"$/);
    expect(error).toMatchObject({ failure: "data" });
    await append(place, night("1", { runAttempt: 2, outcome: "regression" }));
    expect(await runIds(place)).toEqual(["1", "1"]);
  });

  it("begins a new part before a line would make the old one too large", async () => {
    const folder = newFolder();
    const baseReason = "x".repeat(300_000);
    for (const runId of ["1", "2", "3", "4"]) await append(folderOf(folder), night(runId, { baseReason }));
    expect(readdirSync(path.join(folder, "nights"))).toEqual(["000001.jsonl", "000002.jsonl"]);
    expect((await readFile(partOf(folder))).length).toBeLessThanOrEqual(MAX_PART_BYTES);
    expect(await runIds(folderOf(folder))).toEqual(["1", "2", "3", "4"]);
    const error = await failure(append(folderOf(folder), night("5", { baseReason: "x".repeat(MAX_PART_BYTES) })));
    expect(error.message).toMatch(/^Cannot record the run 5\.1: its line has \d+ bytes; a part holds at most 1000000$/);
    expect(await runIds(folderOf(folder))).toHaveLength(4);
  });

  it("fills a part to the last byte", async () => {
    const folder = newFolder();
    await append(folderOf(folder), night("1"));
    const used = (await readFile(partOf(folder))).length;
    const empty = `${JSON.stringify({ ...testRecord("2"), baseReason: "", previousSha256: "0".repeat(64) })}\n`.length;
    const fill = (bytes: number) => night("2", { baseReason: "x".repeat(bytes) });
    const copy = path.join(newFolder(), "copy");
    execFileSync("cp", ["-r", folder, copy]);
    await append(folderOf(folder), fill(MAX_PART_BYTES - used - empty));
    expect((await readFile(partOf(folder))).length).toBe(MAX_PART_BYTES);
    await append(folderOf(copy), fill(MAX_PART_BYTES - used - empty + 1));
    expect(readdirSync(path.join(copy, "nights"))).toHaveLength(2);
  });

  it("loses nothing whatever place a writer is killed at", async () => {
    const folder = newFolder();
    for (const runId of ["1", "2"]) await append(folderOf(folder), night(runId));
    const text = await readFile(partOf(folder), "utf8");
    const first = text.indexOf("\n") + 1;
    for (let length = first; length < text.length; length += 1) {
      const cut = { path: "nights/000001.jsonl", bytes: Buffer.from(text).subarray(0, length) };
      const { entries, tail } = readHistory([cut], "h");
      const isWhole = length === text.length - 1;
      expect(entries).toHaveLength(isWhole ? 2 : 1);
      expect(tail).toBe(isWhole ? "newline missing" : length === first ? "none" : "cut");
    }
    await truncate(partOf(folder), text.length - 5);
    await append(folderOf(folder), night("3"));
    expect(await runIds(folderOf(folder))).toEqual(["1", "3"]);
    const repaired = await readFile(partOf(folder), "utf8");
    await truncate(partOf(folder), repaired.length - 1);
    await append(folderOf(folder), night("4"));
    expect(await runIds(folderOf(folder))).toEqual(["1", "3", "4"]);
  });

  it("repairs a cut line also when the next one begins a new part", async () => {
    const folder = newFolder();
    await append(folderOf(folder), night("1", { baseReason: "x".repeat(600_000) }));
    await appendFile(partOf(folder), '{"kind":"night-rec');
    await append(folderOf(folder), night("2", { baseReason: "x".repeat(600_000) }));
    expect(await runIds(folderOf(folder))).toEqual(["1", "2"]);
  });

  it("finds every line that was changed, lost, put in or moved, and is never begun anew", async () => {
    const folder = newFolder();
    for (const runId of ["1", "2", "3", "4"]) await append(folderOf(folder), night(runId));
    const lines = (await readFile(partOf(folder), "utf8")).trimEnd().split("\n");
    const [one = "", two = "", three = "", four = ""] = lines;
    const damages: [readonly string[], RegExp][] = [
      [[one, two.replace('"green"', '"regression"'), three, four], /line 3, previousSha256: found/],
      [[one, three, four], /line 2, previousSha256: found/],
      [[two, three, four], /line 1, previousSha256: found \w+, expected null/],
      [[one, two, two, three, four], /line 3, previousSha256[\s\S]*line 3: the run 2\.1 is recorded twice/],
      [[one, two, "", three, four], /line 3: not JSON/],
      [[one, two, "{}", four], /line 3: expected the kind night-record or night-acceptance, found undefined/],
      [[one, two.replace('"runAttempt":1', '"runAttempt":0'), three, four], /line 2, runAttempt/],
      [[one, two, three.slice(0, 40), four], /line 3: not JSON/],
    ];
    for (const [damaged, expected] of damages) {
      const text = `${damaged.join("\n")}\n`;
      await writeFile(partOf(folder), text);
      const error = await failure(append(folderOf(folder), night("5")));
      expect(error).toBeInstanceOf(ArtifactError);
      expect([error.message, ...error.details.map((detail) => detail.text)].join("\n")).toMatch(expected);
      expect(await readFile(partOf(folder), "utf8")).toBe(text);
    }
  });

  it("misses no part, and takes none that is too large, no text, cut in the middle or no file", async () => {
    const folder = newFolder();
    await append(folderOf(folder), night("1"));
    const good = await readFile(partOf(folder));
    const reading = async () => (await failure(readStore(folderOf(folder), access))).message;
    await writeFile(partOf(folder, 3), good);
    expect(await reading()).toContain("nights/000002.jsonl: it is missing, but there is nights/000003.jsonl");
    rmSync(partOf(folder, 3));
    await writeFile(partOf(folder, 2), good);
    await truncate(partOf(folder), good.length - 9);
    expect(await reading()).toContain("nights/000001.jsonl, line 1: it is cut, and another part follows");
    rmSync(partOf(folder, 2));
    await writeFile(partOf(folder), Buffer.concat([Buffer.from([0xff]), good]));
    expect(await reading()).toContain("nights/000001.jsonl: not UTF-8 text");
    await writeFile(partOf(folder), Buffer.alloc(MAX_PART_BYTES + 1, "x"));
    expect(await reading()).toContain("it has 1000001 bytes; at most 1000000 are allowed");
    rmSync(partOf(folder));
    await mkdir(partOf(folder));
    expect(await reading()).toContain("is no file");
  });

  it("is an error where there is no folder, empty in an empty one, and is made by the first night", async () => {
    const folder = newFolder();
    expect((await readStore(folderOf(folder), access)).entries).toEqual([]);
    expect((await failure(readStore(folderOf(path.join(folder, "no")), access))).message).toContain(
      "there is no such folder",
    );
    await writeFile(path.join(folder, "file"), "x");
    expect((await failure(readStore(folderOf(path.join(folder, "file")), access))).message).toContain(
      "is a file, not a folder",
    );
    expect(await failure(append(folderOf(path.join(folder, "file")), night("1")))).toMatchObject({ failure: "output" });
  });

  it.skipIf(process.getuid?.() === 0 && !existsSync("/proc/self"))(
    "says that a folder refuses (as root: one of the system)",
    async () => {
      const folder = newFolder();
      chmodSync(folder, 0o500);
      const place = folderOf(process.getuid?.() === 0 ? "/proc/self/store" : folder);
      const error = await failure(append(place, night("1")));
      chmodSync(folder, 0o700);
      expect(error).toMatchObject({ failure: "output" });
    },
  );

  it("keeps what two writers write at once, and waits for one that holds it", async () => {
    const place = folderOf(newFolder());
    await Promise.all(["1", "2", "3", "4", "5"].map((runId) => append(place, night(runId))));
    expect((await runIds(place)).toSorted()).toEqual(["1", "2", "3", "4", "5"]);
    const lock = await lockFolder(place.type === "folder" ? place.folder : "");
    const waiting = append(place, night("6"));
    setTimeout(() => void lock.release(), 120);
    expect((await waiting).status).toBe("appended");
  });
});

describe("a history on a branch", () => {
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-c", "init.defaultBranch=main", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });

  /** A bare repository, with a commit on main when `files` are given. */
  function repository(files: Readonly<Record<string, string>> = {}, branch = "main") {
    const folder = path.join(newFolder(), "remote.git");
    git(root, "init", "--quiet", "--bare", folder);
    if (Object.keys(files).length > 0) {
      const index = Object.entries(files).map(([name, content]) => {
        const hash = execFileSync("git", ["hash-object", "-w", "--stdin"], {
          cwd: folder,
          input: content,
          encoding: "utf8",
        });
        return `100644 blob ${hash.trim()}\t${name}`;
      });
      const tree = execFileSync("git", ["mktree"], { cwd: folder, input: index.join("\n"), encoding: "utf8" }).trim();
      const commit = git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", tree, "-m", "x").trim();
      git(folder, "update-ref", `refs/heads/${branch}`, commit);
    }
    const place: StorePlace = { type: "branch", remote: folder, branch: "forgebench-data" };
    return { folder, place };
  }

  it("is made as an orphan, grows by commits, and leaves nothing behind", async () => {
    const { folder, place } = repository({ "README.md": "x" });
    expect((await readStore(place, access)).entries).toEqual([]);
    await append(place, night("1"));
    expect(await append(place, night("2"))).toMatchObject({ status: "appended", partPaths: ["nights/000001.jsonl"] });
    expect(await append(place, night("2"))).toMatchObject({ status: "unchanged" });
    expect(await runIds(place)).toEqual(["1", "2"]);
    const log = git(folder, "log", "--format=%s by %an at %ad", "--date=iso-strict", "forgebench-data")
      .trim()
      .split("\n");
    expect(log).toEqual(
      [1, 2].reverse().map((run) => `Record run ${run}.1: green by forgebench at 2026-02-15T00:00:00+00:00`),
    );
    expect(git(folder, "ls-tree", "-r", "--name-only", "forgebench-data")).toBe("nights/000001.jsonl\n");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("keeps the bytes whatever attributes the branch has, and the files beside them", async () => {
    const { folder, place } = repository(
      { ".gitattributes": "* text eol=crlf ident\n", "README.md": "x" },
      "forgebench-data",
    );
    await append(place, night("1", { baseReason: "a\r\n$Id$" }));
    await append(place, night("2"));
    expect(await runIds(place)).toEqual(["1", "2"]);
    expect(git(folder, "ls-tree", "--name-only", "forgebench-data")).toBe(".gitattributes\nREADME.md\nnights\n");
  });

  it("keeps what several writers push at once", async () => {
    const { place } = repository();
    await Promise.all(["1", "2", "3"].map((runId) => append(place, night(runId))));
    expect((await runIds(place)).toSorted()).toEqual(["1", "2", "3"]);
  });

  it("fetches again when somebody else was faster, and gives up after five times", { tags: ["slow"] }, async () => {
    const { place } = repository();
    await append(place, night("1"));
    let others = 0;
    const slow = (limit: number, runId: string) =>
      appendToStore(place, access, async () => {
        others += 1;
        if (others <= limit) await append(place, night(`other-${runId}-${others}`));
        return night(runId);
      });
    expect((await slow(2, "2")).status).toBe("appended");
    expect(await runIds(place)).toEqual(["1", "other-2-1", "other-2-2", "2"]);
    others = 0;
    const error = await failure(slow(9, "3"));
    expect(error.message).toMatch(/other writers were faster 5 times$/);
    expect(error).toMatchObject({ failure: "service" });
    expect((await runIds(place)).filter((runId) => runId === "3")).toEqual([]);
  });

  it("is unchanged when the work ends between writing and pushing, and takes the night afterwards", async () => {
    const { place } = repository();
    await append(place, night("1"));
    const controller = new AbortController();
    const ended = appendToStore(place, { ...access, signal: controller.signal }, () => {
      controller.abort(new Error("ended"));
      return night("2");
    });
    await expect(ended).rejects.toThrow("ended");
    expect(await runIds(place)).toEqual(["1"]);
    await append(place, night("2"));
    expect(await runIds(place)).toEqual(["1", "2"]);
  });

  it("refuses a damaged history, a link in the place of a part, and a branch of other files", async () => {
    const { folder, place } = repository({ "src.ts": "x" });
    const foreign = await failure(append({ ...place, branch: "main" } as StorePlace, night("1")));
    expect(foreign).toMatchObject({ failure: "output" });
    expect(foreign.message).toContain('it has "src.ts", which is no part of a history');
    const work = path.join(newFolder(), "work");
    git(root, "clone", "--quiet", folder, work);
    git(work, "checkout", "--quiet", "--orphan", "forgebench-data");
    git(work, "rm", "-rfq", "--ignore-unmatch", ".");
    await mkdir(path.join(work, "nights"));
    const commit = () => {
      git(work, "add", "-A");
      git(work, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x");
      git(work, "push", "--quiet", "origin", "forgebench-data");
    };
    await symlink("/etc/passwd", path.join(work, "nights/000001.jsonl"));
    commit();
    expect((await failure(append(place, night("1")))).message).toContain("is no file, but a blob of mode 120000");
    rmSync(path.join(work, "nights/000001.jsonl"));
    await writeFile(path.join(work, "nights/000001.jsonl"), "no history\n");
    commit();
    expect(await failure(append(place, night("1")))).toBeInstanceOf(ArtifactError);
    await writeFile(path.join(work, "nights/000001.jsonl"), "x".repeat(MAX_PART_BYTES + 1));
    commit();
    expect((await failure(append(place, night("1")))).message).toContain("it has 1000001 bytes");
  });

  it("tells what the repository says when it cannot be reached or refuses the push", async () => {
    const nowhere: StorePlace = { type: "branch", remote: path.join(root, "nowhere"), branch: "b" };
    const error = await failure(append(nowhere, night("1")));
    expect(error).toMatchObject({ failure: "service" });
    expect(error.message).toMatch(/^Cannot fetch the history ".*nowhere#b": git ended with 128: .*does not/);
    const { folder, place } = repository();
    const hook = path.join(folder, "hooks", "pre-receive");
    await mkdir(path.dirname(hook), { recursive: true });
    await writeFile(hook, "#!/bin/sh\necho only on fridays\nexit 1\n", { mode: 0o755 });
    const declined = await failure(append(place, night("1")));
    expect(declined).toMatchObject({ failure: "service" });
    expect(declined.message).toMatch(/pre-receive hook declined/);
  });

  it("needs a git that can be started", async () => {
    const { place } = repository();
    const error = await failure(appendToStore(place, { ...access, env: { PATH: temporary } }, () => night("1")));
    expect(error.message).toContain("Cannot run git init");
  });
});
