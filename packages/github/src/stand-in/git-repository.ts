import { mkdir, stat } from "node:fs/promises";
import { type GitResult, gitText, runGit } from "@forgebench/git";

export interface Ref {
  readonly name: string;
  readonly sha: string;
  /** `commit`, or `tag` for an annotated tag. */
  readonly type: string;
}

export interface Person {
  readonly login: string;
  readonly at: Date;
}

export const NO_COMMIT = "0".repeat(40);

/** A bare git repository that the stand-in reads and writes as GitHub would. */
export class BareRepository {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async git(
    args: readonly string[],
    more: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ): Promise<GitResult> {
    return await runGit(args, {
      cwd: this.folder,
      env: { PATH: process.env.PATH },
      extraEnv: { GIT_DIR: this.folder, ...more.env },
      ...(more.input === undefined ? {} : { input: Buffer.from(more.input) }),
    });
  }

  /** The trimmed output of a command that must succeed. */
  async read(
    args: readonly string[],
    more: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ): Promise<string> {
    const options = {
      cwd: this.folder,
      env: { PATH: process.env.PATH },
      extraEnv: { GIT_DIR: this.folder, ...more.env },
      ...(more.input === undefined ? {} : { input: Buffer.from(more.input) }),
    };
    return (await gitText(args, options, { kind: "service", action: `Cannot run git ${args[0]}` })).trim();
  }

  async isThere(): Promise<boolean> {
    return await stat(this.folder).then(
      () => true,
      () => false,
    );
  }

  /** Makes the repository with one commit when its folder is not there. */
  async makeIfAbsent(defaultBranch: string, by: Person): Promise<void> {
    if (await this.isThere()) return;
    await mkdir(this.folder, { recursive: true });
    await this.read(["init", "-q", "--bare", `--initial-branch=${defaultBranch}`, this.folder]);
    await this.commit({
      branch: defaultBranch,
      files: { "README.md": "# A repository\n" },
      message: "Initial commit",
      by,
    });
  }

  /** The object that an expression names, undefined when there is none. */
  async resolve(expression: string): Promise<string | undefined> {
    const { exitCode, stdout } = await this.git(["rev-parse", "--verify", "--quiet", "--end-of-options", expression]);
    return exitCode === 0 ? stdout.toString().trim() : undefined;
  }

  /** The commit of a branch, of a tag, or of a full hash. */
  async commitOf(name: string): Promise<string | undefined> {
    const found = await this.refs([`refs/heads/${name}`, `refs/tags/${name}`]);
    const exact = found.find((ref) => ref.name === `refs/heads/${name}` || ref.name === `refs/tags/${name}`);
    if (exact !== undefined) return await this.resolve(`${exact.name}^{commit}`);
    return /^[0-9a-f]{40}$/.test(name) ? await this.resolve(`${name}^{commit}`) : undefined;
  }

  async refs(patterns: readonly string[]): Promise<Ref[]> {
    const listed = await this.read(["for-each-ref", "--format=%(refname) %(objectname) %(objecttype)", ...patterns]);
    return listed
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", sha = "", type = ""] = line.split(" ");
        return { name, sha, type };
      });
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
    const parent = await this.resolve(`${plan.from ?? `refs/heads/${plan.branch}`}^{commit}`);
    const ref = `refs/heads/${plan.branch}`;
    const seconds = Math.floor(plan.by.at.getTime() / 1000);
    const input = [
      `commit ${ref}\ncommitter ${plan.by.login} <${emailOf(plan.by)}> ${seconds} +0000\n${data(plan.message)}`,
      ...(parent === undefined ? [] : [`from ${parent}\n`]),
      ...Object.entries(plan.files).map(([file, content]) =>
        content === null ? `D ${JSON.stringify(file)}\n` : `M 100644 inline ${JSON.stringify(file)}\n${data(content)}`,
      ),
    ].join("");
    await this.read(["fast-import", "--quiet", "--force", "--date-format=raw"], { input });
    return await this.read(["rev-parse", ref]);
  }

  async commitTree(tree: string, parents: readonly string[], message: string, by: Person): Promise<string> {
    const date = `${Math.floor(by.at.getTime() / 1000)} +0000`;
    const who = { name: by.login, email: emailOf(by) };
    const env = {
      ...{ GIT_AUTHOR_NAME: who.name, GIT_AUTHOR_EMAIL: who.email, GIT_AUTHOR_DATE: date },
      ...{ GIT_COMMITTER_NAME: who.name, GIT_COMMITTER_EMAIL: who.email, GIT_COMMITTER_DATE: date },
    };
    const parentArgs = parents.flatMap((parent) => ["-p", parent]);
    return await this.read(["commit-tree", tree, ...parentArgs], { env, input: message });
  }
}

const emailOf = ({ login }: Person) => `${login}@users.noreply.github.com`;

/** Text as `git fast-import` reads it. */
const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
