import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { OperationError, printableLine } from "@forgebench/errors";
import { METERS, ProcessExecutor, type RunResult } from "@forgebench/runner";
import { Repository } from "./repository-process.ts";
import { addWorktree, removeWorktree } from "./worktree-process.ts";

/** How a commit of this project is built; for another project `--build-command` says it. */
export const DEFAULT_BUILD_COMMAND = "npm run setup && npm run build";

/** The input for building a commit. */
export interface CommitBuildRequest {
  /** The checkout whose repository has the commit. */
  readonly checkout: string;
  /** The full hash. */
  readonly commit: string;
  /** Made anew, and removed by {@link BuiltCommit.remove}. */
  readonly folder: string;
  /** For `sh -c`, in the top folder of the commit. */
  readonly command: string;
  /** The CLI in the commit, relative. */
  readonly cli: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** A build in a folder of its own, which stays until its owner removes it. */
export interface BuiltCommit {
  readonly commit: string;
  readonly cliPath: string;
  /** Removes the folder; also after an abort. */
  readonly remove: () => Promise<void>;
}

/** A commit that could not be built: why, and the last lines of the command's output. */
interface BuildFailure {
  readonly reason: string;
  readonly output: readonly string[];
}

const MAX_BUILD_MS = 30 * 60_000;
const SHOWN_LINES = 12;

/** The variables that the package manager needs to find its cache and its server; no token, nothing of the workflow. */
const PASSED_ON = [
  ...["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"],
  ...["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"],
  ...["npm_config_cache", "npm_config_registry", "npm_config_offline"],
];

/** The full hash of a commit that is there. @throws {OperationError} that says how to get it (exit 65). */
export async function findCommit(
  checkout: string,
  revision: string,
  { flag, ...access }: { readonly flag: string; readonly env: CommitBuildRequest["env"]; readonly signal: AbortSignal },
): Promise<string> {
  const repository = await Repository.open(checkout, access);
  const commit = await repository.commitOf(revision);
  if (commit !== undefined) return commit;
  const isShallow = await repository.isShallow();
  throw new OperationError("data", `${flag}: there is no commit "${revision}" in "${checkout}"`, {
    details: [
      ...(isShallow ? [{ label: "found", text: "a shallow clone, which lacks older commits" }] : []),
      { label: "try", text: `git fetch ${isShallow ? "--unshallow " : ""}origin; in a workflow, fetch-depth: 0` },
      ...(isShallow ? [] : [{ label: "or", text: "if the branch was rewritten: the commit that bench:base names" }]),
    ],
  });
}

/** Builds a commit in a worktree; one that does not build leaves nothing behind. @throws {OperationError} when git fails. */
export async function tryBuildCommit(
  request: CommitBuildRequest,
): Promise<BuiltCommit | { readonly failure: BuildFailure }> {
  const { checkout, commit, folder, cli, env, signal } = request;
  const remove = () => removeWorktree(checkout, folder, { env });
  try {
    await addWorktree(checkout, folder, commit, { env, signal });
    const failure = await build(request);
    if (failure === undefined) return { commit, cliPath: path.join(folder, cli), remove };
    await remove();
    return { failure };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** As {@link tryBuildCommit}. @throws {OperationError} with the end of the output when it does not build: exit 65, so that the job with the reason is the red one. */
export async function buildCommit(request: CommitBuildRequest): Promise<BuiltCommit> {
  const built = await tryBuildCommit(request);
  if (!("failure" in built)) return built;
  const { reason, output } = built.failure;
  throw new OperationError("data", `The commit ${request.commit.slice(0, 12)} does not build: ${reason}`, {
    details: [
      { label: "command", text: printableLine(request.command, 300) },
      ...output.map((text) => ({ label: "output", text })),
      {
        label: "try",
        text: "another --build-command, another commit, or for bench:run a CLI that you built: --base-cli-path",
      },
    ],
  });
}

async function build({ folder, command, cli, env, signal }: CommitBuildRequest): Promise<BuildFailure | undefined> {
  const marker = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const executor = new ProcessExecutor({ meter: METERS.none, marker });
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Of the error output the end is kept.
  const argv = ["/bin/sh", "-c", `{ ${command}\n} >&2`];
  const spec = { argv, cwd: folder, env: { ...Object.fromEntries(passedOn), CI: "true" }, timeoutMs: MAX_BUILD_MS };
  const result = await executor.run(spec, signal);
  const reason = failureOf(result);
  if (reason !== undefined) return { reason, output: lastLines(result.stderr) };
  const found = await stat(path.join(folder, cli)).catch(() => undefined);
  if (found?.isFile() === true) return undefined;
  return { reason: `it makes no "${cli}", where the head has its CLI`, output: lastLines(result.stderr) };
}

function failureOf({ exitCode, signal, timedOut }: RunResult): string | undefined {
  if (timedOut) return `it had not ended after ${MAX_BUILD_MS / 60_000} min`;
  if (exitCode === 0) return undefined;
  return exitCode === null ? `it was ended by ${signal ?? "a signal"}` : `exit ${exitCode}`;
}

function lastLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-SHOWN_LINES).map((line) => printableLine(line, 200));
}
