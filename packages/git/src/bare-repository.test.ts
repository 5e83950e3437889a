import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { BareRepository, type CommitDraft } from "./bare-repository.ts";

let root = "";
let url = "";
const signal = new AbortController().signal;
const env = { PATH: process.env.PATH };
const who = { name: "bot", email: "bot@example.org", date: new Date("2026-02-15T00:00:00Z") };

const git = (cwd: string, ...args: string[]) => {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false"];
  return execFileSync("git", [...identity, ...args], { cwd, stdio: ["ignore", "pipe", "ignore"] }).toString();
};

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "bare repository "));
  url = path.join(root, "remote.git");
  const work = path.join(root, "work");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", url);
  git(root, "init", "--quiet", "--initial-branch=main", work);
  await mkdir(path.join(work, "data"));
  await writeFile(path.join(work, "data", "a.json"), "{}\n");
  await writeFile(path.join(work, "readme.md"), "hello\n");
  await symlink("/etc/passwd", path.join(work, "link"));
  git(work, "add", ".");
  git(work, "commit", "--quiet", "-m", "First\n\nauthor <no@one>");
  git(work, "push", "--quiet", url, "main");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const open = <T>(work: (repository: BareRepository) => Promise<T>, remote = url) =>
  BareRepository.with({ url: remote, label: `the site "${remote}"`, env, signal }, work);
const draft = (parent: string | undefined, files: Readonly<Record<string, string>>): CommitDraft => ({
  parent,
  files: new Map(Object.entries(files).map(([file, text]) => [file, Buffer.from(text)])),
  message: "Change",
  ...who,
});

it("reads what a branch holds without checking anything out", async () => {
  await open(async (repository) => {
    expect([...(await repository.tipsOf(["main", "nowhere"])).keys()]).toEqual(["main"]);
    const [tip = ""] = await repository.fetch(["main"]);
    expect((await repository.list(tip)).map(({ path: file, mode }) => `${mode} ${file}`)).toEqual([
      "100644 data/a.json",
      "120000 link",
      "100644 readme.md",
    ]);
    const [folder, link, ...more] = await repository.entriesAt(tip, ["data", "link", "nothing"]);
    expect([folder?.type, link?.mode, more]).toEqual(["tree", "120000", []]);
    const [file] = await repository.entriesAt(tip, ["data/a.json"]);
    expect((await repository.read(file?.hash ?? "")).toString()).toBe("{}\n");
    expect([...(await repository.sizesOf([file?.hash ?? ""])).values()]).toEqual([3]);
    const { authorEmail, committerEmail, parents } = await repository.readCommit(tip);
    expect({ authorEmail, committerEmail, parents }).toEqual({
      authorEmail: "ann@example.org",
      committerEmail: "ann@example.org",
      parents: [],
    });
  });
});

it("changes the named files alone, and pushes only where nobody was faster", async () => {
  await open(async (repository) => {
    const [tip = ""] = await repository.fetch(["main"]);
    const one = await repository.commit(draft(tip, { "data/a.json": "1\n" }));
    const other = await repository.commit(draft(tip, { "data/a.json": "2\n", "data/b.json": "3\n" }));
    expect(await repository.push(one, "bot", undefined)).toBe(true);
    expect(await repository.push(other, "bot", undefined)).toBe(false);
    expect(await repository.push(other, "bot", tip)).toBe(false);
    expect(await repository.push(other, "bot", one)).toBe(true);
    expect((await repository.readCommit(other)).parents).toEqual([tip]);
    expect(await repository.diff(tip, other, ["data"])).toContain("-{}\n+2\n");
  });
  expect(git(url, "diff", "--name-only", "main", "bot").trim().split("\n")).toEqual(["data/a.json", "data/b.json"]);
  expect(git(url, "show", "bot:link")).toBe("/etc/passwd");
});

it("leaves out what is removed, and nothing else", async () => {
  await open(async (repository) => {
    const [tip = ""] = await repository.fetch(["main"]);
    const commit = await repository.commit({
      ...draft(tip, { "data/b.json": "3\n" }),
      removed: ["data/a.json", "link"],
    });
    expect((await repository.list(commit)).map(({ path: file }) => file)).toEqual(["data/b.json", "readme.md"]);
  });
});

it("leaves out of a sparse fetch what nobody reads, and commits on top of it all the same", async () => {
  git(url, "config", "uploadpack.allowFilter", "true");
  const remote = { url: `file://${url}`, label: "the site", env, signal, isSparse: true };
  await BareRepository.with(remote, async (repository) => {
    const [tip = ""] = await repository.fetch(["main"]);
    const commit = await repository.commit(draft(tip, { "data/c.json": "4\n" }));
    expect(await repository.push(commit, "sparse", undefined)).toBe(true);
    const [readme] = await repository.entriesAt(tip, ["readme.md"]);
    expect((await repository.read(readme?.hash ?? "")).toString()).toBe("hello\n");
  });
  expect(git(url, "ls-tree", "-r", "--name-only", "sparse").trim().split("\n")).toHaveLength(4);
});

it("says what could not be reached or pushed, and leaves nothing behind", async () => {
  // A temporary folder of its own: other tests have theirs at the same time.
  const temporary = path.join(root, "temporary");
  await mkdir(temporary);
  vi.stubEnv("TMPDIR", temporary);
  const nowhere = path.join(root, "nowhere");
  await expect(open((repository) => repository.tipsOf(["main"]), nowhere)).rejects.toMatchObject({
    failure: "service",
    message: expect.stringContaining(`Cannot fetch the site "${nowhere}"`),
  });
  await writeFile(path.join(url, "hooks", "pre-receive"), "#!/bin/sh\necho no such luck\nexit 1\n", { mode: 0o755 });
  await open(async (repository) => {
    const [tip = ""] = await repository.fetch(["main"]);
    await expect(repository.push(tip, "refused", undefined)).rejects.toThrow(/Cannot push to the site .*no such luck/s);
  });
  vi.unstubAllEnvs();
  expect(await readdir(temporary)).toEqual([]);
});
