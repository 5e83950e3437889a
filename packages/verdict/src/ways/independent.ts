import type { Series, SeriesPair } from "@forgebench/series";
import {
  type Interval,
  median,
  medianVariance,
  newcomersQuantile,
  newcomersSpread,
  newcomersTail,
  normalQuantile,
} from "@forgebench/stats";
import { INTERVAL_ALPHA } from "../rules.ts";
import { cutAtZero, evidenceOf, MISSED, openAnswer, provedSide, type WayAnswer, type WayRule } from "./way.ts";

/** From fewer earlier sessions nobody can tell how much sessions differ. */
const MIN_SESSIONS = 3;
/** A median of fewer samples says too little, unless the earlier sessions had as few. */
const MIN_SAMPLES = 5;

const MORE_SESSIONS = "capture more sessions of this series, or measure both sides in one session";

/**
 * Judges two sets of samples that were not measured in turn: imports, captured baselines. A session has a bias of its own
 * (heat, neighbours, another kernel) that no number of samples within it shows, so two sessions alone prove nothing. How
 * much sessions differ is read from earlier ones of the same series: the change of the medians is judged by the spread of the
 * medians of earlier sessions, with whichever of base and head lies nearer to them, or in an arm of unusual noise by the error
 * of its own median. Where the code of all earlier sessions was another one, that makes the spread larger only.
 *
 * Assumes that head's and base's sessions are drawn like the earlier ones, independently, with medians that are about
 * normal on the scale of the differences. Never `same`, whatever the rule allows: a change of the code and the bias of
 * its session cannot be told apart, and one cancels the other as easily as it feigns it.
 */
export function independent(
  pair: SeriesPair,
  rule: WayRule,
  { sessions }: { readonly sessions: readonly Series[] },
): WayAnswer {
  const [base, head] = [armOf(pair.base), armOf(pair.head)];
  const count = Math.min(base.count, head.count);
  const change = changeOf(base, head);
  if ("reason" in change) return openAnswer(count, change);
  const { estimate } = change;
  const within = withinInterval(base, head, estimate);
  const earlier = sessions.map(armOf).filter((session) => session.count > 0);
  const noise = noiseOf(base, head, earlier);
  if ("reason" in noise) return openAnswer(count, { estimate, interval: within, ...noise });
  return decided(estimate, noise, rule, count);
}

/** What is known of one session of a series, on the scale of the differences. */
interface SessionArm {
  readonly count: number;
  /** In the unit of the metric; NaN without samples. */
  readonly median: number;
  /** The median on the scale of the differences; infinite for a ratio to 0. */
  readonly level: number;
  /** Of the median, from the samples alone; NaN for a single one, or where many are 0. */
  readonly variance: number;
}

function armOf(series: Series | undefined): SessionArm {
  const isRatio = series?.metric.effect !== "difference";
  const values: number[] = [];
  for (const { status, value } of series?.samples ?? []) {
    if (status === "valid" && value !== null && Number.isFinite(value)) values.push(value);
  }
  // Sorted once, by number: sorting again is quick then.
  const sorted = Array.from(Float64Array.from(values).sort());
  const middle = median(sorted);
  const levels = isRatio ? sorted.map((value) => Math.log(Math.max(0, value))) : sorted;
  const level = isRatio ? Math.log(Math.max(0, middle)) : middle;
  return { count: values.length, median: middle, level, variance: medianVariance(levels) };
}

type Known = Pick<WayAnswer, "estimate"> & { readonly reason: string; readonly remedy?: string };

/** The change of the medians, or why there is none. */
function changeOf(base: SessionArm, head: SessionArm): { readonly estimate: number } | Known {
  if (base.count === 0 || head.count === 0) {
    const side = base.count === 0 ? "base" : "head";
    return { estimate: null, reason: `${side} has no valid sample`, remedy: "measure both sides" };
  }
  const estimate = head.level - base.level;
  if (Number.isFinite(estimate)) return { estimate };
  if (head.median === base.median) return { estimate: 0, reason: "both medians are 0: there is no ratio to judge" };
  const side = base.median > 0 ? "head" : "base";
  return { estimate: null, reason: `the median of ${side} is 0: the change has no ratio` };
}

