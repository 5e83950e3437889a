import { entriesOf, lineOf, textOf, type Workflow, type WorkflowJob, type WorkflowStep } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { isOwnAction } from "./check-action.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** The actions that may be used, by the commit that was looked at. */
const PINS: Readonly<Record<string, string>> = {
  "actions/checkout": "9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0",
  "actions/setup-node": "48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e",
  "actions/upload-artifact": "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a",
  "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
  "actions/attest": "a1948c3f048ba23858d222213b7c278aabede763",
};

/** Events after which no stranger's text or commit meets a token that may write. */
const EVENTS = new Set(["pull_request", "push", "schedule", "workflow_dispatch", "workflow_run"]);

/** The form of a workflow: pins, timeouts, concurrency, and that no expression stands in a shell text. */
export function checkYaml(source: WorkflowText, workflow: Workflow): Problem[] {
  const events = entriesOf(workflow.on);
  const forbidden = events.filter(([name]) => !EVENTS.has(name));
  return [
    ...forbidden.map(([name, token]) =>
      objection(source, lineOf(token), `runs on ${name}`, "use pull_request, and workflow_run to comment"),
    ),
    ...(/^concurrency:\n(?: +#.*\n)* +group: .+\n +cancel-in-progress: /m.test(source.text)
      ? []
      : [objection(source, 1, "has no concurrency group", "add `concurrency` with group and cancel-in-progress")]),
    ...workflow.jobs.flatMap((job) => checkJob(source, job)),
  ];
}

function checkJob(source: WorkflowText, job: WorkflowJob): Problem[] {
  const timeout = job.timeoutMinutes;
  return [
    ...(timeout !== undefined && timeout > 0 && timeout <= 360
      ? []
      : [objection(source, job.line, `job "${job.id}" has no timeout`, "add timeout-minutes, at most 360")]),
    ...(job.keys.includes("continue-on-error")
      ? [objection(source, job.line, `job "${job.id}" has continue-on-error, which hides failures`, "let it fail")]
      : []),
    ...job.steps.flatMap((step) => checkStep(source, step)),
  ];
}

/** One step, of a job or of an action: its shell text, or the action that it uses. */
function checkStep(source: WorkflowText, step: WorkflowStep): Problem[] {
  const problems: Problem[] = [];
  const object = (message: string, remedy: string) => problems.push(objection(source, step.line, message, remedy));
  if (step.continueOnError !== undefined) {
    object(
      "has continue-on-error, which hides failures",
      "let it fail, or keep a verdict with .github/keep-verdict.sh",
    );
  }
  if (step.run !== undefined) problems.push(...checkShell(source, step));
  if (step.uses !== undefined) problems.push(...checkAction(source, step, step.uses));
  return problems;
}

function checkShell(source: WorkflowText, step: WorkflowStep): Problem[] {
  const text = textOf(step.run);
  if (text === undefined) {
    const remedy = 'give the value to the step as an environment variable and write it as "$NAME"';
    return [objection(source, step.line, "has an expression in its shell text", remedy)];
  }
  return checkQuotes(source, step.line, text);
}

/** No variable stands bare in a shell text: what it holds stays one word. */
export function checkQuotes(source: WorkflowText, line: number, text: string): Problem[] {
  // What is quoted, and `${NAME:+…}`, which is there to vanish, stays one word.
  const bare = text
    .replace(/\$\{[A-Z_]+:\+/g, "")
    .replace(/'[^']*'/g, "")
    .replace(/"[^"]*"/g, "");
  const variable = /\$\{?[A-Za-z_]\w*/.exec(bare)?.[0];
  if (variable === undefined || variable === "$status") return [];
  return [objection(source, line, `has ${variable} without quotes in its shell text`, `write it as "${variable}"`)];
}

function checkAction(source: WorkflowText, step: WorkflowStep, uses: string): Problem[] {
  const [name = "", commit = ""] = uses.split("@");
  const problems: Problem[] = [];
  const object = (message: string, remedy: string) => problems.push(objection(source, step.line, message, remedy));
  const lines = source.text.split("\n").slice(step.line - 1);
  const line = lines.find((written) => written.includes(`uses: ${uses}`)) ?? "";
  const pin = PINS[name];
  if (isOwnAction(uses)) return problems;
  if (pin === undefined)
    object(`uses "${name}"`, "do it in a script, or look at the action and add its commit to the pins");
  else if (commit !== pin) object(`uses "${name}" at "${commit}"`, `pin it to ${pin}`);
  else if (!/# v\d+(\.\d+)*$/.test(line)) object(`does not say the version of "${name}"`, "add it: # v1.2.3");
  for (const [key] of entriesOf(step.with)) {
    // GitHub takes inputs in any case; the rules look for them as they are documented.
    if (!/^[a-z][a-z0-9-]*$/.test(key)) object(`writes the input "${key}" in capitals`, `write ${key.toLowerCase()}`);
  }
  const inputs = new Map(entriesOf(step.with).map(([key, value]) => [key, textOf(value)]));
  if (name === "actions/checkout" && inputs.get("persist-credentials") !== "false") {
    object("leaves the token in the checkout", "add persist-credentials: false");
  }
  if (name === "actions/setup-node" && (inputs.has("cache") || inputs.get("package-manager-cache") !== "false")) {
    object("restores a cache, which other runs can fill", "add package-manager-cache: false and no cache");
  }
  return problems;
}
