import type { ComparedCell } from "@forgebench/artifacts";
import { wordsOf } from "@forgebench/series";
import { changeUnitOf, formatInterval, formatPercent } from "./format-figures.ts";

/**
 * The change of a cell in words, with its size and, as sizes too, the ends of its interval: `is 6.8 % slower [5.1, 8.6]`.
 * The direction follows from metric and sign, never from whether it is good.
 */
export function changePhrase({ metric, kind, changePct, interval, verdict }: ComparedCell): string {
  if (changePct === null) return verdict === "changed" ? "changed" : `is ${verdict} by an unknown amount`;
  const words = wordsOf(metric);
  const isLess = changePct < 0;
  const phrase = (isLess ? words.less : words.more).replace("{}", () =>
    formatPercent(Math.abs(changePct), changeUnitOf({ kind })),
  );
  if (interval === null) return phrase;
  const { lowPct, highPct } = interval;
  const [low, high] = isLess ? [negated(highPct), negated(lowPct)] : [lowPct, highPct];
  return `${phrase} ${formatInterval(low, high, false)}`;
}

function negated(valuePct: number | null): number | null {
  return valuePct === null ? null : -valuePct;
}
