import { isSequence } from "@actions/workflow-parser";
import {
  entriesOf,
  inOrder,
  lineOf,
  type Template,
  textOf,
  type Workflow,
  type WorkflowJob,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { isOfThisProject, objection, type WorkflowText } from "./workflow-text.ts";
import { expressionsIn } from "./workflow-tokens.ts";

/** What jobs take from elsewhere is there: the workflow that starts this one, outputs by their name. */
export function checkWiring(source: WorkflowText, workflow: Workflow, neighbours: readonly Workflow[]): Problem[] {
  inOrder(workflow.jobs);
  return [...checkStarts(source, workflow, neighbours), ...workflow.jobs.flatMap((job) => checkOutputs(source, job))];
}

/** The workflows whose end starts this one are there by that name. */
function checkStarts(source: WorkflowText, workflow: Workflow, neighbours: readonly Workflow[]): Problem[] {
  const known = neighbours.map(({ name }) => name);
  return startedBy(workflow)
    .filter(({ name }) => !known.includes(name))
    .map(({ line, name }) =>
      objection(source, line, `is started by "${name}", which no workflow is called`, `there are: ${known.join(", ")}`),
    );
}

/** The names of the workflows whose end starts this one. */
export function startedBy(workflow: Workflow): { readonly line: number; readonly name: string }[] {
  const event = entriesOf(workflow.on).find(([name]) => name === "workflow_run")?.[1];
  const names = entriesOf(event).find(([name]) => name === "workflows")?.[1];
  return names === undefined ? [] : itemsOf(names).map((item) => ({ line: lineOf(item), name: textOf(item) ?? "" }));
}

/** What a step prints keeps its name, or the end of it: so nobody swaps one for another. */
function checkOutputs(source: WorkflowText, job: WorkflowJob): Problem[] {
  if (!isOfThisProject(source)) return [];
  return entriesOf(job.outputs).flatMap(([name, value]) =>
    expressionsIn(value).flatMap(({ line, expression }) => {
      const printed = /^steps\.[\w-]+\.outputs\.([\w-]+)$/.exec(expression.trim())?.[1];
      if (printed === undefined || printed.endsWith(name)) return [];
      return [objection(source, line, `calls the output ${printed} "${name}"`, `call it ${printed}`)];
    }),
  );
}

function itemsOf(token: Template): Template[] {
  return isSequence(token) ? [...token] : [token];
}
