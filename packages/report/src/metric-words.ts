import type { ComparedCell } from "@forgebench/artifacts";
import { formatInterval, formatPercent } from "./format-figures.ts";

/** How a metric is spoken of when head has more of it, and when it has less; `{}` is the size. */
interface MetricWords {
  readonly more: string;
  readonly less: string;
}

const WORDS: Readonly<Record<string, MetricWords>> = {
  wall: { more: "is {} slower", less: "is {} faster" },
  reported_duration: { more: "is {} slower by its own clock", less: "is {} faster by its own clock" },
  cpu: { more: "takes {} more CPU time", less: "takes {} less CPU time" },
  peak_memory: { more: "needs {} more memory", less: "needs {} less memory" },
  output_bytes: { more: "writes {} more bytes", less: "writes {} fewer bytes" },
  throughput: { more: "has {} more throughput", less: "has {} less throughput" },
};

const OTHER: MetricWords = { more: "is {} higher", less: "is {} lower" };

/**
 * The change of a cell in words, with its size and, as sizes too, the ends of its interval: `is 6.8 % slower [5.1, 8.6]`.
 * The direction follows from metric and sign, never from whether it is wanted.
 */
export function changePhrase({ metric, changePct, interval, verdict }: ComparedCell): string {
  if (changePct === null) return verdict === "changed" ? "changed" : `is ${verdict} by an unknown amount`;
  const words = Object.hasOwn(WORDS, metric) ? (WORDS[metric] ?? OTHER) : OTHER;
  const isLess = changePct < 0;
  const phrase = (isLess ? words.less : words.more).replace("{}", () => formatPercent(Math.abs(changePct)));
  if (interval === null) return phrase;
  const { lowPct, highPct } = interval;
  const [low, high] = isLess ? [negated(highPct), negated(lowPct)] : [lowPct, highPct];
  return `${phrase} ${formatInterval(low, high, false)}`;
}

function negated(valuePct: number | null): number | null {
  return valuePct === null ? null : -valuePct;
}
