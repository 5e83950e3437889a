import { entriesOf, lineOf, type Workflow, type WorkflowJob } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** Environments without reviewers, as docs/operations.md sets them up: nothing waits for them. */
const NOBODY_APPROVES = new Set(["benchmark-governance"]);

/**
 * A job that waits for an approval shares no concurrency group with other runs: what waits holds its group, for weeks, and of
 * the runs that wait for the group GitHub cancels all but the newest.
 */
export function checkWaiting(source: WorkflowText, workflow: Workflow): Problem[] {
  const waiting = workflow.jobs.filter(
    ({ environment }) => environment !== undefined && !NOBODY_APPROVES.has(environment),
  );
  return waiting.flatMap((job) =>
    groupsOf(workflow, job)
      .filter(({ group }) => !/\bgithub\.run_id\b/.test(group))
      .map(({ line, group }) => {
        const message = `job "${job.id}" waits for an approval in the concurrency group ${group}, which other runs share`;
        return objection(source, line, message, "put github.run_id into the group, or leave it out");
      }),
  );
}

/** Of the workflow and of the job itself: `group` below `concurrency`, or the text beside it. */
function groupsOf(workflow: Workflow, job: WorkflowJob) {
  return [workflow.written, job.written].flatMap((written) => {
    const concurrency = new Map(entriesOf(written)).get("concurrency");
    const group = new Map(entriesOf(concurrency)).get("group") ?? concurrency;
    return group === undefined ? [] : [{ line: lineOf(group), group: group.toString() }];
  });
}
