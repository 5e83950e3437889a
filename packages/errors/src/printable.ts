/** Control characters of a terminal, but for tab and newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from outside (a file name, a subject's output) made safe for a terminal and a log: escape sequences, carriage
 * returns and direction marks are shown as `\xNN` and cannot act; what GitHub's runner would take for a workflow
 * command (`::…` at the start of a line, `##[…` anywhere in it) is broken by a visible mark; what stands before the `@` of
 * an address may be a password and is left out.
 */
export function printable(text: string): string {
  return text
    .replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(/^(\s*)::/gm, "$1\u2059::")
    .replaceAll("##[", "##\u2059[")
    .replace(/:\/\/[^/\s@"'`]+@/g, "://***@");
}

/** {@link printable} on one line, cut to `maxLength` characters. */
export function printableLine(text: string, maxLength = 200): string {
  const line = printable(text.replace(/\s*\n\s*/g, " / ").trim());
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
