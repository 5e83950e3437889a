/**
 * Reads what a step wrote to `$GITHUB_OUTPUT` or `$GITHUB_ENV`: `KEY=value` lines, and `KEY<<END` blocks that may hold line breaks.
 * A line of another form fails the step, as on GitHub.
 */
export function parseRunnerFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "") continue;
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block?.[1] !== undefined && block[2] !== undefined) {
      const end = lines.indexOf(block[2], index + 1);
      if (end < 0) throw new Error(`"${block[1]}" has no end "${block[2]}"`);
      found[block[1]] = lines.slice(index + 1, end).join("\n");
      index = end;
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) throw new Error(`"${line.slice(0, 80)}" is not KEY=value`);
    found[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return found;
}
