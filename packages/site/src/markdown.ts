import { escapeMarkdown } from "@forgebench/errors";

/** A table; columns from `numericFrom` on are aligned to the right. Cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numericFrom = head.length,
): string {
  const rule = head.map((_, index) => (index >= numericFrom ? "---:" : "---"));
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/**
 * An address from outside under a text from outside: a link when it is https (or http on this machine) without a user
 * name, else the text alone. What could end the link is percent-encoded.
 */
export function markdownLink(text: string, url: string): string {
  const label = escapeMarkdown(text);
  const parsed = url.length <= 500 && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.username !== "" || parsed.password !== "" || !isTrusted(parsed)) return label;
  return `[${label}](${parsed.href.replace(/[^A-Za-z0-9\-._~/?#!+=:;,%&[\]]/g, percentEncoded).replace(/&/g, "&amp;")})`;
}

function isTrusted({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname));
}

function percentEncoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** As many lines as fit, and then how many more there are. */
export function boundedLines(lines: readonly string[], maxLength: number, more: (count: number) => string): string[] {
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > maxLength;
  });
  return end < 0 ? [...lines] : [...lines.slice(0, end), more(lines.length - end)];
}
