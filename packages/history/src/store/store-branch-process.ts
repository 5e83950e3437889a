import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ArtifactError, OperationError, printableLine } from "@forgebench/errors";
import { type GitOptions, gitError, gitText, runGit } from "@forgebench/git";
import { isPartPath, MAX_PART_BYTES, type StoredPart } from "./history-lines.ts";
import { type StorePlace, storeName } from "./store-place.ts";

export type BranchPlace = Extract<StorePlace, { readonly type: "branch" }>;
type BranchOptions = Pick<GitOptions, "env" | "token"> & { readonly signal: AbortSignal };

/** Its own files beside the parts, in a store that was begun by hand. */
const ALLOWED_BESIDE = new Set(["README.md", ".gitattributes"]);

/**
 * A history on an orphan branch. Works on the objects of a temporary bare repository and never checks anything out: no
 * filter, attribute or link of the branch has an effect, and the bytes are those that were committed.
 */
export class BranchStore {
  readonly #place: BranchPlace;
  readonly #options: BranchOptions;
  readonly #folder: string;
  /** The commit that was fetched; undefined while there is no such branch. */
  #fetched: string | undefined;

  private constructor(place: BranchPlace, options: BranchOptions, folder: string) {
    this.#place = place;
    this.#options = options;
    this.#folder = folder;
  }

