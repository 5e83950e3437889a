/** The texts that are not empty, joined. */
export function joinTexts(texts: readonly string[], separator = " "): string {
  return texts.filter((text) => text !== "").join(separator);
}

/** Blocks of lines as one text: an empty line between two, none for a block without lines. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  const filled = blocks.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** Lines cut to the size limit. */
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
