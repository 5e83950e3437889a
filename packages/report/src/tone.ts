import { styleText } from "node:util";

/** What an answer means to who reads it. A word says it, and a sign may; a colour only repeats them. */
export type Tone = "good" | "bad" | "open";

/** The sign that stands before the word of a verdict. */
export const SIGNS = { good: "✓", bad: "✗", open: "~" } as const satisfies Record<Tone, string>;

const COLOURS = { good: "green", bad: "red", open: "yellow" } as const satisfies Record<Tone, string>;

/** A text of one line in the colour of a tone, as escape codes of a terminal; as it is without one. */
export function inColour(text: string, tone: Tone | undefined): string {
  // Whether there are colours at all was decided by who knows the terminal.
  return tone === undefined ? text : styleText(COLOURS[tone], text, { validateStream: false });
}

/** Colours every sign with the word behind it, in text that is laid out already. */
export function colourSigns(text: string): string {
  const tones: readonly Tone[] = ["good", "bad", "open"];
  return tones.reduce((painted, tone) => {
    const signed = new RegExp(`(?<=^|\\s)${SIGNS[tone]} [a-z]+`, "gm");
    return painted.replace(signed, (found) => inColour(found, tone));
  }, text);
}
