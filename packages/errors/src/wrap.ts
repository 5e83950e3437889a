import stringWidth from "string-width";

/** The assumed width of a terminal if it is not known. */
export const DEFAULT_COLUMNS = 80;
/** The smallest width for which a text is wrapped. */
export const MIN_COLUMNS = 20;

/** Takes the place of a space at which no line ends; text from outside holds none, since all its spaces are plain ones. */
const BOUND = "\u00a0";

const UNIT_SPACES = /(?<=\d) (?=(?:%|µs|ms|s|min|h|B|kB|MB|GB|TB)(?!\w))/g;
const INTERVALS = /\[[^\][]{1,24}\]/g;

/** Keeps a number with its unit, and an interval whole. */
function bound(text: string): string {
  return text.replace(UNIT_SPACES, BOUND).replace(INTERVALS, (interval) => interval.replaceAll(" ", BOUND));
}

/** How many columns of a terminal a text takes. */
export function textColumns(text: string): number {
  return stringWidth(text);
}

/** What a line begins with and keeps: its indentation, and a label, which is a word with a gap behind it. */
const OPENING = /^ *(?:[a-z][\w.-]* {2,})?/;

/**
 * A line as lines that fit into so many columns, the second and the next ones indented by `hang`. Breaks between words
 * alone: a word that is longer than a line, such as a path, stays whole on a line of its own.
 */
export function wrapLine(line: string, columns: number, hang: number): string[] {
  const [opening = ""] = OPENING.exec(line) ?? [];
  const indent = " ".repeat(Math.min(hang, columns >> 1));
  const words = bound(line.slice(opening.length)).split(/ +/);
  const lines: string[] = [];
  let current = opening;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && textColumns(`${current} ${word}`) > columns) {
      lines.push(current);
      [current, isEmpty] = [indent, true];
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, current].map((own) => own.replaceAll(BOUND, " ").trimEnd());
}

/**
 * A text of several lines that fits into so many columns. What a line of a list goes on with is indented further than
 * its beginning, and what follows a label such as `try` stands below itself. Lines that fit stay as they are: tables do.
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => (textColumns(line) <= columns ? [line] : wrapLine(line, columns, hangOf(line))))
    .join("\n");
}

function hangOf(line: string): number {
  const [opening = ""] = OPENING.exec(line) ?? [];
  return opening.trim() === "" && opening !== "" ? opening.length + 2 : opening.length;
}
