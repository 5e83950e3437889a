/** Lines cut to what fits. */
export interface FittedLines {
  readonly lines: readonly string[];
  /** How many were left out. */
  readonly hiddenCount: number;
}

/** The first lines that fit into `maxChars`, line breaks included. */
export function fitLines(lines: readonly string[], maxChars: number): FittedLines {
  let usedChars = 0;
  let count = 0;
  for (const line of lines) {
    usedChars += line.length + 1;
    if (usedChars > maxChars) break;
    count += 1;
  }
  return { lines: lines.slice(0, count), hiddenCount: lines.length - count };
}
