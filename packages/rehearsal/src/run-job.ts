import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { type Contexts, evaluate, evaluateTexts, holds, type Json } from "./evaluate.ts";
import type { MatrixJob } from "./matrix.ts";
import { objectOf } from "./matrix.ts";
import { type JobPlace, runStep, type StepResult, type StepRun } from "./run-step.ts";
import { type RunEvent, runnerVariables, type Stage } from "./stage.ts";
import type { Workflow, WorkflowJob, WorkflowStep } from "./workflow.ts";

/** The result of a step or a job, in GitHub's words (`steps.ID.outcome`, `needs.ID.result`). */
export type Outcome = "success" | "failure" | "cancelled" | "skipped";

/** The result of one step. */
interface StepReport {
  readonly name: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly logFile?: string;
  /** The local equivalent of an action. */
  readonly replacedBy?: string;
  readonly exitCode?: number;
}

/** The result of one job, or one of a matrix. */
export interface JobReport {
  readonly id: string;
  readonly name: string;
  readonly result: Outcome;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepReport[];
  readonly summary: string;
  readonly durationMs: number;
}

interface JobState {
  env: Record<string, string>;
  isFailed: boolean;
  readonly steps: Record<string, Json>;
  readonly reports: StepReport[];
  summary: string;
}

function startOf(env: Record<string, string>): JobState {
  return { env, isFailed: false, steps: {}, reports: [], summary: "" };
}

/** Runs the steps of one job in a workspace of its own, which is gone afterwards; logs and artifacts stay. */
export async function runJob(
  workflow: Workflow,
  job: WorkflowJob,
  one: MatrixJob,
  outer: Contexts,
  event: RunEvent,
  stage: Stage,
): Promise<JobReport> {
  const startedAt = performance.now();
  const { matrix, strategy } = one;
  const place = await makePlace(labelOf(job, one), event, stage);
  const contexts: Contexts = {
    ...outer,
    matrix,
    strategy,
    secrets: secretsOf(job, stage),
    github: { ...objectOf(outer.github), token: stage.tokenOf(job.id), job: job.id, workspace: place.workspace },
  };
  const shared = evaluateTexts(workflow.env, contexts);
  const state = startOf({ ...shared, ...evaluateTexts(job.env, { ...contexts, env: shared }) });
  const runner = { ...stage.env, ...runnerVariables(event, stage, workflow.name), GITHUB_JOB: job.id };
  for (const [index, step] of job.steps.entries()) {
    stage.signal?.throwIfAborted();
    await doStep({ step, index, contexts, env: runner, place, stage }, state);
  }
  await rm(place.workspace, { recursive: true, force: true });
  const outputs = evaluateTexts(job.outputs, { ...contexts, steps: state.steps, env: state.env });
  return {
    id: job.id,
    name: nameOf(job, contexts),
    outputs,
    steps: state.reports,
    summary: state.summary,
    result: state.isFailed ? "failure" : "success",
    durationMs: performance.now() - startedAt,
  };
}

/** `ID`, of several in a matrix `ID-INDEX`. */
export function labelOf(job: WorkflowJob, { strategy }: MatrixJob): string {
  return strategy["job-total"] === 1 ? job.id : `${job.id}-${String(strategy["job-index"])}`;
}

function nameOf(job: WorkflowJob, contexts: Contexts): string {
  const name = evaluate(job.name, contexts);
  return typeof name === "string" && name !== "" ? name : job.id;
}

async function makePlace(label: string, event: RunEvent, stage: Stage): Promise<JobPlace> {
  const place = {
    workspace: path.join(stage.folder, "workspaces", label),
    files: path.join(stage.folder, "logs", event.runAttempt === 1 ? label : `${label}-attempt-${event.runAttempt}`),
    artifacts: path.join(stage.folder, "artifacts"),
    remote: `${stage.gitUrl}/${event.repository}.git`,
    sha: event.sha,
  };
  for (const folder of [place.workspace, place.files]) await mkdir(folder, { recursive: true });
  return place;
}

/** Secrets of the repository, and those of the environment that a job names; `GITHUB_TOKEN` is always one. */
function secretsOf(job: WorkflowJob, stage: Stage): Record<string, string> {
  const own = job.environment === undefined ? {} : (stage.environmentSecrets[job.environment] ?? {});
  return { ...stage.secrets, ...own, GITHUB_TOKEN: stage.tokenOf(job.id) };
}

/** Runs a step, whose environment is that of the runner, on top of what the job has come to. */
async function doStep(run: StepRun, state: JobState): Promise<void> {
  const { step, stage } = run;
  const status = { isSuccess: !state.isFailed, isFailure: state.isFailed, isCancelled: false };
  const job = { status: state.isFailed ? "failure" : "success" };
  const contexts: Contexts = { ...run.contexts, job, env: state.env, steps: state.steps };
  if (!holds(step.condition, contexts, status)) {
    state.reports.push({ name: step.name, outcome: "skipped", durationMs: 0 });
    keepOutputs(step, state, { outputs: {}, outcome: "skipped", conclusion: "skipped" });
    return;
  }
  const startedAt = performance.now();
  const own = evaluateTexts(step.env, contexts);
  const within = { ...contexts, env: { ...state.env, ...own } };
  const result = await runStep({ ...run, contexts: within, env: { ...run.env, ...state.env, ...own } });
  const isForgiven = !result.isSuccess && evaluate(step.continueOnError, contexts) === true;
  if (!result.isSuccess && !isForgiven) state.isFailed = true;
  state.env = { ...state.env, ...result.exported };
  state.summary += result.summary;
  const report = reportOf(step, result, performance.now() - startedAt);
  state.reports.push(report);
  const { outcome } = report;
  keepOutputs(step, state, { outputs: result.outputs, outcome, conclusion: isForgiven ? "success" : outcome });
  stage.onProgress(describeStep(report));
}

function reportOf(step: WorkflowStep, result: StepResult, durationMs: number): StepReport {
  return {
    name: step.name,
    durationMs,
    logFile: result.logFile,
    outcome: result.isSuccess ? "success" : "failure",
    ...(result.replacedBy === undefined ? {} : { replacedBy: result.replacedBy }),
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  };
}

/** Steps without an id of their own are not to be named by others. */
function keepOutputs({ id }: WorkflowStep, state: JobState, said: Json): void {
  if (!id.startsWith("__")) state.steps[id] = said;
}

function describeStep({ name, outcome, durationMs, replacedBy, exitCode }: StepReport): string {
  const how = replacedBy === undefined ? "" : `  (${replacedBy})`;
  const code = outcome === "failure" && exitCode !== undefined ? ` with ${exitCode}` : "";
  return `  ${outcome}${code}  ${(durationMs / 1000).toFixed(1)} s  ${name.split("@")[0]}${how}`;
}
