import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { StandIn } from "@forgebench/github-stand-in";
import { execa } from "execa";
import { type RunReport, rehearseWorkflow } from "../rehearse-workflow.ts";
import type { RunEvent, Stage } from "../stage.ts";
import { readWorkflow, type Workflow } from "../workflow.ts";
import { eventOf } from "./events.ts";
import { findLeaks } from "./leaks.ts";
import { lookAround } from "./look.ts";
import { makeStage, releaseDataset, SITE } from "./make-stage.ts";
import { makeRepository, type RehearsalRepository } from "./repository.ts";
import type { Act, Scenario, Traces } from "./scenarios.ts";

interface PerformOptions {
  readonly projectRoot: string;
  /** Empty; logs, artifacts and repositories come into it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** A finished rehearsal: the results of its runs, and the problems. */
export interface Performance {
  readonly runs: readonly RunReport[];
  readonly traces: Traces;
  readonly problems: readonly string[];
}

/** What the acts of a scenario share. */
interface Theatre {
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly repository: RehearsalRepository;
  readonly stage: Stage;
  readonly standIn: StandIn;
  readonly folder: string;
}

/** Rehearses a scenario from an empty GitHub to the last look around. */
export async function perform(scenario: Scenario, options: PerformOptions): Promise<Performance> {
  const { projectRoot, folder } = options;
  const workflows = await readWorkflows(scenario, projectRoot);
  const repository = await makeRepository(projectRoot, path.join(folder, "repository"), scenario.change);
  const isFromFork = scenario.acts[0].event === "pull_request";
  const vars = scenario.vars ?? {};
  const made = await makeStage({ ...options, repository, workflows: [...workflows.values()], isFromFork, vars });
  const { stage, standIn } = made;
  try {
    const hasDataset = scenario.hasDataset !== false;
    if (hasDataset) await releaseDataset(projectRoot, folder, stage);
    const { runs, problems } = await performActs(scenario, { workflows, repository, stage, standIn, folder });
    const traces = await lookAround(stage.apiUrl, repository.bareFolder, hasDataset);
    const found = [...problems, ...objectToTraces(traces, scenario.traces), ...(await findLeaks(folder, made.secrets))];
    return { runs, traces, problems: found };
  } finally {
    await made.stop();
  }
}

async function readWorkflows(scenario: Scenario, projectRoot: string): Promise<ReadonlyMap<string, Workflow>> {
  const files = new Set(scenario.acts.map(({ workflow }) => workflow));
  const read = async (file: string) => readWorkflow(file, await readFile(path.join(projectRoot, file), "utf8"));
  return new Map(await Promise.all([...files].map(async (file) => [file, await read(file)] as const)));
}

async function performActs(
  scenario: Scenario,
  theatre: Theatre,
): Promise<{ readonly runs: readonly RunReport[]; readonly problems: readonly string[] }> {
  const runs: RunReport[] = [];
  const problems: string[] = [];
  const artifactsOfRuns: Record<string, string> = {};
  let event: RunEvent | undefined;
  let actFolder = theatre.folder;
  for (const [index, act] of scenario.acts.entries()) {
    await prepare(act, theatre);
    if (act.isExpired && event !== undefined) artifactsOfRuns[event.runId] = path.join(theatre.folder, "expired");
    event = await eventOf(act, theatre.repository, theatre.standIn, event);
    if (!act.isRerun) actFolder = path.join(theatre.folder, `act-${index + 1}`);
    await mkdir(path.join(actFolder, "artifacts"), { recursive: true });
    const stage = { ...theatre.stage, folder: actFolder, artifactsOfRuns: { ...artifactsOfRuns } };
    const run = await runAct(act, event, stage, theatre, act.isRerun ? runs.at(-1) : undefined);
    artifactsOfRuns[event.runId] = path.join(actFolder, "artifacts");
    runs.push(run);
    problems.push(...objectToResults(run, act.results));
  }
  return { runs, problems };
}

async function prepare(
  { isSiteMerged, isMended, branch, faults = [] }: Act,
  { standIn, repository: { bareFolder, headSha, mendedSha } }: Theatre,
): Promise<void> {
  const move = (name: string, to: string) =>
    execa("git", ["update-ref", `refs/heads/${name}`, to], { cwd: bareFolder });
  if (isMended) await move("main", mendedSha);
  if (branch !== undefined) await move(branch, headSha);
  standIn.clearFaults();
  for (const fault of faults) standIn.addFault(fault);
  if (!isSiteMerged) return;
  await standIn.addReview(SITE, 1, { login: "ann", state: "APPROVED" });
  await standIn.mergePull(SITE, 1, { login: "ann" });
}

async function runAct(
  act: Act,
  event: RunEvent,
  stage: Stage,
  { workflows }: Theatre,
  earlier: RunReport | undefined,
): Promise<RunReport> {
  const workflow = workflows.get(act.workflow);
  if (workflow === undefined) throw new Error(`${act.workflow} is not read`);
  return rehearseWorkflow(workflow, event, stage, { cancelled: act.cancelled ?? [], ...(earlier && { earlier }) });
}

function objectToResults({ workflow, jobs }: RunReport, expected: Readonly<Record<string, string>>): string[] {
  const ids = [...new Set(jobs.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const wanted = expected[id] ?? "skipped";
    const found = jobs.filter((job) => job.id === id).map(({ result }) => result);
    // Of a matrix some may fail; all of it has to end well.
    const isAsWanted = isBad(wanted) ? found.some((one) => one === wanted) : found.every((one) => one === wanted);
    return isAsWanted ? [] : [`${workflow}, job ${id}: ${found.join(", ")}, but it should be ${wanted}`];
  });
}

function isBad(result: string): boolean {
  return result === "failure" || result === "cancelled";
}

function objectToTraces(traces: Traces, expected: Partial<Traces>): string[] {
  return (Object.keys(traces) as (keyof Traces)[]).flatMap((name) => {
    const wanted = expected[name] ?? 0;
    return traces[name] === wanted ? [] : [`${name}: ${traces[name]}, but it should be ${wanted}`];
  });
}
