import {
  entriesOf,
  lineOf,
  type Template,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { isOfThisProject, objection, type WorkflowText } from "./workflow-text.ts";

/** One command a line, and nothing but what this project has as a script: the rest is no wiring. */
const COMMANDS: readonly RegExp[] = [
  /^npm run (--silent )?[a-z][\w:-]*( -- .*)?$/,
  /^sh \.github\/keep-verdict\.sh npm run --silent [a-z][\w:-]* -- /,
  /^exit [1-9]\d*$/,
  /^sudo --preserve-env=PATH \.ci\/run$/,
];
const SUMMARY = '>>"$GITHUB_STEP_SUMMARY"';

/** Variables that change what programs do, whatever they are told: never from a workflow. */
const STEERING = new RegExp(
  `^(path|env|ifs|ps4|home|shell|shellopts|tmpdir|bash\\w*|node_(?!version$)\\w*|npm_\\w+|pnpm_\\w+|corepack_\\w+|git_\\w+|ssh_\\w+|ld_\\w+|dyld_\\w+|${"xdg_\\w+|perl\\w*|python\\w*|\\w+_proxy|runner_(?!image$)\\w+|actions_\\w+|github_(?!token$)\\w+"})$`,
  "i",
);

/** What a runner gives to each step. */
const GIVEN = new RegExp(
  `^(PWD|GITHUB_(${"ACTION_PATH|ACTOR|API_URL|EVENT_NAME|JOB|REF|REF_NAME|REPOSITORY|REPOSITORY_OWNER|RUN_ATTEMPT|RUN_ID|RUN_NUMBER|SERVER_URL|SHA|STEP_SUMMARY|WORKFLOW|WORKSPACE"}))$`,
);

/** Shell texts are made of scripts of this project, and of variables that are there; nothing from outside steers them. */
export function checkShell(source: WorkflowText, workflow: Workflow): Problem[] {
  const jobs = workflow.jobs.flatMap((job) => [
    ...checkEnv(source, job.env),
    ...checkOwnShell(source, job.line, job.keys),
    ...job.steps.flatMap((step) => [
      ...checkEnv(source, step.env),
      ...checkVariables(source, workflow, job, step),
      ...(isOfThisProject(source) ? checkStepOfThisProject(source, step) : []),
    ]),
  ]);
  return [...checkEnv(source, workflow.env), ...checkOwnShell(source, 1, workflow.keys), ...jobs];
}

function checkStepOfThisProject(source: WorkflowText, step: WorkflowStep): Problem[] {
  return [
    ...checkOwnShell(
      source,
      step.line,
      step.keys.filter((key) => key !== "env"),
    ),
    ...commandsOf(textOf(step.run) ?? "").flatMap((line) => {
      const [message, remedy] = objectionTo(line) ?? [];
      return message === undefined ? [] : [objection(source, step.line, message, remedy ?? "")];
    }),
  ];
}

/** A shell of its own, another folder, or a default for both. */
function checkOwnShell(source: WorkflowText, line: number, keys: readonly string[]): Problem[] {
  return keys
    .filter((key) => ["defaults", "shell", "working-directory"].includes(key))
    .map((key) =>
      objection(source, line, `has ${key}`, "leave it out: steps run in the checkout, by the runner's shell"),
    );
}

function commandsOf(text: string): string[] {
  return text
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What is wrong with a command and what would be right; nothing where it is one of those that are allowed. */
function objectionTo(line: string): readonly [message: string, remedy: string] | undefined {
  const isSummary = line.endsWith(SUMMARY);
  const plain = (isSummary ? line.slice(0, -SUMMARY.length) : line).replace(/"[^"]*"|'[^']*'/g, '""').trim();
  const read = withoutLiterals(line);
  const substitution = /\$\(|`/.exec(read)?.[0];
  const expansion = /\$\{(?!\w+(:[+-]|\}))[^}]*\}?/.exec(read)?.[0];
  const operator = /[;&|]+/.exec(plain)?.[0];
  if (substitution !== undefined)
    return [`puts in what a command prints, by "${substitution}"`, "let a script read it"];
  if (expansion !== undefined) return [`has ${expansion}, which may run what it holds`, 'write "$NAME"'];
  if (read.includes("\\")) return ["has a backslash, behind which quotes do not count", "quote the whole word"];
  if (operator !== undefined) {
    return [
      `joins commands by "${operator}", which can hide a failure`,
      "write a command a line; verdicts are kept by .github/keep-verdict.sh",
    ];
  }
  if (/[<>]/.test(plain) || /GITHUB_(ENV|PATH|OUTPUT|STATE)\b/.test(line)) {
    return [`writes elsewhere than to the summary: "${line}"`, "let a script write the file, or print KEY=value"];
  }
  if (/^(cat|echo|printf) /.test(plain)) {
    return isSummary
      ? undefined
      : [`prints "${line}" to the log, where lines that begin with :: are commands`, `end it with ${SUMMARY}`];
  }
  if (!isSummary && COMMANDS.some((pattern) => pattern.test(plain))) return undefined;
  return [`runs "${line.slice(0, 60)}", which is no script of this project`, "write a script and an entry for it"];
}

/** What stands in single quotes outside double ones is nothing to the shell. */
function withoutLiterals(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, (quoted) => (quoted.startsWith("'") ? "''" : quoted));
}

function checkEnv(source: WorkflowText, env: Template | undefined): Problem[] {
  return entriesOf(env)
    .filter(([name]) => STEERING.test(name))
    .map(([name, value]) => {
      const message = `sets ${name}, which changes what programs do`;
      return objection(source, lineOf(value), message, "give the value to a script under a name of its own");
    });
}

/** A variable that nobody sets is empty, and nobody notices. */
function checkVariables(source: WorkflowText, workflow: Workflow, job: WorkflowJob, step: WorkflowStep): Problem[] {
  const text = withoutLiterals(textOf(step.run) ?? "");
  const set = [workflow.env, job.env, step.env].flatMap((env) => entriesOf(env).map(([name]) => name));
  const used = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = ""]) => name);
  const tokens = [...text.matchAll(/ --(?:[a-z]+-)?token-env (\w+)/g)].map(([, name = ""]) => name);
  const missing = [
    ...used.filter((name) => !set.includes(name) && !GIVEN.test(name)),
    ...tokens.filter((name) => !entriesOf(step.env).some(([given]) => given === name)),
  ];
  return [...new Set(missing)].map((name) =>
    objection(source, step.line, `uses $${name}, which nothing sets`, `add ${name} to the env of the step`),
  );
}
