import { styleText } from "node:util";

/** The meaning of an answer for the reader. A word says it, and a sign may; a colour only repeats them. */
export type Tone = "good" | "bad" | "open";

/** The sign before the word of a verdict. */
export const SIGNS = { good: "✓", bad: "✗", open: "~" } as const satisfies Record<Tone, string>;

const COLOURS = { good: "green", bad: "red", open: "yellow" } as const satisfies Record<Tone, string>;

/** A text of one line in the colour of a tone, as escape codes of a terminal; as it is without one. */
export function inColour(text: string, tone: Tone | undefined): string {
  // The caller, which knows the terminal, decides whether there are colours.
  return tone === undefined ? text : styleText(COLOURS[tone], text, { validateStream: false });
}

const TONES: Readonly<Record<string, Tone>> = { [SIGNS.good]: "good", [SIGNS.bad]: "bad", [SIGNS.open]: "open" };
const LAST_SIGN = new RegExp(`^(.*\\s)([${Object.values(SIGNS).join("")}])( [a-z]+)`, "gm");

/** Colours in every line the last sign and the word behind it. The text is laid out already. */
export function colourSigns(text: string): string {
  return text.replace(
    LAST_SIGN,
    (_, before: string, sign: string, word: string) => `${before}${inColour(`${sign}${word}`, TONES[sign])}`,
  );
}

/** Colours the beginning of an answer, up to the first dot or colon. The text is laid out already. */
export function colourLead(text: string, tone: Tone | undefined): string {
  return text.replace(/^[\w, ]+[.:]/, (lead) => inColour(lead, tone));
}
