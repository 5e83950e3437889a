import path from "node:path";
import { ArtifactError } from "@forgebench/errors";
import { entriesOf, readWorkflow, type Workflow } from "@forgebench/rehearsal";
import { listFiles, type Problem, readText } from "./source-tree.ts";
import { checkAction, checkInputs } from "./workflows/check-action.ts";
import { checkCommands } from "./workflows/check-commands.ts";
import { checkGitLab } from "./workflows/check-gitlab.ts";
import { checkPermissions } from "./workflows/check-permissions.ts";
import { checkWaiting } from "./workflows/check-waiting.ts";
import { checkWiring } from "./workflows/check-wiring.ts";
import { checkYaml } from "./workflows/check-yaml.ts";
import { checkForeignRules } from "./workflows/foreign-rules.ts";
import { objection, type WorkflowText } from "./workflows/workflow-text.ts";

const FOLDER = ".github/workflows";
/** For other repositories: held by the same rules. */
const ELSEWHERE = ["docs/templates", ".github/actions"];

/**
 * Workflows are what GitHub's parser, its language service and actionlint accept, and follow the rules of this house: nothing
 * from outside reaches a shell text, nothing privileged runs a stranger's code, and every script, flag and output that a step
 * names exists.
 */
export async function checkWorkflows(root: string): Promise<Problem[]> {
  const files = [FOLDER, ...ELSEWHERE]
    .flatMap((folder) => listFiles(root, folder))
    .filter((file) => /\.ya?ml$/.test(file));
  const problems: Problem[] = [];
  for (const file of files) {
    problems.push(...(await checkFile(root, { file, text: readText(root, file) })));
  }
  return problems;
}

function checkFile(root: string, source: WorkflowText): Promise<Problem[]> {
  switch (path.basename(source.file)) {
    case "gitlab-ci.yml":
      return checkGitLab(root, source);
    case "action.yml":
      return checkAction(source, (made) => checkWorkflow(root, made));
    default:
      return checkWorkflow(root, source);
  }
}

/** One workflow, with the scripts and entries of a project; the rules of others can be left out. */
export async function checkWorkflow(
  projectRoot: string,
  source: WorkflowText,
  foreignRules: (source: WorkflowText) => Promise<Problem[]> = checkForeignRules,
): Promise<Problem[]> {
  const foreign = await foreignRules(source);
  let workflow: Workflow;
  try {
    workflow = await readWorkflow(source.file, source.text);
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    return foreign.length > 0 ? foreign : [objection(source, 1, error.message, "write it as GitHub documents it")];
  }
  if (entriesOf(workflow.on).length === 0) {
    return [...foreign, objection(source, 1, '"on" is no mapping of events', "write `on:` with an event a line")];
  }
  return [
    ...foreign,
    ...checkYaml(source, workflow),
    ...checkPermissions(source, workflow),
    ...checkWaiting(source, workflow),
    ...checkWiring(source, workflow),
    ...checkInputs(projectRoot, source, workflow),
    ...(await checkCommands(projectRoot, source, workflow)),
  ];
}
