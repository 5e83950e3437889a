/** Control characters and direction marks, which could act on a terminal or hide what a text says. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** What the longest text from outside may have inside a report, in characters. */
const MAX_TEXT_LENGTH = 300;

/**
 * Text from outside (an id, a message, a subject's output) for a terminal and a log: one line of limited length, escape
 * sequences shown as `\xNN`, and nothing that GitHub's runner would take for a workflow command.
 */
export function escapeTerminal(text: string, maxLength = MAX_TEXT_LENGTH): string {
  const line = text
    .replace(/\s+/g, " ")
    .trim()
    .replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(/^(::|##\[)/, "\u2059$1");
  return cut(line, maxLength);
}

/**
 * Text from outside as prose in Markdown, in a table or not: shown as it is, without markup, HTML, links or mentions.
 * (A word joiner follows each `@`: GitHub looks for mentions in the finished text, where no escape is left.)
 */
export function escapeMarkdown(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return escapeTerminal(text, maxLength)
    .replace(/[\\`*_[\]#|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/:\/\//g, "\\://")
    .replace(/www\./gi, (found) => `${found.slice(0, 3)}\\.`)
    .replace(/@/g, "@\u2060");
}

/**
 * Text from outside as code in Markdown, in a table or not. Backticks and pipes, which code cannot hold everywhere, are
 * shown as `'` and `¦`.
 */
export function markdownCode(text: string, maxLength = 80): string {
  const line = escapeTerminal(text, maxLength).replaceAll("`", "'").replaceAll("|", "¦");
  return line === "" ? "(empty)" : `\`${line}\``;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half of a surrogate pair would be no character at all.
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
