import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { memoryIo, type ScriptMain } from "@forgebench/io";
import { entriesOf, textOf, type Workflow, type WorkflowJob, type WorkflowStep } from "@forgebench/rehearsal";
import { type Problem, readText } from "../source-tree.ts";
import { isOwnAction, ownOutputs } from "./check-action.ts";
import { entriesRun, linesOfJob, objection, type WorkflowText } from "./workflow-text.ts";

/** What `--help` of a script tells. */
interface Command {
  readonly flags: ReadonlySet<string>;
  readonly required: readonly string[];
  readonly outputs: ReadonlySet<string>;
  /** The variable that holds its token where no flag names another one. */
  readonly token: string | undefined;
}

const KEEP_VERDICT = "keep-verdict.sh";

/** Every `npm run` names an entry, its flags are those of the script, and outputs that are read are printed. */
export async function checkCommands(root: string, source: WorkflowText, workflow: Workflow): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const job of workflow.jobs) {
    const printed = new Map<string, ReadonlySet<string>>();
    for (const step of job.steps) {
      const text = textOf(step.run);
      if (step.uses !== undefined && isOwnAction(step.uses)) printed.set(step.id, ownOutputs(root));
      if (text === undefined) continue;
      const { problems: found, outputs } = await checkCommandText(root, source, step.line, text);
      problems.push(...found, ...(await checkToken(root, source, step, text)));
      printed.set(step.id, outputs);
    }
    problems.push(...checkReadOutputs(source, job, printed));
  }
  return problems;
}

/** A script that asks GitHub for something has its token. */
async function checkToken(root: string, source: WorkflowText, step: WorkflowStep, text: string): Promise<Problem[]> {
  const given = entriesOf(step.env).map(([name]) => name);
  const commands = await Promise.all(
    entriesRun(text).map(async (entry) => ({ entry, token: (await commandOf(root, entry))?.token })),
  );
  return commands.flatMap(({ entry, token }) => {
    if (token === undefined || given.includes(token) || text.includes(" --token-env ")) return [];
    return [objection(source, step.line, `gives "${entry}" no ${token}`, `add ${token} to the env of the step`)];
  });
}

/** The commands of one shell text, and what they print. */
export async function checkCommandText(root: string, source: WorkflowText, line: number, text: string) {
  const problems: Problem[] = [];
  const outputs = new Set<string>(text.includes(KEEP_VERDICT) ? ["VERDICT_EXIT"] : []);
  for (const [, entry = "", rest = ""] of text
    .replace(/\\\n\s*/g, "")
    .replace(/"[^"]*"/g, '""')
    .matchAll(/\bp?npm (?:--prefix \S+ )?run (?:--silent )?([\w:-]+)((?: [^\n|>&;]*)?)/g)) {
    const command = await commandOf(root, entry);
    if (command === undefined) {
      problems.push(objection(source, line, `runs "${entry}", which package.json does not have`, "correct the name"));
      continue;
    }
    for (const key of command.outputs) outputs.add(key);
    problems.push(...checkFlags(source, line, entry, rest, command));
  }
  return { problems, outputs };
}

function checkFlags(source: WorkflowText, line: number, entry: string, rest: string, command: Command): Problem[] {
  const given = [...rest.matchAll(/(?<=^|\s|\+)--([a-z][\w-]*)/g)].map(([, flag = ""]) => flag);
  const unknown = given.filter((flag) => !command.flags.has(flag));
  const missing = command.required.filter((flag) => !given.includes(flag));
  const flags = [...command.flags].map((flag) => `--${flag}`).join(" ");
  return [
    ...unknown.map((flag) => objection(source, line, `gives "${entry}" the flag --${flag}`, `it has: ${flags}`)),
    ...missing.map((flag) => objection(source, line, `gives "${entry}" no --${flag}`, "add it: it is required")),
  ];
}

function checkReadOutputs(
  source: WorkflowText,
  job: WorkflowJob,
  printed: ReadonlyMap<string, ReadonlySet<string>>,
): Problem[] {
  return linesOfJob(source, job).flatMap(({ line, text }) =>
    [...text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([, id = "", key = ""]) => {
      if (printed.get(id)?.has(key) === true) return [];
      const known = [...(printed.get(id) ?? [])].join(", ");
      const remedy = known === "" ? `no step "${id}" prints anything` : `it prints: ${known}`;
      return [objection(source, line, `reads the output "${key}" of step "${id}"`, remedy)];
    }),
  );
}

const commands = new Map<string, Promise<Command | undefined>>();

function commandOf(root: string, entry: string): Promise<Command | undefined> {
  const key = `${root}\n${entry}`;
  const known = commands.get(key) ?? askCommand(root, entry);
  commands.set(key, known);
  return known;
}

async function askCommand(root: string, entry: string): Promise<Command | undefined> {
  const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(readText(root, "package.json") || "{}");
  const command = scripts[entry];
  if (command === undefined) return undefined;
  const file = /scripts\/bench\/[\w-]+/.exec(command)?.[0];
  if (file === undefined || !existsSync(path.join(root, `${file}.ts`))) {
    return { flags: new Set(), required: [], outputs: new Set(), token: undefined };
  }
  const { main }: { main: ScriptMain } = await import(pathToFileURL(path.join(root, `${file}.ts`)).href);
  const io = memoryIo({ cwd: root });
  await main(["--help"], io);
  return readHelp(io.stdoutText());
}

function readHelp(help: string): Command {
  const [, flagLines = ""] = /^Flags:\n((?: {2}.*\n)+)/m.exec(help) ?? [];
  const [, outputLines = ""] = /^Prints:\n((?: {2}.*\n)+)/m.exec(help) ?? [];
  const flags = [...flagLines.matchAll(/^ {2}--([a-z][\w-]*)(.*)$/gm)];
  return {
    flags: new Set(flags.map(([, name = ""]) => name)),
    required: flags.filter(([, , rest = ""]) => rest.endsWith("(required)")).map(([, name = ""]) => name),
    token: /^ {2}--token-env NAME .*\b([A-Z_]+_TOKEN)\b/m.exec(flagLines)?.[1],
    outputs: new Set([...outputLines.matchAll(/^ {2}([A-Z][A-Z0-9_]*)/gm)].map(([, key = ""]) => key)),
  };
}
