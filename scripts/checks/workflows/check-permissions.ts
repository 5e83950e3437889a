import {
  entriesOf,
  mayRunOn,
  permissionsOf,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { linesOfJob, objection, type WorkflowText } from "./workflow-text.ts";

/** Nothing is allowed but what a job says with its reason, and nothing privileged runs code that nobody has reviewed. */
export function checkPermissions(source: WorkflowText, workflow: Workflow): Problem[] {
  return [
    ...(/^permissions: \{\}$/m.test(source.text)
      ? []
      : [objection(source, 1, "does not begin with no permissions", "add `permissions: {}` on the top level")]),
    ...workflow.jobs.flatMap((job) => [...checkReasons(source, job), ...checkPrivileged(source, workflow, job)]),
  ];
}

function checkReasons(source: WorkflowText, job: WorkflowJob): Problem[] {
  const lines = linesOfJob(source, job);
  const start = lines.findIndex(({ text }) => /^ {4}permissions:/.test(text));
  const first = lines[start];
  if (first === undefined) {
    return [
      objection(source, job.line, `job "${job.id}" says no permissions`, "add `permissions`, each with its reason"),
    ];
  }
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(({ text }) => !/^ {6}/.test(text));
  const block = /^ {4}permissions: *$/.test(first.text) ? rest.slice(0, end < 0 ? undefined : end) : [first];
  return block
    .filter(({ text }) => !/ # \S/.test(text))
    .map(({ line, text }) =>
      objection(source, line, `"${text.trim()}" has no reason`, "say in a comment what it is for"),
    );
}

function checkPrivileged(source: WorkflowText, workflow: Workflow, job: WorkflowJob): Problem[] {
  const text = linesOfJob(source, job)
    .map((line) => line.text)
    .join("\n");
  const hasSecret = /\bsecrets\b/.test(text.replace(/#.*$/gm, ""));
  const writes = Object.entries(permissionsOf(workflow, job)).filter(([, level]) => level === "write");
  if (!hasSecret && writes.length === 0) return [];
  const problems: Problem[] = [];
  const object = (message: string, remedy: string) =>
    problems.push(objection(source, job.line, `job "${job.id}" ${message}`, remedy));
  const what = hasSecret ? "has a secret" : `may write ${writes.map(([name]) => name).join(", ")}`;
  if (entriesOf(workflow.on).some(([name]) => name === "pull_request") && mayRunOn("pull_request", workflow, job)) {
    object(`${what} and runs on pull requests`, "give it a condition that no pull request fulfils");
  }
  for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
    const ref = entriesOf(step.with).find(([name]) => name === "ref" || name === "repository");
    if (ref !== undefined && !isHistory(step)) {
      const remedy = "leave it out: the default branch's own code; the history may lie in a folder below .tmp/";
      object(`${what} and checks out another ${ref[0]}`, remedy);
    }
  }
  if (hasSecret && job.environment === undefined) {
    object("has a secret without an environment", "name the environment that holds the secret and its approval");
  }
  if (/^\s*(- )?if:.*\bsecrets\b/m.test(text)) {
    object("reads secrets in a condition, where there are none", "ask for an output or a variable of the environment");
  }
  if (textOf(job.permissions) === "write-all") object("may write everything", "name each permission");
  return problems;
}

/** The history branch in a folder of its own, where nothing is run: data that workflows wrote. */
function isHistory(step: WorkflowStep): boolean {
  const inputs = new Map(entriesOf(step.with).map(([name, value]) => [name, textOf(value)]));
  const isBeside = /^\.tmp\/[\w-]+(\/[\w-]+)*$/.test(inputs.get("path") ?? "");
  return inputs.get("ref") === "forgebench-data" && isBeside && !inputs.has("repository");
}
