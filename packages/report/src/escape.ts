import { printableLine } from "@forgebench/errors";

/** The longest that a text from outside may be inside a report, in characters. */
const MAX_TEXT_LENGTH = 300;

/**
 * Text from outside (an id, a message, a subject's output) for a terminal and a log: one line of limited length, escape
 * sequences shown as `\xNN`, and nothing that GitHub's runner would take for a workflow command.
 */
export function escapeTerminal(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return printableLine(text.replace(/\s+/g, " "), maxLength);
}

/**
 * Text from outside as code in Markdown, in a table or not. Backticks and pipes, which code cannot hold everywhere, are
 * shown as `'` and `¦`.
 */
export function markdownCode(text: string, maxLength = 80): string {
  const line = escapeTerminal(text, maxLength).replaceAll("`", "'").replaceAll("|", "¦");
  return line === "" ? "(empty)" : `\`${line}\``;
}
