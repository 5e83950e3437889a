import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type GitResult, gitText, runGit } from "@forgebench/git";

/** A ref of a bare repository by its full name, `refs/` included, and what it points to. */
export interface Ref {
  readonly name: string;
  readonly sha: string;
  /** `commit`, or `tag` for an annotated tag. */
  readonly type: string;
}

interface Person {
  readonly login: string;
  readonly at: Date;
}

const NO_COMMIT = "0".repeat(40);

const HASH = /^[0-9a-f]{40}$/;

interface GitInput {
  readonly input?: string;
  readonly env?: Record<string, string>;
}

/**
 * A bare git repository that the stand-in reads and writes as GitHub would. Starting git takes longer than all else that a
 * request does: refs are read from their files, and what is said of a hash, which never changes, is asked once.
 */
export class BareRepository {
  readonly folder: string;
  readonly #said = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  async git(args: readonly string[]): Promise<GitResult> {
    return await runGit(args, this.#options({}));
  }

  /** The trimmed output of a command that must succeed. */
  async read(args: readonly string[], more: GitInput = {}): Promise<string> {
    const failure = { kind: "service", action: `Cannot run git ${args[0]}` } as const;
    return (await gitText(args, this.#options(more), failure)).trim();
  }

  #options({ input, env }: GitInput) {
    return {
      cwd: this.folder,
      env: { PATH: process.env.PATH },
      extraEnv: { GIT_DIR: this.folder, ...env },
      ...(input === undefined ? {} : { input: Buffer.from(input) }),
    };
  }

  /** As `read`, of arguments that name objects by their hashes alone. */
  async readOfHashes(args: readonly string[]): Promise<string> {
    const key = args.join("\0");
    const said = this.#said.get(key) ?? this.read(args);
    this.#said.set(key, said);
    // What is not there yet may come.
    said.catch(() => this.#said.delete(key));
    return await said;
  }

  /** The name of the default branch. */
  async defaultBranch(): Promise<string> {
    return (await readFile(path.join(this.folder, "HEAD"), "utf8")).trim().replace(/^ref: refs\/heads\//, "");
  }

  isThere(): boolean {
    return existsSync(this.folder);
  }

  /** Makes the repository with one commit on `main` when its folder is not there. */
  async makeIfAbsent(by: Person): Promise<void> {
    if (this.isThere()) return;
    await mkdir(this.folder, { recursive: true });
    await this.read(["init", "--quiet", "--bare", "--initial-branch=main", "--template="]);
    await this.commit({ branch: "main", files: { "README.md": "# A repository\n" }, message: "Initial commit", by });
  }

  /** The object that an expression names, undefined when there is none. */
  async resolve(expression: string): Promise<string | undefined> {
    const sha = expression.replace(/\^\{(commit|object)\}$/, "");
    if (HASH.test(sha)) {
      const type = await this.#typeOf(sha).catch(() => undefined);
      if (type === undefined || type === "commit" || expression.endsWith("^{object}")) return type && sha;
    }
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", expression];
    const { exitCode, stdout } = await this.git(args);
    return exitCode === 0 ? stdout.toString().trim() : undefined;
  }

  /** The commit of a branch, of a tag, or of a full hash. */
  async commitOf(name: string): Promise<string | undefined> {
    const found = await this.refs([`refs/heads/${name}`, `refs/tags/${name}`]);
    const exact = found.find((ref) => ref.name === `refs/heads/${name}` || ref.name === `refs/tags/${name}`);
    if (exact?.type === "commit") return exact.sha;
    const sha = exact?.sha ?? name;
    return HASH.test(sha) ? await this.resolve(`${sha}^{commit}`) : undefined;
  }

  /** Refs of these names or below them, in order; all of them when none is given. */
  async refs(names: readonly string[]): Promise<Ref[]> {
    const hashes = new Map([...(await this.#packedRefs()), ...(await this.#looseRefs())]);
    const isWanted = (ref: string) => names.some((name) => ref === name || ref.startsWith(`${name}/`));
    const found = [...hashes].filter(([ref]) => names.length === 0 || isWanted(ref));
    const refs = found.map(async ([name, sha]) => ({ name, sha, type: await this.#typeOf(sha) }));
    return (await Promise.all(refs)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #typeOf(sha: string): Promise<string> {
    return await this.readOfHashes(["cat-file", "-t", sha]);
  }

  async #packedRefs(): Promise<[string, string][]> {
    const text = await readFile(path.join(this.folder, "packed-refs"), "utf8").catch(() => "");
    return [...text.matchAll(/^([0-9a-f]{40}) (.+)$/gm)].map(([, sha = "", name = ""]) => [name, sha]);
  }

  async #looseRefs(): Promise<[string, string][]> {
    const entries = await readdir(path.join(this.folder, "refs"), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    const read = files.map(async (file): Promise<[string, string]> => {
      // One that is deleted at this moment is not there any more.
      const sha = await readFile(file, "utf8").catch(() => "");
      return [path.relative(this.folder, file), sha.trim()];
    });
    return (await Promise.all(read)).filter(([name, sha]) => !name.endsWith(".lock") && HASH.test(sha));
  }

  async ref(name: string): Promise<Ref | undefined> {
    return (await this.refs([name])).find((ref) => ref.name === name);
  }

  /** False when it is there already. */
  async createRef(name: string, sha: string): Promise<boolean> {
    return (await this.git(["update-ref", name, sha, NO_COMMIT])).exitCode === 0;
  }

  async moveRef(name: string, sha: string): Promise<void> {
    await this.read(["update-ref", name, sha]);
  }

  async deleteRef(name: string): Promise<void> {
    await this.read(["update-ref", "-d", name]);
  }

  /** A commit on top of a branch, or the first of a new one (from `from`, or without a parent). */
  async commit(plan: {
    readonly branch: string;
    readonly files: Readonly<Record<string, string | null>>;
    readonly message: string;
    readonly by: Person;
    readonly from?: string;
  }): Promise<string> {
    const ref = `refs/heads/${plan.branch}`;
    const parent = plan.from === undefined ? (await this.ref(ref))?.sha : await this.resolve(`${plan.from}^{commit}`);
    const seconds = Math.floor(plan.by.at.getTime() / 1000);
    const input = [
      `commit ${ref}\ncommitter ${plan.by.login} <${emailOf(plan.by)}> ${seconds} +0000\n${data(plan.message)}`,
      ...(parent === undefined ? [] : [`from ${parent}\n`]),
      ...Object.entries(plan.files).map(([file, content]) =>
        content === null ? `D ${JSON.stringify(file)}\n` : `M 100644 inline ${JSON.stringify(file)}\n${data(content)}`,
      ),
    ].join("");
    await this.read(["fast-import", "--quiet", "--force", "--date-format=raw"], { input });
    return (await this.ref(ref))?.sha ?? "";
  }

  async commitTree(tree: string, parents: readonly string[], message: string, by: Person): Promise<string> {
    const date = `${Math.floor(by.at.getTime() / 1000)} +0000`;
    const who = { name: by.login, email: emailOf(by) };
    const env = {
      GIT_AUTHOR_NAME: who.name,
      GIT_AUTHOR_EMAIL: who.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: who.name,
      GIT_COMMITTER_EMAIL: who.email,
      GIT_COMMITTER_DATE: date,
    };
    const parentArgs = parents.flatMap((parent) => ["-p", parent]);
    return await this.read(["commit-tree", tree, ...parentArgs], { env, input: message });
  }
}

const emailOf = ({ login }: Person) => `${login}@users.noreply.github.com`;

/** Text as `git fast-import` reads it. */
const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
