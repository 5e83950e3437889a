import { isSequence } from "@actions/workflow-parser";
import { entriesOf, lineOf, type Template, textOf } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { checkCommandText } from "./check-commands.ts";
import { checkQuotes } from "./check-yaml.ts";
import { readTokens } from "./read-tokens.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** Keys of a pipeline that are no jobs. */
const SETTINGS = new Set(["stages", "default", "variables", "workflow", "include"]);
const KEYS = new Set([
  ...["stage", "needs", "when", "timeout", "parallel", "script", "artifacts", "rules", "interruptible"],
  ...["resource_group", "allow_failure", "environment"],
]);

interface GitLabJob {
  readonly id: string;
  readonly line: number;
  readonly fields: ReadonlyMap<string, Template>;
}

/** A GitLab pipeline: its stages and needs are there, its jobs end, and every command that a script line names exists. */
export async function checkGitLab(root: string, source: WorkflowText): Promise<Problem[]> {
  const { root: written, problems } = readTokens(source, "any");
  const settings = new Map(entriesOf(written));
  const jobs = [...settings].flatMap(([id, token]) =>
    SETTINGS.has(id) ? [] : [{ id, line: lineOf(token), fields: new Map(entriesOf(token)) }],
  );
  if (problems.length === 0 && jobs.length === 0) return [objection(source, 1, "has no job", "add one")];
  const found = await Promise.all([
    ...jobs.map((job) => checkScript(root, source, job)),
    checkLines(root, source, itemsOf(new Map(entriesOf(settings.get("default"))).get("before_script"))),
  ]);
  const stages = textsOf(settings.get("stages"));
  return [...problems, ...jobs.flatMap((job) => checkJob(source, job, stages, jobs)), ...found.flat()];
}

function checkJob(
  source: WorkflowText,
  { id, line, fields }: GitLabJob,
  stages: readonly string[],
  jobs: readonly GitLabJob[],
): Problem[] {
  const problems: Problem[] = [];
  const object = (message: string, remedy: string) =>
    problems.push(objection(source, line, `job "${id}" ${message}`, remedy));
  const stage = textOf(fields.get("stage")) ?? "";
  const place = stages.indexOf(stage);
  if (place < 0) object(`is in the stage "${stage}"`, `there are: ${stages.join(", ")}`);
  for (const need of textsOf(fields.get("needs"))) {
    const needed = jobs.find((job) => job.id === need);
    if (needed === undefined) object(`needs "${need}", which is no job`, "correct the name");
    else if (stages.indexOf(textOf(needed.fields.get("stage")) ?? "") >= place) {
      object(`needs "${need}", which does not run before it`, "need a job of an earlier stage");
    }
  }
  if (!fields.has("timeout")) object("has no timeout", "add timeout");
  for (const key of fields.keys())
    if (!KEYS.has(key)) object(`has "${key}"`, "correct it, or add it to the keys of this check");
  return problems;
}

async function checkScript(root: string, source: WorkflowText, { id, line, fields }: GitLabJob): Promise<Problem[]> {
  const lines = itemsOf(fields.get("script"));
  if (lines.length === 0) return [objection(source, line, `job "${id}" has no script`, "add script")];
  return checkLines(root, source, lines);
}

async function checkLines(root: string, source: WorkflowText, lines: readonly Template[]): Promise<Problem[]> {
  const found = await Promise.all(
    lines.map(async (token) => {
      const text = textOf(token) ?? "";
      const { problems } = await checkCommandText(root, source, lineOf(token), text);
      return [...problems, ...checkQuotes(source, lineOf(token), text)];
    }),
  );
  return found.flat();
}

function itemsOf(token: Template | undefined): Template[] {
  return token !== undefined && isSequence(token) ? [...token] : [];
}

function textsOf(token: Template | undefined): string[] {
  return itemsOf(token).flatMap((item) => textOf(item) ?? []);
}
