import { InvariantError } from "@forgebench/errors";
import { type Contexts, holds, type Json, type Status } from "./evaluate.ts";
import { expandMatrix } from "./matrix.ts";
import { refuseUnplayed } from "./refuse-unplayed.ts";
import { type JobReport, labelOf, type Outcome, runJob } from "./run-job.ts";
import { type RunEvent, runContexts, type Stage } from "./stage.ts";
import { ancestorsOf, entriesOf, type Template, textOf, type Workflow, type WorkflowJob } from "./workflow.ts";

/** The result of a run: every job, in the order in which they ran. */
export interface RunReport {
  readonly workflow: string;
  readonly jobs: readonly JobReport[];
  readonly durationMs: number;
}

/** The result and outputs of a job for the jobs that need it. */
interface Done {
  readonly result: Outcome;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The special conditions of a run. */
interface Circumstances {
  /** Jobs whose machine is lost before they begin: `ID`, of a matrix `ID-INDEX`. */
  readonly cancelled?: readonly string[];
  /** The attempt whose failed jobs are run again, with all that need them; what became of the others stays. */
  readonly earlier?: RunReport;
}

/** Runs the jobs of a workflow one after the other, each when those that it needs are done. */
export async function rehearseWorkflow(
  workflow: Workflow,
  event: RunEvent,
  stage: Stage,
  { cancelled = [], earlier }: Circumstances = {},
): Promise<RunReport> {
  refuseUnplayed(workflow);
  const startedAt = performance.now();
  const contexts = runContexts(event, stage, workflow);
  const again = jobsToRunAgain(workflow, earlier);
  const done = new Map<string, Done>();
  const reports: JobReport[] = [];
  for (const job of inOrder(workflow.jobs)) {
    const before = earlier?.jobs.filter(({ id }) => id === job.id) ?? [];
    const run: Run = { workflow, event, stage, contexts, done, cancelled, before };
    const made = again.has(job.id) ? await runMatrix(job, run) : before;
    reports.push(...made);
    done.set(job.id, togetherOf(made));
  }
  return { workflow: workflow.name, jobs: reports, durationMs: performance.now() - startedAt };
}

/** As "Re-run failed jobs" chooses: what did not end well, and all that needs it. */
function jobsToRunAgain({ jobs }: Workflow, earlier: RunReport | undefined): ReadonlySet<string> {
  if (earlier === undefined) return new Set(jobs.map(({ id }) => id));
  const bad = new Set(earlier.jobs.filter(({ result }) => isBad(result)).map(({ id }) => id));
  return new Set(
    jobs.filter((job) => bad.has(job.id) || ancestorsOf(job, jobs).some(({ id }) => bad.has(id))).map(({ id }) => id),
  );
}

function isBad(result: Outcome): boolean {
  return result === "failure" || result === "cancelled";
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

/** What the jobs of a run share; `before` is what became of the job at hand in an earlier attempt. */
interface Run {
  readonly workflow: Workflow;
  readonly event: RunEvent;
  readonly stage: Stage;
  readonly contexts: Contexts;
  readonly done: ReadonlyMap<string, Done>;
  readonly cancelled: readonly string[];
  readonly before: readonly JobReport[];
}

async function runMatrix(job: WorkflowJob, run: Run): Promise<JobReport[]> {
  const { workflow, done, stage, cancelled, before } = run;
  const needs = Object.fromEntries(job.needs.map((id) => [id, { ...(done.get(id) ?? { result: "skipped" }) } as Json]));
  const contexts = { ...run.contexts, needs };
  if (!holds(job.condition, contexts, statusFor(job, workflow.jobs, done))) {
    stage.onProgress(`${job.id}: skipped`);
    return [withoutSteps(job, "skipped")];
  }
  const reports: JobReport[] = [];
  for (const [index, one] of expandMatrix(job.strategy, contexts).entries()) {
    const kept = before[index]?.result === "success" && before.some(({ result }) => isBad(result));
    const label = labelOf(job, one);
    stage.signal?.throwIfAborted();
    stage.onProgress(`${label}:${kept ? " kept from the attempt before" : ""}`);
    if (kept && before[index] !== undefined) reports.push(before[index]);
    else if (cancelled.includes(label)) reports.push(withoutSteps(job, "cancelled"));
    else reports.push(await runJob(workflow, job, one, contexts, run.event, stage));
  }
  return reports;
}

function withoutSteps(job: WorkflowJob, result: Outcome): JobReport {
  const name = textOf(job.name) ?? job.id;
  return { id: job.id, name, result, outputs: {}, steps: [], summary: "", durationMs: 0 };
}

/** `success()` of a job looks at all that it needs, and at what these need. */
function statusFor(job: WorkflowJob, jobs: readonly WorkflowJob[], done: ReadonlyMap<string, Done>): Status {
  const results = ancestorsOf(job, jobs).map(({ id }) => done.get(id)?.result ?? "skipped");
  return {
    isSuccess: results.every((result) => result === "success"),
    isFailure: results.includes("failure"),
    isCancelled: false,
  };
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
