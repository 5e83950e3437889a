import { isMapping } from "@actions/workflow-parser";
import {
  entriesOf,
  lineOf,
  mayRunOn,
  permissionsOf,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import { type Problem, readText } from "../source-tree.ts";
import { hasSecret } from "./check-secrets.ts";
import {
  entriesRun,
  isOfThisProject,
  linesOfJob,
  objection,
  RUNS_SUBJECT,
  type WorkflowText,
} from "./workflow-text.ts";

/** Where the environments are listed that somebody has set up. */
const ENVIRONMENTS = "docs/operations.md";

/** What runs in which environment: it holds the secret, and the approval. */
const ENVIRONMENT_OF: Readonly<Record<string, string>> = {
  "bench:sync-site": "benchmark-site",
  "bench:dataset:release": "benchmark-dataset",
  "bench:governance": "benchmark-governance",
};

/** What some job may write; nothing here needs more. */
const WRITABLE = new Set(["contents", "issues", "pull-requests", "id-token", "attestations"]);

/** Nothing is allowed but what a job says with its reason, and nothing privileged runs code that nobody has reviewed. */
export function checkPermissions(root: string, source: WorkflowText, workflow: Workflow): Problem[] {
  const isNone =
    workflow.permissions !== undefined && isMapping(workflow.permissions) && workflow.permissions.count === 0;
  return [
    ...(isNone
      ? []
      : [objection(source, 1, "does not begin with no permissions", "add `permissions: {}` on the top level")]),
    ...workflow.jobs.flatMap((job) => [
      ...checkReasons(source, job),
      ...checkPrivileged(source, workflow, job),
      ...checkEnvironment(root, source, job),
    ]),
  ];
}

/** What needs an approval or a secret runs in its own environment, and every environment is one that was set up. */
function checkEnvironment(root: string, source: WorkflowText, job: WorkflowJob): Problem[] {
  const object = (message: string, remedy: string) => objection(source, job.line, `job "${job.id}" ${message}`, remedy);
  const known = [...readText(root, ENVIRONMENTS).matchAll(/^ {3}- `([\w-]+)`:/gm)].map(([, name = ""]) => name);
  const wanted = job.steps.flatMap(({ run }) =>
    entriesRun(textOf(run)).flatMap((entry) => ENVIRONMENT_OF[entry] ?? []),
  );
  const wrong = wanted.find((name) => name !== job.environment);
  const name = job.environment ?? (job.keys.includes("environment") ? "an expression" : undefined);
  return [
    ...(name === undefined || known.includes(name)
      ? []
      : [object(`has the environment "${name}"`, `${ENVIRONMENTS} sets up: ${known.join(", ")}`)]),
    ...(wrong === undefined || !isOfThisProject(source)
      ? []
      : [object(`does not run in the environment ${wrong}`, `add environment: ${wrong}`)]),
  ];
}

function checkReasons(source: WorkflowText, job: WorkflowJob): Problem[] {
  if (job.permissions !== undefined && !isMapping(job.permissions)) {
    const message = `job "${job.id}" takes permissions as a whole: "${job.permissions.toString()}"`;
    return [objection(source, lineOf(job.permissions), message, "name each permission, with its reason")];
  }
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
  const isSecret = hasSecret(workflow, job);
  const writes = Object.entries(permissionsOf(workflow, job)).filter(([, level]) => level === "write");
  if (!isSecret && writes.length === 0) return [];
  const problems: Problem[] = [];
  const tooMuch = writes.find(([name]) => !WRITABLE.has(name))?.[0];
  const object = (message: string, remedy: string) =>
    problems.push(objection(source, job.line, `job "${job.id}" ${message}`, remedy));
  const what = isSecret ? "has a secret" : `may write ${writes.map(([name]) => name).join(", ")}`;
  if (entriesOf(workflow.on).some(([name]) => name === "pull_request") && mayRunOn("pull_request", workflow, job)) {
    object(
      `${what} and runs on pull requests`,
      "give it a condition on github.event_name that no pull request fulfils",
    );
  }
  for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
    const ref = entriesOf(step.with).find(([name]) => name === "ref" || name === "repository");
    if (ref !== undefined && !isHistory(step)) {
      const remedy = "leave it out: the default branch's own code; the history may lie in a folder below .tmp/";
      object(`${what} and checks out another ${ref[0]}`, remedy);
    }
  }
  if (tooMuch !== undefined)
    object(`may write ${tooMuch}`, `leave it out; jobs may write: ${[...WRITABLE].join(", ")}`);
  const subject = job.steps.flatMap(({ run }) => entriesRun(textOf(run))).find((entry) => RUNS_SUBJECT.has(entry));
  if (subject !== undefined) object(`${what} and runs "${subject}"`, "let a job do it that may only read");
  if (isSecret && job.environment === undefined) {
    object("has a secret without an environment", "name the environment that holds the secret and its approval");
  }
  return problems;
}

/** The history branch in a folder of its own, where nothing is run: data that workflows wrote. */
function isHistory(step: WorkflowStep): boolean {
  const inputs = new Map(entriesOf(step.with).map(([name, value]) => [name, textOf(value)]));
  const isBeside = /^\.tmp\/[\w-]+(\/[\w-]+)*$/.test(inputs.get("path") ?? "");
  return inputs.get("ref") === "forgebench-data" && isBeside && !inputs.has("repository");
}
