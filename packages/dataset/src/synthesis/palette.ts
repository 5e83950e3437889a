import type { SeededRandom } from "@forgebench/stats";
import type { Colour } from "./canvas.ts";

/** A colour from hue in degrees, saturation and lightness from 0 to 1 (CSS Color 4, section 7.1). */
export function hsl(hue: number, saturation: number, lightness: number): Colour {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  return [
    hslChannel(0, hue, reach, lightness),
    hslChannel(8, hue, reach, lightness),
    hslChannel(4, hue, reach, lightness),
  ];
}

function hslChannel(offset: number, hue: number, reach: number, lightness: number): number {
  const k = (offset + hue / 30 + 12) % 12;
  return 255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
}

/** The colour a part of the way from one to another. */
export function mix(from: Colour, to: Colour, part: number): Colour {
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
}

/** A colour near another: lighter or darker by up to `spread` levels, each channel a third of that more. */
export function near(colour: Colour, spread: number, random: SeededRandom): Colour {
  const common = random.between(-spread, spread);
  return [
    colour[0] + common + random.between(-spread, spread) / 3,
    colour[1] + common + random.between(-spread, spread) / 3,
    colour[2] + common + random.between(-spread, spread) / 3,
  ];
}
/** Words for pictures of text. */
const WORDS =
  "the measure of time is taken twice and compared with care a change that costs nothing shows nothing while one that slows a step is found and named before it reaches people who wait for results run after run cold or warm on the same machine".split(
    " ",
  );

/** A line of words of at most `length` signs. */
export function words(length: number, random: SeededRandom): string {
  let line = "";
  for (;;) {
    const word = random.pick(WORDS);
    if (line.length + word.length + 1 > length) return line;
    line = line === "" ? word : `${line} ${word}`;
  }
}
