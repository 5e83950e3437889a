import { InvariantError } from "@forgebench/errors";
import { type Contexts, holds, type Json, type Status } from "./evaluate.ts";
import { expandMatrix } from "./matrix.ts";
import { type JobReport, type Outcome, runJob } from "./run-job.ts";
import { type RunEvent, runContexts, type Stage } from "./stage.ts";
import { entriesOf, type Template, textOf, type Workflow, type WorkflowJob } from "./workflow.ts";

/** What became of a run: every job, in the order in which they ran. */
export interface RunReport {
  readonly workflow: string;
  readonly jobs: readonly JobReport[];
  readonly durationMs: number;
}

/** What a job gave to those that need it. */
interface Done {
  readonly result: Outcome;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs the jobs of a workflow one after the other, each when those that it needs are done. */
export async function rehearseWorkflow(workflow: Workflow, event: RunEvent, stage: Stage): Promise<RunReport> {
  const startedAt = performance.now();
  const contexts = runContexts(event, stage, workflow);
  const done = new Map<string, Done>();
  const reports: JobReport[] = [];
  for (const job of inOrder(workflow.jobs)) {
    const made = await runMatrix(workflow, job, contexts, done, event, stage);
    reports.push(...made);
    done.set(job.id, togetherOf(made));
  }
  return { workflow: workflow.name, jobs: reports, durationMs: performance.now() - startedAt };
}

/** The jobs so that each comes after those that it needs. */
export function inOrder(jobs: readonly WorkflowJob[]): WorkflowJob[] {
  const ordered: WorkflowJob[] = [];
  let rest = [...jobs];
  while (rest.length > 0) {
    const ready = rest.filter(({ needs }) => needs.every((id) => ordered.some((job) => job.id === id)));
    if (ready.length === 0) throw new InvariantError(`jobs need one another: ${rest.map(({ id }) => id).join(", ")}`);
    ordered.push(...ready);
    rest = rest.filter((job) => !ready.includes(job));
  }
  return ordered;
}

async function runMatrix(
  workflow: Workflow,
  job: WorkflowJob,
  outer: Contexts,
  done: ReadonlyMap<string, Done>,
  event: RunEvent,
  stage: Stage,
): Promise<JobReport[]> {
  const needs = Object.fromEntries(job.needs.map((id) => [id, { ...(done.get(id) ?? { result: "skipped" }) } as Json]));
  const contexts = { ...outer, needs };
  if (!holds(job.condition, contexts, statusFor(job, workflow.jobs, done))) {
    stage.onProgress(`${job.id}: skipped`);
    return [skipped(job)];
  }
  const reports: JobReport[] = [];
  for (const one of expandMatrix(job.strategy, contexts)) {
    const total = Number(one.strategy["job-total"]);
    stage.onProgress(`${job.id}${total > 1 ? ` ${JSON.stringify(one.matrix)}` : ""}:`);
    reports.push(await runJob(workflow, job, one, contexts, event, stage));
  }
  return reports;
}

function skipped(job: WorkflowJob): JobReport {
  const name = textOf(job.name) ?? job.id;
  return { ...{ id: job.id, name, result: "skipped", outputs: {}, steps: [] }, summary: "", durationMs: 0 };
}

/** `success()` of a job looks at all that it needs, and at what these need. */
function statusFor(job: WorkflowJob, jobs: readonly WorkflowJob[], done: ReadonlyMap<string, Done>): Status {
  const results = ancestorsOf(job, jobs).map((id) => done.get(id)?.result ?? "skipped");
  return {
    isSuccess: results.every((result) => result === "success"),
    isFailure: results.includes("failure"),
    isCancelled: false,
  };
}

function ancestorsOf(job: WorkflowJob, jobs: readonly WorkflowJob[]): string[] {
  const parents = jobs.filter(({ id }) => job.needs.includes(id));
  return [...new Set([...job.needs, ...parents.flatMap((parent) => ancestorsOf(parent, jobs))])];
}

/** A matrix counts as one job: failed when one of it failed; of its outputs the last ones stay. */
function togetherOf(reports: readonly JobReport[]): Done {
  const results = reports.map(({ result }) => result);
  const result = (["failure", "cancelled", "success"] as const).find((one) => results.includes(one)) ?? "skipped";
  return { result, outputs: Object.assign({}, ...reports.map(({ outputs }) => outputs)) };
}

/** Every permission that a job has: its own block, else that of the workflow. */
export function permissionsOf(workflow: Workflow, job: WorkflowJob): Readonly<Record<string, string>> {
  const block: Template | undefined = job.permissions ?? workflow.permissions;
  return Object.fromEntries(entriesOf(block).map(([name, level]) => [name, textOf(level) ?? "none"]));
}
