import { existsSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { rawRun } from "@forgebench/artifacts";
import { ArtifactError, codeOf, UsageError } from "@forgebench/errors";
import { inputError } from "./files.ts";

/** The flags of a script that puts workspaces together. */
interface WorkspacesAsked {
  readonly workspaces: readonly string[];
  /** Instead: a folder with all workspaces in it. */
  readonly workspacesDir?: string | undefined;
  readonly allowMissingShards: boolean;
  readonly outDir: string;
}

/** The raw-runs files of the workspaces. @throws {UsageError} for none, one given twice, and one that is the output. */
export async function findWorkspaces(
  { workspaces, workspacesDir, allowMissingShards, outDir }: WorkspacesAsked,
  cwd: string,
): Promise<string[]> {
  if (workspaces.length > 0 === (workspacesDir !== undefined)) {
    throw new UsageError(
      workspacesDir === undefined ? "missing --workspaces" : "--workspaces and --workspaces-dir exclude one another",
      [
        {
          label: "expected",
          text: "--workspaces DIR,DIR,…, one for each shard, or --workspaces-dir DIR with all of them",
        },
      ],
    );
  }
  const files: string[] = [];
  for (const text of workspacesDir === undefined ? workspaces : await foldersIn(workspacesDir, allowMissingShards)) {
    const file = await rawRunsIn(path.resolve(cwd, text));
    if (files.includes(file)) throw new UsageError(`--workspaces: ${JSON.stringify(text)} is given more than once`);
    if ((await realpathOf(path.dirname(file))) === (await realpathOf(outDir))) {
      throw new UsageError(`--out-dir: "${outDir}" is one of the workspaces and would be overwritten`, [
        { label: "expected", text: "a folder of its own for the merged workspace" },
      ]);
    }
    files.push(file);
  }
  return files;
}

/** @throws {ArtifactError} when there is none, as when no shard left anything. */
async function foldersIn(folder: string, mayMiss: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") throw noWorkspaces(folder, "there is no such folder");
    throw inputError(folder, "folder of workspaces", error);
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name));
  // A shard that failed may have left a folder without runs.
  const found = mayMiss ? folders.filter((one) => existsSync(path.join(one, rawRun.fileName))) : folders;
  if (found.length > 0) return found.sort();
  throw noWorkspaces(folder, "it has no workspace of any shard");
}

function noWorkspaces(folder: string, message: string): ArtifactError {
  return new ArtifactError({
    path: folder,
    kind: "folder of workspaces",
    issues: [{ path: "", message }],
    details: [{ label: "try", text: "read the log of bench:run on each shard" }],
  });
}

async function realpathOf(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}

async function rawRunsIn(place: string): Promise<string> {
  try {
    return (await stat(place)).isDirectory() ? path.join(place, rawRun.fileName) : place;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw inputError(place, "workspace", error);
    throw new ArtifactError({
      path: place,
      kind: "workspace",
      issues: [{ path: "", message: "there is no such folder" }],
      details: [
        { label: "try", text: "read the log of bench:run there: if the base does not build, it writes nothing" },
      ],
    });
  }
}
