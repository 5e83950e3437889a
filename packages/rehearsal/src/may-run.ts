import { type Contexts, holds, type Json, type Status } from "./evaluate.ts";
import { inOrder } from "./rehearse-workflow.ts";
import { entriesOf, type Workflow, type WorkflowJob } from "./workflow.ts";

/** What a verdict may be, or a job's own failure: every way that a run can take. */
const VERDICTS = ["0", "2", "3", ""];
const ALL_WELL: Status = { isSuccess: true, isFailure: false, isCancelled: false };
const NOT_WELL: Status = { isSuccess: false, isFailure: true, isCancelled: false };

/** Whether a job can come to run when this event starts the workflow, whatever the jobs before it say. */
export function mayRunOn(eventName: string, workflow: Workflow, job: WorkflowJob): boolean {
  return VERDICTS.some((verdict) =>
    [ALL_WELL, NOT_WELL].some((status) => runningJobs(eventName, workflow, verdict, status).has(job.id)),
  );
}

function runningJobs(eventName: string, workflow: Workflow, verdict: string, status: Status): ReadonlySet<string> {
  const running = new Set<string>();
  for (const job of inOrder(workflow.jobs)) {
    const result = status.isSuccess ? "success" : "failure";
    const needs: Json = Object.fromEntries(
      job.needs.map((id) => [
        id,
        { result: running.has(id) ? result : "skipped", outputs: outputsOf(workflow, id, verdict) },
      ]),
    );
    const github = { event_name: eventName, event: { repository: { default_branch: "main" } }, ref_name: "main" };
    const contexts: Contexts = { github, needs, inputs: {}, vars: {} };
    const isHeldUp = job.needs.some((id) => !running.has(id));
    if (holds(job.condition, contexts, isHeldUp ? NOT_WELL : status)) running.add(job.id);
  }
  return running;
}

/** Every output of a job has the value that is tried. */
function outputsOf(workflow: Workflow, id: string, value: string): Json {
  const job = workflow.jobs.find((other) => other.id === id);
  return Object.fromEntries(entriesOf(job?.outputs).map(([name]) => [name, value]));
}
