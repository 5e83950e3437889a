import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import { backoffMs, retry, waitText } from "@forgebench/io";
import { type CommitFacts, parseCommit } from "./commit-facts.ts";
import { type GitOptions, type GitResult, gitText, runGit } from "./git-process.ts";
import { RemoteError } from "./remote-error.ts";

/** A repository elsewhere, and how it is reached. */
export interface GitRemote extends Pick<GitOptions, "env" | "credential"> {
  /** `https://`, `ssh://`, `file://` or a folder; the caller that took it from a user has checked it. */
  readonly url: string;
  /** How messages call it, such as `the history "…"`. */
  readonly label: string;
  readonly signal: AbortSignal;
  /** Leaves out the contents of files that are not read; for repositories that hold more than what is of interest. */
  readonly isSparse?: boolean;
  /** Repeats a read a few times if nobody answered; absent: never. */
  readonly retry?: RetryPolicy;
}

interface RetryPolicy {
  /** The first wait, doubled each time. */
  readonly baseMs: number;
  /** Says why it waits. */
  readonly onWait: (message: string) => void;
}

const MAX_READS = 4;

/** Where the branches of a remote are. */
interface RemoteBranches {
  /** The commits by branch; one that is not there has none. */
  readonly tips: ReadonlyMap<string, string>;
  /** The default branch of the remote; undefined if the remote does not name it. */
  readonly defaultBranch: string | undefined;
}

/** A file, folder, link or submodule of a commit. */
export interface TreeEntry {
  readonly path: string;
  /** `100644` and `100755` are files, `120000` links, `160000` submodules. */
  readonly mode: string;
  readonly type: string;
  readonly hash: string;
}

/**
 * A commit that is made without a checkout. The same draft gives the same hash, since author and date are part of it.
 */
