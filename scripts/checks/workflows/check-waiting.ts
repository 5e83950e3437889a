import type { Workflow, WorkflowJob } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { linesOfJob, objection, type WorkflowText } from "./workflow-text.ts";

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
    groupsOf(source, job)
      .filter(({ group }) => !/\bgithub\.run_id\b/.test(group))
      .map(({ line, group }) => {
        const message = `job "${job.id}" waits for an approval in the concurrency group ${group}, which other runs share`;
        return objection(source, line, message, "put github.run_id into the group, or leave it out");
      }),
  );
}

interface Group {
  readonly line: number;
  readonly group: string;
}

/** Of the workflow and of the job itself, as they are written: `group:` below `concurrency:`, or beside it. */
function groupsOf(source: WorkflowText, job: WorkflowJob): Group[] {
  const all = source.text.split("\n").map((text, index) => ({ line: index + 1, text }));
  return [...groupsIn(all, ""), ...groupsIn(linesOfJob(source, job), "    ")];
}

function groupsIn(lines: readonly { readonly line: number; readonly text: string }[], indent: string): Group[] {
  const start = lines.findIndex(({ text }) => text.startsWith(`${indent}concurrency:`));
  const first = lines[start];
  if (first === undefined) return [];
  const beside = first.text.slice(`${indent}concurrency:`.length).trim();
  if (beside !== "") return [{ line: first.line, group: beside }];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(({ text }) => !text.startsWith(`${indent}  `));
  const found = rest.slice(0, end < 0 ? undefined : end).find(({ text }) => /^ +group:/.test(text));
  return found === undefined ? [] : [{ line: found.line, group: found.text.replace(/^ +group: */, "") }];
}
