import { printableLine } from "./printable.ts";

/** The longest that a text from outside may be inside a Markdown document, in characters. */
const MAX_TEXT_LENGTH = 300;

/**
 * Text from outside as prose inside a line of Markdown or a cell of a table: shown as it is, without markup, HTML, links,
 * mentions or references. A word joiner stands inside `@name`, `#1` and `GH-1`: GitHub looks for these in the finished
 * text, where no escape is left.
 */
export function escapeMarkdown(text: string, maxLength = MAX_TEXT_LENGTH): string {
  return printableLine(text.replace(/\s+/g, " "), maxLength)
    .replace(/[\\`*_[\]#|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/:\/\//g, "\\://")
    .replace(/www\./gi, (found) => `${found.slice(0, 3)}\\.`)
    .replace(/@/g, "@\u2060")
    .replace(/#(?=\d)/g, "#\u2060")
    .replace(/\bGH-(?=\d)/gi, "$&\u2060");
}
