import { fitLines } from "./bounded.ts";

/** A plain list longer than this is cut: it would push the answer out of the terminal. */
const MAX_LISTED = 10;

/** Sections as one text: an empty line between two, none for a section without lines. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  const filled = sections.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** A titled Markdown list that is cut to `maxChars`; no lines when there is nothing to list. */
export function markdownList(title: string, maxChars: number, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const items = texts.map((text) => `- ${text}`);
  const { lines, hiddenCount } = fitLines(items, maxChars);
  return [`**${title}**`, "", ...lines, ...(hiddenCount === 0 ? [] : [`- … ${hiddenCount} more in the JSON file`])];
}

/** Without the capital that a sentence begins with. */
export function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

/** A titled list for a terminal; no lines when there is nothing to list. Each text may have several lines. */
export function plainList(title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const hiddenCount = texts.length - MAX_LISTED;
  const items = texts.slice(0, MAX_LISTED).map((text) => text.replace(/^/gm, "  "));
  return [title, ...items, ...(hiddenCount > 0 ? [`  … ${hiddenCount} more in the JSON file`] : [])];
}
