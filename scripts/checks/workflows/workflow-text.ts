import type { WorkflowJob } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";

/** A workflow's file as it is written: comments are part of the rules. */
export interface WorkflowText {
  readonly file: string;
  readonly text: string;
}

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
