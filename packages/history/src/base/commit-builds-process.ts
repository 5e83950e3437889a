import path from "node:path";
import { printableLine } from "@forgebench/errors";
import { type BuiltCommit, buildCommit, type CommitBuildRequest, tryBuildCommit } from "./built-commit-process.ts";

/** Builds of several commits side by side: each is made once, and all are removed at the end. */
export class CommitBuilds {
  readonly #request: Omit<CommitBuildRequest, "commit">;
  readonly #say: (text: string) => void;
  readonly #built = new Map<string, BuiltCommit>();

  /** @param request its folder gets a folder for each commit */
  constructor(request: Omit<CommitBuildRequest, "commit">, say: (text: string) => void) {
    this.#request = request;
    this.#say = say;
  }

  /** The CLI of a commit; nothing when it does not build. @throws {OperationError} when git fails. */
  async cliOf(commit: string): Promise<string | undefined> {
    const built = this.#built.get(commit) ?? (await tryBuildCommit(this.#requestFor(commit)));
    if (!("failure" in built)) return this.#keep(built);
    this.#say(`skipped ${commit.slice(0, 12)}: it does not build, ${printableLine(built.failure.reason)}`);
    return undefined;
  }

  /** The CLI of a commit that is required. @throws {OperationError} when it does not build (exit 65). */
  async neededCliOf(commit: string): Promise<string> {
    return this.#keep(this.#built.get(commit) ?? (await buildCommit(this.#requestFor(commit))));
  }

  async removeAll(): Promise<void> {
    for (const { remove } of this.#built.values()) await remove();
  }

  #keep(built: BuiltCommit): string {
    this.#built.set(built.commit, built);
    return built.cliPath;
  }

  #requestFor(commit: string): CommitBuildRequest {
    this.#say(`building ${commit.slice(0, 12)}`);
    return { ...this.#request, commit, folder: path.join(this.#request.folder, commit.slice(0, 12)) };
  }
}
