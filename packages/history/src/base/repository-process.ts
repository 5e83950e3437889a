import { OperationError } from "@forgebench/errors";
import { type GitOptions, gitError, runGit } from "@forgebench/git";

/** A local git repository, which is only read. */
export class Repository {
  readonly #options: GitOptions;
  readonly folder: string;

  private constructor(folder: string, options: GitOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** @throws {OperationError} when the folder is in no git repository (exit 65). */
  static async open(folder: string, { env, signal }: Pick<GitOptions, "env" | "signal">): Promise<Repository> {
    const repository = new Repository(folder, { cwd: folder, env, ...(signal === undefined ? {} : { signal }) });
    const answer = await repository.#ask(["rev-parse", "--git-dir"]).catch((error: unknown) => {
      throw new OperationError(
        "data",
        `Cannot read the repository "${folder}": there is no such folder, or git is not installed`,
        {
          cause: error,
        },
      );
    });
    if (answer.exitCode === 0) return repository;
    throw gitError({ kind: "data", action: `Cannot read the repository "${folder}"` }, answer.stderr, answer.exitCode);
  }

  /** The full hash of the commit that a revision names; undefined when there is none. */
  async commitOf(revision: string): Promise<string | undefined> {
    const { exitCode, text } = await this.#ask([
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${revision}^{commit}`,
    ]);
    return exitCode === 0 ? text.trim() : undefined;
  }

  async isAncestor(older: string, newer: string): Promise<boolean> {
    const { exitCode, stderr } = await this.#ask(["merge-base", "--is-ancestor", older, newer]);
    if (exitCode > 1) throw this.#failure(stderr, exitCode);
    return exitCode === 0;
  }

  /** The newest commit that both have in their history. */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    const { exitCode, text, stderr } = await this.#ask(["merge-base", one, other]);
    if (exitCode > 1) throw this.#failure(stderr, exitCode);
    return exitCode === 0 ? text.trim() : undefined;
  }

  /** The names of all tags on the history of a commit. */
  async tagsOn(commit: string): Promise<string[]> {
    const args = ["for-each-ref", `--merged=${commit}`, "--format=%(refname:strip=2)", "refs/tags"];
    const { exitCode, text, stderr } = await this.#ask(args);
    if (exitCode !== 0) throw this.#failure(stderr, exitCode);
    return text.split("\n").filter((name) => name !== "");
  }

  /** Whether older commits were left out when it was cloned: then a missing commit proves nothing. */
  async isShallow(): Promise<boolean> {
    const { text } = await this.#ask(["rev-parse", "--is-shallow-repository"]);
    return text.trim() === "true";
  }

  #failure(stderr: string, exitCode: number): OperationError {
    return gitError({ kind: "data", action: `Cannot read the repository "${this.folder}"` }, stderr, exitCode);
  }

  async #ask(args: readonly string[]) {
    // Checkouts in containers often belong to another user, and this one was named by our own caller.
    const { exitCode, stdout, stderr } = await runGit(["-c", "safe.directory=*", ...args], this.#options);
    return { exitCode, stderr, text: stdout.toString("utf8") };
  }
}
