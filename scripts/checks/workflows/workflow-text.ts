import type { WorkflowJob } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";

/** A workflow's file as it is written: comments are part of the rules. */
export interface WorkflowText {
  readonly file: string;
  readonly text: string;
}

/** A problem in a workflow, at a line that is counted from 1. */
export function objection({ file }: WorkflowText, line: number, message: string, remedy: string): Problem {
  return { file, line, message, remedy };
}

/** The lines of a job: from its first key to where the next job begins. */
export function linesOfJob({ text }: WorkflowText, job: WorkflowJob): readonly { line: number; text: string }[] {
  const lines = text.split("\n").map((content, index) => ({ line: index + 1, text: content }));
  const rest = lines.slice(job.line - 1);
  const end = rest.findIndex((line, index) => index > 0 && /^ {0,2}\S/.test(line.text) && !line.text.startsWith("  #"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Whether it is a workflow that this repository runs itself; others are templates for other repositories, and the action. */
export function isOfThisProject({ file }: WorkflowText): boolean {
  return file.startsWith(".github/workflows/");
}

/** Entries that run the program that is measured, which may be anybody's. */
export const RUNS_SUBJECT: ReadonlySet<string> = new Set(["build", "bench:run", "bench:bisect"]);

/** The entries of package.json that a shell text runs, in their order. */
export function entriesRun(text = ""): string[] {
  return [...text.matchAll(/\bnpm (?:--prefix \S+ )?run (?:--silent )?([\w:-]+)/g)].map(([, entry = ""]) => entry);
}
