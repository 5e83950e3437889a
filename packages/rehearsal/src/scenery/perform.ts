import { cp, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { StandIn } from "@forgebench/github/stand-in";
import { execa } from "execa";
import type { Json } from "../evaluate.ts";
import { type RunReport, rehearseWorkflow } from "../rehearse-workflow.ts";
import type { RunEvent, Stage } from "../stage.ts";
import { readWorkflow, type Workflow } from "../workflow.ts";
import { findLeaks } from "./leaks.ts";
import { HOSTILE_BRANCH, lookAround, openPullRequest } from "./look.ts";
import { FORK, makeStage, REPOSITORY, RUN_ID, releaseDataset } from "./make-stage.ts";
import { makeRepository, type RehearsalRepository } from "./repository.ts";
import type { Scenario, Traces } from "./scenarios.ts";

export interface PerformOptions {
  readonly projectRoot: string;
  /** Empty; logs, artifacts and repositories come into it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** A rehearsal that is over: what became of its runs, and what is not as it should be. */
export interface Performance {
  readonly runs: readonly RunReport[];
  readonly traces: Traces;
  readonly problems: readonly string[];
}

/** Rehearses a scenario from an empty GitHub to the last look around. */
export async function perform(scenario: Scenario, options: PerformOptions): Promise<Performance> {
  const files = [scenario.workflow, ...(scenario.followedBy === undefined ? [] : [scenario.followedBy.workflow])];
  const workflows = await Promise.all(
    files.map(async (file) => readWorkflow(file, await readFile(path.join(options.projectRoot, file), "utf8"))),
  );
  const repository = await makeRepository(
    options.projectRoot,
    path.join(options.folder, "repository"),
    scenario.change,
  );
  const isFromFork = scenario.event === "pull_request";
  const artifactsOfRuns = { [RUN_ID]: path.join(options.folder, "artifacts-of-the-run") };
  const { stage, standIn } = await makeStage({ ...options, repository, workflows, isFromFork, artifactsOfRuns });
  try {
    return await performOn(scenario, workflows, repository, stage, standIn, options);
  } finally {
    await standIn.stop();
  }
}

async function performOn(
  scenario: Scenario,
  workflows: readonly Workflow[],
  repository: RehearsalRepository,
  stage: Stage,
  standIn: StandIn,
  { projectRoot, folder }: PerformOptions,
): Promise<Performance> {
  const hasDataset = scenario.hasDataset !== false;
  if (hasDataset) await releaseDataset(projectRoot, folder, stage);
  const event = await eventOf(scenario, repository, standIn);
  const [first, second] = workflows;
  const runs: RunReport[] = [];
  if (first !== undefined) runs.push(await rehearseWorkflow(first, event, stage));
  if (second !== undefined) {
    // What the second workflow downloads is the artifact of another run.
    await cp(path.join(folder, "artifacts"), path.join(folder, "artifacts-of-the-run"), { recursive: true });
    const after = { ...stage, folder: path.join(folder, "second") };
    await mkdir(after.folder, { recursive: true });
    runs.push(await rehearseWorkflow(second, followingEvent(event, repository), after));
  }
  const traces = await lookAround(stage.apiUrl, repository.bareFolder, hasDataset);
  const problems = [
    ...objectToResults(runs[0], scenario.results),
    ...objectToResults(runs[1], scenario.followedBy?.results ?? {}),
    ...objectToTraces(traces, scenario.traces),
    ...(await findLeaks(folder, secretsOf(stage))),
  ];
  return { runs, traces, problems };
}

async function eventOf(scenario: Scenario, repository: RehearsalRepository, standIn: StandIn): Promise<RunEvent> {
  const payload: Record<string, Json> = { repository: { full_name: REPOSITORY, default_branch: "main" } };
  const event: RunEvent = {
    ...{ name: scenario.event, payload, inputs: scenario.inputs ?? {}, repository: REPOSITORY },
    ...{ sha: repository.headSha, ref: "refs/heads/main", actor: "ann", runId: RUN_ID, runAttempt: 1 },
  };
  if (scenario.event === "schedule") return { ...event, payload: { ...payload, schedule: "43 2 * * 1-6" } };
  if (scenario.event !== "pull_request") return event;
  await moveHeadToFork(repository, standIn);
  const number = await openPullRequest(standIn.apiUrl, HOSTILE_BRANCH);
  const pull = { number, head: { sha: repository.headSha, ref: HOSTILE_BRANCH }, base: { sha: repository.baseSha } };
  return { ...event, ref: `refs/pull/${number}/merge`, payload: { ...payload, number, pull_request: pull } };
}

/** The newest commit is that of a pull request: it is on a branch of the fork, and `main` does not have it. */
async function moveHeadToFork({ bareFolder, baseSha, headSha }: RehearsalRepository, standIn: StandIn): Promise<void> {
  const fork = standIn.bareFolder(FORK);
  await execa("git", ["push", "-q", fork, `${headSha}:refs/heads/${HOSTILE_BRANCH}`], { cwd: bareFolder });
  for (const folder of [bareFolder, fork])
    await execa("git", ["update-ref", "refs/heads/main", baseSha], { cwd: folder });
}

function followingEvent(event: RunEvent, { baseSha, headSha }: RehearsalRepository): RunEvent {
  const run = {
    ...{ id: Number(event.runId), event: event.name, conclusion: "success", head_sha: headSha },
    ...{ head_branch: HOSTILE_BRANCH, head_repository: { full_name: FORK } },
  };
  return {
    ...event,
    ...{ name: "workflow_run", sha: baseSha, ref: "refs/heads/main", runId: String(Number(event.runId) + 1) },
    payload: { repository: { full_name: REPOSITORY, default_branch: "main" }, workflow_run: run },
  };
}

function objectToResults(run: RunReport | undefined, expected: Readonly<Record<string, string>>): string[] {
  return (run?.jobs ?? []).flatMap(({ id, result }) => {
    const wanted = expected[id] ?? "skipped";
    return result === wanted ? [] : [`job ${id}: ${result}, but it should be ${wanted}`];
  });
}

function objectToTraces(traces: Traces, expected: Partial<Traces>): string[] {
  return (Object.keys(traces) as (keyof Traces)[]).flatMap((name) => {
    const wanted = expected[name] ?? 0;
    return traces[name] === wanted ? [] : [`${name}: ${traces[name]}, but it should be ${wanted}`];
  });
}

function secretsOf(stage: Stage): string[] {
  return [stage.secrets, ...Object.values(stage.environmentSecrets)].flatMap((secrets) => Object.values(secrets));
}
