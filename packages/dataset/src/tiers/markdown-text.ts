import { escapeMarkdown as escapeLine } from "@forgebench/errors";

/** Far above what a register takes: an attribution must not be cut. */
const MAX_LENGTH = 10_000;

/** Names, licences and attributions come from outside: they must not become markup, HTML, links, mentions or further cells. */
export function escapeMarkdown(text: string): string {
  return escapeLine(text, MAX_LENGTH);
}

/** A table; columns from `numericFrom` on are aligned to the right when it is above 0. Cells of `rows` are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numericFrom: number,
): string {
  const rule = head.map((_, index) => (numericFrom > 0 && index >= numericFrom ? "---:" : "---"));
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/**
 * An address from outside: a link that shows its host when it is https with a plain host and without a user name, else
 * text. Whatever could end the link or be read otherwise inside it is percent-encoded, always in the same way: a
 * parser's idea of an address may change with the version of Node.
 */
export function markdownLink(url: string): string {
  const [, host, rest = ""] = /^https:\/\/([a-z0-9][a-z0-9.-]{0,252}(?::\d{1,5})?)([/?#].*)?$/i.exec(url) ?? [];
  if (host === undefined || /[\p{Cc}\p{Cf}]/u.test(url)) return escapeMarkdown(url);
  const safe = rest.replace(/[^A-Za-z0-9\-._~/?#!&+,;=:@%]/gu, percentEncoded).replace(/&/g, "&amp;");
  return `[${escapeMarkdown(host)}](https://${host}${safe})`;
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
