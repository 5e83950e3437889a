import {
  entriesOf,
  evaluate,
  lineOf,
  mayRunOn,
  permissionsOf,
  type Workflow,
  type WorkflowJob,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { hasSecret } from "./check-secrets.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";
import { expressionsIn, readsOf } from "./workflow-tokens.ts";

/** Machines that GitHub makes for one job and throws away. */
const HOSTED = /^ubuntu-\d\d\.\d\d$/;
const MARKER = "a machine of one's own";

/** A machine of one's own measures, and nothing else: no pull request reaches it, no secret, nothing that may write. */
export function checkRunners(source: WorkflowText, workflow: Workflow): Problem[] {
  return workflow.jobs.flatMap((job) => [
    ...job.keys
      .filter((key) => key === "container" || key === "services")
      .map((key) => objection(source, job.line, `job "${job.id}" has ${key}`, "run on the machine itself")),
    ...checkRunner(source, workflow, job),
  ]);
}

function checkRunner(source: WorkflowText, workflow: Workflow, job: WorkflowJob): Problem[] {
  const line = job.runsOn === undefined ? job.line : lineOf(job.runsOn);
  const object = (message: string, remedy: string) => [objection(source, line, `job "${job.id}" ${message}`, remedy)];
  const reads = expressionsIn(job.runsOn).flatMap(({ expression }) => readsOf(expression));
  const other = reads.find((name) => name !== "github.event_name" && !/^vars\.[\w-]+$/.test(name));
  if (other !== undefined) return object(`chooses its machine by ${other}`, "choose by github.event_name and vars");
  const vars = Object.fromEntries(reads.map((name) => [name.replace("vars.", ""), MARKER]));
  const mayWrite = Object.values(permissionsOf(workflow, job)).includes("write");
  const isPrivileged = mayWrite || hasSecret(workflow, job);
  const events = entriesOf(workflow.on).map(([name]) => name);
  return events.flatMap((event) => {
    const runner = evaluate(job.runsOn, { github: { event_name: event }, vars });
    if (typeof runner === "string" && HOSTED.test(runner)) return [];
    if (!mayRunOn(event, workflow, job)) return [];
    if (isPrivileged) return object(`is privileged and runs on ${String(runner)}`, "write runs-on: ubuntu-24.04");
    if (event === "pull_request") {
      const remedy = "for pull requests choose a machine of GitHub's, such as ubuntu-24.04";
      return object(`lets pull requests run on ${String(runner)}`, remedy);
    }
    return runner === MARKER
      ? []
      : object(`runs on ${JSON.stringify(runner)}`, "name a machine of GitHub's, or read it from vars");
  });
}
