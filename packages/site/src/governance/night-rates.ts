import type { GovernanceRate, GovernanceReview } from "@forgebench/artifacts";
import {
  type CheckRule,
  fail,
  type GovernanceFacts,
  pass,
  type ScheduledNight,
  unknown,
  type Verdict,
} from "./governance-facts.ts";
import { nightsOfPeriod } from "./night-dates.ts";

/** The allowed shares of wrong nights, in per cent: the limits of the method, with room for loaded machines. */
const LIMITS_PCT = { falseAlarms: 1, misses: 5 } as const;

type RateName = keyof typeof LIMITS_PCT;

/** Whether the nights' own controls work as documented. */
export const rateChecks: readonly CheckRule[] = [
  {
    id: "false-alarms",
    title: "Nights in which nothing changed raise no alarm",
    remedy: "check the null checks of the red nights: is the machine noisy, or is one slot faster?",
    judge: (facts) => judgeRate("falseAlarms", "a red null check", facts),
  },
  {
    id: "misses",
    title: "Planted slowdowns are found",
    remedy: "check the nights that missed one: too few blocks, or too noisy a machine?",
    judge: (facts) => judgeRate("misses", "a missed slowdown", facts),
  },
];

/** Of the nights that checked themselves, how many raised a false alarm and how many missed a planted slowdown. */
export function nightRates(nights: readonly ScheduledNight[]): GovernanceReview["rates"] {
  const judged = nights.filter(({ controls }) => controls === "passed" || controls === "red" || controls === "missed");
  const countOf = (found: string) => judged.filter(({ controls }) => controls === found).length;
  return { falseAlarms: rateOf(countOf("red"), judged.length), misses: rateOf(countOf("missed"), judged.length) };
}

/** Fails only where the nights prove that the rate is above its limit: a month is too short to prove the contrary. */
function judgeRate(name: RateName, what: string, facts: GovernanceFacts): Verdict {
  const nights = nightsOfPeriod(facts);
  const rate = nightRates(nights)[name];
  if (rate.lowPct === null) return unknown(`none of the month's ${nights.length} nights checked itself`);
  const detail = `${rate.count} of ${rate.total} nights with ${what}, ${describeRate(rate)}; the limit is ${LIMITS_PCT[name]} %`;
  return rate.lowPct <= LIMITS_PCT[name] ? pass(detail) : fail(detail);
}

/** `4.2 % [0.7, 20.2]`. */
export function describeRate({ sharePct, lowPct, highPct }: GovernanceRate): string {
  if (sharePct === null || lowPct === null || highPct === null) return "no night was judged";
  return `${sharePct.toFixed(1)} % [${lowPct.toFixed(1)}, ${highPct.toFixed(1)}]`;
}

/** The 95 % interval of a share (Wilson 1927): centre and half width of what the observed share can come from. */
function rateOf(count: number, total: number): GovernanceRate {
  if (total === 0) return { count, total, sharePct: null, lowPct: null, highPct: null };
  const z = 1.959964;
  const share = count / total;
  const scale = 1 + (z * z) / total;
  const centre = (share + (z * z) / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const [lowPct, highPct] = [count === 0 ? 0 : 100 * (centre - half), count === total ? 100 : 100 * (centre + half)];
  return { count, total, sharePct: 100 * share, lowPct, highPct };
}