/** The error of the change, as one standard deviation, with its degrees of freedom. */
interface Noise {
  readonly error: number;
  readonly sessionCount: number;
}

type Missing = { readonly reason: string; readonly remedy: string };

function noiseOf(base: SessionArm, head: SessionArm, earlier: readonly SessionArm[]): Noise | Missing {
  const sessionCount = earlier.length;
  if (sessionCount < MIN_SESSIONS) {
    return {
      reason: `the noise between sessions is not known: ${sessionCount} earlier sessions, at least ${MIN_SESSIONS} are needed`,
      remedy: MORE_SESSIONS,
    };
  }
  const needed = earlier.reduce((fewest, { count }) => Math.min(fewest, count), MIN_SAMPLES);
  const fewest = Math.min(base.count, head.count);
  if (fewest < needed) {
    return {
      reason: `too few samples: ${fewest} on one side, at least ${needed} are needed`,
      remedy: "measure more samples in each session",
    };
  }
  const levels = earlier.map(({ level }) => level);
  const between = newcomersSpread(levels, base.level, head.level) ** 2;
  const usual = largestVariance(earlier);
  const error = Math.sqrt(armVariance(base, between, usual) + armVariance(head, between, usual));
  if (error > 0 && Number.isFinite(error)) return { error, sessionCount };
  const isZero = error === 0;
  return {
    reason: isZero ? "no noise was seen: its size is not known" : "too many samples are 0: the noise has no ratio",
    remedy: isZero ? "declare the metric exact, or measure it more finely" : "measure both sides in one session",
  };
}

/** Of the medians of earlier sessions, from their samples alone; 0 where none can be told. */
function largestVariance(earlier: readonly SessionArm[]): number {
  return earlier.reduce(
    (sofar, { variance }) => (variance < Number.POSITIVE_INFINITY ? Math.max(sofar, variance) : sofar),
    0,
  );
}

/**
 * Of the median of a session: what sessions differ by, which holds the noise within them. Its own error counts where it is
 * larger than that and than any earlier session's, as of fewer or noisier samples; otherwise that would be chance.
 */
function armVariance({ count, variance }: SessionArm, between: number, usual: number): number {
  if (count === 1 || variance <= usual) return between;
  return Math.max(between, variance);
}

/** By how two more sessions would differ from the earlier ones, were nothing changed. */
function decided(estimate: number, { error, sessionCount }: Noise, rule: WayRule, count: number): WayAnswer {
  const t = estimate / error;
  const tails = { higher: newcomersTail(t, sessionCount), lower: newcomersTail(-t, sessionCount) };
  const evidence = evidenceOf(tails, rule.alpha);
  const direction = provedSide(evidence);
  const interval = aroundOf(estimate, newcomersQuantile(INTERVAL_ALPHA / 2, sessionCount) * error);
  const limit = newcomersQuantile(rule.alpha / 2, sessionCount);
  // The limit and as much as a change may fall short, the error itself being an estimate (Johnson and Welch 1940).
  const steps = limit + normalQuantile(MISSED) * Math.sqrt(1 + limit ** 2 / (2 * sessionCount));
  return {
    direction,
    estimate,
    interval: { ...cutAtZero(interval, direction), kind: "fixed-n", level: 1 - INTERVAL_ALPHA },
    evidence,
    detectable: steps * error,
    more: null,
    count,
    reason: `the noise between sessions is that of ${sessionCount} earlier ones`,
    ...(direction === "open" && { remedy: MORE_SESSIONS }),
  };
}

/**
 * The interval of the samples alone (Price and Bonett 2002), which knows nothing of what sessions differ by: printed, never
 * decided by. Null where it cannot be told, or where no sample differs.
 */
function withinInterval(base: SessionArm, head: SessionArm, estimate: number): WayAnswer["interval"] {
  const error = Math.sqrt(base.variance + head.variance);
  if (!(error > 0 && Number.isFinite(error))) return null;
  const reach = normalQuantile(INTERVAL_ALPHA / 2) * error;
  return { ...aroundOf(estimate, reach), kind: "fixed-n", level: 1 - INTERVAL_ALPHA };
}

function aroundOf(middle: number, reach: number): Interval {
  return { low: middle - reach, high: middle + reach };
}
