import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { printableLine } from "@forgebench/errors";
import { type GitOptions, gitError, gitText, runGit } from "./git-process.ts";

/** A repository elsewhere, and how it is reached. */
export interface GitRemote extends Pick<GitOptions, "env" | "token"> {
  /** `https://`, `ssh://`, `file://` or a folder; checked by whoever took it from a user. */
  readonly url: string;
  /** How messages call it, such as `the history "…"`. */
  readonly label: string;
  readonly signal: AbortSignal;
  /** Leaves out the contents of files that are not read; for repositories that hold more than what is of interest. */
  readonly isSparse?: boolean;
}

/** A file, folder, link or submodule of a commit. */
export interface TreeEntry {
  readonly path: string;
  /** `100644` and `100755` are files, `120000` links, `160000` submodules. */
  readonly mode: string;
  readonly type: string;
  readonly hash: string;
}

/** What a commit says of itself. */
export interface CommitFacts {
  readonly parents: readonly string[];
  readonly authorEmail: string;
  readonly committerEmail: string;
  readonly message: string;
}

export interface CommitDraft {
  /** Absent: the first commit of a branch. */
  readonly parent: string | undefined;
  /** Contents by path; everything else is as in the parent. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly message: string;
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

/**
 * The objects of a few branches of a remote, in a temporary bare repository. Nothing is ever checked out: no filter,
 * attribute, hook, link or submodule of the remote has an effect, and the bytes are those that were committed.
 */
export class BareRepository {
  readonly #remote: GitRemote;
  readonly #folder: string;

  private constructor(remote: GitRemote, folder: string) {
    this.#remote = remote;
    this.#folder = folder;
  }

