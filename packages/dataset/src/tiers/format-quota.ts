import type { ImageFormat } from "@forgebench/artifacts";

/** What share of a tier each format has, in per cent. */
export const FORMAT_SHARES_PCT = { jpg: 65, png: 25, gif: 5, tiff: 5 } as const satisfies Record<ImageFormat, number>;

/**
 * Who gets the image when remainders are equal. This order is not a matter of taste: it is what makes the largest
 * remainder monotone for these shares, so that no format loses an image when a tier grows (the Alabama paradox).
 * Most other orders fail at 10 or 15 images; the test walks through all sizes, since the remainders repeat every 20.
 */
const TIE_ORDER: readonly ImageFormat[] = ["jpg", "gif", "tiff", "png"];

/**
 * How many images of each format a tier of `imageCount` has: the shares by largest remainder (Hamilton), in whole
 * numbers. Never falls, in any format, when `imageCount` rises; for 30 it is 20 jpg, 7 png, 2 gif, 1 tiff.
 */
export function formatQuota(imageCount: number): Record<ImageFormat, number> {
  const quota = { jpg: 0, png: 0, gif: 0, tiff: 0 };
  for (const format of TIE_ORDER) quota[format] = Math.floor((imageCount * FORMAT_SHARES_PCT[format]) / 100);
  const missing = imageCount - TIE_ORDER.reduce((sum, format) => sum + quota[format], 0);
  const remainder = (format: ImageFormat) => (imageCount * FORMAT_SHARES_PCT[format]) % 100;
  const byRemainder = TIE_ORDER.toSorted((a, b) => remainder(b) - remainder(a));
  for (const format of byRemainder.slice(0, missing)) quota[format] += 1;
  return quota;
}

/**
 * How many images a synthetic pool needs so that it holds at least `needed` of each format: its formats have the same
 * shares, and a largest remainder is never below the share rounded down.
 */
export function poolSizeFor(needed: Readonly<Record<ImageFormat, number>>): number {
  return Math.max(...TIE_ORDER.map((format) => Math.ceil((needed[format] * 100) / FORMAT_SHARES_PCT[format])));
}
