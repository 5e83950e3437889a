import { escapeMarkdown } from "@forgebench/errors";
import { escapeTerminal, markdownCode } from "./escape.ts";

/** How a kind of report writes text: the sentences are the same in all of them. */
export interface Markup {
  /** A name from outside, such as a cell. */
  name(text: string): string;
  /** A command line. */
  code(text: string): string;
  /** Prose that holds text from outside. */
  prose(text: string): string;
  /** A few words of ours that carry the answer. */
  strong(text: string): string;
}

/** Texts for Markdown: names and commands as code, prose escaped. */
export const markdownMarkup: Markup = {
  name: (text) => markdownCode(text),
  code: (text) => markdownCode(text, 300),
  prose: (text) => escapeMarkdown(text),
  strong: (text) => `**${text}**`,
};

/** Texts for a terminal: control characters are shown, not sent. */
export const plainMarkup: Markup = {
  name: (text) => escapeTerminal(text, 80),
  code: (text) => escapeTerminal(text),
  prose: (text) => escapeTerminal(text),
  strong: (text) => text,
};
