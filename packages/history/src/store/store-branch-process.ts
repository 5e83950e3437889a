import { ArtifactError, OperationError } from "@forgebench/errors";
import { BareRepository, type GitRemote, type TreeEntry } from "@forgebench/git";
import { isPartPath, MAX_PART_BYTES, type StoredPart } from "./history-lines.ts";
import { isSnapshotPath, MAX_SNAPSHOT_BYTES } from "./plan-snapshot.ts";
import { type StorePlace, storeName } from "./store-place.ts";

/** A store that is a branch of a git repository, not a folder. */
export type BranchPlace = Extract<StorePlace, { readonly type: "branch" }>;
type BranchOptions = Pick<GitRemote, "env" | "credential" | "signal">;

/** Other files that are allowed beside the parts, in a store that was started by hand. */
const ALLOWED_BESIDE = new Set(["README.md", ".gitattributes"]);
const WHO = { name: "forgebench", email: "forgebench@localhost" };

/** What a push changes: whole new contents, and paths that go away. */
export interface StoreChange {
  readonly parts: readonly StoredPart[];
  readonly removed?: readonly string[];
}

/** A history on an orphan branch. */
export class BranchStore {
  readonly #place: BranchPlace;
  readonly #repository: BareRepository;
  /** The commit that was fetched; undefined while there is no such branch. */
  #fetched: string | undefined;

  private constructor(place: BranchPlace, repository: BareRepository) {
    this.#place = place;
    this.#repository = repository;
  }

  /** Opens the branch for `work` in a temporary folder, which is gone afterwards. */
  static with<T>(place: BranchPlace, options: BranchOptions, work: (store: BranchStore) => Promise<T>): Promise<T> {
    const { env, signal, credential } = options;
    const label = `the history "${storeName(place)}"`;
    return BareRepository.with({ env, signal, credential, url: place.remote, label }, (repository) =>
      work(new BranchStore(place, repository)),
    );
  }

  /**
   * Fetches the tip of the branch alone; resolves to its parts, none when there is no such branch yet.
   * @throws {ArtifactError} when there is none and it `mustExist`.
   */
  async fetchParts({ mustExist = false }: { readonly mustExist?: boolean } = {}): Promise<StoredPart[]> {
    const entries = await this.#fetchEntries();
    if (mustExist && this.#fetched === undefined) throw this.#missing();
    return this.#readAll(entries.filter(isAt(isPartPath)), MAX_PART_BYTES);
  }

  /** As {@link fetchParts}, of the snapshots that are kept beside the parts. */
  async fetchSnapshots(): Promise<StoredPart[]> {
    return this.#readAll((await this.#fetchEntries()).filter(isAt(isSnapshotPath)), MAX_SNAPSHOT_BYTES);
  }

  /**
   * Commits a change on top of what was fetched and pushes; resolves to false when somebody else was faster.
   * @throws {OperationError} when the repository refuses for another reason (exit 69).
   */
  async push({ parts, removed = [] }: StoreChange, message: string, date: Date): Promise<boolean> {
    const files = new Map(parts.map(({ path, bytes }) => [path, bytes]));
    const commit = await this.#repository.commit({ parent: this.#fetched, files, removed, message, ...WHO, date });
    return this.#repository.push(commit, this.#place.branch, this.#fetched);
  }

  async #fetchEntries(): Promise<TreeEntry[]> {
    const { branch } = this.#place;
    const tips = await this.#repository.tipsOf([branch]);
    [this.#fetched] = tips.has(branch) ? await this.#repository.fetch([branch]) : [];
    if (this.#fetched === undefined) return [];
    const entries = await this.#repository.list(this.#fetched);
    if (!entries.some(isAt(isPartPath))) this.#refuseForeignBranch(entries.map(({ path }) => path));
    return entries;
  }

  async #readAll(entries: readonly TreeEntry[], maxBytes: number): Promise<StoredPart[]> {
    for (const { path, mode, type } of entries) {
      if (type !== "blob" || !mode.startsWith("100"))
        throw this.#wrong(path, `is no file, but a ${type} of mode ${mode}`);
    }
    const sizes = await this.#repository.sizesOf(entries.map(({ hash }) => hash));
    for (const { path, hash } of entries) {
      const sizeBytes = sizes.get(hash) ?? 0;
      if (sizeBytes > maxBytes) throw this.#wrong(path, `it has ${sizeBytes} bytes; at most ${maxBytes} are allowed`);
    }
    const contents = await this.#repository.readAll(entries.map(({ hash }) => hash));
    return entries.map(({ path, hash }) => ({ path, bytes: contents.get(hash) ?? Buffer.alloc(0) }));
  }

  #refuseForeignBranch(files: readonly string[]): void {
    const foreign = files.find((file) => !ALLOWED_BESIDE.has(file) && !isSnapshotPath(file));
    if (foreign === undefined) return;
    throw new OperationError(
      "output",
      `Cannot use the branch "${storeName(this.#place)}": it has "${foreign}", which is no part of a history`,
      {
        details: [{ label: "try", text: "name a branch that is only for the history; it is made if it is missing" }],
      },
    );
  }

  #missing(): ArtifactError {
    const { branch } = this.#place;
    return new ArtifactError({
      path: storeName(this.#place),
      kind: "history",
      issues: [{ path: "", message: `there is no branch "${branch}"` }],
      details: [{ label: "expected", text: "REMOTE#BRANCH of a history; the first night that is recorded makes it" }],
    });
  }

  #wrong(file: string, message: string): ArtifactError {
    return new ArtifactError({ path: storeName(this.#place), kind: "history", issues: [{ path: file, message }] });
  }
}

function isAt(isWanted: (path: string) => boolean): (entry: TreeEntry) => boolean {
  return ({ path }) => isWanted(path);
}