  /** Opens a remote for `work` in a temporary folder, which is gone afterwards. */
  static async with<T>(remote: GitRemote, work: (repository: BareRepository) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "bare-"));
    try {
      const repository = new BareRepository(remote, folder);
      await repository.#local(["init", "--quiet", "--bare", "--template=", "."]);
      await repository.#local(["remote", "add", "--", "origin", remote.url]);
      return await work(repository);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The commits that branches of the remote point to; one that is not there has none. @throws {OperationError} (exit 69). */
  async tipsOf(branches: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const refs = branches.map((branch) => `refs/heads/${branch}`);
    const listed = await gitText(["ls-remote", "--", "origin", ...refs], this.#remoteOptions(), this.#unreachable());
    const tips = listed.split("\n").map((line) => line.split("\t"));
    return new Map(
      branches.flatMap((branch) => {
        const [hash] = tips.find(([, ref]) => ref === `refs/heads/${branch}`) ?? [];
        return hash === undefined ? [] : [[branch, hash] as const];
      }),
    );
  }

  /** Fetches the tips of branches that are there, without what was before; resolves to their commits, in order. */
  async fetch(branches: readonly string[]): Promise<string[]> {
    const refspecs = branches.map((branch, index) => `+refs/heads/${branch}:refs/fetched/${index}`);
    const sparse = this.#remote.isSparse === true ? ["--filter=blob:none"] : [];
    const args = ["fetch", "--quiet", "--depth=1", ...sparse, "--no-tags", "--no-recurse-submodules"];
    await gitText([...args, "--", "origin", ...refspecs], this.#remoteOptions(), this.#unreachable());
    const tips: string[] = [];
    for (const index of branches.keys()) {
      tips.push((await this.#local(["rev-parse", "--verify", `refs/fetched/${index}^{commit}`])).trim());
    }
    return tips;
  }

  /** All files, links and submodules of a commit. */
  async list(commit: string): Promise<TreeEntry[]> {
    return this.#lsTree(["-r", commit]);
  }

  /** What is at these paths: files, folders (`tree`), links, submodules; nothing where there is nothing. */
  async entriesAt(commit: string, paths: readonly string[]): Promise<TreeEntry[]> {
    return this.#lsTree([commit, "--", ...paths]);
  }

  async #lsTree(args: readonly string[]): Promise<TreeEntry[]> {
    const text = await this.#local(["ls-tree", "-z", "--full-tree", ...args]);
    return text
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => {
        const tab = line.indexOf("\t");
        const [mode = "", type = "", hash = ""] = line.slice(0, tab).split(" ");
        return { path: line.slice(tab + 1), mode, type, hash };
      });
  }

  /** How long a content is. */
  async sizeBytesOf(hash: string): Promise<number> {
    return Number(await gitText(["cat-file", "-s", hash], this.#remoteOptions(), this.#unreachable()));
  }

  async read(hash: string): Promise<Buffer> {
    const { exitCode, stdout, stderr } = await runGit(["cat-file", "blob", hash], this.#remoteOptions());
    if (exitCode !== 0) throw gitError(this.#unreachable(), stderr, exitCode);
    return stdout;
  }

  /** Who made a commit, on top of what. Read from the object itself: a shallow history hides parents. */
  async readCommit(commit: string): Promise<CommitFacts> {
    return parseCommit(await this.#local(["cat-file", "commit", commit]));
  }

  /** What differs between two commits, as a patch; bounded by what git prints. */
  async diff(from: string, to: string, paths: readonly string[]): Promise<string> {
    const args = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", from, to, "--", ...paths];
    return gitText(args, this.#remoteOptions(), this.#unreachable());
  }

  /** Makes a commit; resolves to its hash. Nothing is pushed. */
  async commit({ parent, files, message, name, email, date }: CommitDraft): Promise<string> {
    await this.#local(["read-tree", ...(parent === undefined ? ["--empty"] : [parent])]);
    for (const [file, bytes] of files) {
      const hash = (await this.#local(["hash-object", "-w", "--stdin"], { input: bytes })).trim();
      await this.#local(["update-index", "--add", "--cacheinfo", `100644,${hash},${file}`]);
    }
    // Contents that were left out of the fetch are not needed.
    const tree = (await this.#local(["write-tree", "--missing-ok"])).trim();
    const who = { NAME: name, EMAIL: email, DATE: date.toISOString() };
    const extraEnv = Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    const parents = parent === undefined ? [] : ["-p", parent];
    return (await this.#local(["commit-tree", tree, ...parents, "-m", message], { extraEnv })).trim();
  }

  /**
   * Moves a branch of the remote to a commit, if it still is where it was: at `expected`, or not there when that is
   * undefined. Resolves to false when somebody else was faster.
   * @throws {OperationError} when the repository refuses for another reason (exit 69).
   */
  async push(commit: string, branch: string, expected: string | undefined): Promise<boolean> {
    const lease = `--force-with-lease=refs/heads/${branch}:${expected ?? ""}`;
    const args = ["push", "--porcelain", lease, "--", "origin", `${commit}:refs/heads/${branch}`];
    const { exitCode, stdout, stderr } = await runGit(args, this.#remoteOptions());
    if (exitCode === 0) return true;
    const lines = stdout.toString("utf8").split("\n");
    const refused = lines.find((line) => line.startsWith("!")) ?? "";
    if (BEATEN.test(refused + stderr)) return false;
    const said = `${printableLine(refused)} ${stderr}`;
    throw gitError({ kind: "service", action: `Cannot push to ${this.#remote.label}` }, said, exitCode);
  }

  #unreachable() {
    return { kind: "service", action: `Cannot fetch ${this.#remote.label}` } as const;
  }

  #local(args: readonly string[], more: Pick<GitOptions, "input" | "extraEnv"> = {}): Promise<string> {
    const action = `Cannot prepare a commit for ${this.#remote.label}`;
    return gitText(args, { ...this.#localOptions(), ...more }, { kind: "output", action });
  }

  #localOptions(): GitOptions {
    const { env, signal } = this.#remote;
    return { cwd: this.#folder, env, signal };
  }

  #remoteOptions(): GitOptions {
    return { ...this.#localOptions(), token: this.#remote.token };
  }
}

/** The raw text of a commit object: headers, an empty line, the message. */
function parseCommit(text: string): CommitFacts {
  const end = text.indexOf("\n\n");
  const headers = (end < 0 ? text : text.slice(0, end)).split("\n");
  const valuesOf = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const emailOf = (name: string) => /<([^>]*)>/.exec(valuesOf(name)[0] ?? "")?.[1] ?? "";
  return {
    parents: valuesOf("parent"),
    authorEmail: emailOf("author"),
    committerEmail: emailOf("committer"),
    message: end < 0 ? "" : text.slice(end + 2).trim(),
  };
}

const BEATEN =
  /\[rejected\]|stale info|cannot lock ref|failed to update ref|incorrect old value|reference already exists/;
