import { entriesOf, inOrder, textOf, type Workflow, type WorkflowJob, type WorkflowStep } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { linesOfJob, objection, type WorkflowText } from "./workflow-text.ts";

/** What jobs take from one another is there: jobs that they need, outputs, artifacts. */
export function checkWiring(source: WorkflowText, workflow: Workflow): Problem[] {
  inOrder(workflow.jobs);
  return workflow.jobs.flatMap((job) => [
    ...checkNeeds(source, workflow, job),
    ...checkDownloads(source, workflow, job),
  ]);
}

function checkNeeds(source: WorkflowText, workflow: Workflow, job: WorkflowJob): Problem[] {
  return linesOfJob(source, job).flatMap(({ line, text }) =>
    [...text.matchAll(/\bneeds\.([\w-]+)\.(result|outputs\.([\w-]+))/g)].flatMap(([, id = "", , output]) => {
      if (!job.needs.includes(id)) {
        return [
          objection(source, line, `reads needs.${id}, which job "${job.id}" does not need`, `add ${id} to needs`),
        ];
      }
      const outputs = entriesOf(workflow.jobs.find((other) => other.id === id)?.outputs).map(([name]) => name);
      if (output === undefined || outputs.includes(output)) return [];
      return [
        objection(
          source,
          line,
          `reads the output "${output}" of job "${id}"`,
          `it has: ${outputs.join(", ") || "none"}`,
        ),
      ];
    }),
  );
}

function checkDownloads(source: WorkflowText, workflow: Workflow, job: WorkflowJob): Problem[] {
  const uploaded = ancestors(workflow, job).flatMap((other) => other.steps.flatMap(uploadedName));
  return job.steps.flatMap((step) => {
    if (step.uses?.startsWith("actions/download-artifact@") !== true) return [];
    const inputs = new Map(entriesOf(step.with).map(([name, value]) => [name, value.toString()]));
    if (inputs.has("run-id")) return [];
    const wanted = inputs.get("name") ?? inputs.get("pattern") ?? "";
    const prefix = wanted.replace(/\*$/, "");
    if (uploaded.some((name) => (wanted.endsWith("*") ? name.startsWith(prefix) : name === wanted))) return [];
    const message = `downloads "${wanted}", which no job that it needs uploads`;
    return [objection(source, step.line, message, `they upload: ${uploaded.join(", ") || "nothing"}`)];
  });
}

function uploadedName(step: WorkflowStep): string[] {
  if (step.uses?.startsWith("actions/upload-artifact@") !== true) return [];
  const name = entriesOf(step.with).find(([key]) => key === "name")?.[1];
  // Of `shard-${{ … }}` the part before the expression is what a pattern can name.
  const written = name === undefined ? undefined : (textOf(name) ?? source(name.toJSON()));
  return written === undefined ? [] : [written];
}

function source(written: unknown): string {
  const text = typeof written === "object" && written !== null && "expr" in written ? String(written.expr) : "";
  return /^format\('([^'{]*)/.exec(text)?.[1] ?? "";
}

function ancestors(workflow: Workflow, job: WorkflowJob): WorkflowJob[] {
  const parents = workflow.jobs.filter(({ id }) => job.needs.includes(id));
  return [...parents, ...parents.flatMap((parent) => ancestors(workflow, parent))];
}
