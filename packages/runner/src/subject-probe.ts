import { createHash } from "node:crypto";
import type { SubjectFingerprint, Suite } from "@forgebench/artifacts";
import { type Build, readPackageVersions } from "./build-folder.ts";
import type { Executor, RunResult } from "./executor.ts";
import { executable, versionCommand } from "./subject-command.ts";
import type { CommandFacts } from "./suite-program-folder.ts";

const VERSION_TIMEOUT_MS = 10_000;

/** How a CLI answers to `--version`. */
type VersionAnswer = Pick<RunResult, "exitCode" | "stdout" | "stderr">;

/** The input for asking a CLI for its version. */
export interface VersionQuestion {
  readonly suite: Suite;
  readonly executor: Executor;
  readonly nodePath: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks a CLI for its version; undefined when the suite's command does not name the CLI as an argument of its own. */
export async function askVersion(question: VersionQuestion, cli: string): Promise<VersionAnswer | undefined> {
  const { suite, executor, nodePath, cwd, env, signal } = question;
  const command = versionCommand(suite, cli);
  if (command === undefined) return undefined;
  return executor.run({ argv: executable(command, nodePath), cwd, env, timeoutMs: VERSION_TIMEOUT_MS }, signal);
}

/** Whether a copied build answers as the original does: a copy may lack what lies beside or above the original. */
export function isFaithfulCopy(original: VersionAnswer | undefined, copy: VersionAnswer | undefined): boolean {
  const lacksModule = (answer: VersionAnswer | undefined) => /Cannot find (module|package)/.test(answer?.stderr ?? "");
  return (
    original?.exitCode === copy?.exitCode &&
    original?.stdout === copy?.stdout &&
    lacksModule(original) === lacksModule(copy)
  );
}

/** The measured subject; its id is the SHA-256 over the other fields as JSON, in their order. */
export async function fingerprintSubject(
  build: Build,
  answer: VersionAnswer | undefined,
  facts: CommandFacts = {},
): Promise<SubjectFingerprint> {
  const version = answer?.exitCode === 0 ? answer.stdout.trim() : "";
  const described = {
    cliSha256: build.cliSha256,
    ...(build.buildSha256 === undefined ? {} : { buildSha256: build.buildSha256 }),
    ...(/^[\w.+ -]{1,60}$/.test(version) && /\d/.test(version) ? { cliVersion: version } : {}),
    nodeVersion: process.versions.node,
    ...facts,
    packages: await readPackageVersions(build),
  };
  return withId(described);
}

/** The same of a command without a CLI: its program stands for it. */
export function fingerprintCommand(programSha256: string, facts: CommandFacts): SubjectFingerprint {
  return withId({ cliSha256: programSha256, nodeVersion: process.versions.node, ...facts });
}

function withId(described: Omit<SubjectFingerprint, "id">): SubjectFingerprint {
  const id = createHash("sha256").update(JSON.stringify(described)).digest("hex");
  return { id, ...described } as SubjectFingerprint;
}
