import {
  ancestorsOf,
  entriesOf,
  evaluate,
  lineOf,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { entriesRun, isOfThisProject, objection, type WorkflowText } from "./workflow-text.ts";
import { expressionsIn, readsOf } from "./workflow-tokens.ts";

/** Their exit code may be a verdict; of all others every code but 0 is a failure. */
const GIVES_VERDICT = new Set(["bench:run", "bench:merge", "bench:compare", "bench:bisect"]);

/** What a night is made of: no condition leaves it out. */
const ALWAYS_RUNS = new Set(["bench:run", "bench:merge", "bench:compare", "bench:report", "bench:evidence"]);

/** What has to be done before, in the same job or in one that it needs. */
const COMES_AFTER: Readonly<Record<string, string>> = {
  "bench:run": "bench:base",
  "bench:merge": "bench:run",
  "bench:compare": "bench:merge",
  "bench:report": "bench:compare",
  "bench:evidence": "bench:compare",
  "bench:history": "bench:evidence",
  "bench:export-site-snapshot": "bench:history",
  "bench:alert": "bench:history",
  "bench:sync-site": "bench:history",
  "bench:dataset:verify": "bench:dataset:build",
  "bench:dataset:release": "bench:dataset:verify",
};

/** What a flag of an arm is given: base and head are not to be swapped, and how strict a gate is says one variable. */
const VALUE_OF_FLAG: Readonly<Record<string, RegExp>> = {
  base: /^\$BASE_SHA$/,
  "base-sha": /^\$BASE_SHA$/,
  good: /^\$BASE_SHA$/,
  head: /^\$HEAD_SHA$/,
  "head-sha": /^\$HEAD_SHA$/,
  bad: /^\$HEAD_SHA$/,
  "base-summary": /\/base-summary\.json$/,
  "head-summary": /\/summary\.json$/,
  "pull-request-base": /^\$PULL_REQUEST_BASE$/,
  "dispatch-base": /^\$DISPATCH_BASE$/,
  mode: /^\$GATE_MODE$/,
  event: /^\$(GITHUB_EVENT_NAME|RUN_EVENT)$/,
  by: /^\$GITHUB_ACTOR$/,
  "accepted-by": /^\$GITHUB_ACTOR$/,
  "ref-name": /^\$GITHUB_REF_NAME$/,
  "site-repo": /^\$SITE_REPOSITORY$/,
};

/** What the variables of an arm are read from. */
const READ_BY: Readonly<Record<string, RegExp>> = {
  BASE_SHA: /^needs\.\w+\.outputs\.base_sha$/,
  HEAD_SHA: /^github\.(sha|event\.pull_request\.head\.sha|event\.workflow_run\.head_sha)$/,
  PULL_REQUEST_BASE: /^github\.event\.pull_request\.base\.sha$/,
  DISPATCH_BASE: /^inputs\.base$/,
  CULPRIT_SHA: /^needs\.\w+\.outputs\.culprit_sha$/,
  JUDGED_ATTEMPT: /^needs\.\w+\.outputs\.run_attempt$/,
  SITE_REPOSITORY: /^vars\.bench_site_repository$/,
  SUITE: /^vars\.bench_suite$/,
  RUN_ID: /^github\.event\.workflow_run\.id$/,
  RUN_EVENT: /^github\.event\.workflow_run\.event$/,
  HEAD_REPOSITORY: /^github\.event\.workflow_run\.head_repository\.full_name$/,
  HEAD_BRANCH: /^github\.event\.workflow_run\.head_branch$/,
};

/** A verdict is asked for in every run, in the right order, of the right arms; and nothing hides it. */
export function checkGates(source: WorkflowText, workflow: Workflow): Problem[] {
  if (!isOfThisProject(source)) return [];
  return [
    ...checkVariables(source, workflow, workflow.env),
    ...workflow.jobs.flatMap((job) => [
      ...checkMatrix(source, job),
      ...checkVariables(source, workflow, job.env),
      ...job.steps.flatMap((step, index) => [
        ...checkVerdicts(source, step),
        ...checkValues(source, step),
        ...checkVariables(source, workflow, step.env),
        ...checkOrder(source, workflow, job, index),
      ]),
    ]),
  ];
}

function checkVerdicts(source: WorkflowText, step: WorkflowStep): Problem[] {
  const text = textOf(step.run) ?? "";
  const isKept = text.includes("keep-verdict.sh");
  const object = (message: string, remedy: string) => objection(source, step.line, message, remedy);
  return entriesRun(text).flatMap((entry) => [
    ...(isKept && !GIVES_VERDICT.has(entry)
      ? [object(`keeps a verdict of "${entry}", which gives none`, "leave keep-verdict.sh out: its failure is one")]
      : []),
    ...(!isKept && GIVES_VERDICT.has(entry)
      ? [object(`takes the verdict of "${entry}" for a failure`, "run it with sh .github/keep-verdict.sh")]
      : []),
    ...(ALWAYS_RUNS.has(entry) && step.keys.includes("if")
      ? [object(`runs "${entry}" on a condition`, "leave the condition out, or put it on the job")]
      : []),
  ]);
}

function checkValues(source: WorkflowText, step: WorkflowStep): Problem[] {
  const flags = (textOf(step.run) ?? "").matchAll(/--([a-z-]+)[ =](?:"([^"]*)"|'([^']*)'|(\S+))/g);
  return [...flags].flatMap(([, flag = "", one, two, three]) => {
    const value = one ?? two ?? three ?? "";
    const isWrongArm = flag.startsWith("head-") && value.includes("base");
    if (VALUE_OF_FLAG[flag]?.test(value) !== false && !isWrongArm) return [];
    const wanted = VALUE_OF_FLAG[flag]?.source.replace(/[\^\\]|\$$/g, "") ?? "";
    const remedy = `give it "${wanted}"; what begins with base is of the base, with head of the head`;
    return [objection(source, step.line, `gives --${flag} the value "${value}"`, remedy)];
  });
}

function checkVariables(source: WorkflowText, workflow: Workflow, env: Workflow["env"]): Problem[] {
  return entriesOf(env).flatMap(([name, value]) => {
    if (name === "GATE_MODE") return checkMode(source, workflow, value);
    const reads = expressionsIn(value).flatMap(({ expression }) => readsOf(expression));
    if (READ_BY[name] === undefined || (reads.length > 0 && reads.every((one) => READ_BY[name]?.test(one)))) return [];
    const message = `sets ${name} by ${reads.join(", ") || `"${value.toString()}"`}`;
    return [objection(source, lineOf(value), message, `read it from what matches ${String(READ_BY[name])}`)];
  });
}

/** A gate is strict but for pull requests. */
function checkMode(source: WorkflowText, workflow: Workflow, value: NonNullable<Workflow["env"]>): Problem[] {
  const reads = expressionsIn(value).flatMap(({ expression }) => readsOf(expression));
  const other = reads.find((name) => name !== "github.event_name");
  if (other !== undefined) {
    return [objection(source, lineOf(value), `sets GATE_MODE by ${other}`, "let it depend on github.event_name alone")];
  }
  return entriesOf(workflow.on).flatMap(([event]) => {
    const mode = evaluate(value, { github: { event_name: event } });
    const right = event === "pull_request" ? "advisory" : "strict";
    if (mode === right) return [];
    return [objection(source, lineOf(value), `has GATE_MODE "${String(mode)}" on ${event}`, `make it ${right}`)];
  });
}

function checkMatrix(source: WorkflowText, job: WorkflowJob): Problem[] {
  const failFast = entriesOf(job.strategy).find(([name]) => name === "fail-fast")?.[1];
  if (job.strategy === undefined || textOf(failFast) === "false") return [];
  const message = `job "${job.id}" ends all of its matrix when one fails`;
  return [objection(source, job.line, message, "add fail-fast: false: what the others find counts")];
}

function checkOrder(source: WorkflowText, workflow: Workflow, job: WorkflowJob, index: number): Problem[] {
  const before = [...ancestorsOf(job, workflow.jobs).flatMap(({ steps }) => steps), ...job.steps.slice(0, index)];
  const done = before.flatMap(({ run }) => entriesRun(textOf(run)));
  const step = job.steps[index];
  return entriesRun(textOf(step?.run)).flatMap((entry) => {
    const first = COMES_AFTER[entry];
    if (first === undefined || done.includes(first)) return [];
    const message = `runs "${entry}" before "${first}"`;
    return [
      objection(source, step?.line ?? job.line, message, `run ${first} before it, here or in a job that it needs`),
    ];
  });
}
