import { userInfo } from "node:os";
import path from "node:path";
import { type SiteSnapshot, summary } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { PROJECT_ROOT, readArtifact, runTool } from "@forgebench/io";
import { snapshotStep } from "../publish/snapshot-step.ts";
import type { StepIo } from "../step-io.ts";

type Source = SiteSnapshot["source"];

/** Names of folders that do not name a project. */
const BUILD_FOLDERS = new Set(["bin", "build", "dist", "lib", "out", "release", "src", "target"]);

/** A comparison on a person's own machine, for a snapshot. */
export interface LocalSnapshotRequest {
  readonly headSummary: string;
  readonly baseSummary: string;
  readonly compare: string;
  readonly out: string;
  readonly profile: string;
  readonly tier: number;
  readonly datasetVersion: string;
  /** The CLI of the head; undefined: the reference subject of this checkout. */
  readonly cliPath: string | undefined;
}

/**
 * Makes the snapshot of a run that no workflow started.
 * @returns undefined when a figure that it needs was not measured
 */
export async function localSnapshot(request: LocalSnapshotRequest, io: StepIo): Promise<string | undefined> {
  const { headSummary, baseSummary, compare, out, profile, tier, datasetVersion } = request;
  const { benchmark } = (await readArtifact(summary, headSummary)).value;
  // The time was over before the headline had a run.
  if (benchmark.runCount === 0) return undefined;
  const lastScenario = benchmark.scenarios.at(-1) ?? "";
  const { sha, refName } = await commitOf(request.cliPath, io);
  const source = {
    repository: `local/${subjectName(request.cliPath)}`,
    workflowName: "quickstart",
    workflowPath: "scripts/bench/quickstart.ts",
    runId: Math.floor(io.now().getTime() / 1000),
    runAttempt: 1,
    // No page links to it: the event shows that this run has no page.
    runUrl: "https://localhost/",
    eventName: "local",
    refName,
    sha,
    tier: `tier${tier}`,
    runCount: benchmark.runCount,
    datasetVersion,
    runner: `${process.platform}-${process.arch}`,
    nodeVersion: process.versions.node,
    defaultBranch: "main",
  };
  const headline = {
    profileId: profile,
    scenario: typeof lastScenario === "string" ? lastScenario : lastScenario.name,
  };
  const owner = await ownerName(io);
  const files = { headSummary, baseSummary, compare, out };
  try {
    await snapshotStep({ ...files, source, headline, owner, allowNonCanonical: true }, io);
    return out;
  } catch (error) {
    if (error instanceof ArtifactError) return undefined;
    throw error;
  }
}

/** The project of the CLI: its folder, where that is not one for builds alone. */
function subjectName(cliPath: string | undefined): string {
  if (cliPath === undefined) return "imageforge";
  const names = path.dirname(cliPath).split(path.sep).toReversed();
  const name = names.find((part) => /^[A-Za-z0-9_][\w.-]*$/.test(part) && !BUILD_FOLDERS.has(part));
  return name ?? "subject";
}

/** The commit of the head: that of this checkout where the reference subject was built from it, else unknown. */
async function commitOf(cliPath: string | undefined, io: StepIo): Promise<Pick<Source, "sha" | "refName">> {
  const ask = async (...flags: readonly string[]) =>
    cliPath === undefined ? git(["-C", PROJECT_ROOT, "rev-parse", ...flags, "HEAD"], io) : undefined;
  return { sha: (await ask()) ?? "0".repeat(40), refName: (await ask("--abbrev-ref")) ?? "none" };
}

/** The person at this machine: by the name for commits, else that of the account. */
async function ownerName(io: StepIo): Promise<string> {
  return (await git(["config", "user.name"], io)) ?? userInfo().username;
}

/** The answer of git in one line; undefined when it has none. */
async function git(args: readonly string[], io: StepIo): Promise<string | undefined> {
  const answer = await runTool("git", args, io).catch(() => "");
  return answer.trim() === "" ? undefined : answer.trim();
}

/** Where the snapshot of a workspace lies. */
export function snapshotIn(folder: string): string {
  return path.join(folder, "site-benchmark-snapshot.json");
}
