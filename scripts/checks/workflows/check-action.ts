import { entriesOf, type Template, textOf, type Workflow } from "@forgebench/rehearsal";
import { type Problem, readText } from "../source-tree.ts";
import { asWorkflow } from "./action-text.ts";
import { readTokens } from "./read-tokens.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** The action for other repositories, and how they name it. */
export const ACTION_FILE = ".github/actions/bench/action.yml";
const ACTION = /^[\w-]+\/forgebench\/\.github\/actions\/bench@([0-9a-f]{40})$/;

/** An action: GitHub's own schema, and its steps by the rules for those of a job. */
export async function checkAction(
  source: WorkflowText,
  checkWorkflow: (source: WorkflowText) => Promise<Problem[]>,
): Promise<Problem[]> {
  const { problems } = readTokens(source, "action-root-strict");
  const workflow = asWorkflow(source);
  if (workflow === undefined) {
    return [
      ...problems,
      objection(source, 1, "is no composite action", "write inputs, outputs, and runs with steps last"),
    ];
  }
  // Under another name: GitHub's language service goes by it.
  const found = await checkWorkflow({ file: `${source.file} as workflow.yml`, text: workflow.text });
  const there = found.map(({ line, ...problem }) => ({ ...problem, file: source.file, line: workflow.lineOf(line) }));
  return [...problems, ...there];
}

/** Whether what a step uses is the action of this project. */
export function isOwnAction(uses: string): boolean {
  return ACTION.test(uses);
}

/** The outputs of the action of this project. */
export function ownOutputs(root: string): ReadonlySet<string> {
  return new Set(entriesOf(ownAction(root).get("outputs")).map(([name]) => name));
}

const ownActions = new Map<string, ReadonlyMap<string, Template>>();

/** Read once for each project. */
function ownAction(root: string): ReadonlyMap<string, Template> {
  const source = { file: ACTION_FILE, text: readText(root, ACTION_FILE) };
  const action = ownActions.get(root) ?? new Map(entriesOf(readTokens(source, "action-root-strict").root));
  ownActions.set(root, action);
  return action;
}

/** Where a workflow uses the action of this project, its inputs are there and all that are required are given. */
export function checkInputs(root: string, source: WorkflowText, workflow: Workflow): Problem[] {
  const inputs = entriesOf(ownAction(root).get("inputs")).map(([name, input]) => ({
    name,
    isRequired: textOf(new Map(entriesOf(input)).get("required")) === "true",
  }));
  const steps = workflow.jobs.flatMap((job) => job.steps).filter(({ uses }) => uses !== undefined && isOwnAction(uses));
  return steps.flatMap((step) => {
    const given = entriesOf(step.with).map(([name]) => name);
    const known = inputs.map(({ name }) => name);
    const object = (message: string, remedy: string) => objection(source, step.line, message, remedy);
    return [
      ...given
        .filter((name) => !known.includes(name))
        .map((name) => object(`gives the action "${name}"`, `it has: ${known.join(", ")}`)),
      ...inputs
        .filter(({ name, isRequired }) => isRequired && !given.includes(name))
        .map(({ name }) => object(`gives the action no "${name}"`, "add it: it is required")),
    ];
  });
}
