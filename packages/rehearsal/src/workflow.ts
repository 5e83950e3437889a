import {
  convertWorkflowTemplate,
  isMapping,
  isSequence,
  isString,
  NoOperationTraceWriter,
  parseWorkflow,
} from "@actions/workflow-parser";
import type { MappingToken, TemplateToken } from "@actions/workflow-parser/templates/tokens/index";
import { ArtifactError } from "@forgebench/errors";

/** A value of a workflow as it is written: text, expressions, lists and mappings of them. */
export type Template = TemplateToken;

/** A step as GitHub's parser reads it: nothing is evaluated yet, and what is not written is undefined. */
export interface WorkflowStep {
  readonly id: string;
  readonly line: number;
  readonly name: string;
  /** With the status function that GitHub adds where none is written. */
  readonly condition: Template;
  readonly env: Template | undefined;
  readonly run: Template | undefined;
  readonly uses: string | undefined;
  readonly with: Template | undefined;
  readonly continueOnError: Template | undefined;
  /** Every key that is written, also those that nothing here reads. */
  readonly keys: readonly string[];
}

/** A job as GitHub's parser reads it: nothing is evaluated yet, and what is not written is undefined. */
export interface WorkflowJob {
  readonly id: string;
  readonly line: number;
  readonly name: Template | undefined;
  readonly needs: readonly string[];
  readonly condition: Template;
  readonly env: Template | undefined;
  readonly strategy: Template | undefined;
  readonly outputs: Template | undefined;
  /** The name of the environment, whose approval it needs. */
  readonly environment: string | undefined;
  readonly permissions: Template | undefined;
  readonly timeoutMinutes: number | undefined;
  readonly runsOn: Template | undefined;
  readonly keys: readonly string[];
  readonly steps: readonly WorkflowStep[];
  /** All of it, as it is written. */
  readonly written: Template;
}

/** A workflow as GitHub's own parser reads it. */
export interface Workflow {
  readonly file: string;
  readonly name: string;
  readonly on: Template | undefined;
  readonly env: Template | undefined;
  readonly permissions: Template | undefined;
  readonly keys: readonly string[];
  readonly jobs: readonly WorkflowJob[];
  /** All of it, as it is written. */
  readonly written: Template;
}

/**
 * Reads a workflow whose jobs have steps of their own.
 * @throws {ArtifactError} with everything that GitHub's parser objects to, and for jobs that call another workflow.
 */
export async function readWorkflow(file: string, content: string): Promise<Workflow> {
  const { value, context } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  const converted = value === undefined ? undefined : await convertWorkflowTemplate(context, value);
  const issues = [
    ...context.errors.getErrors().map((error) => ({ path: "", message: error.message })),
    ...callingJobs(value).map((message) => ({ path: "", message })),
  ];
  if (value === undefined || converted === undefined || !isMapping(value) || issues.length > 0) {
    throw new ArtifactError({ path: file, kind: "workflow", issues });
  }
  const jobs = mappingOf(value.find("jobs"));
  return {
    file,
    name: textOf(value.find("name")) ?? file,
    on: value.find("on"),
    env: value.find("env"),
    permissions: value.find("permissions"),
    keys: keysOf(value),
    written: value,
    jobs: converted.jobs.flatMap((job) => {
      const written = mappingOf(jobs?.find(job.id.value));
      if (job.type !== "job" || written === undefined) return [];
      const conditions = job.steps.map((step) => ({ id: step.id, condition: "if" in step ? step.if : undefined }));
      return [readJob(job.id.value, written, job.if, conditions)];
    }),
  };
}

/** Jobs that call a workflow of somebody, whose steps nobody here has read. */
function callingJobs(value: Template | undefined): string[] {
  return entriesOf(mappingOf(value)?.find("jobs")).flatMap(([id, job]) =>
    mappingOf(job)?.find("uses") === undefined
      ? []
      : [`(Line: ${lineOf(job)}) job "${id}" calls another workflow; write its steps into the job`],
  );
}

interface StepCondition {
  readonly id: string;
  readonly condition: Template | undefined;
}

function readJob(
  id: string,
  written: MappingToken,
  condition: Template,
  conditions: readonly StepCondition[],
): WorkflowJob {
  const environment = written.find("environment");
  const steps = written.find("steps");
  return {
    id,
    line: lineOf(written),
    condition,
    name: written.find("name"),
    needs: textsOf(written.find("needs")),
    env: written.find("env"),
    strategy: written.find("strategy"),
    outputs: written.find("outputs"),
    environment: textOf(environment) ?? textOf(mappingOf(environment)?.find("name")),
    permissions: written.find("permissions"),
    timeoutMinutes: numberOf(written.find("timeout-minutes")),
    runsOn: written.find("runs-on"),
    written,
    keys: keysOf(written),
    steps:
      steps !== undefined && isSequence(steps)
        ? [...steps].map((step, index) => readStep(mappingOf(step), conditions[index], condition))
        : [],
  };
}

function readStep(
  written: MappingToken | undefined,
  known: StepCondition | undefined,
  fallback: Template,
): WorkflowStep {
  const uses = textOf(written?.find("uses"));
  const run = written?.find("run");
  return {
    id: known?.id ?? "",
    line: written === undefined ? 1 : lineOf(written),
    name: textOf(written?.find("name")) ?? uses ?? firstLine(textOf(run)),
    condition: known?.condition ?? fallback,
    env: written?.find("env"),
    run,
    uses,
    with: written?.find("with"),
    continueOnError: written?.find("continue-on-error"),
    keys: keysOf(written),
  };
}

/** The jobs that a job needs, and those that these need. */
export function ancestorsOf(job: WorkflowJob, jobs: readonly WorkflowJob[]): WorkflowJob[] {
  const parents = jobs.filter(({ id }) => job.needs.includes(id));
  return [...new Set([...parents, ...parents.flatMap((parent) => ancestorsOf(parent, jobs))])];
}

function firstLine(text = ""): string {
  return text.split("\n")[0] ?? "";
}

/** The line of the workflow file, from 1, on which something is written; 1 for what the parser made up. */
export function lineOf(token: Template): number {
  return token.range?.start.line ?? 1;
}

function mappingOf(token: Template | undefined): MappingToken | undefined {
  return token !== undefined && isMapping(token) ? token : undefined;
}

/** The pairs of a mapping; none when it is something else. */
export function entriesOf(token: Template | undefined): readonly (readonly [string, Template])[] {
  return [...(mappingOf(token) ?? [])].map(({ key, value }) => [key.toString(), value] as const);
}

function keysOf(token: Template | undefined): string[] {
  return entriesOf(token).map(([key]) => key);
}

/** The text of a plain value; nothing of an expression. */
export function textOf(token: Template | undefined): string | undefined {
  if (token === undefined || !token.isLiteral) return undefined;
  return token.toString();
}

function textsOf(token: Template | undefined): string[] {
  if (token === undefined) return [];
  if (isString(token)) return [token.value];
  return isSequence(token) ? [...token].flatMap((item) => textOf(item) ?? []) : [];
}

function numberOf(token: Template | undefined): number | undefined {
  const text = textOf(token);
  return text === undefined ? undefined : Number(text);
}
