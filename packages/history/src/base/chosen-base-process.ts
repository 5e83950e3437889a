import path from "node:path";
import { printableLine, UsageError } from "@forgebench/errors";
import {
  type BuiltCommit,
  buildCommit,
  type CommitBuildRequest,
  DEFAULT_BUILD_COMMAND,
  findCommit,
} from "./built-commit-process.ts";
import { findInCheckout } from "./worktree-process.ts";

/** The flags of a measurement that name its base. */
interface BaseChoice {
  readonly cliPath: string;
  readonly base: string | undefined;
  readonly baseCliPath: string | undefined;
  readonly buildCommand: string | undefined;
}

/** Whether there is a base at all. @throws {UsageError} when the flags contradict one another. */
export function choosesBase({ base, baseCliPath, buildCommand }: BaseChoice): boolean {
  if (base !== undefined && baseCliPath !== undefined) {
    throw new UsageError("--base and --base-cli-path both name the base; give one of them");
  }
  if (base === undefined && buildCommand !== undefined) {
    throw new UsageError("--build-command is for --base: the CLI of --base-cli-path is built already");
  }
  return base !== undefined || baseCliPath !== undefined;
}

/** The base that is chosen as a commit, built in a worktree of the workspace; nothing when it is not. */
export async function buildChosenBase(
  { base, cliPath, buildCommand: command = DEFAULT_BUILD_COMMAND }: BaseChoice,
  workspace: string,
  access: Pick<CommitBuildRequest, "env" | "signal"> & { readonly say: (text: string) => void },
): Promise<BuiltCommit | undefined> {
  if (base === undefined) return undefined;
  const { env, signal } = access;
  const { checkout, relative: cli } = await findInCheckout(cliPath, "--cli-path", access);
  const commit = await findCommit(checkout, base, { flag: "--base", env, signal });
  access.say(`base       building ${commit.slice(0, 12)}: ${printableLine(command)}`);
  const folder = path.join(workspace, "base-commit");
  return buildCommit({ checkout, commit, folder, command, cli, env, signal });
}