  /** Opens the branch for `work` in a temporary folder, which is gone afterwards. */
  static async with<T>(
    place: BranchPlace,
    options: BranchOptions,
    work: (store: BranchStore) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "history-"));
    try {
      const store = new BranchStore(place, options, folder);
      await store.#local(["init", "--quiet", "--bare", "--template=", "."]);
      return await work(store);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Fetches the tip of the branch alone; resolves to its parts, none when there is no such branch yet. */
  async fetchParts(): Promise<StoredPart[]> {
    this.#fetched = (await this.#branchExists()) ? await this.#fetch() : undefined;
    if (this.#fetched === undefined) return [];
    const tree = await this.#local(["ls-tree", "-r", "-z", "-l", "--full-tree", this.#fetched]);
    const entries = tree.split("\0").filter((entry) => entry !== "");
    const files = entries.map((entry) => this.#readTreeEntry(entry));
    const parts = files.filter(({ path: file }) => isPartPath(file));
    if (parts.length === 0) this.#refuseForeignBranch(files.map(({ path: file }) => file));
    const read: StoredPart[] = [];
    for (const part of parts) read.push({ path: part.path, bytes: await this.#readBlob(part) });
    return read;
  }

  /**
   * Commits parts on top of what was fetched and pushes; resolves to false when somebody else was faster.
   * @throws {OperationError} when the repository refuses for another reason (exit 69).
   */
  async push(parts: readonly StoredPart[], message: string, date: Date): Promise<boolean> {
    const commit = await this.#commit(parts, message, date);
    const { remote, branch } = this.#place;
    const args = ["push", "--porcelain", "--", remote, `${commit}:refs/heads/${branch}`];
    const { exitCode, stdout, stderr } = await runGit(args, this.#remoteOptions());
    if (exitCode === 0) return true;
    const refused =
      stdout
        .toString("utf8")
        .split("\n")
        .find((line) => line.startsWith("!")) ?? "";
    if (
      /\[rejected\]|cannot lock ref|failed to update ref|incorrect old value|reference already exists/.test(
        refused + stderr,
      )
    ) {
      return false;
    }
    throw gitError(
      { kind: "service", action: `Cannot push to "${storeName(this.#place)}"` },
      `${printableLine(refused)} ${stderr}`,
      exitCode,
    );
  }

  async #branchExists(): Promise<boolean> {
    const { remote, branch } = this.#place;
    const listed = await gitText(
      ["ls-remote", "--", remote, `refs/heads/${branch}`],
      this.#remoteOptions(),
      this.#unreachable(),
    );
    return listed.split("\n").some((line) => line.endsWith(`\trefs/heads/${branch}`));
  }

  async #fetch(): Promise<string> {
    const { remote, branch } = this.#place;
    const refspec = `+refs/heads/${branch}:refs/history/tip`;
    const args = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", remote, refspec];
    await gitText(args, this.#remoteOptions(), this.#unreachable());
    return (await this.#local(["rev-parse", "--verify", "refs/history/tip^{commit}"])).trim();
  }

  #unreachable() {
    return { kind: "service", action: `Cannot fetch the history "${storeName(this.#place)}"` } as const;
  }

  /** `MODE TYPE HASH SIZE<tab>PATH` */
  #readTreeEntry(entry: string): { readonly path: string; readonly hash: string } {
    const tab = entry.indexOf("\t");
    const [mode = "", type = "", hash = "", size = ""] = entry.slice(0, tab).split(/ +/);
    const file = entry.slice(tab + 1);
    if (!isPartPath(file)) return { path: file, hash };
    if (type !== "blob" || !mode.startsWith("100"))
      throw this.#wrong(file, `is no file, but a ${type} of mode ${mode}`);
    if (Number(size) > MAX_PART_BYTES)
      throw this.#wrong(file, `it has ${size} bytes; at most ${MAX_PART_BYTES} are allowed`);
    return { path: file, hash };
  }

  #refuseForeignBranch(files: readonly string[]): void {
    const foreign = files.find((file) => !ALLOWED_BESIDE.has(file));
    if (foreign === undefined) return;
    throw new OperationError(
      "output",
      `Cannot use the branch "${storeName(this.#place)}": it holds "${foreign}" and no history`,
      {
        details: [{ label: "try", text: "name a branch of its own for the history; it is made when it is not there" }],
      },
    );
  }

  #wrong(file: string, message: string): ArtifactError {
    return new ArtifactError({ path: storeName(this.#place), kind: "history", issues: [{ path: file, message }] });
  }

  async #readBlob({ hash }: { readonly hash: string }): Promise<Buffer> {
    const { exitCode, stdout, stderr } = await runGit(["cat-file", "blob", hash], this.#localOptions());
    if (exitCode !== 0) throw gitError(this.#unreachable(), stderr, exitCode);
    return stdout;
  }

  async #commit(parts: readonly StoredPart[], message: string, date: Date): Promise<string> {
    await this.#local(["read-tree", ...(this.#fetched === undefined ? ["--empty"] : [this.#fetched])]);
    for (const { path: part, bytes } of parts) {
      const hash = (await this.#local(["hash-object", "-w", "--stdin"], { input: bytes })).trim();
      await this.#local(["update-index", "--add", "--cacheinfo", `100644,${hash},${part}`]);
    }
    const tree = (await this.#local(["write-tree"])).trim();
    const parent = this.#fetched === undefined ? [] : ["-p", this.#fetched];
    const who = { NAME: "forgebench", EMAIL: "forgebench@localhost", DATE: date.toISOString() };
    const extraEnv = Object.fromEntries(
      Object.entries(who).flatMap(
        ([key, value]) =>
          [
            [`GIT_AUTHOR_${key}`, value],
            [`GIT_COMMITTER_${key}`, value],
          ] as const,
      ),
    );
    return (await this.#local(["commit-tree", tree, ...parent, "-m", message], { extraEnv })).trim();
  }

  #local(args: readonly string[], more: Pick<GitOptions, "input" | "extraEnv"> = {}): Promise<string> {
    const action = `Cannot prepare the history in "${this.#folder}"`;
    return gitText(args, { ...this.#localOptions(), ...more }, { kind: "output", action });
  }

  #localOptions(): GitOptions {
    const { env, signal } = this.#options;
    return { cwd: this.#folder, env, signal };
  }

  #remoteOptions(): GitOptions {
    return { ...this.#localOptions(), token: this.#options.token };
  }
}