export interface CommitDraft {
  /** Absent: the first commit of a branch. */
  readonly parent: string | undefined;
  /** Contents by path; everything else is as in the parent. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Paths of the parent that are left out. */
  readonly removed?: readonly string[];
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
  readonly #prefetched = new Set<string>();

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
    return (await this.branches(branches)).tips;
  }

  /** Where branches of the remote are, and which of all is its default one. @throws {OperationError} (exit 69). */
  async branches(names: readonly string[]): Promise<RemoteBranches> {
    const refs = names.map((name) => `refs/heads/${name}`);
    const listed = await this.#reading(["ls-remote", "--symref", "--", "origin", "HEAD", ...refs]);
    const lines = listed
      .toString("utf8")
      .split("\n")
      .map((line) => line.split("\t"));
    const saidOf = (ref: string, isWanted: (value: string) => boolean) =>
      lines.find(([value = "", name]) => name === ref && isWanted(value))?.[0];
    const tips = names.flatMap((name) => {
      const hash = saidOf(`refs/heads/${name}`, (value) => HASH.test(value));
      return hash === undefined ? [] : [[name, hash] as const];
    });
    const symbolic = saidOf("HEAD", (value) => value.startsWith(SYMBOLIC));
    return { tips: new Map(tips), defaultBranch: symbolic?.slice(SYMBOLIC.length) };
  }

  /** Fetches the tips of branches that are there, without what was before; resolves to their commits, in order. */
  async fetch(branches: readonly string[]): Promise<string[]> {
    const refspecs = branches.map((branch, index) => `+refs/heads/${branch}:refs/fetched/${index}`);
    const sparse = this.#remote.isSparse === true ? ["--filter=blob:none"] : [];
    const args = ["fetch", "--quiet", "--depth=1", ...sparse, "--no-tags", "--no-recurse-submodules"];
    await this.#reading([...args, "--", "origin", ...refspecs]);
    const listed = await this.#local(["for-each-ref", "--format=%(refname) %(objectname)", "refs/fetched"]);
    const tips = new Map(listed.split("\n").map((line) => [line.split(" ")[0], line.split(" ")[1]] as const));
    return [...branches.keys()].map((index) => tips.get(`refs/fetched/${index}`) ?? "");
  }

  /**
   * Fetches contents that a sparse fetch left out, all at once; those that are read without are fetched one by one. Where
   * the remote does not give them this way, nothing happens.
   */
  async prefetch(hashes: readonly string[]): Promise<void> {
    const wanted = hashes.filter((hash) => !this.#prefetched.has(hash));
    if (this.#remote.isSparse !== true || wanted.length === 0) return;
    for (const hash of wanted) this.#prefetched.add(hash);
    const args = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--stdin"];
    const input = Buffer.from(wanted.map((hash) => `${hash}\n`).join(""));
    await runGit([...args, "--filter=blob:none", "--", "origin"], { ...this.#remoteOptions(), input });
  }

  /** All files, links and submodules of a commit. */
  async list(commit: string): Promise<TreeEntry[]> {
    return this.#lsTree(["-r", commit]);
  }

  /** What is at these paths: files, folders (`tree`), links, submodules; nothing where there is nothing. */
  async entriesAt(commit: string, paths: readonly string[]): Promise<TreeEntry[]> {
    const wanted = new Set(paths);
    // -t: lists a folder even if something in it is asked for too.
    return (await this.#lsTree(["-t", commit, "--", ...paths])).filter((entry) => wanted.has(entry.path));
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

  /** How long contents are, by hash. */
  async sizesOf(hashes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const told = await this.#catFile("--batch-check", hashes);
    const lines = told.toString("utf8").trimEnd().split("\n");
    return new Map(hashes.map((hash, index) => [hash, Number(lines[index]?.split(" ")[2])]));
  }

  async read(hash: string): Promise<Buffer> {
    return (await this.readAll([hash])).get(hash) ?? Buffer.alloc(0);
  }

  /** Contents, by hash. */
  async readAll(hashes: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const told = await this.#catFile("--batch", hashes);
    const contents = new Map<string, Buffer>();
    let at = 0;
    for (const hash of hashes) {
      const from = told.indexOf("\n", at) + 1;
      const sizeBytes = Number(told.subarray(at, from).toString("utf8").trimEnd().split(" ")[2]);
      contents.set(hash, told.subarray(from, from + sizeBytes));
      at = from + sizeBytes + 1;
    }
    return contents;
  }

  async #catFile(how: "--batch" | "--batch-check", hashes: readonly string[]): Promise<Buffer> {
    if (hashes.length === 0) return Buffer.alloc(0);
    const input = Buffer.from(hashes.map((hash) => `${hash}\n`).join(""));
    const told = await this.#reading(["cat-file", how, "--buffer"], input);
    const missing = hashes.find((hash) => told.indexOf(`${hash} missing\n`) >= 0);
    if (missing === undefined) return told;
    throw new OperationError("service", `Cannot fetch ${this.#remote.label}: it does not send the content ${missing}`);
  }

  /** Who made a commit, on top of what. Read from the object itself: a shallow history hides parents. */
  async readCommit(commit: string): Promise<CommitFacts> {
    return parseCommit((await this.read(commit)).toString("utf8"));
  }

  /** What differs between two commits, as a patch; bounded by what git prints. */
  async diff(from: string, to: string, paths: readonly string[]): Promise<string> {
    const args = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", from, to, "--", ...paths];
    return (await this.#reading(args)).toString("utf8");
  }

  /**
   * Makes a commit; resolves to its hash. Nothing is pushed. The rest of the parent is taken over unseen, whatever names
   * and modes it holds.
   */
  async commit({ parent, files, removed = [], message, name, email, date }: CommitDraft): Promise<string> {
    const text = Buffer.from(message);
    const when = `${Math.floor(date.getTime() / 1000)} +0000`;
    const head = `commit refs/made\nmark :1\ncommitter ${name} <${email}> ${when}\ndata ${text.length}\n`;
    const parts = [Buffer.from(head), text, Buffer.from(`\n${parent === undefined ? "" : `from ${parent}\n`}`)];
    for (const file of removed) parts.push(Buffer.from(`D ${file}\n`));
    for (const [file, bytes] of files) {
      parts.push(Buffer.from(`M 100644 inline ${file}\ndata ${bytes.length}\n`), Buffer.from(bytes), Buffer.from("\n"));
    }
    parts.push(Buffer.from("\nget-mark :1\ndone\n"));
    const args = ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"];
    return (await this.#local(args, Buffer.concat(parts))).trim();
  }

  /**
   * Moves a branch of the remote to a commit, if it still is where it was: at `expected`, or not there when that is
   * undefined. Resolves to false when somebody else was faster.
   * @throws {RemoteError} when the repository refuses for another reason, or whether it was done is not known.
   */
  async push(commit: string, branch: string, expected: string | undefined): Promise<boolean> {
    const lease = `--force-with-lease=refs/heads/${branch}:${expected ?? ""}`;
    const args = ["push", "--porcelain", lease, "--", "origin", `${commit}:refs/heads/${branch}`];
    const { exitCode, stdout, stderr } = await runGit(args, this.#remoteOptions());
    if (exitCode === 0) return true;
    const lines = stdout.toString("utf8").split("\n");
    const refused = lines.find((line) => line.startsWith("!")) ?? "";
    if (BEATEN.test(refused + stderr)) return false;
    throw this.#refusal("write", { exitCode, stderr: `${refused} ${stderr}` });
  }

  /** What a command that may need the remote prints, again where nobody answered. @throws {RemoteError} */
  async #reading(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
    const read = async () => {
      const answer = await runGit(args, { ...this.#remoteOptions(), ...(input === undefined ? {} : { input }) });
      if (answer.exitCode === 0) return answer.stdout;
      throw this.#refusal("read", answer);
    };
    const { retry: policy, signal, label } = this.#remote;
    return retry(signal, read, (error, reads) => {
      const isPassing = error instanceof RemoteError && error.isPassing;
      if (policy === undefined || !isPassing || reads >= MAX_READS) throw error;
      const waitMs = backoffMs(policy.baseMs, reads);
      policy.onWait(`${label} did not answer, attempt ${reads + 1} of ${MAX_READS} in ${waitText(waitMs)}`);
      return waitMs;
    });
  }

  #refusal(access: "read" | "write", answer: Pick<GitResult, "exitCode" | "stderr">): RemoteError {
    const { label, credential } = this.#remote;
    return new RemoteError({ access, label, variable: credential?.variable }, answer);
  }

  #local(args: readonly string[], input?: Uint8Array): Promise<string> {
    const action = `Cannot prepare a commit for ${this.#remote.label}`;
    const options = { ...this.#localOptions(), ...(input === undefined ? {} : { input }) };
    return gitText(args, options, { kind: "output", action });
  }

  #localOptions(): GitOptions {
    const { env, signal } = this.#remote;
    return { cwd: this.#folder, env, signal };
  }

  #remoteOptions(): GitOptions {
    return { ...this.#localOptions(), credential: this.#remote.credential };
  }
}

const HASH = /^[0-9a-f]{40,64}$/;
const SYMBOLIC = "ref: refs/heads/";

const BEATEN =
  /\[rejected\]|stale info|cannot lock ref|failed to update ref|incorrect old value|reference already exists/;
