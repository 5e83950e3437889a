import { realpath, rm } from "node:fs/promises";
import path from "node:path";
import { OperationError, UsageError } from "@forgebench/errors";
import { type GitOptions, gitError, runGit } from "@forgebench/git";

type Access = Pick<GitOptions, "env" | "signal">;

/** Where a file lies in its checkout. */
interface FileInCheckout {
  /** The top folder of the checkout. */
  readonly checkout: string;
  readonly relative: string;
}

/** @throws {UsageError} when there is no such file, or it lies in no checkout. */
export async function findInCheckout(file: string, flag: string, access: Access): Promise<FileInCheckout> {
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) {
    throw new UsageError(`${flag}: there is no file ${JSON.stringify(file)}`, [
      { label: "expected", text: "the CLI's file, for example dist/cli.js after npm run build" },
    ]);
  }
  const answer = await ask(["rev-parse", "--show-toplevel"], path.dirname(real), access);
  if (answer.exitCode !== 0) {
    throw new UsageError(
      `${flag}: ${JSON.stringify(file)} lies in no git checkout, so its base cannot be found there`,
      [{ label: "try", text: "give the base as a built CLI instead: --base-cli-path FILE" }],
    );
  }
  const checkout = await realpath(answer.text.replace(/\n$/, ""));
  return { checkout, relative: path.relative(checkout, real) };
}

/**
 * Checks a commit out into a folder of its own, which is made anew. No hook is run.
 * @throws {OperationError} when git refuses (exit 73).
 */
export async function addWorktree(checkout: string, folder: string, commit: string, access: Access): Promise<void> {
  await removeWorktree(checkout, folder, access);
  // Links of the commit must stay links, or the build would be different.
  const args = ["-c", "core.symlinks=true", "worktree", "add", "--force", "--detach", folder, commit];
  const { exitCode, stderr } = await ask(args, checkout, access);
  if (exitCode === 0) return;
  await removeWorktree(checkout, folder, access);
  throw gitError(
    { kind: "output", action: `Cannot check out ${commit.slice(0, 12)} into "${folder}"` },
    stderr,
    exitCode,
  );
}

/** Removes a worktree, also one that a kill left; also when the work was aborted. */
export async function removeWorktree(checkout: string, folder: string, { env }: Access): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await ask(["worktree", "prune"], checkout, { env });
}

/** The commits after `good` up to `bad`, the oldest first, along the first parents. @throws {OperationError} exit 65. */
export async function commitsBetween(checkout: string, good: string, bad: string, access: Access): Promise<string[]> {
  if (good === bad) {
    throw new OperationError("data", `Cannot search between good and bad: both are the commit "${good}"`, {
      details: [{ label: "expected", text: "an older commit as good, a later one of the same branch as bad" }],
    });
  }
  const range = ["rev-list", "--first-parent", "--reverse", "--end-of-options", `${good}..${bad}`];
  const { exitCode, text, stderr } = await ask(range, checkout, access);
  if (exitCode !== 0) throw gitError({ kind: "data", action: "Cannot list the commits" }, stderr, exitCode);
  const commits = text.split("\n").filter((line) => line !== "");
  const [first] = commits;
  const parent =
    first === undefined ? undefined : (await ask(["rev-parse", `${first}^`], checkout, access)).text.trim();
  if (parent === good) return commits;
  throw new OperationError(
    "data",
    `"${good.slice(0, 12)}" is not on the line of first parents of "${bad.slice(0, 12)}"`,
    {
      details: [
        { label: "expected", text: "an older commit of the same branch: git log --first-parent BAD shows them" },
        { label: "try", text: "swap --good and --bad if they were mixed up" },
      ],
    },
  );
}

async function ask(args: readonly string[], cwd: string, { env, signal }: Access) {
  const options = { cwd, env, ...(signal === undefined ? {} : { signal }) };
  const { exitCode, stdout, stderr } = await runGit(["-c", "safe.directory=*", ...args], options);
  return { exitCode, stderr, text: stdout.toString("utf8") };
}
